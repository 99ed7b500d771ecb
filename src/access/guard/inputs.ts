import { getNamedType, type GraphQLArgument, type GraphQLNamedType, isEnumType, isInputObjectType } from 'graphql';
import { type Requirement, remainingRequirements } from '../policy/requirements.ts';
import { guardedInputs, type ReadTable } from '../policy/field-checks.ts';
import type { NumberedRequirements, RequestVerdicts, RequirementRegistry } from './requests.ts';

/**
 * An argument, input field or enum value with requirements of its own, or with something guarded inside it, or both.
 */
export interface GuardedInput {
  readonly name: string;
  readonly coordinate: string;
  readonly required: NumberedRequirements | null;
  readonly requirements: readonly Requirement[];
  /** The input type to look into, if anything inside it is guarded. */
  readonly type: string | null;
}

/** The guarded parts of an input type: fields of an object, or values of an enum by their internal value. */
interface GuardedType {
  readonly fields: readonly GuardedInput[];
  readonly values: ReadonlyMap<unknown, readonly GuardedInput[]>;
}

export type GuardedTypes = ReadonlyMap<string, GuardedType>;

/** The guarded inputs of most fields; one list for all of them. */
const NO_INPUTS: readonly GuardedInput[] = [];

/** Collects the input types that hold anything guarded, at any depth. */
export function collectInputTypes(table: ReadTable, registry: RequirementRegistry): GuardedTypes {
  const names = new Set(guardedInputs(table.schema, table).keys());
  return new Map([...names].map((name) => [name, guardedType(table, registry, names, table.schema.getType(name))]));
}

/** Returns the guarded arguments of a field, for a viewer who satisfies the requirements of the field itself. */
export function guardedArguments(
  table: ReadTable,
  registry: RequirementRegistry,
  types: GuardedTypes,
  coordinate: string,
  args: readonly Pick<GraphQLArgument, 'name' | 'type'>[],
  passed: readonly Requirement[],
): readonly GuardedInput[] {
  const names = new Set(types.keys());
  const inputs = args
    .map(({ name, type }) => {
      const requirements = remainingRequirements(addedAt(table, `${coordinate}(${name}:)`), passed, table.roles);
      return guardedInput(registry, names, `${coordinate}(${name}:)`, name, requirements, getNamedType(type));
    })
    .filter(isGuarded);
  return inputs.length === 0 ? NO_INPUTS : inputs;
}

/**
 * Returns the first guarded input that was supplied and is denied to the viewer, or null.
 *
 * Coerced values hold whatever was supplied, in a literal, a variable or a mixture of both. Of defaults they hold only
 * those of unguarded inputs, since `readPolicy` refuses others. So inspecting the coerced values is enough.
 */
export function deniedInput(
  inputs: readonly GuardedInput[],
  supplied: object,
  types: GuardedTypes,
  verdicts: RequestVerdicts,
): GuardedInput | null {
  const values = new Map<string, unknown>(Object.entries(supplied));
  for (const input of inputs) {
    if (values.has(input.name)) {
      const denied = isDenied(input, verdicts)
        ? input
        : deniedWithin(input.type, values.get(input.name), types, verdicts);
      if (denied !== null) {
        return denied;
      }
    }
  }
  return null;
}

function deniedWithin(
  type: string | null,
  value: unknown,
  types: GuardedTypes,
  verdicts: RequestVerdicts,
): GuardedInput | null {
  const guarded = type === null ? undefined : types.get(type);
  const deniedValue = guarded?.values.get(value)?.find((input) => isDenied(input, verdicts));
  if (deniedValue !== undefined || guarded === undefined || typeof value !== 'object' || value === null) {
    return deniedValue ?? null;
  }
  if (!Array.isArray(value)) {
    return deniedInput(guarded.fields, value, types, verdicts);
  }
  for (const item of value) {
    const denied = deniedWithin(type, item, types, verdicts);
    if (denied !== null) {
      return denied;
    }
  }
  return null;
}

function isDenied({ required }: GuardedInput, verdicts: RequestVerdicts): boolean {
  return required !== null && verdicts.of(required) !== 'allowed';
}

function guardedType(
  table: ReadTable,
  registry: RequirementRegistry,
  names: ReadonlySet<string>,
  type: GraphQLNamedType | undefined,
): GuardedType {
  const values = new Map<unknown, GuardedInput[]>();
  for (const { name, value } of isEnumType(type) ? type.getValues() : []) {
    const coordinate = `${type?.name}.${name}`;
    const input = guardedInput(registry, names, coordinate, name, addedAt(table, coordinate), null);
    values.set(value, [...(values.get(value) ?? []), input]);
  }
  const fields = isInputObjectType(type) ? Object.values(type.getFields()) : [];
  const inputs = fields.map((field) => {
    const coordinate = `${type?.name}.${field.name}`;
    const requirements = addedAt(table, coordinate);
    return guardedInput(registry, names, coordinate, field.name, requirements, getNamedType(field.type));
  });
  return { values, fields: inputs.filter(isGuarded) };
}

function guardedInput(
  registry: RequirementRegistry,
  names: ReadonlySet<string>,
  coordinate: string,
  name: string,
  requirements: readonly Requirement[],
  type: GraphQLNamedType | null,
): GuardedInput {
  const required = requirements.length === 0 ? null : registry.number({ requirements, members: [] });
  return { name, coordinate, required, requirements, type: type !== null && names.has(type.name) ? type.name : null };
}

function isGuarded({ required, type }: GuardedInput): boolean {
  return required !== null || type !== null;
}

function addedAt(table: ReadTable, coordinate: string): readonly Requirement[] {
  return table.rules.get(coordinate)?.adds ?? [];
}
