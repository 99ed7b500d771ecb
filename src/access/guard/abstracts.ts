import { defaultTypeResolver, type GraphQLResolveInfo, type GraphQLTypeResolver, isAbstractType } from 'graphql';
import { deny, type GuardKit, ownerDoors } from './kit.ts';
import { chain } from './promises.ts';
import type { NumberedGate } from './requests.ts';

type TypeResolver = GraphQLTypeResolver<unknown, unknown>;

/** The members of an abstract type, each with the gate of what it demands beyond the type itself. */
export type MemberGates = ReadonlyMap<string, NumberedGate>;

/**
 * Tells the type of an object, and denies it if that type is closed to the viewer. The executor asks for the type just
 * before it selects anything of the object, for every item of a list by itself: so the decision is about the very type
 * that it goes on with, and comes before `__typename`.
 *
 * In a pruned schema the type is still told by the whole one, so that an object of a hidden type is denied like any
 * other, instead of being a failure.
 */
export function guardTypeResolver(
  kit: GuardKit,
  gates: MemberGates,
  resolveType: TypeResolver = defaultTypeResolver,
): TypeResolver {
  return (value, context, info, abstractType) => {
    const whole = kit.whole.schema;
    const asked = info.schema === whole ? abstractType : whole.getType(abstractType.name);
    const type = isAbstractType(asked)
      ? resolveType(value, context, info.schema === whole ? info : { ...info, schema: whole }, asked)
      : resolveType(value, context, info, abstractType);
    return chain(type, (name) => admit(kit, gates, name, value, context, info)) as ReturnType<TypeResolver>;
  };
}

function admit(
  kit: GuardKit,
  gates: MemberGates,
  name: unknown,
  value: unknown,
  context: unknown,
  info: GraphQLResolveInfo,
): unknown {
  const gate = typeof name === 'string' ? gates.get(name) : undefined;
  if (typeof name !== 'string' || gate === undefined) {
    return name; // Not a member: the executor tells what is wrong with it.
  }
  const verdicts = kit.requests.of(context, info);
  const verdict = info.schema.getType(name) === undefined ? 'no' : verdicts.of(gate);
  if (verdict === 'yes') {
    return name;
  }
  const doors = verdict === 'own' ? ownerDoors(gate.doors, verdicts) : gate.doors;
  const isOwner = verdict === 'own' && kit.owners.owns(doors, verdicts.keyring.id, value, context, info);
  return chain(isOwner, (owned) => {
    if (owned === true) {
      return name;
    }
    throw deny(kit, verdicts, `${info.parentType.name}.${info.fieldName}`, doors, info);
  });
}
