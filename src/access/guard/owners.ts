import {
  defaultFieldResolver,
  type FieldNode,
  getNullableType,
  type GraphQLField,
  GraphQLID,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  isObjectType,
  Kind,
} from 'graphql';
import type { Door, OwnerKey } from '../policy/doors.ts';
import type { Table } from '../policy/table.ts';
import { chain, isPromise, type MaybePromise } from './promises.ts';

/** Whose an object is. */
export interface OwnerBook {
  /** Whether the viewer owns the object by the owner key of every door. Doors without one are never owned. */
  owns(
    doors: readonly Door[],
    viewerId: string | null,
    object: unknown,
    context: unknown,
    info: GraphQLResolveInfo,
  ): MaybePromise<boolean>;
}

/** Reads something of an object; text, or null if it says nothing. */
type Reader = (object: unknown, context: unknown, info: GraphQLResolveInfo) => unknown;

/**
 * Collects how the owners that a table names are read: through the resolvers of the schema as it is before it is
 * guarded, so that an owner may be judged by a field which the viewer cannot see.
 */
export function collectOwners(schema: GraphQLSchema, table: Table): OwnerBook {
  const readers = new Map<string, Reader>();
  for (const key of ownerKeys(table)) {
    const reader = ownerReader(schema, key);
    if (reader !== null) {
      readers.set(nameOf(key), reader);
    }
  }
  return {
    owns: (doors, viewerId, object, context, info) => {
      const owners = doors.map(({ owner }) => owner && readers.get(nameOf(owner))?.(object, context, info));
      return owners.some(isPromise)
        ? Promise.all(owners).then((settled) => isEvery(settled, viewerId))
        : isEvery(owners, viewerId);
    },
  };
}

function isEvery(owners: readonly unknown[], viewerId: string | null): boolean {
  return viewerId !== null && owners.every((owner) => owner === viewerId);
}

function* ownerKeys({ rules, types }: Table): Generator<OwnerKey> {
  const lists = [...types.values(), ...[...rules.values()].map(({ doors }) => doors)];
  for (const doors of new Set(lists)) {
    for (const { owner } of doors) {
      if (owner !== null) {
        yield owner;
      }
    }
  }
}

function nameOf({ type, field }: OwnerKey): string {
  return `${type}.${field}`;
}

function ownerReader(schema: GraphQLSchema, key: OwnerKey): Reader | null {
  const field = fieldOf(schema, key.type, key.field);
  const type = field && getNullableType(field.type);
  const id = isObjectType(type) ? fieldOf(schema, type.name, 'id') : null;
  if (field === null) {
    return null;
  }
  const readOwner = fieldReader(key.type, field);
  if (!isObjectType(type) || id === null) {
    return (object, context, info) => chain(readOwner(object, context, info), idText);
  }
  const readId = fieldReader(type.name, id);
  return (object, context, info) =>
    chain(readOwner(object, context, info), (owner) =>
      owner === null || owner === undefined ? null : chain(readId(owner, context, info), idText),
    );
}

function fieldOf(schema: GraphQLSchema, typeName: string, field: string): GraphQLField<unknown, unknown> | null {
  const type = schema.getType(typeName);
  return isObjectType(type) ? (type.getFields()[field] ?? null) : null;
}

/** The id as a client would see it, so that 7 and "7" name the same owner. Null if there is none. */
function idText(value: unknown): string | null {
  if (value instanceof Error) {
    throw value;
  }
  return value === null || value === undefined ? null : GraphQLID.serialize(value);
}

/**
 * Calls a field's resolver as an executor would for a query that selects the field below where `info` is. It holds on to
 * the resolver only: with the field it would keep the unguarded schema alive.
 */
function fieldReader(typeName: string, field: GraphQLField<unknown, unknown>): Reader {
  const { name, resolve = defaultFieldResolver } = field;
  const defaults = field.args.filter(({ defaultValue }) => defaultValue !== undefined);
  const args = Object.fromEntries(defaults.map((argument) => [argument.name, argument.defaultValue]));
  const node: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: name } };
  return (object, context, info) => {
    const type = info.schema.getType(typeName);
    const parentType = isObjectType(type) ? type : info.parentType;
    return resolve(object, { ...args }, context, {
      ...info,
      fieldName: name,
      fieldNodes: [node],
      returnType: parentType.getFields()[name]?.type ?? info.returnType,
      parentType,
      path: { prev: info.path, key: name, typename: typeName },
    });
  };
}
