import { MapperKind, mapSchema } from '@graphql-tools/utils';
import {
  getNamedType,
  type GraphQLFieldConfig,
  type GraphQLNamedType,
  GraphQLSchema,
  isAbstractType,
  isUnionType,
} from 'graphql';
import { hasFields } from '../policy/connections.ts';
import { satisfies } from '../policy/judge.ts';
import type { Policy } from '../policy/policy.ts';
import { type AccessViewer, type Grants, grantsOf } from '../policy/viewer.ts';
import { isOurs } from '../read/vocabulary.ts';
import { type Hidden, hiddenCoordinates } from './hidden.ts';

type FieldConfig = GraphQLFieldConfig<unknown, unknown>;

/**
 * Returns the schema without what is hidden, without types that nothing leads to any more, and without the access
 * directives, which name roles. Resolvers stay. The schema may have an empty root type, so that `{ __typename }` is
 * always valid.
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

/** Returns every composite type that a client can reach from the root types; graphql-js adds what these name. */
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

/** The number of pruned schemas that a policy keeps; the least recently used one is evicted. */
const MOST_KEPT = 64;

/**
 * Returns the schema without what the roles and permissions of the viewer could never reach. What ownership may allow
 * stays.
 *
 * One schema is built and kept for each set of satisfied requirements, so that viewers of different roles who satisfy
 * the same requirements share it. Pruned from the policy of a guarded schema (`policyOf`), it is guarded and executable
 * as well: validate, introspect and execute with it. An object whose type was pruned away is denied, as it is by the
 * guard.
 *
 * @throws TypeError if the viewer is not what it should be
 */
export function visibleSchema(policy: Policy, viewer: AccessViewer): GraphQLSchema {
  const grants = grantsOf(viewer, policy.roles);
  const { schemas } = policy.visible;
  const key = satisfiedKey(policy, grants);
  const schema = schemas.get(key) ?? pruneSchema(policy.schema, hiddenCoordinates(policy, grants));
  schemas.delete(key);
  schemas.set(key, schema);
  const [oldest] = schemas.keys();
  if (schemas.size > MOST_KEPT && oldest !== undefined) {
    schemas.delete(oldest);
  }
  return schema;
}

/** Returns a digit for each requirement: 1 if the viewer satisfies it, or might by ownership. */
function satisfiedKey({ visible }: Policy, grants: Grants): string {
  const mayOwn = grants.id !== null;
  return visible.requirements
    .map((requirement) => Number(satisfies(requirement, grants) || (mayOwn && requirement.owner !== null)))
    .join('');
}
