import {
  defaultFieldResolver,
  type FieldNode,
  getNullableType,
  type GraphQLField,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  isObjectType,
  isScalarType,
  isSpecifiedScalarType,
  Kind,
} from 'graphql';
import { defaultOf, hasDefault } from '../defaults.ts';
import { PolicyError } from '../policy/policy-error.ts';
import { type OwnerAlternative, ownerKey } from '../policy/requirements.ts';
import type { Table } from '../policy/table.ts';
import { chain, errorOf, isPromise, isRecord, type MaybePromise } from '../values.ts';

/** Reads the ids of the owners of objects. */
export interface Owners {
  /** Returns the id of the owner as a client would see it; null if the object has none. */
  idOf(
    owner: OwnerAlternative,
    object: unknown,
    context: unknown,
    info: GraphQLResolveInfo,
  ): MaybePromise<string | null>;
}

type Reader = (object: unknown, context: unknown, info: GraphQLResolveInfo) => MaybePromise<string | null>;

/**
 * Collects the readers for all owner fields of a table. They call the resolvers of the schema before it is guarded, so
 * that a field which the viewer cannot see may name the owner.
 *
 * @throws PolicyError if an owner is read by response key, as objects of a stitched schema are: an alias would choose it
 */
export function collectOwners(schema: GraphQLSchema, table: Table): Owners {
  const readers = new Map<string, Reader>();
  const byOwner = new Map<OwnerAlternative, Reader>();
  for (const owner of ownerAlternatives(table)) {
    const reader = readers.get(ownerKey(owner)) ?? ownerReader(schema, owner);
    readers.set(ownerKey(owner), reader);
    byOwner.set(owner, reader);
  }
  return {
    idOf: (owner, object, context, info) => {
      const reader = byOwner.get(owner) ?? readers.get(ownerKey(owner));
      return reader?.(object, context, info) ?? null;
    },
  };
}

function* ownerAlternatives({ rules, types }: Table): Generator<OwnerAlternative> {
  const lists = [...types.values(), ...[...rules.values()].map(({ requirements }) => requirements)];
  for (const requirements of new Set(lists)) {
    for (const { owners } of requirements) {
      yield* owners;
    }
  }
}

function ownerReader(schema: GraphQLSchema, { type: typeName, path }: OwnerAlternative): Reader {
  const place = `${typeName}.${path.join('.')}`;
  const steps: ((object: unknown, context: unknown, info: GraphQLResolveInfo) => unknown)[] = [];
  let returned: GraphQLOutputType | null = null;
  let parent: string | null = typeName;
  for (const name of [...path, 'id']) {
    const field: GraphQLField<unknown, unknown> | null = parent === null ? null : fieldOf(schema, parent, name);
    if (parent === null || field === null) {
      break;
    }
    steps.push(fieldReader(parent, field));
    returned = getNullableType(field.type);
    parent = isObjectType(returned) ? returned.name : null;
  }
  const toText = idReader(place, returned);
  const read = (
    object: unknown,
    context: unknown,
    info: GraphQLResolveInfo,
    from: number,
  ): MaybePromise<string | null> => {
    let value = object;
    for (let index = from; value !== null && value !== undefined && index < steps.length; index += 1) {
      if (isPromise(value)) {
        return chain(value, (settled) => read(settled, context, info, index));
      }
      value = steps[index]?.(value, context, info);
    }
    return isPromise(value) ? chain(value, toText) : toText(value);
  };
  const fail = (thrown: unknown): never => {
    throw errorOf(thrown, `The owner field ${place} cannot be read: its resolver threw something that is not an error`);
  };
  return (object, context, info) => {
    try {
      const id = read(object, context, info, 0);
      return isPromise(id) ? id.then(undefined, fail) : id;
    } catch (thrown) {
      return fail(thrown);
    }
  };
}

function fieldOf(schema: GraphQLSchema, typeName: string, field: string): GraphQLField<unknown, unknown> | null {
  const type = schema.getType(typeName);
  return isObjectType(type) ? (type.getFields()[field] ?? null) : null;
}

/**
 * Returns a function that converts an id to the text that a client would see, so that 7 and "7" name the same owner.
 * A value that is not an id is a failure, whose message does not contain the value: a populated document may hold secrets.
 */
function idReader(place: string, type: GraphQLOutputType | null): (value: unknown) => string | null {
  const custom = isScalarType(type) && !isSpecifiedScalarType(type) ? type : null;
  return (value) => {
    if (typeof value === 'string' || value === null || value === undefined) {
      return value ?? null;
    }
    if (value instanceof Error) {
      throw value;
    }
    const text =
      attempted(idText, value) ?? (custom && attempted(idText, attempted(custom.serialize.bind(custom), value)));
    if (text === null) {
      throw new TypeError(`The owner field ${place} holds a value that is not an id`);
    }
    return text;
  };
}

/** Converts a value; null if that fails: the error might have the value in it. */
function attempted<Result>(convert: (value: unknown) => Result, value: unknown): Result | null {
  try {
    return convert(value);
  } catch {
    return null;
  }
}

/**
 * Returns the text of an id: a string, a number, a bigint, or an object that stands for one (ObjectId, UUID, Decimal). Bytes have no
 * text of their own: decoded as UTF-8, different ones are equal.
 */
function idText(value: unknown): string | null {
  if (typeof value === 'string') {
    return value;
  }
  if (typeof value === 'bigint' || Number.isFinite(value)) {
    return String(value);
  }
  if (!isRecord(value) || Array.isArray(value) || value instanceof Date || ArrayBuffer.isView(value)) {
    return null;
  }
  for (const method of ['toHexString', 'valueOf', 'toJSON', 'toString']) {
    const convert: unknown = value[method];
    if (typeof convert === 'function' && convert !== Reflect.get(Object.prototype, method)) {
      const primitive: unknown = convert.call(value);
      if (typeof primitive === 'string' || typeof primitive === 'number' || typeof primitive === 'bigint') {
        return String(primitive);
      }
    }
  }
  return null;
}

/** The symbols by which graphql-tools knows objects that come from another schema. */
const [ERRORS, SUBSCHEMA, SUBSCHEMAS] = ['subschemaErrors', 'initialSubschema', 'subschemaMap'].map(Symbol.for) as [
  symbol,
  symbol,
  symbol,
];

/**
 * Refuses to judge an object of a stitched schema: its properties are keyed by the aliases of the client.
 *
 * @throws TypeError if the object comes from another schema
 */
export function requireOwnObject(object: unknown, what: string): void {
  if (isRecord(object) && (ERRORS in object || SUBSCHEMA in object || SUBSCHEMAS in object)) {
    throw new TypeError(
      `${what} cannot be read: the object comes from another schema and is keyed by alias; guard the subschema instead`,
    );
  }
}

/** The resolvers of graphql-tools that read a property by its response key: an alias of the client. */
const READS_RESPONSE_KEY = new Set(['defaultMergedResolver']);

/**
 * Returns a function that calls a field's resolver as an executor would for a query that selects the field below the
 * place where `info` is. It refers to the resolver only: a reference to the field would keep the unguarded schema alive.
 */
function fieldReader(typeName: string, field: GraphQLField<unknown, unknown>): Reader {
  const { name, resolve = defaultFieldResolver } = field;
  if (READS_RESPONSE_KEY.has(resolve.name)) {
    const message = 'is an owner and read by response key, so an alias would choose it; guard the subschema instead';
    throw new PolicyError([{ coordinate: `${typeName}.${name}`, message }]);
  }
  const args = Object.fromEntries(field.args.filter(hasDefault).map((one) => [one.name, defaultOf(one)]));
  const what = `The owner field ${typeName}.${name}`;
  const node: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: name } };
  return (object, context, info) => {
    requireOwnObject(object, what);
    if (resolve === defaultFieldResolver && isRecord(object) && typeof object[name] !== 'function') {
      return object[name] as MaybePromise<string | null>;
    }
    const type = info.schema.getType(typeName);
    const parentType = isObjectType(type) ? type : info.parentType;
    return resolve(object, { ...args }, context, {
      ...info,
      fieldName: name,
      fieldNodes: [node],
      returnType: parentType.getFields()[name]?.type ?? info.returnType,
      parentType,
      path: { prev: info.path, key: name, typename: typeName },
    }) as MaybePromise<string | null>;
  };
}
