import { defaultTypeResolver, type GraphQLResolveInfo, type GraphQLTypeResolver, isAbstractType } from 'graphql';
import { deny, type GuardContext, ownerRequirements } from './denial.ts';
import { chain } from '../values.ts';
import type { NumberedRequirements } from './requests.ts';

type TypeResolver = GraphQLTypeResolver<unknown, unknown>;

/** The members of an abstract type, each with the requirements that it adds to those of the type itself. */
export type MemberRequirements = ReadonlyMap<string, NumberedRequirements>;

/**
 * Wraps a type resolver so that an object is denied if its type is denied to the viewer. The executor resolves the type
 * just before it selects anything of the object, and for every item of a list separately: so the decision is about the
 * very type that the executor goes on with, and comes before `__typename`.
 *
 * In a pruned schema the complete schema still resolves the type, so that an object of a hidden type is denied like any
 * other, instead of being a failure.
 */
export function guardTypeResolver(
  shared: GuardContext,
  members: MemberRequirements,
  resolveType: TypeResolver = defaultTypeResolver,
): TypeResolver {
  return (value, context, info, abstractType) => {
    const complete = shared.complete.schema;
    const declared = info.schema === complete ? abstractType : complete.getType(abstractType.name);
    const type = isAbstractType(declared)
      ? resolveType(value, context, info.schema === complete ? info : { ...info, schema: complete }, declared)
      : resolveType(value, context, info, abstractType);
    return chain(type, (name) => admit(shared, members, name, value, context, info)) as ReturnType<TypeResolver>;
  };
}

function admit(
  shared: GuardContext,
  members: MemberRequirements,
  name: unknown,
  value: unknown,
  context: unknown,
  info: GraphQLResolveInfo,
): unknown {
  const required = typeof name === 'string' ? members.get(name) : undefined;
  if (typeof name !== 'string' || required === undefined) {
    return name; // Not a member: the executor reports what is wrong with it.
  }
  const verdicts = shared.requests.of(context, info);
  const verdict = info.schema.getType(name) === undefined ? 'denied' : verdicts.of(required);
  if (verdict === 'allowed') {
    return name;
  }
  const requirements = verdict === 'own' ? ownerRequirements(required.requirements, verdicts) : required.requirements;
  const isOwner = verdict === 'own' && shared.owners.owns(requirements, verdicts.grants.id, value, context, info);
  return chain(isOwner, (owned) => {
    if (owned === true) {
      return name;
    }
    throw deny(shared, verdicts, `${info.parentType.name}.${info.fieldName}`, requirements, info);
  });
}
