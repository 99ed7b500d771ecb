import { defaultTypeResolver, type GraphQLResolveInfo, type GraphQLTypeResolver } from 'graphql';
import { deny, type GuardKit, ownerDoors } from './kit.ts';
import { chain } from './promises.ts';
import type { NumberedGate } from './requests.ts';

type TypeResolver = GraphQLTypeResolver<unknown, unknown>;

/** The gates of those members of an abstract type that demand more than the type itself. */
export type MemberGates = ReadonlyMap<string, NumberedGate>;

/**
 * Tells the type of an object, and denies it if that type is closed to the viewer. The executor asks for the type just
 * before it selects anything of the object, for every item of a list by itself: so the decision is about the very type
 * that it goes on with, and comes before `__typename`.
 */
export function guardTypeResolver(
  kit: GuardKit,
  gates: MemberGates,
  resolveType: TypeResolver = defaultTypeResolver,
): TypeResolver {
  return (value, context, info, abstractType) => {
    const type = resolveType(value, context, info, abstractType);
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
  if (gate === undefined) {
    return name;
  }
  const verdicts = kit.requests.of(context, info);
  const verdict = verdicts.of(gate);
  if (verdict === 'yes') {
    return name;
  }
  const coordinate = `${info.parentType.name}.${info.fieldName}`;
  const doors = verdict === 'own' ? ownerDoors(gate.doors, verdicts) : gate.doors;
  const isOwner = verdict === 'own' && kit.owners.owns(doors, verdicts.keyring.id, value, context, info);
  return chain(isOwner, (owned) => {
    if (owned === true) {
      return name;
    }
    throw deny(kit, verdicts, coordinate, doors, info);
  });
}
