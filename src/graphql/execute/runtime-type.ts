import {
  type FieldNode,
  GraphQLError,
  type GraphQLAbstractType,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  isObjectType,
} from 'graphql';
import { inspect } from 'graphql/jsutils/inspect.js';

/**
 * Returns the object type that an abstract type was resolved to, with graphql-js's words where there is none.
 *
 * @throws GraphQLError if it is not the name of a possible type
 */
export function runtimeTypeNamed(
  name: unknown,
  abstract: GraphQLAbstractType,
  value: unknown,
  nodes: readonly FieldNode[],
  { schema, parentType, fieldName }: GraphQLResolveInfo,
): GraphQLObjectType {
  const field = `${parentType.name}.${fieldName}`;
  if (name === null || name === undefined) {
    throw new GraphQLError(
      `Abstract type "${abstract.name}" must resolve to an Object type at runtime for field "${field}". Either the "${abstract.name}" type should provide a "resolveType" function or each possible type should provide an "isTypeOf" function.`,
      { nodes },
    );
  }
  if (isObjectType(name)) {
    throw new GraphQLError(
      'Support for returning GraphQLObjectType from resolveType was removed in graphql-js@16.0.0 please return type name instead.',
    );
  }
  if (typeof name !== 'string') {
    throw new GraphQLError(
      `Abstract type "${abstract.name}" must resolve to an Object type at runtime for field "${field}" with value ${inspect(value)}, received "${inspect(name)}".`,
    );
  }
  const type = schema.getType(name);
  if (type === undefined) {
    throw new GraphQLError(
      `Abstract type "${abstract.name}" was resolved to a type "${name}" that does not exist inside the schema.`,
      { nodes },
    );
  }
  if (!isObjectType(type)) {
    throw new GraphQLError(`Abstract type "${abstract.name}" was resolved to a non-object type "${name}".`, { nodes });
  }
  if (!schema.isSubType(abstract, type)) {
    throw new GraphQLError(`Runtime Object type "${type.name}" is not a possible type for "${abstract.name}".`, {
      nodes,
    });
  }
  return type;
}
