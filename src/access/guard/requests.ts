import type { ASTNode, GraphQLError, GraphQLResolveInfo } from 'graphql';
import { judge, type RequirementSet, type Verdict } from '../policy/judge.ts';
import { alternativesKey, type Requirement } from '../policy/requirements.ts';
import type { AccessViewer, Grants } from '../policy/viewer.ts';
import { isRecord, type MaybePromise } from '../values.ts';

/** The part of a resolver's `info` that identifies an execution: every executor coerces variables into a new object. */
export type Execution = Pick<GraphQLResolveInfo, 'variableValues'>;

/** The viewer of an execution, as the application returned it, and their grants. */
export interface Reader {
  readonly viewer: AccessViewer;
  readonly grants: Grants;
}

/** The denials of one coordinate in one execution, for the log: the client sees only the code and the coordinate. */
export interface Denial {
  /** UNAUTHENTICATED for an anonymous viewer, FORBIDDEN for a signed-in one. */
  readonly code: 'UNAUTHENTICATED' | 'FORBIDDEN';
  /** The denied coordinate: `Type.field`, `Type.field(arg:)`, `Input.field` or `Enum.VALUE`. */
  readonly coordinate: string;
  readonly viewerId: string | null;
  /** The name of the operation, as its client sent it; null for one without a name. */
  readonly operationName: string | null;
  /** The requirements that are not satisfied; empty for a field of an abstract type whose members are all denied. */
  readonly requirements: readonly Requirement[];
  /**
   * The place of the first denial in the response. While guards observe, that of an object of an abstract type is the
   * field that returns it.
   */
  readonly path: readonly (string | number)[];
  /** The number of values denied so far. It grows until the execution ends. */
  readonly count: number;
  /** False if guards only observe: the value was not denied. */
  readonly enforced: boolean;
}

/** A coordinate that is denied, and the requirements because of which it is. */
export interface DeniedCoordinate {
  readonly coordinate: string;
  readonly requirements: readonly Requirement[];
}

/** The requirements of a field that only an object could satisfy: the one that has it, and those that it returns. */
export interface BySite {
  readonly onParent: DeniedCoordinate;
  readonly onResult: DeniedCoordinate;
}

/** The denials of one coordinate in an execution, while they are counted. */
export interface CountedDenial extends Pick<Denial, 'code' | 'coordinate'> {
  /** The object that the listener has; null once its count cannot be updated, since the listener froze it. */
  told: Writable<Denial> | null;
  count: number;
  /** The common part of its errors, for each place in the operation. */
  readonly shapes: ErrorShape[];
}

/** An object whose properties can be set. */
export type Writable<Type> = { -readonly [Name in keyof Type]: Type[Name] };

/** The common part of the errors of one coordinate at one place in the operation. */
export interface ErrorShape {
  readonly nodes: readonly ASTNode[];
  readonly message: string;
  readonly locations: GraphQLError['locations'];
  /** Holds what is the same in every error and not enumerable. */
  readonly Shape: { new (): Writable<GraphQLError>; prototype: unknown };
}

/**
 * The execution in which a set of requirements is known to be allowed. Guards compare these two properties themselves, without
 * a call: they do so for every field of every row.
 */
export interface AllowedIn {
  variables: unknown;
  context: unknown;
}

/** A set of requirements, with its place among all sets of a schema. Equal sets share both. */
export interface NumberedRequirements extends RequirementSet {
  readonly id: number;
  readonly allowedIn: AllowedIn;
}

/** Numbers sets of requirements. Equal sets share a number: they are judged once a request, wherever they are written. */
export interface RequirementRegistry {
  number(required: RequirementSet): NumberedRequirements;
  /** Returns how many sets have a number. */
  count(): number;
}

/** Stands for no execution: nothing that a resolver is given equals it. */
const NONE = Symbol('no execution');

/** Creates an empty registry, one for each guarded schema. */
export function createRegistry(): RequirementRegistry {
  const places = new Map<string, Pick<NumberedRequirements, 'id' | 'allowedIn'>>();
  return {
    count: () => places.size,
    number: ({ requirements, members }) => {
      const key = JSON.stringify([
        requirements.map(alternativesKey),
        members.map((member) => member.requirements.map(alternativesKey)),
      ]);
      const place = places.get(key) ?? { id: places.size, allowedIn: { variables: NONE, context: NONE } };
      places.set(key, place);
      // Equal requirements are written at different coordinates, which a denial names.
      const { id, allowedIn } = place;
      return { id, allowedIn, requirements, members };
    },
  };
}

/** The codes under which verdicts are remembered; 0 stands for a set that has not been judged. */
const VERDICTS = [null, 'allowed', 'own', 'depends', 'denied'] as const satisfies (Verdict | null)[];

/** The reason why an operation is rejected before anything runs. */
export interface Rejection {
  readonly coordinate: string;
  readonly requirements: readonly Requirement[];
}

/** The decisions made during one execution. */
export class RequestVerdicts {
  readonly by: Requests;
  readonly context: unknown;
  readonly viewer: AccessViewer;
  readonly grants: Grants;
  /** By the numbers of the sets of requirements. */
  readonly codes: Uint8Array;
  /** By coordinate. */
  readonly denials = new Map<string, CountedDenial>();
  /** The requirements of fields that only an object could satisfy, by the field's guard. */
  readonly dependent = new Map<object, BySite>();
  /** The objects of abstract types that were admitted, with the names of their types, by the path of their field or its text. */
  readonly admitted = new Map<object | string, Map<unknown, unknown>>();
  /** True once a field of the execution has been marked as private for caches, and the whole answer with it. */
  isPrivate = false;
  /** The denied coordinate that a directive of the operation is supplied with; undefined as long as that is not known. */
  directives: MaybePromise<DeniedCoordinate | null> | undefined = undefined;
  /** The denied coordinate for which the operation is rejected; undefined as long as that is not known. */
  rejection: Rejection | null | undefined = undefined;

  constructor(by: Requests, context: unknown, { viewer, grants }: Reader, count: number) {
    this.by = by;
    this.context = context;
    this.viewer = viewer;
    this.grants = grants;
    this.codes = new Uint8Array(count);
  }

  /** Judges a set of requirements, once. */
  of(required: NumberedRequirements): Verdict {
    const known = VERDICTS[this.codes[required.id] ?? 0];
    if (known) {
      return known;
    }
    const verdict = judge(required, this.grants);
    this.codes[required.id] = VERDICTS.indexOf(verdict);
    return verdict;
  }
}

/**
 * Keeps verdicts by execution, so that the viewer is read once in each and no verdict outlives it. An execution is
 * identified by its coerced variables, an object that every executor creates for it, together with its context: one
 * context shared by several operations, or none at all, never carries a verdict from one viewer to another.
 */
export class Requests {
  private readonly read: (context: unknown) => Reader;
  private readonly count: () => number;
  // The execution that was seen last.
  private variables: unknown = NONE;
  private verdicts: RequestVerdicts | null = null;
  /** The sets of requirements that are known to be allowed in it. */
  private allowed: AllowedIn[] = [];

  /** @param count returns how many sets of requirements there are, once all have been numbered */
  constructor(read: (context: unknown) => Reader, count: () => number) {
    this.read = read;
    this.count = count;
  }

  /**
   * Remembers for guards that requirements are allowed, until another execution is seen or the viewer is read again. The
   * verdicts must come from {@link of}, which marks the answer as private.
   */
  allow({ allowedIn }: NumberedRequirements, verdicts: RequestVerdicts): void {
    if (this.verdicts === verdicts && allowedIn.variables === NONE) {
      allowedIn.variables = this.variables;
      allowedIn.context = verdicts.context;
      this.allowed.push(allowedIn);
    }
  }

  /** Returns the verdicts of the execution that the resolver of a guarded field runs in: its answer must not be shared. */
  of(context: unknown, info: Execution): RequestVerdicts {
    const verdicts = this.peek(context, info);
    if (!verdicts.isPrivate) {
      verdicts.isPrivate = true;
      forbidSharedCaching(info);
    }
    return verdicts;
  }

  /**
   * Returns the verdicts of an execution where no guarded field is resolved, as for the type of an object: Apollo Server has
   * settled the cache policy of the field then, so that marking it would come too late.
   */
  peek(context: unknown, info: Execution): RequestVerdicts {
    const { verdicts } = this;
    if (verdicts !== null && this.variables === info.variableValues && verdicts.context === context) {
      return verdicts;
    }
    const known = isRecord(info.variableValues) ? BrandedVariables.read(info.variableValues, this, context) : undefined;
    if (known === undefined) {
      return this.renew(context, info);
    }
    this.remember(info.variableValues, known);
    return known;
  }

  /** Forgets them and reads the viewer again: rights may change while a subscription lasts. */
  renew(context: unknown, info: Execution): RequestVerdicts {
    const verdicts = new RequestVerdicts(this, context, this.read(context), this.count());
    // A resolver that is called by hand may be given no variables; then nothing is remembered.
    if (isRecord(info.variableValues)) {
      BrandedVariables.write(info.variableValues, verdicts);
      this.remember(info.variableValues, verdicts);
    }
    return verdicts;
  }

  private remember(variables: object, verdicts: RequestVerdicts): void {
    for (const allowedIn of this.allowed) {
      allowedIn.variables = NONE;
      allowedIn.context = NONE;
    }
    this.allowed = [];
    this.variables = variables;
    this.verdicts = verdicts;
  }
}

/** The part of `info` that Apollo Server's cache control adds to it. */
interface CacheControl {
  readonly cacheHint?: { restrict?(hint: { readonly scope: 'PRIVATE' }): void };
}

/**
 * Marks an answer as private for Apollo Server: what depends on the viewer must not be stored in a shared cache. The field
 * stays private whatever hint its resolver sets, and with it the whole answer.
 */
export function forbidSharedCaching(info: object & { readonly cacheControl?: CacheControl }): void {
  const hint = info.cacheControl?.cacheHint;
  if (hint?.restrict !== undefined) {
    hint.restrict({ scope: 'PRIVATE' });
    Object.defineProperty(hint, 'scope', { get: () => 'PRIVATE', set: () => {}, configurable: true });
  }
}

/** Returns the given object from the constructor, so that a subclass can add private fields to it. */
const ReturnsItsArgument = function (object: object): object {
  return object;
} as unknown as new (object: object) => object;

/**
 * Brands a variables object with a private field for its verdicts, which is collected with it. A WeakMap would do the
 * same, but V8 keeps young objects that are values of a WeakMap, with all they refer to, until the next full garbage
 * collection: here that would be each request.
 */
class BrandedVariables extends ReturnsItsArgument {
  /** The latest verdicts of each guard and each context. */
  #verdicts: RequestVerdicts[] = [];

  static read(variables: object, by: Requests, context: unknown): RequestVerdicts | undefined {
    return #verdicts in variables ? variables.#verdicts.find(isOf(by, context)) : undefined;
  }

  static write(variables: object, verdicts: RequestVerdicts): void {
    const branded = #verdicts in variables ? variables : new BrandedVariables(variables);
    const isOutdated = isOf(verdicts.by, verdicts.context);
    branded.#verdicts = [...branded.#verdicts.filter((known) => !isOutdated(known)), verdicts];
  }
}

function isOf(by: Requests, context: unknown): (verdicts: RequestVerdicts) => boolean {
  return (verdicts) => verdicts.by === by && verdicts.context === context;
}
