import {
  defaultFieldResolver,
  getNamedType,
  type GraphQLFieldConfig,
  type GraphQLNamedType,
  GraphQLSchema,
  isAbstractType,
  isUnionType,
} from 'graphql';
import { policyFrom } from '../guard/attached.ts';
import { withArguments } from '../guard/fields.ts';
import { ANY_VALUE, checkOptions } from '../options.ts';
import { hasFields } from '../policy/connections.ts';
import { judgeRequirements } from '../policy/judge.ts';
import type { Policy } from '../policy/policy.ts';
import { type AccessViewer, type Grants, grantsOf } from '../policy/viewer.ts';
import { rebuildSchema } from '../rebuild.ts';
import { HiddenDefaults } from './hidden-defaults.ts';
import { type Hidden, hiddenCoordinates } from './hidden.ts';

type FieldConfig = GraphQLFieldConfig<unknown, unknown>;

/**
 * Returns the schema without what is hidden, without types that nothing leads to any more, and without the access
 * directives, which name roles. Resolvers stay, and get the defaults of hidden inputs as if these were there. The schema
 * may have an empty root type, so that `{ __typename }` is always valid.
 */
export function pruneSchema({ schema, directives }: Policy, hidden: Hidden): GraphQLSchema {
  const ours = new Set(Object.values(directives).map((name) => `@${name}`));
  const defaults = new HiddenDefaults(schema, hidden);
  const pruned = rebuildSchema(schema, {
    isHidden: (coordinate) => hidden.has(coordinate) || ours.has(coordinate),
    field: (config, type, field) => withDefaults(defaults, config, `${type}.${field}`),
  });
  return new GraphQLSchema({ ...pruned.toConfig(), types: reachableTypes(pruned), assumeValid: true });
}

function withDefaults(defaults: HiddenDefaults, config: FieldConfig, coordinate: string): FieldConfig {
  const { args = {}, resolve = defaultFieldResolver, subscribe } = config;
  const complete = defaults.completing(coordinate, args);
  return complete === null
    ? config
    : {
        ...config,
        resolve: withArguments(resolve, complete),
        ...(subscribe ? { subscribe: withArguments(subscribe, complete) } : {}),
      };
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

/** The options of {@link visibleSchema}. */
export interface VisibleSchemaOptions<Role extends string = string, Permission extends string = string> {
  readonly viewer: NoInfer<AccessViewer<Role, Permission>>;
}

/**
 * The number of pruned schemas that a policy keeps; the least recently used one is evicted. A Map in the order of its uses does
 * that in two lines: the package depends on no cache for it, and 64 entries need neither an age nor a size.
 */
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
 * @throws TypeError if the viewer, or another option, is not valid
 */
export function visibleSchema<Role extends string = string, Permission extends string = string>(
  source: Policy | GraphQLSchema,
  options: VisibleSchemaOptions<Role, Permission>,
): GraphQLSchema {
  const policy = policyFrom(source);
  checkOptions('visibleSchema', options, { viewer: ANY_VALUE });
  const grants = grantsOf(options.viewer, policy.roles);
  const { schemas } = policy.visible;
  const key = satisfiedKey(policy, grants);
  const schema = schemas.get(key) ?? pruneSchema(policy, hiddenCoordinates(policy, grants));
  schemas.delete(key);
  schemas.set(key, schema);
  const [oldest] = schemas.keys();
  if (schemas.size > MOST_KEPT && oldest !== undefined) {
    schemas.delete(oldest);
  }
  return schema;
}

/** Returns a digit for each requirement: 1 if the viewer satisfies it, or might on some objects. */
function satisfiedKey({ visible }: Policy, grants: Grants): string {
  return visible.requirements
    .map((requirement) => Number(judgeRequirements([requirement], grants) !== 'denied'))
    .join('');
}
