import { mapSchema, MapperKind } from '@graphql-tools/utils';
import {
  defaultFieldResolver,
  type GraphQLFieldConfig,
  type GraphQLFieldResolver,
  type GraphQLResolveInfo,
  GraphQLInterfaceType,
  type GraphQLSchema,
  GraphQLUnionType,
  isInterfaceType,
  isObjectType,
  isUnionType,
} from 'graphql';
import { type Requirement, guardSchema, type Policy, type Rule } from '../../../src/access/index.ts';
import type { AttackContext, GuardUnderAttack } from '../../../src/testing/index.ts';

/** A guard that forgets something, as others have. */
export type BrokenGuard = (schema: GraphQLSchema, options: GuardUnderAttack) => GraphQLSchema;

type Resolver = GraphQLFieldResolver<unknown, unknown>;

export const guard: BrokenGuard = (schema, options) => guardSchema<AttackContext>(schema, options);

/** Guards by a table in which every list of requirements is changed. */
export function withDoors(
  change: (requirements: readonly Requirement[], rule: Rule, policy: Policy) => readonly Requirement[],
): BrokenGuard {
  return (schema, { policy, viewer }) => {
    const rules = new Map(
      [...policy.rules].map(([coordinate, rule]) => {
        const [requirements, adds] = [change(rule.requirements, rule, policy), change(rule.adds, rule, policy)];
        return [coordinate, { ...rule, requirements, adds }] as const;
      }),
    );
    return guard(schema, { policy: { ...policy, rules }, viewer });
  };
}

/** Guards by a table without what some coordinates add to what holds them. */
export function withoutAdds(isForgotten: (rule: Rule) => boolean): BrokenGuard {
  return (schema, { policy, viewer }) => {
    const rules = [...policy.rules].map(
      ([name, rule]) => [name, isForgotten(rule) ? { ...rule, adds: [] } : rule] as const,
    );
    return guard(schema, { policy: { ...policy, rules: new Map(rules) }, viewer });
  };
}

export function changed(change: (options: GuardUnderAttack) => Partial<GuardUnderAttack>): BrokenGuard {
  return (schema, options) => guard(schema, { ...options, ...change(options) });
}

export type FieldConfig = GraphQLFieldConfig<unknown, unknown>;

/** Guards properly, then makes something of each field. */
export function afterwards(
  change: (guarded: FieldConfig, plain: FieldConfig, type: string, schema: GraphQLSchema) => FieldConfig,
): BrokenGuard {
  return (schema, options) => {
    const plain = (typeName: string, field: string): FieldConfig | undefined => {
      const type = schema.getType(typeName);
      return isObjectType(type) ? type.toConfig().fields[field] : undefined;
    };
    const guarded = guard(schema, options);
    return mapSchema(guarded, {
      [MapperKind.OBJECT_FIELD]: (config, name, type) => {
        const before = plain(type, name);
        return before === undefined ? config : change(config, before, type, schema);
      },
    });
  };
}

/** Guards properly, but calls a field's resolver without its guard where something holds. */
export function unguardedWhere(holds: (info: GraphQLResolveInfo, args: object) => boolean): BrokenGuard {
  return afterwards((guarded, plain) => ({
    ...guarded,
    resolve: (source, args, context, info) =>
      (holds(info, args) ? (plain.resolve ?? defaultFieldResolver) : (guarded.resolve ?? defaultFieldResolver))(
        source,
        args,
        context,
        info,
      ),
  }));
}

/** Guards properly, but shows the guard other arguments than the resolver gets. */
export function withArguments(change: (args: object) => object): BrokenGuard {
  return afterwards((guarded, plain) => {
    const check = guarded.resolve ?? defaultFieldResolver;
    const resolve: Resolver = (source, args, context, info) => {
      const seen = change(args as object);
      const answer = check(source, seen, context, info);
      return answer instanceof Error ? answer : (plain.resolve ?? defaultFieldResolver)(source, args, context, info);
    };
    return guarded.args && Object.keys(guarded.args).length > 0 ? { ...guarded, resolve } : guarded;
  });
}

export function mapValues(value: unknown, map: (value: unknown) => unknown): unknown {
  const mapped = map(value);
  if (Array.isArray(mapped)) {
    return mapped.map((item: unknown) => mapValues(item, map));
  }
  return typeof mapped === 'object' && mapped !== null
    ? Object.fromEntries(
        Object.entries(mapped)
          .map(([key, item]) => [key, mapValues(item, map)])
          .filter(([, item]) => item !== GONE),
      )
    : mapped;
}

const GONE = Symbol('gone');

export const stripped = (isGone: (value: unknown) => boolean): BrokenGuard =>
  withArguments((args) => mapValues(args, (value) => (isGone(value) ? GONE : value)) as object);

export function restoringTypes(isRestored: (type: unknown) => boolean): BrokenGuard {
  return (schema, { policy, viewer }) => {
    // Fields judge the types of their objects as well, unless every member may be had.
    const rules = [...policy.rules].map(([name, rule]) => {
      const isOpen = rule.members.some(({ requirements }) => requirements.length === 0);
      return [name, isOpen ? { ...rule, members: [] } : rule] as const;
    });
    return mapSchema(guard(schema, { policy: { ...policy, rules: new Map(rules) }, viewer }), {
      [MapperKind.ABSTRACT_TYPE]: (type) => {
        const plain = schema.getType(type.name);
        const resolveType = isInterfaceType(plain) || isUnionType(plain) ? plain.resolveType : undefined;
        if (!isRestored(type)) {
          return type;
        }
        return isInterfaceType(type)
          ? new GraphQLInterfaceType({ ...type.toConfig(), resolveType })
          : new GraphQLUnionType({ ...type.toConfig(), resolveType });
      },
    });
  };
}
