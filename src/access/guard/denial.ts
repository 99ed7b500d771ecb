import { type ASTNode, GraphQLError, type GraphQLResolveInfo, type GraphQLSchema } from 'graphql';
import { satisfies } from '../policy/judge.ts';
import type { Requirement } from '../policy/requirements.ts';
import type { Table } from '../policy/table.ts';
import type { FieldGuard, GuardedTypes } from './inputs.ts';
import type { ObjectJudge } from './objects.ts';
import type {
  CountedDenial,
  Denial,
  DeniedCoordinate,
  ErrorShape,
  Requests,
  RequestVerdicts,
  Writable,
} from './requests.ts';

type Path = GraphQLResolveInfo['path'];

/** Receives the first denial of each coordinate in an execution. */
export type DeniedListener = (denial: Denial, context: unknown) => void;

/** The state that the guards of one schema share while requests run. */
export interface GuardContext {
  /** The rules of the schema. The policy itself would keep the unguarded schema alive. */
  readonly table: Table;
  readonly requests: Requests;
  readonly judgeObject: ObjectJudge;
  readonly inputs: GuardedTypes;
  /** The guards of fields by coordinate, once they are built. */
  readonly fields: Map<string, FieldGuard>;
  /** The guarded schema, once it exists. Executions run on it, or on a schema that was pruned from it. */
  readonly complete: { readonly schema: GraphQLSchema };
  /** `isRunning` is true while a type resolver runs, until it returns or waits. */
  readonly search: { isRunning: boolean };
  readonly onDenied: DeniedListener;
  /** Receives what fails while guards observe. */
  readonly onFailure: (error: unknown) => void;
  /** True if nothing is denied. */
  readonly observes: boolean;
  /** The number of errors that are listed for each coordinate of an execution. */
  readonly errorLimit: number;
}

/** The place of a denied value in the response, and how much the guard knows of it. */
export interface DeniedPlace {
  readonly info: GraphQLResolveInfo;
  /** The path of the field, and of the value in its lists. */
  readonly path: Path;
  /** True if the executor knows the place of the value better than the guard. */
  readonly isPlacedByExecutor?: boolean;
}

/**
 * Counts a denied value, reports the first of its coordinate, and returns the error to answer with; null if as many
 * errors are listed for the coordinate as are wanted.
 */
export function deny(
  shared: GuardContext,
  verdicts: RequestVerdicts,
  denied: DeniedCoordinate,
  place: DeniedPlace,
): GraphQLError | null {
  const known = verdicts.denials.get(denied.coordinate);
  if (known !== undefined) {
    known.count += 1;
    tellCount(known);
  }
  const counted = known ?? reportFirst(shared, verdicts, denied, place);
  const { shapes } = counted;
  const isPlacedByExecutor = place.isPlacedByExecutor === true;
  if (counted.count > shared.errorLimit && !isPlacedByExecutor) {
    return null;
  }
  const nodes = isPlacedByExecutor ? NO_NODES : place.info.fieldNodes;
  const path = isPlacedByExecutor ? undefined : keysOf(place.path);
  for (const shape of shapes) {
    if (isSame(shape.nodes, nodes)) {
      return anotherError(counted, shape, path);
    }
  }
  return firstError(counted, nodes, path);
}

/** Updates the count that the listener sees, unless the listener made that impossible: it must not change the answer. */
function tellCount(counted: CountedDenial): void {
  if (counted.told !== null) {
    try {
      counted.told.count = counted.count;
    } catch {
      counted.told = null;
    }
  }
}

/** Counts a coordinate from its first denial on, and tells the listener. */
function reportFirst(
  shared: GuardContext,
  { denials, grants, context }: RequestVerdicts,
  { coordinate, requirements }: DeniedCoordinate,
  { info, path }: DeniedPlace,
): CountedDenial {
  const code = grants.id === null ? 'UNAUTHENTICATED' : 'FORBIDDEN';
  const told: Writable<Denial> = {
    code,
    coordinate,
    viewerId: grants.id,
    // A resolver that is called by hand may be given less than its type says.
    operationName: (info.operation as typeof info.operation | undefined)?.name?.value ?? null,
    requirements: requirements.filter((requirement) => !satisfies(requirement, grants)).map(copyOf),
    path: keysOf(path),
    count: 1,
    enforced: !shared.observes,
  };
  const counted: CountedDenial = { told, code, coordinate, count: 1, shapes: [] };
  denials.set(coordinate, counted);
  shared.onDenied(told, context);
  return counted;
}

/** Copies a requirement for the listener, which may change what it gets: the policy must stay as it is. */
function copyOf(requirement: Requirement): Requirement {
  const { roles, permissions, owners, policies } = requirement;
  return {
    ...requirement,
    roles: [...roles],
    permissions: [...permissions],
    owners: owners.map(({ type, path }) => ({ type, path: [...path] })),
    policies: [...policies],
  };
}

/** Returns the keys of a path, as `responsePathAsArray` does, in an array of the right size: this runs for every denied row. */
function keysOf(path: Path): (string | number)[] {
  let length = 0;
  for (let at: Path | undefined = path; at !== undefined; at = at.prev) {
    length += 1;
  }
  const keys: (string | number)[] = [];
  keys.length = length;
  for (let at: Path | undefined = path; at !== undefined; at = at.prev) {
    length -= 1;
    keys[length] = at.key;
  }
  return keys;
}

const NO_NODES: readonly ASTNode[] = [];

function isSame(nodes: readonly ASTNode[], others: readonly ASTNode[]): boolean {
  return nodes === others || (nodes.length === others.length && nodes.every((node, index) => node === others[index]));
}

const NOT_ENUMERABLE = ['name', 'nodes', 'source', 'positions', 'originalError', 'stack'] as const;

function firstError(
  { code, coordinate, shapes }: CountedDenial,
  nodes: readonly ASTNode[],
  path: GraphQLError['path'],
): GraphQLError {
  const message = code === 'UNAUTHENTICATED' ? 'Authentication required' : 'Permission denied';
  const error = withoutStack(() => new GraphQLError(message, { nodes, path, extensions: { code, coordinate } }));
  const properties = NOT_ENUMERABLE.map((name) => [name, { ...WRITABLE, value: error[name] }] as const);
  const Shape = function () {} as unknown as ErrorShape['Shape'];
  Shape.prototype = Object.create(GraphQLError.prototype, Object.fromEntries(properties));
  shapes.push({ nodes, message, locations: error.locations, Shape });
  return error;
}

const WRITABLE = { writable: true, configurable: true };

/**
 * Creates an error like the first one, at another path. It is an instance of GraphQLError with the same properties, made
 * without its constructor: in a list of 10,000 rows that would cost many times more than the list.
 */
function anotherError(
  { code, coordinate }: CountedDenial,
  { message, locations, Shape }: ErrorShape,
  path: GraphQLError['path'],
): GraphQLError {
  const error = new Shape();
  error.path = path;
  error.locations = locations;
  error.extensions = { code, coordinate };
  error.message = message;
  return error;
}

/** Constructs an error without its stack, which tells nothing of a denial and costs more than everything else of it. */
function withoutStack(construct: () => GraphQLError): GraphQLError {
  const { stackTraceLimit } = Error;
  try {
    Error.stackTraceLimit = 0;
    return construct();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

const FAILED = 'rolegate: a function that guardSchema was given failed; the answer is not affected.';

/** The number of different failures of a listener that are printed. */
const MOST_FAILURES = 20;

/**
 * Creates a function that prints failures of the adopter's functions which must not change an answer, each once. It never
 * throws, even if a failure cannot be converted to text, or printed.
 */
export function createFailureLog(): (error: unknown) => void {
  const printed = new Set<string>();
  return (error) => {
    const text = textOf(error);
    if (!printed.has(text) && printed.size < MOST_FAILURES) {
      printed.add(text);
      try {
        // oxlint-disable-next-line no-console -- there is no other place for a failure that the answer must not show
        console.error(FAILED, error);
      } catch {
        printFailure(text);
      }
    }
  };
}

function textOf(error: unknown): string {
  try {
    return String(error);
  } catch {
    return 'an error that has no text';
  }
}

/** Prints a failure without the value that was thrown, which the console cannot inspect. */
function printFailure(text: string): void {
  try {
    // oxlint-disable-next-line no-console -- see above
    console.error(FAILED, text);
  } catch {
    // The console itself is broken.
  }
}
