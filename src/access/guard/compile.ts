import { type GraphQLAbstractType, GraphQLInterfaceType, GraphQLUnionType, isInterfaceType } from 'graphql';
import { remainingDoors } from '../policy/doors.ts';
import { fieldChecks, isAnyMemberOpen, passedDoors } from '../policy/field-checks.ts';
import type { Policy } from '../policy/policy.ts';
import type { Rule } from '../policy/table.ts';
import { guardTypeResolver, type MemberGates } from './abstracts.ts';
import { type FieldConfig, type FieldGuard, guardResolver, guardSource, listDepth, renewing } from './fields.ts';
import type { GateBook } from './gates.ts';
import { guardedArguments } from './inputs.ts';
import type { GuardKit } from './kit.ts';

/** What a guard is compiled with. */
export interface Compilation {
  readonly policy: Policy;
  readonly gates: GateBook;
  readonly kit: GuardKit;
}

/** The field behind its guard; the field itself if whoever reaches its parent object may have it anyway. */
export function guardField(compilation: Compilation, type: string, name: string, config: FieldConfig): FieldConfig {
  const { policy, kit } = compilation;
  const rule = policy.rules.get(`${type}.${name}`);
  const guard = rule && compileField(compilation, type, name, rule, config);
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

function compileField(
  { policy, gates, kit }: Compilation,
  type: string,
  name: string,
  rule: Rule,
  config: FieldConfig,
): FieldGuard {
  const { doors, members } = fieldChecks(policy, type, rule);
  const passed = [...passedDoors(policy, type), ...rule.doors];
  const args = Object.entries(config.args ?? {}).map(([name, { type }]) => ({ name, type }));
  return {
    coordinate: rule.coordinate,
    name,
    gate: gates.number({ doors, members: isAnyMemberOpen(members) ? [] : members }),
    doors,
    inputs: guardedArguments(policy, gates, kit.inputs, rule.coordinate, args, passed),
    depth: listDepth(config.type),
  };
}

/** The abstract type, denying those of its members that are closed. */
export function guardAbstract({ policy, gates, kit }: Compilation, type: GraphQLAbstractType): GraphQLAbstractType {
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
