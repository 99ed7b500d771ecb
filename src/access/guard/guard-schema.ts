import { mapSchema, MapperKind } from '@graphql-tools/utils';
import {
  defaultFieldResolver,
  type GraphQLAbstractType,
  GraphQLInterfaceType,
  type GraphQLSchema,
  GraphQLUnionType,
  isInterfaceType,
} from 'graphql';
import { isEntitiesField } from '../policy/federation.ts';
import { fieldChecks, isAnyMemberAllowed, satisfiedByParent } from '../policy/field-checks.ts';
import { type Policy, type PolicyOptions, readPolicy } from '../policy/policy.ts';
import { remainingRequirements } from '../policy/requirements.ts';
import type { RoleClosure } from '../policy/roles.ts';
import type { Rule } from '../policy/table.ts';
import { type AccessViewer, grantsOf } from '../policy/viewer.ts';
import { guardTypeResolver, type MemberRequirements } from './abstracts.ts';
import { attachPolicy, requirePolicyFor } from './attached.ts';
import type { Denial, DeniedListener, GuardContext } from './denial.ts';
import { type FieldConfig, type FieldGuard, guardResolver, guardSource, listDepth, renewing } from './fields.ts';
import { guardEntities } from './entities.ts';
import { collectInputTypes, guardedArguments } from './inputs.ts';
import { collectOwners } from './owners.ts';
import { createRegistry, type RequirementRegistry, Requests } from './requests.ts';

export interface GuardOptions<Context> extends PolicyOptions {
  /** Returns the viewer. Called once for each execution, and again for each event of a subscription. */
  readonly viewer: (context: Context) => AccessViewer;
  /** The result of `readPolicy` for the same schema; read from the schema if not set. */
  readonly policy?: Policy | undefined;
  /** Called for every denial, before the client sees it. An error that it throws replaces the denial. */
  readonly onDenied?: ((denial: Denial, context: Context) => void) | undefined;
}

/** The parts from which the guards of a schema are built. */
interface GuardBuild {
  readonly policy: Policy;
  readonly registry: RequirementRegistry;
  readonly shared: GuardContext;
}

/**
 * Returns the same schema with its policy enforced: resolvers, event sources and the types of abstract values are
 * guarded, arguments are inspected, everything else is as it was. Any executor for graphql 16 may run it.
 *
 * A field without a resolver gets graphql-js's default one: a `fieldResolver` or `typeResolver` that is given to
 * `execute` is not used where something is guarded. Transform a schema before it is guarded, not after.
 *
 * @throws PolicyError if the policy cannot be read, or is another schema's
 * @throws TypeError if the schema has been guarded already
 */
export function guardSchema<Context>(schema: GraphQLSchema, options: GuardOptions<Context>): GraphQLSchema {
  const policy = requirePolicyFor(schema, options.policy ?? readPolicy(schema, options));
  const registry = createRegistry();
  const complete: { schema: GraphQLSchema } = { schema };
  const shared: GuardContext = {
    requests: createRequests(options.viewer, policy.roles, registry),
    owners: collectOwners(schema, policy),
    inputs: collectInputTypes(policy, registry),
    complete,
    onDenied: deniedListener(options.onDenied),
  };
  const build = { policy, registry, shared };
  complete.schema = mapSchema(schema, {
    [MapperKind.OBJECT_FIELD]: (config, name, type) => guardField(build, type, name, config),
    [MapperKind.ABSTRACT_TYPE]: (type) => guardAbstract(build, type),
  });
  return attachPolicy(complete.schema, policy);
}

// Closures share the scope that they are created in: created above, these would keep the unguarded schema alive.

function createRequests(
  viewer: GuardOptions<never>['viewer'],
  roles: RoleClosure,
  registry: RequirementRegistry,
): Requests {
  return new Requests(
    (context) => grantsOf(viewer(context as never), roles),
    () => registry.count(),
  );
}

function deniedListener(listener: GuardOptions<never>['onDenied']): DeniedListener {
  return (denial, context) => listener?.(denial, context as never);
}

/** Guards a field; returns it as it is if every viewer who reaches its parent object may have it. */
function guardField(build: GuardBuild, type: string, name: string, config: FieldConfig): FieldConfig {
  const { policy, shared } = build;
  const rule = policy.rules.get(`${type}.${name}`);
  if (isEntitiesField(policy.schema, type, name)) {
    return {
      ...config,
      resolve: guardEntities(shared, typeRequirements(build), config.resolve ?? defaultFieldResolver),
    };
  }
  const guard = rule && buildFieldGuard(build, type, name, rule, config);
  const checks = guard && isChecking(guard) ? guard : null;
  if (type === policy.schema.getSubscriptionType()?.name) {
    const resolve = renewing(shared, checks ? guardResolver(shared, checks, config.resolve) : config.resolve);
    return checks
      ? { ...config, resolve, subscribe: guardSource(shared, checks, config.subscribe) }
      : { ...config, resolve };
  }
  return checks ? { ...config, resolve: guardResolver(shared, checks, config.resolve) } : config;
}

/** Returns what each type requires of a viewer who has satisfied nothing yet. */
function typeRequirements({ policy, registry }: GuardBuild): MemberRequirements {
  const types = Array.from(policy.types, ([name, requirements]) => {
    return [name, registry.number({ requirements, members: [] })] as const;
  });
  return new Map(types);
}

/** Tells whether anything remains to be checked at a field. */
function isChecking({ required, inputs }: FieldGuard): boolean {
  return required.requirements.length > 0 || required.members.length > 0 || inputs.length > 0;
}

function buildFieldGuard(
  { policy, registry, shared }: GuardBuild,
  type: string,
  name: string,
  rule: Rule,
  config: FieldConfig,
): FieldGuard {
  const { requirements, members } = fieldChecks(policy, type, rule);
  const satisfied = [...satisfiedByParent(policy, type), ...rule.requirements];
  const args = Object.entries(config.args ?? {}).map(([name, { type }]) => ({ name, type }));
  return {
    coordinate: rule.coordinate,
    name,
    required: registry.number({ requirements, members: isAnyMemberAllowed(members) ? [] : members }),
    requirements,
    inputs: guardedArguments(policy, registry, shared.inputs, rule.coordinate, args, satisfied),
    depth: listDepth(config.type),
  };
}

/** Guards an abstract type, so that objects of denied members are denied. */
function guardAbstract({ policy, registry, shared }: GuardBuild, type: GraphQLAbstractType): GraphQLAbstractType {
  const members: MemberRequirements = new Map(
    policy.schema.getPossibleTypes(type).map(({ name }) => {
      const [ofMember, ofType] = [policy.types.get(name) ?? [], policy.types.get(type.name) ?? []];
      const requirements = remainingRequirements(ofMember, ofType, policy.roles);
      return [name, registry.number({ requirements, members: [] })] as const;
    }),
  );
  const resolveType = guardTypeResolver(shared, members, type.resolveType ?? undefined);
  return isInterfaceType(type)
    ? new GraphQLInterfaceType({ ...type.toConfig(), resolveType })
    : new GraphQLUnionType({ ...type.toConfig(), resolveType });
}
