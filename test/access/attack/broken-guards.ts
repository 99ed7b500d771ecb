import {
  defaultFieldResolver,
  GraphQLError,
  type GraphQLResolveInfo,
  isInterfaceType,
  isListType,
  isUnionType,
  Kind,
  visit,
} from 'graphql';
import type { Requirement, Policy } from '../../../src/access/index.ts';
import type { AttackContext } from '../../../src/testing/index.ts';
import {
  afterwards,
  type BrokenGuard,
  changed,
  guard,
  mapValues,
  restoringTypes,
  stripped,
  unguardedWhere,
  withArguments,
  withDoors,
  withoutAdds,
} from './breaking.ts';

function hasVariables(info: GraphQLResolveInfo): boolean {
  let found = false;
  info.fieldNodes.forEach((node) =>
    visit(node, { Argument: (argument) => void visit(argument, { Variable: () => void (found = true) }) }),
  );
  return found;
}

function selects(info: GraphQLResolveInfo, name: string): boolean {
  return info.operation.selectionSet.selections.some((node) => node.kind === Kind.FIELD && node.name.value === name);
}

/** Creates a check that an operation has a fragment on such a type. */
function isWithin(isSuch: (type: unknown) => boolean): (info: GraphQLResolveInfo) => boolean {
  return ({ operation, schema }) => {
    let found = false;
    visit(operation, {
      InlineFragment: ({ typeCondition }) => void (found ||= isSuch(schema.getType(typeCondition?.name.value ?? ''))),
    });
    return found;
  };
}

const isInterfaceDoor = ({ from }: Requirement, { schema }: Policy): boolean =>
  isInterfaceType(schema.getType(from.split('.')[0] ?? ''));
const verdicts = new Map<unknown, unknown>();

/** Guards that are broken on everything (see `schemas.ts`): what each forgets, and the guard. */
export const brokenGuards: Readonly<Record<string, BrokenGuard>> = {
  'no guard at all': (schema) => schema,
  'only the first of repeated directives': withDoors((requirements) => [
    ...new Map(requirements.toReversed().map((requirement) => [requirement.from, requirement])).values(),
  ]),
  'a rule of a field replaces that of its type': withDoors((requirements, { coordinate }) => {
    const own = requirements.filter(({ from }) => from === coordinate);
    return own.length > 0 ? own : requirements;
  }),
  'only what fields say themselves': withDoors((requirements, { coordinate }) =>
    requirements.filter(({ from }) => from.startsWith(coordinate)),
  ),
  'only what types say': withDoors((requirements) => requirements.filter(({ from }) => !from.includes('.'))),
  'guards on interfaces': withDoors((requirements, _rule, policy) =>
    requirements.filter((requirement) => !isInterfaceDoor(requirement, policy)),
  ),
  'any of the requirements will do': withDoors((requirements) => {
    const [first, ...rest] = requirements;
    const all = [first, ...rest].filter((requirement) => requirement !== undefined);
    return first && rest.length > 0
      ? [
          {
            ...first,
            roles: all.flatMap(({ roles }) => roles),
            permissions: all.flatMap(({ permissions }) => permissions),
          },
        ]
      : requirements;
  }),
  'all of the keys are needed': withDoors((requirements) =>
    requirements.flatMap((requirement) =>
      requirement.roles.length > 1
        ? requirement.roles.map((role) => ({ ...requirement, roles: [role] }))
        : [requirement],
    ),
  ),
  'permissions open nothing': withDoors((requirements) =>
    requirements.map((requirement) => ({ ...requirement, permissions: [] })),
  ),
  arguments: withoutAdds(({ kind }) => kind === 'argument'),
  'input fields': withoutAdds(({ kind }) => kind === 'inputField'),
  'enum values': withoutAdds(({ kind }) => kind === 'enumValue'),
  '@reads': withDoors((requirements, { coordinate }) =>
    requirements.filter(({ from }) => coordinate.startsWith(from) || !from.includes('.')),
  ),
  'the node of connections': withDoors((requirements, { coordinate }) =>
    coordinate.includes('Connection.') ? [] : requirements,
  ),
  'members of abstract types': (schema, { policy, viewer }) => {
    const rules = [...policy.rules].map(([name, rule]) => [name, { ...rule, members: [] }] as const);
    return guard(schema, { policy: { ...policy, rules: new Map(rules) }, viewer });
  },
  inheritance: changed(({ policy }) => ({
    policy: { ...policy, roles: new Map([...policy.roles.keys()].map((role) => [role, new Set([role])])) },
  })),
  'inheritance goes the other way': changed(({ policy }) => {
    const turned = [...policy.roles.keys()].map((role) => {
      const heirs = [...policy.roles].filter(([, held]) => held.has(role)).map(([heir]) => heir);
      return [role, new Set(heirs)] as const;
    });
    return { policy: { ...policy, roles: new Map(turned) } };
  }),
  'event sources': afterwards((guarded, plain) =>
    plain.subscribe ? { ...guarded, subscribe: plain.subscribe } : guarded,
  ),
  subscriptions: afterwards((guarded, plain, type) => (type === 'Subscription' ? plain : guarded)),
  mutations: afterwards((guarded, plain, type) => (type === 'Mutation' ? plain : guarded)),
  'all but root fields': afterwards((guarded, plain, type) =>
    /^(Query|Mutation|Subscription)$/.test(type) ? guarded : plain,
  ),
  'root fields': afterwards((guarded, plain, type) => (/^(Query|Mutation|Subscription)$/.test(type) ? plain : guarded)),
  'default resolvers': afterwards((guarded, plain) => (plain.resolve ? guarded : plain)),
  lists: afterwards((guarded, plain) => (isListType(plain.type) ? plain : guarded)),
  'interfaces by runtime type': restoringTypes(isInterfaceType),
  'unions by runtime type': restoringTypes(isUnionType),
  aliases: unguardedWhere(({ path, fieldName }) => path.key !== fieldName),
  'beside introspection': unguardedWhere((info) => selects(info, '__schema')),
  'beside __typename': unguardedWhere((info) => selects(info, '__typename')),
  'named operations': unguardedWhere(({ operation }) => operation.name !== undefined),
  '@include': unguardedWhere(({ fieldNodes }) =>
    fieldNodes.some(({ directives = [] }) => directives.some(({ name }) => name.value === 'include')),
  ),
  '@skip': unguardedWhere(({ fieldNodes }) =>
    fieldNodes.some(({ directives = [] }) => directives.some(({ name }) => name.value === 'skip')),
  ),
  'named fragments': unguardedWhere(({ fragments }) => Object.keys(fragments).length > 0),
  'inline fragments': unguardedWhere(({ operation }) =>
    operation.selectionSet.selections.some(({ kind }) => kind === Kind.INLINE_FRAGMENT),
  ),
  'fragments on interfaces': unguardedWhere(isWithin(isInterfaceType)),
  'fragments on unions': unguardedWhere(isWithin(isUnionType)),
  'fields that are selected twice': unguardedWhere(({ fieldNodes }) => fieldNodes.length > 1),
  'nested fields': unguardedWhere(({ path }) => path.prev !== undefined),
  'items of lists': unguardedWhere(({ path }) => typeof path.prev?.key === 'number'),
  'whatever uses variables': unguardedWhere(hasVariables),
  'whatever uses no variables': unguardedWhere((info, args) => Object.keys(args).length > 0 && !hasVariables(info)),
  null: stripped((value) => value === null),
  'lists within arguments': stripped((value) => Array.isArray(value)),
  'all but the first item of lists': withArguments(
    (args) => mapValues(args, (value) => (Array.isArray(value) ? value.slice(0, 1) : value)) as object,
  ),
  'what is nested in arguments': withArguments((args) =>
    Object.fromEntries(
      Object.entries(args).map(([name, value]: [string, unknown]) => [
        name,
        typeof value === 'object' && value !== null && !Array.isArray(value) ? {} : value,
      ]),
    ),
  ),
  'denies after the resolver was called': afterwards((guarded, plain) => ({
    ...guarded,
    resolve: (source, args, context, info) => {
      const value: unknown = (plain.resolve ?? defaultFieldResolver)(source, args, context, info);
      const { calls } = context as AttackContext;
      const { length } = calls;
      const checked: unknown = (guarded.resolve ?? defaultFieldResolver)(source, args, context, info);
      calls.length = length;
      return checked instanceof Error ? checked : value;
    },
  })),
  'denies without an error': afterwards((guarded) => ({
    ...guarded,
    resolve: (source, args, context, info) => {
      try {
        return (guarded.resolve ?? defaultFieldResolver)(source, args, context, info);
      } catch {
        return null;
      }
    },
  })),
  'answers everybody alike': afterwards((guarded) => ({
    ...guarded,
    resolve: (source, args, context, info) => {
      try {
        return (guarded.resolve ?? defaultFieldResolver)(source, args, context, info);
      } catch (error) {
        const coordinate = error instanceof GraphQLError ? error.extensions['coordinate'] : '';
        throw new GraphQLError('no', { extensions: { code: 'FORBIDDEN', coordinate } });
      }
    },
  })),
  'who asks now': (schema, { policy, viewer }) => {
    let first: ReturnType<typeof viewer> | null = null;
    return guard(schema, { policy, viewer: (context) => (first ??= viewer(context)) });
  },
  'who asks now, by field': afterwards((guarded, plain) => {
    let isOpen = false;
    return {
      ...guarded,
      resolve: (source, args, context, info) => {
        const resolve = (isOpen ? plain.resolve : guarded.resolve) ?? defaultFieldResolver;
        const value: unknown = resolve(source, args, context, info);
        isOpen = true;
        return value;
      },
    };
  }),
  'with which arguments, once it is decided': afterwards((guarded, plain) => ({
    ...guarded,
    resolve: (source, args, context, info) => {
      const isOpen = verdicts.get(info.variableValues) === `${info.parentType.name}.${info.fieldName}`;
      const resolve = (isOpen ? plain.resolve : guarded.resolve) ?? defaultFieldResolver;
      const value: unknown = resolve(source, args, context, info);
      verdicts.set(info.variableValues, `${info.parentType.name}.${info.fieldName}`);
      return value;
    },
  })),
  'that the viewer is anonymous': changed(({ viewer }) => ({
    viewer: (context) => ({ ...viewer(context), id: viewer(context).id ?? 'anybody' }),
  })),
  'that the viewer is signed in': changed(({ viewer }) => ({
    viewer: (context) =>
      [...viewer(context).roles].length > 0 ? viewer(context) : { id: null, roles: [], permissions: [] },
  })),
};

/** Guards that are broken where objects have owners. */
export const brokenOwnerGuards: Readonly<Record<string, BrokenGuard>> = {
  'everybody owns everything': changed(({ viewer }) => ({
    viewer: (context) => ({ ...viewer(context), id: viewer(context).id === null ? null : context.ownerId }),
  })),
  'no viewer owns anything': changed(({ viewer }) => ({
    viewer: (context) => ({ ...viewer(context), id: viewer(context).id === null ? null : 'never' }),
  })),
  'owner keys': withDoors((requirements) => requirements.filter(({ owners }) => owners.length === 0)),
  'that owners have a key': withDoors((requirements) =>
    requirements.map((requirement) => ({ ...requirement, owners: [], site: null })),
  ),
  'owners of what is returned': withDoors((requirements) => requirements.filter(({ site }) => site !== 'result')),
  'owners of the object itself': withDoors((requirements) => requirements.filter(({ site }) => site !== 'parent')),
};
