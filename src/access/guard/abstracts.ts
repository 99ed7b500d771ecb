import {
  defaultTypeResolver,
  getArgumentValues,
  getNamedType,
  type GraphQLAbstractType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  type GraphQLTypeResolver,
  isAbstractType,
  isObjectType,
} from 'graphql';
import type { Policy } from '../policy/policy.ts';
import { remainingRequirements } from '../policy/requirements.ts';
import { chain, isPromise } from '../values.ts';
import { type Info, NO_INFO, type Resolver } from './calls.ts';
import { type DeniedPlace, deny, type GuardContext } from './denial.ts';
import { mapObjects } from './lists.ts';
import { argumentsForPolicies, objectRequirements } from './objects.ts';
import { attempt, watch, watchPromise } from './observe.ts';
import {
  forbidSharedCaching,
  type NumberedRequirements,
  type RequestVerdicts,
  type RequirementRegistry,
} from './requests.ts';
import { mayReadAll, searchType } from './type-checks.ts';

type TypeResolver = GraphQLTypeResolver<unknown, unknown>;

/** The members of an abstract type, each with the requirements that it adds to those of the type itself. */
export type MemberRequirements = ReadonlyMap<string, NumberedRequirements>;

/** The guard of an abstract type: its members, and its own type resolver. */
export interface AbstractGuard {
  readonly members: MemberRequirements;
  readonly resolveType: TypeResolver;
}

/** Creates the guards of all abstract types. */
export function guardAbstracts(
  schema: GraphQLSchema,
  policy: Policy,
  registry: RequirementRegistry,
): ReadonlyMap<string, AbstractGuard> {
  const guards = new Map<string, AbstractGuard>();
  for (const type of Object.values(schema.getTypeMap()).filter(isAbstractType)) {
    const ofType = policy.types.get(type.name) ?? [];
    const members: MemberRequirements = new Map(
      schema.getPossibleTypes(type).map(({ name }) => {
        const requirements = remainingRequirements(policy.types.get(name) ?? [], ofType, policy.roles);
        return [name, registry.number({ requirements, members: [] })] as const;
      }),
    );
    guards.set(type.name, { members, resolveType: type.resolveType ?? defaultTypeResolver });
  }
  return guards;
}

/** An object, and the place at which its type decides. */
interface TypedObject {
  readonly object: unknown;
  /** The arguments of the field, if they are known. */
  readonly args?: object;
  readonly context: unknown;
  readonly info: GraphQLResolveInfo;
}

/**
 * Wraps a type resolver so that an object is denied if its type is denied to the viewer. The executor resolves the type
 * just before it selects anything of the object, and for every item of a list separately: so the decision is about the
 * very type that the executor goes on with, and comes before `__typename`. An object that {@link admitMembers} has
 * admitted to the same field is not judged again.
 */
export function guardTypeResolver(shared: GuardContext, guard: AbstractGuard): TypeResolver {
  return (object, context, info, abstractType) => {
    const place = { object, context, info };
    const verdicts = shared.observes
      ? attempt(shared, () => shared.requests.peek(context, info))
      : shared.requests.peek(context, info);
    const admitted = verdicts && admittedAt(verdicts, info);
    if (admitted?.has(object) === true) {
      return admitted.get(object) as ReturnType<TypeResolver>;
    }
    const type = typeOf(shared, guard, place, abstractType);
    if (verdicts === undefined) {
      return type as ReturnType<TypeResolver>;
    }
    const judge = (name: unknown): unknown =>
      judgeMember(shared, guard, name, verdicts, place, { path: info.path, isPlacedByExecutor: true });
    if (shared.observes) {
      const look = (name: unknown): void => watch(shared, () => judge(name));
      attempt(shared, () => (isPromise(type) ? watchPromise(shared, type, look) : look(type)));
      return type as ReturnType<TypeResolver>;
    }
    return chain(type, (name) =>
      chain(judge(name), (denied) => {
        if (denied !== undefined) {
          throw denied;
        }
        return name;
      }),
    ) as ReturnType<TypeResolver>;
  };
}

/**
 * Wraps the resolver of a field that returns objects of an abstract type with guarded members. Objects that the viewer
 * may not have are replaced where their place is known: their errors cost little, and as many as `errorLimit` allows are
 * listed. For a viewer who may have objects of every member the result is not touched.
 */
export function admitMembers(shared: GuardContext, guard: AbstractGuard, depth: number, resolve: Resolver): Resolver {
  const hasPolicies = [...guard.members.values()].some(({ requirements }) =>
    requirements.some(({ policies }) => policies.length > 0),
  );
  return (source, args, context, own: Info) => {
    const info = own ?? NO_INFO;
    // Apollo Server settles the cache policy of a field before the types of its objects are resolved.
    forbidSharedCaching(info);
    const given = hasPolicies ? argumentsForPolicies(args) : args;
    const result = resolve(source, args, context, info);
    const abstractType = getNamedType(info.returnType);
    if (shared.observes || result === null || result === undefined || !isAbstractType(abstractType)) {
      return result;
    }
    const verdicts = shared.requests.of(context, info);
    if (isEveryMemberAllowed(guard, verdicts)) {
      return result;
    }
    const admitted = new Map<unknown, unknown>();
    verdicts.admitted.set(info.path, admitted);
    verdicts.admitted.set(fieldKey(info.path), admitted);
    return mapObjects(result, depth, info.path, (object, path) => {
      const place = { object, args: given, context, info };
      return chain(typeOf(shared, guard, place, abstractType), (name) =>
        chain(judgeMember(shared, guard, name, verdicts, place, { path }), (denied) => {
          if (denied === undefined) {
            admitted.set(object, name);
            return object;
          }
          return denied;
        }),
      );
    });
  };
}

/**
 * Resolves the type of an object. In a pruned schema the complete schema still resolves it, so that an object of a hidden
 * type is denied like any other, instead of being a failure.
 */
function typeOf(
  shared: GuardContext,
  { resolveType }: AbstractGuard,
  { object, context, info }: TypedObject,
  abstractType: GraphQLAbstractType,
): unknown {
  const { schema } = shared.complete;
  const declared = info.schema === schema ? abstractType : schema.getType(abstractType.name);
  return searchType(shared, () =>
    isAbstractType(declared)
      ? resolveType(object, context, info.schema === schema ? info : { ...info, schema }, declared)
      : resolveType(object, context, info, abstractType),
  );
}

/** Returns the objects that were admitted to the field of a type resolver, with the names of their types. */
function admittedAt({ admitted }: RequestVerdicts, { path }: GraphQLResolveInfo): Map<unknown, unknown> | undefined {
  return admitted.size === 0 ? undefined : (admitted.get(path) ?? admitted.get(fieldKey(path)));
}

/** Returns the path of a field as text. graphql-jit builds paths again for type resolvers, with the index of the object. */
function fieldKey(path: GraphQLResolveInfo['path']): string {
  let field: GraphQLResolveInfo['path'] | undefined = path;
  while (typeof field?.key === 'number') {
    field = field.prev;
  }
  const keys: (string | number)[] = [];
  for (; field !== undefined; field = field.prev) {
    keys.push(field.key);
  }
  return keys.join('.');
}

function isEveryMemberAllowed({ members }: AbstractGuard, verdicts: RequestVerdicts): boolean {
  return [...members.values()].every((required) => verdicts.of(required) === 'allowed');
}

/**
 * Returns undefined if the viewer may have an object of this type; else what takes its place, an error or null.
 *
 * @throws TypeError if the type is not known, and the viewer may not read all fields of every member: executors differ in what
 *   they make of a type that is not a string, and reveal the object to the client
 */
function judgeMember(
  shared: GuardContext,
  guard: AbstractGuard,
  type: unknown,
  verdicts: RequestVerdicts,
  { object, args, context, info }: TypedObject,
  place: Omit<DeniedPlace, 'info'>,
): unknown {
  // graphql-jit also takes the type itself.
  const name: unknown = isObjectType(type) ? type.name : type;
  if (typeof name !== 'string') {
    if (mayReadAll(shared, guard.members.keys(), verdicts)) {
      return undefined;
    }
    const abstractType = getNamedType(info.returnType).name;
    throw new TypeError(
      `The abstract type ${abstractType} must resolve to an Object type at runtime; its type resolver returned no name of one`,
    );
  }
  const required = guard.members.get(name);
  if (required === undefined) {
    return undefined; // Not a member: the executor reports what is wrong with it.
  }
  const isHidden = info.schema.getType(name) === undefined;
  const verdict = isHidden ? 'denied' : verdicts.of(required);
  if (verdict === 'allowed') {
    return undefined;
  }
  const isDependent = verdict === 'own' || verdict === 'depends';
  const requirements = isDependent ? objectRequirements(required.requirements, verdicts) : required.requirements;
  const judged =
    isDependent &&
    shared.judgeObject(requirements, verdicts, {
      object,
      args: args ?? argumentsOf(info),
      context,
      info,
    });
  return chain(judged, (isAllowed) => {
    const coordinate = `${info.parentType.name}.${info.fieldName}`;
    return isAllowed ? undefined : deny(shared, verdicts, { coordinate, requirements }, { ...place, info });
  });
}

/** Returns the arguments of the field that is being resolved, for policies. */
function argumentsOf({ parentType, fieldName, fieldNodes, variableValues }: GraphQLResolveInfo): object {
  const field = parentType.getFields()[fieldName];
  const [node] = fieldNodes;
  return field === undefined || node === undefined ? {} : getArgumentValues(field, node, variableValues);
}
