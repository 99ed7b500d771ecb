import { type FieldNode, type GraphQLError, type GraphQLResolveInfo, locatedError, responsePathAsArray } from 'graphql';
import type { Fragments, Plan, Variables } from './plan.ts';

/** One execution of a plan. */
export class Execution {
  readonly plan: Plan;
  readonly rootValue: unknown;
  readonly context: unknown;
  /** Coerced, and made for this execution: by this object, guards tell executions apart. */
  readonly variables: Record<string, unknown>;
  readonly errors = new CollectedErrors();
  /** By {@link FieldPlan.argumentsAt}: arguments that every call of the field shares. */
  readonly args: (Variables | undefined)[] = [];
  /** By {@link FieldPlan.precheckAt}: true if the field's guard allows it whatever the object. */
  readonly allowed: (boolean | undefined)[] = [];
  /** True once the time at which values are complete decides the order of errors. */
  isExact = false;
  #fragments: Fragments | null = null;

  constructor(plan: Plan, rootValue: unknown, context: unknown, variables: Record<string, unknown>) {
    this.plan = plan;
    this.rootValue = rootValue;
    this.context = context;
    this.variables = variables;
  }

  /** The fragments of the document, in an object of this execution: a resolver may change what it is given. */
  get fragments(): Fragments {
    this.#fragments ??= Object.assign(Object.create(null) as Record<string, never>, this.plan.fragments);
    return this.#fragments;
  }
}

export type Path = GraphQLResolveInfo['path'];

/** The errors of one execution, in the order in which graphql-js would report them. */
export class CollectedErrors {
  readonly errors: GraphQLError[] = [];
  readonly #nulled = new Set<Path | undefined>();

  /** Records an error, unless its position or one above it is null already because of another error. */
  add(error: unknown, path: Path | undefined): void {
    if (this.#isNulled(path)) {
      return;
    }
    this.#nulled.add(path);
    this.errors.push(error as GraphQLError);
  }

  #isNulled(path: Path | undefined): boolean {
    for (let above = path; above !== undefined; above = above.prev) {
      if (this.#nulled.has(above)) {
        return true;
      }
    }
    return this.#nulled.has(undefined);
  }
}

/** An error that the position cannot hold, because it is not nullable: the object or list around it fails. */
export class Failure {
  readonly error: unknown;

  constructor(error: unknown) {
    this.error = error;
  }
}

/** Records an error at a nullable position and returns null; returns a failure for any other position. */
export function placeError(
  errors: CollectedErrors,
  nodes: readonly FieldNode[],
  nonNull: boolean,
  path: Path,
  raw: unknown,
): Failure | null {
  let error: GraphQLError;
  try {
    error = locatedError(raw, nodes, responsePathAsArray(path));
  } catch (thrown) {
    return new Failure(thrown); // an error whose own properties throw
  }
  if (nonNull) {
    return new Failure(error);
  }
  errors.add(error, path);
  return null;
}

export function addPath(prev: Path | undefined, key: string | number, typename: string | undefined): Path {
  return { prev, key, typename };
}

/** Returns the path of the field that an item of its lists belongs to. */
export function fieldPathOf(path: Path | undefined): Path | undefined {
  let above = path;
  while (typeof above?.key === 'number') {
    above = above.prev;
  }
  return above;
}
