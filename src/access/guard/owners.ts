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
import type { Requirement, OwnerAlternative } from '../policy/requirements.ts';
import type { Table } from '../policy/table.ts';
import { chain, isPromise, type MaybePromise } from '../values.ts';

/** Decides which objects a viewer owns. */
export interface Ownership {
  /** Tells whether the viewer owns the object by the `owner` of every requirement; false if one of them has none. */
  owns(
    requirements: readonly Requirement[],
    viewerId: string | null,
    object: unknown,
    context: unknown,
    info: GraphQLResolveInfo,
  ): MaybePromise<boolean>;
}

/** Reads the id of an object's owner; null if it has none. */
type Reader = (object: unknown, context: unknown, info: GraphQLResolveInfo) => unknown;

/**
 * Collects the readers for all owner fields of a table. They call the resolvers of the schema before it is guarded, so
 * that a field which the viewer cannot see may name the owner.
 */
export function collectOwners(schema: GraphQLSchema, table: Table): Ownership {
  const readers = new Map<string, Reader>();
  for (const key of ownerAlternatives(table)) {
    const reader = ownerReader(schema, key);
    if (reader !== null) {
      readers.set(nameOf(key), reader);
    }
  }
  return {
    owns: (requirements, viewerId, object, context, info) => {
      const owners = requirements.map(({ owner }) => owner && readers.get(nameOf(owner))?.(object, context, info));
      return owners.some(isPromise)
        ? Promise.all(owners).then((settled) => isEvery(settled, viewerId))
        : isEvery(owners, viewerId);
    },
  };
}

function isEvery(owners: readonly unknown[], viewerId: string | null): boolean {
  return viewerId !== null && owners.every((owner) => owner === viewerId);
}

function* ownerAlternatives({ rules, types }: Table): Generator<OwnerAlternative> {
  const lists = [...types.values(), ...[...rules.values()].map(({ requirements }) => requirements)];
  for (const requirements of new Set(lists)) {
    for (const { owner } of requirements) {
      if (owner !== null) {
        yield owner;
      }
    }
  }
}

function nameOf({ type, field }: OwnerAlternative): string {
  return `${type}.${field}`;
}

function ownerReader(schema: GraphQLSchema, key: OwnerAlternative): Reader | null {
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

/** Returns the id as a client would see it, so that 7 and "7" name the same owner; null if there is none. */
function idText(value: unknown): string | null {
  if (value instanceof Error) {
    throw value;
  }
  return value === null || value === undefined ? null : GraphQLID.serialize(value);
}

/**
 * Returns a function that calls a field's resolver as an executor would for a query that selects the field below the
 * place where `info` is. It refers to the resolver only: a reference to the field would keep the unguarded schema
 * alive.
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
