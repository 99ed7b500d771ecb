import { mapSchema, MapperKind } from '@graphql-tools/utils';
import {
  type GraphQLFieldConfig,
  GraphQLID,
  type GraphQLLeafType,
  GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  GraphQLScalarType,
  GraphQLSchema,
  GraphQLInterfaceType,
  GraphQLUnionType,
  isAbstractType,
  isEnumType,
  isInterfaceType,
  isListType,
  isLeafType,
  isNonNullType,
  isObjectType,
  isSpecifiedScalarType,
  responsePathAsArray,
  valueFromASTUntyped,
} from 'graphql';
import type { AccessViewer } from '../access/index.ts';

/** The context of one attack. */
export interface MockContext {
  readonly viewer: AccessViewer;
  /** The value of every field of type `ID`: the owner of all objects. */
  readonly ownerId: string;
  /** The object type that an abstract value turns out to have, by the response keys that lead to it. */
  readonly returns: ReadonlyMap<string, string>;
  /** Every resolver that was called, and every event source that was opened, in order. */
  readonly calls: Call[];
}

export interface Call {
  /** `Type.field`, or `subscribe Type.field`. */
  readonly what: string;
  /** The response keys that lead there. */
  readonly keys: string;
}

/** The source of data: resolvers, or methods of the parent objects, which the default resolver of graphql-js calls. */
export type DataSource = 'resolvers' | 'methods';

/** A schema of recorders, without any data or code of the original. */
export interface MockSchema {
  readonly dataSource: DataSource;
  readonly schema: GraphQLSchema;
  /** Returns the root value for an operation on the type. */
  rootValue(type: string): object;
}

type FieldConfig = GraphQLFieldConfig<unknown, unknown>;
type Produce = (info: GraphQLResolveInfo, context: MockContext) => unknown;
type Method = (args: unknown, context: MockContext, info: GraphQLResolveInfo) => unknown;

/**
 * Copies a schema. Recorders replace every resolver, event source and type resolver; custom scalars pass every value
 * on.
 */
export function createMockSchema(source: GraphQLSchema, dataSource: DataSource): MockSchema {
  const subscription = source.getSubscriptionType()?.name ?? null;
  const prototypes = new Map<string, object>();
  const newObject = (type: string): object => Object.create(prototypes.get(type) ?? null) as object;
  const produce = (field: FieldConfig): Produce => producer(source, field.type, newObject);
  const mapped = mapSchema(new GraphQLSchema({ ...source.toConfig(), extensions: {} }), {
    [MapperKind.OBJECT_TYPE]: (type) => new GraphQLObjectType({ ...type.toConfig(), isTypeOf: undefined }),
    [MapperKind.OBJECT_FIELD]: (config, name, type) =>
      dataSource === 'methods' && canBeMethod(name)
        ? withoutCode(config)
        : withRecorders(config, `${type}.${name}`, type === subscription, produce(config)),
    [MapperKind.ABSTRACT_TYPE]: (type) => {
      const resolveType = dataSource === 'methods' ? undefined : typeNameOf;
      return isInterfaceType(type)
        ? new GraphQLInterfaceType({ ...type.toConfig(), resolveType })
        : new GraphQLUnionType({ ...type.toConfig(), resolveType });
    },
    [MapperKind.SCALAR_TYPE]: (type) => (isSpecifiedScalarType(type) ? type : permissive(type)),
  });
  for (const type of Object.values(source.getTypeMap()).filter(isObjectType)) {
    const fields = Object.values(type.getFields()).filter(({ name }) => canBeMethod(name));
    const methods = fields.map(
      (field) => [field.name, methodFor(`${type.name}.${field.name}`, produce(fieldConfig(field.type)))] as const,
    );
    prototypes.set(type.name, prototypeOf(type.name, dataSource === 'methods' ? methods : []));
  }
  return { dataSource, schema: mapped, rootValue: (type) => rootValue(type, subscription, source, newObject) };
}

/** Tells whether an object may have a method of this name: with a method `then` it would be a promise. */
function canBeMethod(name: string): boolean {
  return name !== 'then';
}

function withRecorders(
  config: FieldConfig,
  coordinate: string,
  isSubscription: boolean,
  produce: Produce,
): FieldConfig {
  const record = methodFor(coordinate, produce);
  const open = sourceFor(coordinate, () => ({}));
  return {
    ...withoutCode(config),
    resolve: (_source, args, context, info) => record(args, context as MockContext, info),
    ...(isSubscription
      ? { subscribe: (_source, args, context, info) => open(args, context as MockContext, info) }
      : {}),
  };
}

function withoutCode({ resolve: _resolve, subscribe: _subscribe, ...config }: FieldConfig): FieldConfig {
  return config;
}

/** Creates a method that records its call, unless the guard calls it to read an owner. */
function methodFor(coordinate: string, produce: Produce): Method {
  return (_args, context, info) => {
    if (info.fieldNodes[0]?.loc !== undefined) {
      context.calls.push({ what: coordinate, keys: keysOf(info.path) });
    }
    return produce(info, context);
  };
}

/** Creates an event source that yields one event. */
function sourceFor(coordinate: string, event: () => object): Method {
  return (_args, context, info) => {
    context.calls.push({ what: `subscribe ${coordinate}`, keys: keysOf(info.path) });
    return once(event());
  };
}

async function* once(event: object): AsyncGenerator<object> {
  yield event;
}

function rootValue(
  type: string,
  subscription: string | null,
  source: GraphQLSchema,
  newObject: (type: string) => object,
): object {
  if (type !== subscription) {
    return newObject(type);
  }
  const fields = Object.keys(source.getSubscriptionType()?.getFields() ?? {});
  const sources = fields.map((name) => [name, sourceFor(`${type}.${name}`, () => newObject(type))] as const);
  return prototypeOf(type, sources);
}

function prototypeOf(typeName: string, methods: readonly (readonly [string, Method])[]): object {
  const entries = [['__typename', typeName], ...methods] as const;
  return Object.defineProperties(
    Object.create(null) as object,
    Object.fromEntries(entries.map(([name, value]) => [name, { value, enumerable: true }])),
  );
}

/** Produces a value of the type: lists of one, objects of the type that the context names. */
function producer(schema: GraphQLSchema, type: GraphQLOutputType, newObject: (type: string) => object): Produce {
  if (isNonNullType(type)) {
    return producer(schema, type.ofType, newObject);
  }
  if (isListType(type)) {
    const produce = producer(schema, type.ofType, newObject);
    return (info, context) => [produce(info, context)];
  }
  if (isLeafType(type)) {
    return (_info, { ownerId }) => leaf(type, ownerId);
  }
  const first = isAbstractType(type) ? schema.getPossibleTypes(type)[0]?.name : type.name;
  return ({ path }, { returns }) => newObject(returns.get(keysOf(path)) ?? first ?? '');
}

/** Returns the response keys of a path, without the indexes of lists. */
function keysOf(path: GraphQLResolveInfo['path']): string {
  return responsePathAsArray(path)
    .filter((key) => typeof key === 'string')
    .join('.');
}

function leaf(type: GraphQLLeafType, ownerId: string): unknown {
  if (type === GraphQLID || type.name === 'ID') {
    return ownerId;
  }
  if (isEnumType(type)) {
    return type.getValues()[0]?.value;
  }
  const samples: Readonly<Record<string, unknown>> = { Int: 1, Float: 1.5, Boolean: true };
  return samples[type.name] ?? 'text';
}

function permissive(type: GraphQLScalarType): GraphQLScalarType {
  return new GraphQLScalarType({
    ...type.toConfig(),
    serialize: (value) => value,
    parseValue: (value) => value,
    parseLiteral: (node, variables) => valueFromASTUntyped(node, variables),
  });
}

function typeNameOf(value: unknown): string | undefined {
  const typename: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, '__typename') : undefined;
  return typeof typename === 'string' ? typename : undefined;
}

function fieldConfig(type: GraphQLOutputType): FieldConfig {
  return { type };
}
