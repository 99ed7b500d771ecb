import { type GraphQLSchema, isInterfaceType, Kind, parse, type SelectionSetNode } from 'graphql';
import { type FieldsType, hasFields } from '../policy/connections.ts';
import type { Table } from '../policy/table.ts';
import { type AppliedDirective, appliedDirectives } from '../read/applied.ts';
import { schemaElements } from '../read/elements.ts';
import { isRecord } from '../values.ts';

/** The paths of fields within the objects of some types, by type. */
export type FieldPaths = ReadonlyMap<string, readonly (readonly string[])[]>;

/**
 * Returns the fields of each entity that name its owners and that only this subgraph knows: they are in no key, and not external. A
 * gateway never sends them in a representation; from a client they would choose the owner.
 */
export function ownersWithin(schema: GraphQLSchema, { rules, types }: Table): FieldPaths {
  const sent = pathsSent(schema);
  const found = new Map<string, readonly (readonly string[])[]>();
  for (const type of Object.values(schema.getTypeMap()).filter(hasFields)) {
    // A representation may name an interface; then the subgraph finds the type of its object.
    const kin = [type, ...type.getInterfaces(), ...(isInterfaceType(type) ? schema.getPossibleTypes(type) : [])];
    const names = new Set(kin.map(({ name }) => name));
    const requirements = kin.flatMap((one) => [
      ...(types.get(one.name) ?? []),
      ...Object.keys(one.getFields()).flatMap((field) => rules.get(`${one.name}.${field}`)?.requirements ?? []),
    ]);
    const owners = requirements.flatMap((one) => one.owners).filter((owner) => names.has(owner.type));
    const known = kin.flatMap(({ name }) => sent.get(name) ?? []);
    const own = owners.flatMap(({ path }) => {
      const unknown = unknownPart(path, known);
      return unknown === null ? [] : [unknown];
    });
    if (known.length > 0 && own.length > 0) {
      found.set(type.name, own);
    }
  }
  return found;
}

/** Returns the type that a representation names. Libraries look it up as a property: a list of one name is that name. */
export function typeNameOf(representation: unknown): string {
  const name = isRecord(representation) ? representation['__typename'] : undefined;
  return typeof name === 'string' || Array.isArray(name) ? String(name) : '';
}

/** Returns a representation without the owners that a client has sent: a resolver may take them over into the entity. */
export function withoutOwners(owners: FieldPaths, representation: unknown): unknown {
  const paths = owners.get(typeNameOf(representation)) ?? [];
  return paths.reduce(without, representation);
}

/** Returns a value without what a path leads to; the value itself if it leads to nothing. */
function without(value: unknown, [name = '', ...others]: readonly string[]): unknown {
  if (!isRecord(value) || !Object.hasOwn(value, name)) {
    return value;
  }
  const { [name]: removed, ...rest } = value;
  const kept = others.length === 0 ? undefined : without(removed, others);
  return kept === removed ? value : { ...rest, ...(others.length === 0 ? {} : { [name]: kept }) };
}

/** Returns the shortest beginning of a path that leads to nothing known; null if the path itself is known. */
function unknownPart(path: readonly string[], known: readonly string[]): readonly string[] | null {
  for (let length = 1; length <= path.length; length += 1) {
    const part = path.slice(0, length).join('.');
    if (known.includes(part)) {
      return null;
    }
    if (!known.some((one) => one.startsWith(`${part}.`))) {
      return path.slice(0, length);
    }
  }
  return null;
}

/** Returns the paths that a gateway may send in representations of each type: those of its keys, and external fields. */
function pathsSent(schema: GraphQLSchema): ReadonlyMap<string, readonly string[]> {
  const sent = new Map<string, string[]>();
  for (const element of schemaElements(schema)) {
    const [typeName = '', field] = element.coordinate.split('.');
    const type = schema.getType(typeName);
    for (const directive of hasFields(type) ? appliedDirectives(element) : []) {
      const fields = sentBy(directive, type as FieldsType, field);
      sent.set(typeName, [...(sent.get(typeName) ?? []), ...fields]);
    }
  }
  return sent;
}

function sentBy({ name, args }: AppliedDirective, type: FieldsType, field: string | undefined): readonly string[] {
  if (/^(federation__)?external$/.test(name)) {
    return field === undefined ? Object.keys(type.getFields()) : [field];
  }
  const keys = /^(federation__)?key$/.test(name) ? args?.get('fields') : null;
  return [keys ?? []].flat().flatMap((key) => (key !== null && 'text' in key ? pathsOfKey(key.text) : []));
}

/** Returns the paths of a key: `id` and `organization.id` of `id organization { id }`. */
function pathsOfKey(key: string): string[] {
  const [definition] = parse(`{ ${key} }`, { noLocation: true }).definitions;
  return definition?.kind === Kind.OPERATION_DEFINITION ? pathsIn(definition.selectionSet) : [];
}

function pathsIn({ selections }: SelectionSetNode): string[] {
  return selections.flatMap((node) => {
    if (node.kind !== Kind.FIELD) {
      return [];
    }
    const { name, selectionSet } = node;
    return selectionSet ? pathsIn(selectionSet).map((path) => `${name.value}.${path}`) : [name.value];
  });
}
