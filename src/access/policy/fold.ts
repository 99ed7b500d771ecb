import { getNamedType, type GraphQLNamedType, type GraphQLSchema, isAbstractType, isInterfaceType } from 'graphql';
import type { MarkBook } from '../read/marks.ts';
import { type ConnectionRole, type FieldsType, hasFields } from './connections.ts';
import { type Door, doorKey, judgedAt, withoutOwner } from './doors.ts';
import { sortedBy } from './order.ts';

/** What doors are folded from. */
export interface Fold {
  readonly schema: GraphQLSchema;
  readonly marks: MarkBook;
  readonly connections: ReadonlyMap<string, ConnectionRole>;
  /** The doors of types that have been folded already. */
  readonly folded: Map<string, readonly Door[]>;
}

/** The doors of a type: its own, its interfaces', and for a connection or an edge those of the node. */
export function typeDoors(fold: Fold, type: GraphQLNamedType): readonly Door[] {
  const doors = fold.folded.get(type.name) ?? foldType(fold, type);
  fold.folded.set(type.name, doors);
  return doors;
}

function foldType(fold: Fold, type: GraphQLNamedType): Door[] {
  const chain = [type];
  for (const { name } of chain) {
    const node = fold.connections.get(name)?.node;
    if (node !== undefined && !chain.includes(node)) {
      chain.push(node);
    }
  }
  const [own = [], ...nodes] = chain.map((link) => ownTypeDoors(fold, link));
  return sortDoors([...own, ...nodes.flat().map((door) => judgedAt(door, 'rows'))]);
}

/** All doors of a field: its own, its interfaces', its type's, those of what it returns, and of what it reads. */
export function fieldDoors(fold: Fold, type: FieldsType, field: string): Door[] {
  const coordinates = inheritedFrom(type, field);
  const reads = coordinates.flatMap((coordinate) => fold.marks.get(coordinate)?.reads ?? []);
  return sortDoors([...plainFieldDoors(fold, type, field), ...readDoors(fold, reads)]);
}

/** The doors that supplying an argument adds to those of its field. */
export function argumentDoors(fold: Fold, type: FieldsType, field: string, argument: string): Door[] {
  const coordinates = inheritedFrom(type, field).map((coordinate) => `${coordinate}(${argument}:)`);
  return sortDoors(coordinates.flatMap((coordinate) => inputDoors(fold, coordinate)));
}

/** The doors of an input field or an enum value. */
export function inputDoors(fold: Fold, coordinate: string): Door[] {
  const reads = fold.marks.get(coordinate)?.reads ?? [];
  return sortDoors([...demandedAt(fold, coordinate, ''), ...readDoors(fold, reads)]);
}

/** The doors of whatever a connection counts: nothing but a role or a permission opens them. */
function countDoors(fold: Fold, node: GraphQLNamedType): Door[] {
  const members = isAbstractType(node) ? fold.schema.getPossibleTypes(node) : [];
  return [node, ...members].flatMap((type) => typeDoors(fold, type)).map(withoutOwner);
}

function ownTypeDoors(fold: Fold, type: GraphQLNamedType): Door[] {
  const interfaces = hasFields(type) ? type.getInterfaces() : [];
  return [type, ...interfaces].flatMap(({ name }) => demandedAt(fold, name, type.name));
}

function plainFieldDoors(fold: Fold, type: FieldsType, field: string): Door[] {
  const returned = type.getFields()[field];
  const own = inheritedFrom(type, field).flatMap((coordinate) => demandedAt(fold, coordinate, type.name));
  const result = returned === undefined ? [] : typeDoors(fold, getNamedType(returned.type));
  const role = fold.connections.get(type.name);
  return [
    ...own.map((door) => judgedAt(door, 'parent')),
    ...typeDoors(fold, type).map((door) => judgedAt(door, 'parent')),
    ...result.map((door) => judgedAt(door, 'result')),
    ...(role?.kind === 'connection' && field === 'totalCount' ? countDoors(fold, role.node) : []),
  ];
}

/**
 * The doors of everything that the named fields reveal: of an interface's field also those of its implementers, and of
 * what these fields read in turn. Ownership opens none of them, since no object is at hand.
 */
function readDoors(fold: Fold, coordinates: readonly string[]): Door[] {
  const revealed = new Set(coordinates);
  const doors: Door[] = [];
  for (const coordinate of revealed) {
    const [typeName = '', field = ''] = coordinate.split('.');
    const type = fold.schema.getType(typeName);
    if (hasFields(type)) {
      doors.push(...plainFieldDoors(fold, type, field).map(withoutOwner));
      const implementers = isInterfaceType(type) ? fold.schema.getPossibleTypes(type) : [];
      const further = inheritedFrom(type, field).flatMap((from) => fold.marks.get(from)?.reads ?? []);
      for (const next of [...implementers.map(({ name }) => `${name}.${field}`), ...further]) {
        revealed.add(next);
      }
    }
  }
  return doors;
}

function demandedAt(fold: Fold, coordinate: string, type: string): Door[] {
  const demands = fold.marks.get(coordinate)?.demands ?? [];
  return demands.map(({ roles, permissions, owner, signedIn }) => ({
    roles,
    permissions,
    owner: owner === null ? null : { type, field: owner, site: 'result' },
    signedIn,
    from: coordinate,
  }));
}

/** The coordinates at which a type and its interfaces may define the field; at others there are no marks. */
function inheritedFrom(type: FieldsType, field: string): string[] {
  return [type, ...type.getInterfaces()].map(({ name }) => `${name}.${field}`);
}

/** Each door once, in an order that does not depend on where it was found. */
export function sortDoors(doors: readonly Door[]): Door[] {
  return sortedBy(new Map(doors.map((door) => [doorKey(door), door])).values(), doorKey);
}
