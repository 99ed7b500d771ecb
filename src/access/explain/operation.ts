import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  parse,
  validate,
} from 'graphql';

/** An operation cannot be explained, because it could not be executed. */
export class OperationError extends Error {
  /** What is wrong: a syntax error, or all validation errors. */
  readonly errors: readonly GraphQLError[];

  constructor(errors: readonly GraphQLError[]) {
    super(errors.map((error) => error.toString()).join('\n\n'));
    this.name = 'OperationError';
    this.errors = errors;
  }
}

/** An operation and the fragments that it may use. */
export interface Operation {
  readonly node: OperationDefinitionNode;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
}

/**
 * Finds a valid operation in a document.
 *
 * @throws OperationError if the document is not valid, or does not say which of its operations is meant
 */
export function readOperation(
  schema: GraphQLSchema,
  source: string | DocumentNode,
  name: string | null | undefined,
): Operation {
  const document = typeof source === 'string' ? parseDocument(source) : source;
  const errors = validate(schema, document);
  if (errors.length > 0) {
    throw new OperationError(errors);
  }
  const operations = document.definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION);
  const named = operations.filter((node) => name === null || name === undefined || node.name?.value === name);
  const [node, ...others] = named;
  if (node === undefined || others.length > 0) {
    const known = operations.map((operation) => operation.name?.value).filter((known) => known !== undefined);
    const message = `Name the operation to explain: the document holds ${known.join(', ') || 'none'}.`;
    throw new OperationError([new GraphQLError(message)]);
  }
  const fragments = document.definitions.filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION);
  return { node, fragments: new Map(fragments.map((fragment) => [fragment.name.value, fragment])) };
}

function parseDocument(source: string): DocumentNode {
  try {
    return parse(source);
  } catch (error) {
    throw error instanceof GraphQLError ? new OperationError([error]) : error;
  }
}
