import { mapSchema, MapperKind } from '@graphql-tools/utils';
import {
  getNamedType,
  type GraphQLFieldConfig,
  type GraphQLNamedType,
  GraphQLSchema,
  isAbstractType,
  isUnionType,
} from 'graphql';
import { hasFields } from '../policy/connections.ts';
import { isOurs } from '../read/vocabulary.ts';
import type { Hidden } from './hidden.ts';

type FieldConfig = GraphQLFieldConfig<unknown, unknown>;

/**
 * The schema without what is hidden, without types that nothing leads to any more, and without the access directives,
 * which name roles. Resolvers stay. It may have an empty root type, so that `{ __typename }` can always be asked.
 */
export function pruneSchema(schema: GraphQLSchema, hidden: Hidden): GraphQLSchema {
  const keep = (coordinate: string): null | undefined => (hidden.has(coordinate) ? null : undefined);
  const pruned = mapSchema(schema, {
    [MapperKind.TYPE]: ({ name }) => keep(name),
    [MapperKind.COMPOSITE_FIELD]: (config, name, type) => pruneField(config, `${type}.${name}`, hidden),
    [MapperKind.INPUT_OBJECT_FIELD]: (_config, name, type) => keep(`${type}.${name}`),
    [MapperKind.ENUM_VALUE]: (_config, type, _schema, name) => keep(`${type}.${name}`),
    [MapperKind.DIRECTIVE]: ({ name }) => (isOurs(name) ? null : undefined),
  });
  return new GraphQLSchema({ ...pruned.toConfig(), types: reachableTypes(pruned), assumeValid: true });
}

function pruneField(config: FieldConfig, coordinate: string, hidden: Hidden): FieldConfig | null {
  if (hidden.has(coordinate)) {
    return null;
  }
  const args = Object.entries(config.args ?? {}).filter(([name]) => !hidden.has(`${coordinate}(${name}:)`));
  return { ...config, args: Object.fromEntries(args) };
}

/** Every composite type that a client can get to from the root types; graphql-js adds what these name. */
function reachableTypes(schema: GraphQLSchema): GraphQLNamedType[] {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const reached = new Set<GraphQLNamedType>(roots.filter((root) => root !== undefined && root !== null));
  for (const type of reached) {
    neighbours(schema, type).forEach((next) => reached.add(next));
  }
  return [...reached];
}

function neighbours(schema: GraphQLSchema, type: GraphQLNamedType): readonly GraphQLNamedType[] {
  if (isUnionType(type)) {
    return type.getTypes();
  }
  if (!hasFields(type)) {
    return [];
  }
  const returned = Object.values(type.getFields()).map((field) => getNamedType(field.type));
  const members = isAbstractType(type) ? schema.getPossibleTypes(type) : [];
  return [...type.getInterfaces(), ...members, ...returned];
}
