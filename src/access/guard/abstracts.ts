import {
  defaultTypeResolver,
  getArgumentValues,
  type GraphQLResolveInfo,
  type GraphQLTypeResolver,
  isAbstractType,
} from 'graphql';
import { chain, isPromise } from '../values.ts';
import { deny, type GuardContext } from './denial.ts';
import { objectRequirements } from './objects.ts';
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
    return chain(type, (name) => {
      if (!shared.observes) {
        return admit(shared, members, name, value, context, info);
      }
      try {
        const admitted = admit(shared, members, name, value, context, info);
        if (isPromise(admitted)) {
          admitted.then(undefined, shared.onFailure);
        }
      } catch (error) {
        shared.onFailure(error);
      }
      return name;
    }) as ReturnType<TypeResolver>;
  };
}

function admit(
  shared: GuardContext,
  members: MemberRequirements,
  name: unknown,
  object: unknown,
  context: unknown,
  info: GraphQLResolveInfo,
): unknown {
  const required = typeof name === 'string' ? members.get(name) : undefined;
  if (typeof name !== 'string' || required === undefined) {
    return name; // Not a member: the executor reports what is wrong with it.
  }
  const verdicts = shared.requests.of(context, info);
  const isHidden = info.schema.getType(name) === undefined;
  const verdict = isHidden ? 'denied' : verdicts.of(required);
  if (verdict === 'allowed') {
    return name;
  }
  const isDependent = verdict === 'own' || verdict === 'depends';
  const requirements = isDependent ? objectRequirements(required.requirements, verdicts) : required.requirements;
  const place = () => ({ object, args: argumentsOf(info), context, info });
  return chain(isDependent && shared.judgeObject(requirements, verdicts, place()), (isAllowed) => {
    if (isAllowed === true) {
      return name;
    }
    const coordinate = `${info.parentType.name}.${info.fieldName}`;
    const error = deny(
      shared,
      verdicts,
      { coordinate, requirements },
      { path: info.path, info, isPlacedByExecutor: true },
    );
    if (error !== null && !shared.observes) {
      throw error;
    }
    return name;
  });
}

/** Returns the arguments of the field that is being resolved, for policies. */
function argumentsOf({ parentType, fieldName, fieldNodes, variableValues }: GraphQLResolveInfo): object {
  const field = parentType.getFields()[fieldName];
  const [node] = fieldNodes;
  return field === undefined || node === undefined ? {} : getArgumentValues(field, node, variableValues);
}
