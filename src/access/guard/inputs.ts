import { getNamedType, type GraphQLArgument, type GraphQLNamedType, isEnumType, isInputObjectType } from 'graphql';
import { type Door, remainingDoors } from '../policy/doors.ts';
import type { ReadTable } from '../policy/field-checks.ts';
import { guardedInputs } from '../policy/inputs.ts';
import type { GateBook } from './gates.ts';
import type { NumberedGate, RequestVerdicts } from './requests.ts';

/** Something that may be supplied: it stands behind a gate of its own, or holds something that does, or both. */
export interface GuardedInput {
  readonly name: string;
  readonly coordinate: string;
  readonly gate: NumberedGate | null;
  readonly doors: readonly Door[];
  /** The input type to look into, if anything inside it is guarded. */
  readonly type: string | null;
}

/** What is guarded inside an input type: fields of an object, or values of an enum, by how resolvers see them. */
interface GuardedType {
  readonly fields: readonly GuardedInput[];
  readonly values: ReadonlyMap<unknown, readonly GuardedInput[]>;
}

export type GuardedTypes = ReadonlyMap<string, GuardedType>;

/** What most fields have; one for all of them. */
const NO_INPUTS: readonly GuardedInput[] = [];

/** The input types that hold anything guarded, at any depth. */
export function collectInputTypes(table: ReadTable, gates: GateBook): GuardedTypes {
  const names = new Set(guardedInputs(table.schema, table).keys());
  return new Map([...names].map((name) => [name, guardedType(table, gates, names, table.schema.getType(name))]));
}

/** The guarded arguments of a field, for a viewer who has passed the field's own doors. */
export function guardedArguments(
  table: ReadTable,
  gates: GateBook,
  types: GuardedTypes,
  coordinate: string,
  args: readonly Pick<GraphQLArgument, 'name' | 'type'>[],
  passed: readonly Door[],
): readonly GuardedInput[] {
  const names = new Set(types.keys());
  const inputs = args
    .map(({ name, type }) => {
      const doors = remainingDoors(addedAt(table, `${coordinate}(${name}:)`), passed, table.roles);
      return guardedInput(gates, names, `${coordinate}(${name}:)`, name, doors, getNamedType(type));
    })
    .filter(isGuarded);
  return inputs.length === 0 ? NO_INPUTS : inputs;
}

/**
 * The first guarded input that was supplied and is closed to the viewer, or null.
 *
 * Coerced values hold whatever was supplied, in a literal, a variable or a mixture of both, and of defaults only those
 * of unguarded inputs, since `readPolicy` refuses others. So they are all that need be looked at.
 */
export function closedInput(
  inputs: readonly GuardedInput[],
  supplied: object,
  types: GuardedTypes,
  verdicts: RequestVerdicts,
): GuardedInput | null {
  const values = new Map<string, unknown>(Object.entries(supplied));
  for (const input of inputs) {
    if (values.has(input.name)) {
      const closed = isClosed(input, verdicts)
        ? input
        : closedWithin(input.type, values.get(input.name), types, verdicts);
      if (closed !== null) {
        return closed;
      }
    }
  }
  return null;
}

function closedWithin(
  type: string | null,
  value: unknown,
  types: GuardedTypes,
  verdicts: RequestVerdicts,
): GuardedInput | null {
  const guarded = type === null ? undefined : types.get(type);
  const closedValue = guarded?.values.get(value)?.find((input) => isClosed(input, verdicts));
  if (closedValue !== undefined || guarded === undefined || typeof value !== 'object' || value === null) {
    return closedValue ?? null;
  }
  if (!Array.isArray(value)) {
    return closedInput(guarded.fields, value, types, verdicts);
  }
  for (const item of value) {
    const closed = closedWithin(type, item, types, verdicts);
    if (closed !== null) {
      return closed;
    }
  }
  return null;
}

function isClosed({ gate }: GuardedInput, verdicts: RequestVerdicts): boolean {
  return gate !== null && verdicts.of(gate) !== 'yes';
}

function guardedType(
  table: ReadTable,
  gates: GateBook,
  names: ReadonlySet<string>,
  type: GraphQLNamedType | undefined,
): GuardedType {
  const values = new Map<unknown, GuardedInput[]>();
  for (const { name, value } of isEnumType(type) ? type.getValues() : []) {
    const coordinate = `${type?.name}.${name}`;
    const input = guardedInput(gates, names, coordinate, name, addedAt(table, coordinate), null);
    values.set(value, [...(values.get(value) ?? []), input]);
  }
  const fields = isInputObjectType(type) ? Object.values(type.getFields()) : [];
  const inputs = fields.map((field) => {
    const coordinate = `${type?.name}.${field.name}`;
    const doors = addedAt(table, coordinate);
    return guardedInput(gates, names, coordinate, field.name, doors, getNamedType(field.type));
  });
  return { values, fields: inputs.filter(isGuarded) };
}

function guardedInput(
  gates: GateBook,
  names: ReadonlySet<string>,
  coordinate: string,
  name: string,
  doors: readonly Door[],
  type: GraphQLNamedType | null,
): GuardedInput {
  const gate = doors.length === 0 ? null : gates.number({ doors, members: [] });
  return { name, coordinate, gate, doors, type: type !== null && names.has(type.name) ? type.name : null };
}

function isGuarded({ gate, type }: GuardedInput): boolean {
  return gate !== null || type !== null;
}

function addedAt(table: ReadTable, coordinate: string): readonly Door[] {
  return table.rules.get(coordinate)?.adds ?? [];
}
