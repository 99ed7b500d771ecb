import { defaultFieldResolver, getNamedType, type GraphQLSchema } from 'graphql';
import { aFunction, checkOptions, isObjectOf, type OptionKinds } from '../options.ts';
import { isEntitiesField } from '../policy/federation.ts';
import { fieldChecks, isAnyMemberAllowed, isRoot, satisfiedByParent } from '../policy/field-checks.ts';
import { isPolicy, type Policy, POLICY_OPTIONS, type PolicyOptions, readPolicy } from '../policy/policy.ts';
import { PolicyError } from '../policy/policy-error.ts';
import type { RoleClosure } from '../policy/roles.ts';
import type { Rule } from '../policy/table.ts';
import { type AccessViewer, grantsOf, refuseAsync, requireViewer } from '../policy/viewer.ts';
import { isUsableSchema } from '../read/load.ts';
import { rebuildSchema } from '../rebuild.ts';
import { errorOf, isPromise } from '../values.ts';
import {
  type AbstractGuard,
  admitMembers,
  guardAbstracts,
  guardTypeResolver,
  type MemberRequirements,
} from './abstracts.ts';
import { attachPolicy, markGuard, requirePolicyFor } from './attached.ts';
import type { Resolver } from './calls.ts';
import { createFailureLog, type DeniedListener, type GuardContext } from './denial.ts';
import { type GuardedDirectives, guardDirectives, guardedDirectives } from './directives.ts';
import { guardEntities } from './entities.ts';
import { type FieldConfig, guardResolver, guardSource, listDepth, renewing } from './fields.ts';
import { collectInputTypes, type FieldGuard, guardedArguments } from './inputs.ts';
import { createObjectJudge, type PolicyFunction } from './objects.ts';
import { collectOwners } from './owners.ts';
import { rejecting } from './reject.ts';
import { ownersWithin } from './representations.ts';
import { createRegistry, type Denial, type RequirementRegistry, Requests } from './requests.ts';
import { guardTypeCheck } from './type-checks.ts';

/** The options of {@link guardSchema}. */
export interface GuardOptions<
  Context,
  Role extends string = string,
  Permission extends string = string,
  PolicyName extends string = string,
> extends Omit<PolicyOptions<Role>, 'policies'> {
  /** Returns the viewer. Called once for each execution, and again for each event of a subscription. */
  readonly viewer: (context: Context) => NoInfer<AccessViewer<Role, Permission>>;
  /** The result of `readPolicy` for the same schema; read from the schema if not set. */
  readonly policy?: Policy | undefined;
  /** The functions that `@auth(policy:)` names. */
  readonly policies?: Readonly<Record<PolicyName, PolicyFunction<Context>>> | undefined;
  /**
   * Called for the first denial of each coordinate in an execution, before the client sees it. It never changes the
   * answer: an error that it throws, or rejects with, is printed once.
   */
  readonly onDenied?: ((denial: Denial, context: Context) => unknown) | undefined;
  /** `observe` denies nothing, and calls `onDenied` for what `enforce`, the default, would deny. */
  readonly enforcement?: 'enforce' | 'observe' | undefined;
  /**
   * The number of errors that are listed for each coordinate of an execution; all if not set. Further denied values are
   * null without an error.
   */
  readonly errorLimit?: number | undefined;
}

/** The parts from which the guards of a schema are built. */
interface GuardBuild {
  readonly policy: Policy;
  readonly registry: RequirementRegistry;
  readonly shared: GuardContext;
  /** The guards of abstract types by name. */
  readonly abstracts: ReadonlyMap<string, AbstractGuard>;
  /** The guards of complete operations: each wraps the resolver, or the event source, of every root field. */
  readonly rootGuards: readonly RootGuard[];
}

type RootGuard = (resolve: Resolver | undefined) => Resolver;

/**
 * Returns the same schema with its policy enforced: resolvers, event sources and the types of abstract values are
 * guarded, arguments are inspected, everything else is as it was. Any executor that calls resolvers and type resolvers as
 * graphql-js does may run it, on graphql 16 and 17.
 *
 * A field without a resolver gets graphql-js's default one: a `fieldResolver` or `typeResolver` that is given to
 * `execute` is not used where something is guarded. Guard the schema last: a later transform may replace resolvers, which
 * `assertGuarded` detects.
 *
 * @throws PolicyError if the policy cannot be read, or is another schema's
 * @throws TypeError if the schema has been guarded already, or an option is not valid
 */
export function guardSchema<
  Context,
  Role extends string = string,
  Permission extends string = string,
  PolicyName extends string = string,
>(schema: GraphQLSchema, options: GuardOptions<Context, Role, Permission, PolicyName>): GraphQLSchema {
  checkGuard(schema, options);
  const { viewer, onDenied, errorLimit = Infinity, policies = {}, policy: given, ...policyOptions } = options;
  const policy = requirePolicyFor(
    schema,
    given ?? readPolicy(schema, { ...policyOptions, policies: Object.keys(policies) }),
  );
  requireFunctions(policy, policies);
  const { enforcement = 'enforce', denial = 'null' } = options;
  if (enforcement === 'enforce' && policy.problems.length > 0) {
    throw new PolicyError(policy.problems); // It was read to be observed.
  }
  const registry = createRegistry();
  const complete: { schema: GraphQLSchema } = { schema };
  const shared: GuardContext = {
    table: { rules: policy.rules, types: policy.types },
    requests: createRequests(viewer, policy.roles, registry),
    judgeObject: createObjectJudge(collectOwners(schema, policy), policies),
    inputs: collectInputTypes(schema, policy, registry),
    fields: new Map(),
    complete,
    search: { isRunning: false },
    ...listeners(onDenied),
    observes: enforcement === 'observe',
    errorLimit,
  };
  const abstracts = guardAbstracts(schema, policy, registry);
  const directives = guardedDirectives(schema, policy, registry, shared.inputs);
  const build: GuardBuild = { policy, registry, shared, abstracts, rootGuards: rootGuards(shared, directives, denial) };
  complete.schema = rebuildSchema(schema, {
    field: (config, type, name) => guardField(build, type, name, config),
    typeCheck: (type) => guardTypeCheck(shared, type),
    typeResolver: ({ name }) => {
      const guard = abstracts.get(name);
      return guard && markGuard(guardTypeResolver(shared, guard));
    },
  });
  return attachPolicy(complete.schema, policy, { enforcement, denial, errorLimit });
}

const VIEWER = 'The option viewer of guardSchema';

/** The options of {@link guardSchema}. */
export const GUARD_OPTIONS: OptionKinds = {
  ...POLICY_OPTIONS,
  viewer: { ...aFunction('a function that returns the viewer of a context'), isRequired: true },
  policy: { words: 'the result of readPolicy', accepts: isPolicy },
  policies: { words: 'an object of functions', accepts: (value) => isObjectOf(value, () => true) },
  onDenied: aFunction(),
  errorLimit: {
    words: 'a number of errors',
    accepts: (value) => (Number.isInteger(value) && Number(value) >= 0) || value === Infinity,
  },
};

/** The options that only decide how a policy is read. */
const READING_OPTIONS = ['roleEnum', 'inherits', 'undecided', 'ignoreDirectives', 'directives'] as const;

/** Refuses what would fail, or mean something else, when the first request comes. */
function checkGuard(schema: unknown, options: GuardOptions<never>): void {
  if (!isUsableSchema(schema)) {
    throw new TypeError(
      'guardSchema takes a GraphQLSchema: build one of your type definitions, for example with makeExecutableSchema',
    );
  }
  checkOptions('guardSchema', options, GUARD_OPTIONS);
  const { viewer, policies = {}, policy } = options;
  const unused = READING_OPTIONS.filter((name) => policy !== undefined && options[name] !== undefined);
  if (unused.length > 0) {
    throw new TypeError(
      `The option policy of guardSchema has been read already: give ${unused.join(', ')} to readPolicy instead`,
    );
  }
  refuseAsync(viewer, VIEWER);
  for (const [name, policy] of Object.entries(policies)) {
    if (typeof policy !== 'function') {
      throw new TypeError(`The option policies of guardSchema must hold functions; "${name}" is not one`);
    }
  }
}

function requireFunctions({ policies: named }: Policy, policies: Readonly<Record<string, unknown>>): void {
  const missing = [...named.keys()].filter((name) => !Object.hasOwn(policies, name));
  if (missing.length > 0) {
    throw new TypeError(`The option policies of guardSchema lacks ${missing.join(', ')}, which @auth(policy:) names`);
  }
}

// Closures share the scope that they are created in: created above, these would keep the unguarded schema alive.

function createRequests(
  viewer: GuardOptions<never>['viewer'],
  roles: RoleClosure,
  registry: RequirementRegistry,
): Requests {
  return new Requests(
    (context) => {
      const found = requireViewer(viewerOf(viewer, context), VIEWER);
      return { viewer: found, grants: grantsOf(found, roles) };
    },
    () => registry.count(),
  );
}

/** Returns what the option viewer returns. It fails with an error, whatever it throws: a session may be thrown as well. */
function viewerOf(viewer: GuardOptions<never>['viewer'], context: unknown): unknown {
  try {
    return viewer(context as never);
  } catch (thrown) {
    throw errorOf(thrown, `${VIEWER} threw something that is not an error`);
  }
}

function rootGuards(shared: GuardContext, directives: GuardedDirectives, denial: 'null' | 'reject'): RootGuard[] {
  return [
    ...(directives.size > 0 ? [(resolve?: Resolver) => guardDirectives(shared, directives, resolve)] : []),
    ...(denial === 'reject' && !shared.observes ? [(resolve?: Resolver) => rejecting(shared, resolve)] : []),
  ];
}

function listeners(onDenied: GuardOptions<never>['onDenied']): Pick<GuardContext, 'onDenied' | 'onFailure'> {
  const onFailure = createFailureLog();
  const listener: DeniedListener = (denial, context) => {
    try {
      const result = onDenied?.(denial, context as never);
      if (isPromise(result)) {
        Promise.resolve(result).then(undefined, onFailure);
      }
    } catch (error) {
      onFailure(error);
    }
  };
  return { onDenied: listener, onFailure };
}

/** Guards a field; returns it as it is if every viewer who reaches its parent object may have it. */
function guardField(build: GuardBuild, type: string, name: string, config: FieldConfig): FieldConfig {
  const { policy, shared } = build;
  const rule = policy.rules.get(`${type}.${name}`);
  const guard = rule && buildFieldGuard(build, type, name, rule, config);
  const isEntities = isEntitiesField(policy.schema, type, name);
  const checks = guard && !isEntities && isChecking(guard) ? guard : null;
  const isSubscription = type === policy.schema.getSubscriptionType()?.name;
  let { resolve, subscribe } = config;
  if (isEntities) {
    const owners = ownersWithin(policy.schema, policy);
    resolve = guardEntities(shared, typeRequirements(build), owners, resolve ?? defaultFieldResolver);
  }
  const returned = build.abstracts.get(getNamedType(config.type).name);
  if (returned && (isEntities || rule?.members.some(({ requirements }) => requirements.length > 0))) {
    resolve = admitMembers(shared, returned, listDepth(config.type), resolve ?? defaultFieldResolver);
  }
  if (checks !== null) {
    shared.fields.set(checks.coordinate, checks);
    resolve = guardResolver(shared, checks, resolve);
    subscribe = isSubscription ? guardSource(shared, checks, subscribe) : subscribe;
  }
  for (const wrap of isRoot(policy.schema, type) ? build.rootGuards : []) {
    resolve = wrap(resolve);
    subscribe = isSubscription ? wrap(subscribe) : subscribe;
  }
  if (isSubscription) {
    resolve = renewing(shared, resolve);
  }
  const isGuarded = resolve !== config.resolve;
  return {
    ...config,
    ...(isGuarded && resolve ? { resolve: markGuard(resolve) } : {}),
    ...(subscribe !== config.subscribe && subscribe ? { subscribe: markGuard(subscribe) } : {}),
  };
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
  const { coordinate } = rule;
  const { requirements, members } = fieldChecks(policy, type, rule);
  const satisfied = [...satisfiedByParent(policy, type), ...rule.requirements];
  const args = Object.entries(config.args ?? {}).map(([argument, { type: declared }]) => ({
    name: argument,
    type: declared,
  }));
  return {
    coordinate,
    name,
    isRoot: isRoot(policy.schema, type),
    required: registry.number({ requirements, members: isAnyMemberAllowed(members) ? [] : members }),
    requirements,
    inputs: guardedArguments(policy, registry, shared.inputs, coordinate, args, satisfied),
    depth: listDepth(config.type),
  };
}
