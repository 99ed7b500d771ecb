import { type FieldNode, type GraphQLError, type GraphQLResolveInfo, locatedError, responsePathAsArray } from 'graphql';

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
