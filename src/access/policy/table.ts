import {
  getNamedType,
  type GraphQLField,
  type GraphQLNamedType,
  isAbstractType,
  isEnumType,
  isInputObjectType,
} from 'graphql';
import { ownTypes } from '../read/elements.ts';
import { type FieldsType, hasFields } from './connections.ts';
import { type Door, doorKey, judgedAt } from './doors.ts';
import { argumentDoors, fieldDoors, type Fold, inputDoors, sortDoors, typeDoors } from './fold.ts';
import { sortedBy } from './order.ts';

/** What must hold before a coordinate is reached. */
export interface Rule {
  /** `Type.field`, `Type.field(arg:)`, `Input.field` or `Enum.VALUE`. */
  readonly coordinate: string;
  readonly kind: 'field' | 'argument' | 'inputField' | 'enumValue';
  /** All of them must open. */
  readonly doors: readonly Door[];
  /** Those of them that are not the doors of what holds it: the parent type of a field, the field of an argument. */
  readonly adds: readonly Door[];
  /** What a field of an abstract type may return: the doors of at least one of these must open as well. */
  readonly members: readonly Member[];
}

/** A type that an abstract one stands for. */
export interface Member {
  readonly type: string;
  readonly doors: readonly Door[];
}

/** The whole of what a schema demands. */
export interface Table {
  /** Every field, argument, input field and enum value, sorted by coordinate. */
  readonly rules: ReadonlyMap<string, Rule>;
  /** The doors of every object and interface type, judged on the object returned; sorted by name. */
  readonly types: ReadonlyMap<string, readonly Door[]>;
}

/** Folds all marks of a schema into its table. Equal lists of doors are one and the same array. */
export function buildTable(fold: Fold): Table {
  const share = sharing();
  const composites = sortedBy(ownTypes(fold.schema).filter(hasFields), ({ name }) => name);
  const types = new Map(composites.map((type) => [type.name, share(typeDoors(fold, type))] as const));
  const rules = ownTypes(fold.schema).flatMap((type) => rulesOf(fold, type, types));
  const shared = rules.map(({ coordinate, kind, doors, adds, members }) => {
    return { coordinate, kind, doors: share(doors), adds: share(adds), members };
  });
  return {
    types,
    rules: new Map(sortedBy(shared, ({ coordinate }) => coordinate).map((rule) => [rule.coordinate, rule])),
  };
}

function rulesOf(fold: Fold, type: GraphQLNamedType, types: Table['types']): Rule[] {
  if (hasFields(type)) {
    return Object.values(type.getFields()).flatMap((field) => fieldRules(fold, type, field, types));
  }
  if (isInputObjectType(type)) {
    return Object.keys(type.getFields()).map((field) => inputRule(fold, `${type.name}.${field}`, 'inputField'));
  }
  const values = isEnumType(type) ? type.getValues() : [];
  return values.map(({ name }) => inputRule(fold, `${type.name}.${name}`, 'enumValue'));
}

function inputRule(fold: Fold, coordinate: string, kind: Rule['kind']): Rule {
  const doors = inputDoors(fold, coordinate);
  return { coordinate, kind, doors, adds: doors, members: NO_MEMBERS };
}

function fieldRules(
  fold: Fold,
  type: FieldsType,
  field: GraphQLField<unknown, unknown>,
  types: Table['types'],
): Rule[] {
  const coordinate = `${type.name}.${field.name}`;
  const doors = fieldDoors(fold, type, field.name);
  const parent = new Set(types.get(type.name)?.map((door) => doorKey(judgedAt(door, 'parent'))));
  const adds = parent.size === 0 ? doors : doors.filter((door) => !parent.has(doorKey(door)));
  const members = membersOf(fold, getNamedType(field.type), types);
  const rules: Rule[] = [{ coordinate, kind: 'field', doors, adds, members }];
  for (const { name } of field.args) {
    const added = argumentDoors(fold, type, field.name, name);
    const all = sortDoors([...doors, ...added]);
    rules.push({ coordinate: `${coordinate}(${name}:)`, kind: 'argument', doors: all, adds: added, members });
  }
  return rules;
}

/** What most fields have; one for all of them. */
const NO_MEMBERS: readonly Member[] = [];

/** What an abstract type, or the node of a connection of it, may turn out to be. */
function membersOf(fold: Fold, type: GraphQLNamedType, types: Table['types']): readonly Member[] {
  const role = fold.connections.get(type.name);
  const target = role?.kind === 'connection' ? role.node : type;
  const members = isAbstractType(target) ? fold.schema.getPossibleTypes(target) : [];
  return members.length === 0
    ? NO_MEMBERS
    : sortedBy(members, ({ name }) => name).map(({ name }) => ({ type: name, doors: types.get(name) ?? [] }));
}

/** Returns the first of equal arrays for all of them: ten thousand coordinates have few different sets of doors. */
function sharing(): (doors: readonly Door[]) => readonly Door[] {
  const arrays = new Map<string, readonly Door[]>();
  return (doors) => {
    const key = doors.map(doorKey).join('\n');
    const known = arrays.get(key) ?? doors;
    arrays.set(key, known);
    return known;
  };
}
