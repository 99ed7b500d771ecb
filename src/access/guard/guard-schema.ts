import { mapSchema, MapperKind } from '@graphql-tools/utils';
import {
  type GraphQLAbstractType,
  GraphQLInterfaceType,
  type GraphQLSchema,
  GraphQLUnionType,
  isInterfaceType,
} from 'graphql';
import { fieldChecks, isAnyMemberOpen, passedDoors } from '../policy/field-checks.ts';
import { remainingDoors } from '../policy/doors.ts';
import { type Policy, readPolicy } from '../policy/policy.ts';
import type { Rule } from '../policy/table.ts';
import type { AccessViewer } from '../policy/viewer.ts';
import { guardTypeResolver, type MemberGates } from './abstracts.ts';
import { type FieldConfig, type FieldGuard, guardResolver, guardSource, listDepth, renewing } from './fields.ts';
import { createGateBook, type GateBook } from './gates.ts';
import { collectInputTypes, guardedArguments } from './inputs.ts';
import type { GuardKit } from './kit.ts';
import type { Denial } from './denial.ts';
import { collectOwners } from './owners.ts';
import { trackRequests } from './requests.ts';
import { attachPolicy, requirePolicyFor } from './attached.ts';

export interface GuardOptions<Context> {
  /** Who is asking. Called once for each execution, and again for each event of a subscription. */
  readonly viewer: (context: Context) => AccessViewer;
  /** The name of the enum whose values are the roles; `Role` without it. */
  readonly roleEnum?: string | undefined;
  /** What `readPolicy` returned for the same schema; it is read from the schema without it. */
  readonly policy?: Policy | undefined;
  /** Told of every refusal, before the client is. What it throws takes the place of the refusal. */
  readonly onDenied?: ((denial: Denial, context: Context) => void) | undefined;
}

/** What a guard is compiled with. */
interface Compilation {
  readonly policy: Policy;
  readonly gates: GateBook;
  readonly kit: GuardKit;
}

/**
 * The same schema with its policy enforced: resolvers, event sources, and the types of abstract values are behind their
 * doors, arguments are looked through, everything else is as it was. Any executor for graphql 16 may run it.
 *
 * A field without a resolver gets graphql-js's default one: a `fieldResolver` or `typeResolver` that is given to
 * `execute` is not used where something is guarded. Transform a schema before it is guarded, not after.
 *
 * @throws PolicyError if the policy cannot be read, or is another schema's
 * @throws TypeError if the schema has been guarded already
 */
export function guardSchema<Context>(schema: GraphQLSchema, options: GuardOptions<Context>): GraphQLSchema {
  const policy = requirePolicyFor(schema, options.policy ?? readPolicy(schema, { roleEnum: options.roleEnum }));
  const gates = createGateBook();
  const { viewer, onDenied } = options;
  const kit: GuardKit = {
    requests: trackRequests((context) => viewer(context as Context), policy.roles),
    owners: collectOwners(schema, policy),
    inputs: collectInputTypes(policy, gates),
    wholeSchema: () => guarded,
    onDenied: (denial, context) => onDenied?.(denial, context as Context),
  };
  const compilation: Compilation = { policy, gates, kit };
  const guarded: GraphQLSchema = mapSchema(schema, {
    [MapperKind.OBJECT_FIELD]: (config, name, type) => guardField(compilation, type, name, config),
    [MapperKind.ABSTRACT_TYPE]: (type) => guardAbstract(compilation, type),
  });
  return attachPolicy(guarded, policy);
}

function guardField(compilation: Compilation, type: string, name: string, config: FieldConfig): FieldConfig {
  const { policy, kit } = compilation;
  const rule = policy.rules.get(`${type}.${name}`);
  const guard = rule && compileField(compilation, type, rule, config);
  const checks = guard && isChecking(guard) ? guard : null;
  if (type === policy.schema.getSubscriptionType()?.name) {
    const resolve = renewing(kit, checks ? guardResolver(kit, checks, config.resolve) : config.resolve);
    return checks
      ? { ...config, resolve, subscribe: guardSource(kit, checks, config.subscribe) }
      : { ...config, resolve };
  }
  return checks ? { ...config, resolve: guardResolver(kit, checks, config.resolve) } : config;
}

/** Whether there is anything left to check at a field. */
function isChecking({ gate, inputs }: FieldGuard): boolean {
  return gate.doors.length > 0 || gate.members.length > 0 || inputs.length > 0;
}

function compileField({ policy, gates, kit }: Compilation, type: string, rule: Rule, config: FieldConfig): FieldGuard {
  const { doors, members } = fieldChecks(policy, type, rule);
  const passed = [...passedDoors(policy, type), ...rule.doors];
  const args = Object.entries(config.args ?? {}).map(([name, { type }]) => ({ name, type }));
  return {
    coordinate: rule.coordinate,
    gate: gates.number({ doors, members: isAnyMemberOpen(members) ? [] : members }),
    inputs: guardedArguments(policy, gates, kit.inputs, rule.coordinate, args, passed),
    depth: listDepth(config.type),
  };
}

function guardAbstract({ policy, gates, kit }: Compilation, type: GraphQLAbstractType): GraphQLAbstractType {
  const members: MemberGates = new Map(
    policy.schema.getPossibleTypes(type).map(({ name }) => {
      const doors = remainingDoors(policy.types.get(name) ?? [], policy.types.get(type.name) ?? [], policy.roles);
      return [name, gates.number({ doors, members: [] })] as const;
    }),
  );
  const resolveType = guardTypeResolver(kit, members, type.resolveType ?? undefined);
  return isInterfaceType(type)
    ? new GraphQLInterfaceType({ ...type.toConfig(), resolveType })
    : new GraphQLUnionType({ ...type.toConfig(), resolveType });
}
