import type { GraphQLResolveInfo } from 'graphql';
import { judge, type RequirementSet, type Verdict } from '../policy/judge.ts';
import { alternativesKey } from '../policy/requirements.ts';
import type { Grants } from '../policy/viewer.ts';
import { isRecord } from '../values.ts';

/** The part of a resolver's `info` that identifies an execution: every executor coerces variables into a new object. */
export type Execution = Pick<GraphQLResolveInfo, 'variableValues'>;

/** A set of requirements, with its place among all sets of a schema. */
export interface NumberedRequirements extends RequirementSet {
  readonly id: number;
}

/** Numbers sets of requirements. Equal sets share a number: they are judged once a request, wherever they are written. */
export interface RequirementRegistry {
  number(required: RequirementSet): NumberedRequirements;
  /** Returns how many sets have a number. */
  count(): number;
}

/** Creates an empty registry, one for each guarded schema. */
export function createRegistry(): RequirementRegistry {
  const registered = new Map<string, NumberedRequirements>();
  return {
    count: () => registered.size,
    number: ({ requirements, members }) => {
      const key = JSON.stringify([
        requirements.map(alternativesKey),
        members.map((member) => member.requirements.map(alternativesKey)),
      ]);
      const required = registered.get(key) ?? { id: registered.size, requirements, members };
      registered.set(key, required);
      return required;
    },
  };
}

/** The codes under which verdicts are remembered; 0 stands for a set that has not been judged. */
const VERDICTS = [null, 'allowed', 'own', 'denied'] as const satisfies (Verdict | null)[];
const ALLOWED = VERDICTS.indexOf('allowed');

/** The decisions made during one execution. */
export class RequestVerdicts {
  readonly by: Requests;
  readonly context: unknown;
  readonly grants: Grants;
  /** By the numbers of the sets of requirements. */
  readonly codes: Uint8Array;

  constructor(by: Requests, context: unknown, grants: Grants, count: number) {
    this.by = by;
    this.context = context;
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
  private readonly grantsOf: (context: unknown) => Grants;
  private readonly count: () => number;
  // The execution that was seen last, flat and without `#`: this is read for every field of every row.
  private variables: unknown = this;
  private context: unknown = this;
  private codes: Uint8Array = new Uint8Array(0);

  /** @param count returns how many sets of requirements there are, once all have been numbered */
  constructor(grantsOf: (context: unknown) => Grants, count: () => number) {
    this.grantsOf = grantsOf;
    this.count = count;
  }

  /** Tells whether the viewer's roles and permissions are known to satisfy a set of requirements. */
  isAllowed(context: unknown, info: Execution, id: number): boolean {
    return this.variables === info.variableValues && this.context === context && this.codes[id] === ALLOWED;
  }

  /** Returns the verdicts of the execution that a resolver runs in. */
  of(context: unknown, info: Execution): RequestVerdicts {
    const known = isRecord(info.variableValues) ? BrandedVariables.read(info.variableValues, this, context) : undefined;
    if (known === undefined) {
      return this.renew(context, info);
    }
    this.remember(info.variableValues, known);
    return known;
  }

  /** Forgets them and reads the viewer again: rights may change while a subscription lasts. */
  renew(context: unknown, info: Execution): RequestVerdicts {
    const verdicts = new RequestVerdicts(this, context, this.grantsOf(context), this.count());
    // A resolver that is called by hand may be given no variables; then nothing is remembered.
    if (isRecord(info.variableValues)) {
      BrandedVariables.write(info.variableValues, verdicts);
      this.remember(info.variableValues, verdicts);
    }
    return verdicts;
  }

  private remember(variables: object, { context, codes }: RequestVerdicts): void {
    this.variables = variables;
    this.context = context;
    this.codes = codes;
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
