import {
  getNamedType,
  getNullableType,
  type GraphQLCompositeType,
  type GraphQLInterfaceType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  isCompositeType,
  isInterfaceType,
  isLeafType,
  isListType,
  isObjectType,
} from 'graphql';

/** A type that has fields to select. */
export type FieldsType = GraphQLObjectType | GraphQLInterfaceType;

/** The part that a type plays in a Relay connection (https://relay.dev/graphql/connections.htm). */
export interface ConnectionRole {
  readonly kind: 'connection' | 'edge';
  readonly node: GraphQLCompositeType;
}

const PAGE_INFO = new Set(['hasNextPage', 'hasPreviousPage', 'startCursor', 'endCursor']);

/** Finds the connections and edges of a schema, by the name of their type. */
export function findConnections(schema: GraphQLSchema): ReadonlyMap<string, ConnectionRole> {
  const found = new Map<string, ConnectionRole>();
  for (const type of Object.values(schema.getTypeMap())) {
    const edge = hasFields(type) ? edgeOf(type) : null;
    const node = edge === null ? null : nodeOf(edge);
    if (edge !== null && node !== null) {
      found.set(type.name, { kind: 'connection', node });
      found.set(edge.name, found.get(edge.name) ?? { kind: 'edge', node });
    }
  }
  return found;
}

/** Tells whether a type has fields to select. */
export function hasFields(type: GraphQLNamedType | null | undefined): type is FieldsType {
  return isObjectType(type) || isInterfaceType(type);
}

/** Tells whether a field is decided by the shape of its type, so that it needs no directive. */
export function isDecidedByShape(type: FieldsType, name: string, role: ConnectionRole | undefined): boolean {
  const field = type.getFields()[name];
  if (field === undefined || role === undefined) {
    return type.name === 'PageInfo' && 'hasNextPage' in type.getFields() && PAGE_INFO.has(name);
  }
  const returned = getNamedType(field.type);
  if (role.kind === 'edge') {
    return name === 'node' || (name === 'cursor' && isLeafType(returned));
  }
  return (
    name === 'edges' ||
    name === 'pageInfo' ||
    (name === 'nodes' && returned === role.node) ||
    (name === 'totalCount' && returned.name === 'Int')
  );
}

/** Returns the type of the items of `edges`, if they have a node. */
function edgeOf(type: FieldsType): FieldsType | null {
  const edges = type.getFields()['edges'];
  const edge = edges && isListType(getNullableType(edges.type)) ? getNamedType(edges.type) : null;
  return hasFields(edge) ? edge : null;
}

function nodeOf(edge: FieldsType): GraphQLCompositeType | null {
  const node = edge.getFields()['node'];
  const type = node && !isListType(getNullableType(node.type)) ? getNamedType(node.type) : null;
  return isCompositeType(type) ? type : null;
}
