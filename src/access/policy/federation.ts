import { getNamedType, type GraphQLSchema } from 'graphql';
import { hasFields } from './connections.ts';

// The fields that a federation library adds to a subgraph
// (https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/subgraph-spec).

/** The field through which a gateway reads entities. Each entity is judged by its own type, before it is resolved. */
export function isEntitiesField(schema: GraphQLSchema, type: string, field: string): boolean {
  return isAdded(schema, type, field, '_entities', '_Entity');
}

/**
 * Tells whether a federation library added the field, so that it needs no directive and takes no requirement from its
 * type: a gateway reads the SDL of a subgraph without a viewer, and the requirements on entities are on their types.
 */
export function isFederationField(schema: GraphQLSchema, type: string, field: string): boolean {
  return (
    isEntitiesField(schema, type, field) ||
    isAdded(schema, type, field, '_service', '_Service') ||
    (type === '_Service' && field === 'sdl')
  );
}

function isAdded(schema: GraphQLSchema, type: string, field: string, name: string, returned: string): boolean {
  const query = schema.getQueryType();
  const added = field === name && type === query?.name && hasFields(query) ? query.getFields()[name] : undefined;
  return added !== undefined && getNamedType(added.type).name === returned;
}
