import {
  getNamedType,
  getNullableType,
  type GraphQLArgument,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isListType,
} from 'graphql';
import { guardedInputs, type ReadTable } from '../policy/field-checks.ts';
import { type Requirement, remainingRequirements } from '../policy/requirements.ts';
import { isRecord } from '../values.ts';
import type { NumberedRequirements, RequestVerdicts, RequirementRegistry } from './requests.ts';

/**
 * An argument, input field or enum value with requirements of its own, or with something guarded inside it, or both.
 */
export interface GuardedInput {
  readonly name: string;
  readonly coordinate: string;
  readonly required: NumberedRequirements | null;
  readonly requirements: readonly Requirement[];
  /** The input type to look into, if anything inside it is guarded, and the number of lists that enclose it. */
  readonly type: string | null;
  readonly depth: number;
}

/** The checks of one field, before and after its resolver runs. */
export interface FieldGuard {
  /** `Type.field`, of the object type: the coordinate that a denial names. */
  readonly coordinate: string;
  readonly name: string;
  /** True for a field of a root type: there is no object that has it. */
  readonly isRoot: boolean;
  readonly requirements: readonly Requirement[];
  /** The same requirements, numbered for their verdict. Other fields may share the number. */
  readonly required: NumberedRequirements;
  readonly inputs: readonly GuardedInput[];
  /** The number of lists that enclose the objects which the field returns. */
  readonly depth: number;
}

/** The guarded parts of an input type: fields of an object, or values of an enum by their internal value. */
interface GuardedType {
  readonly fields: readonly GuardedInput[];
  readonly values: ReadonlyMap<unknown, readonly GuardedInput[]> | null;
}

export type GuardedTypes = ReadonlyMap<string, GuardedType>;

type Test = (input: GuardedInput) => boolean;

/** The guarded inputs of most fields; one list for all of them. */
const NO_INPUTS: readonly GuardedInput[] = [];

/**
 * Collects the input types that hold anything guarded, at any depth.
 *
 * @param schema the schema that is guarded: its enums have the internal values that resolvers see
 */
export function collectInputTypes(
  schema: GraphQLSchema,
  table: ReadTable,
  registry: RequirementRegistry,
): GuardedTypes {
  const names = new Set(guardedInputs(table.schema, table).keys());
  return new Map([...names].map((name) => [name, guardedType(table, registry, names, schema.getType(name))]));
}

/** Returns the guarded arguments of a field, for a viewer who satisfies the requirements of the field itself. */
export function guardedArguments(
  table: ReadTable,
  registry: RequirementRegistry,
  types: GuardedTypes,
  coordinate: string,
  args: readonly Pick<GraphQLArgument, 'name' | 'type'>[],
  satisfied: readonly Requirement[],
): readonly GuardedInput[] {
  const inputs = args
    .map(({ name, type }) => {
      const own = `${coordinate}(${name}:)`;
      return guardedInput(
        registry,
        types,
        own,
        name,
        remainingRequirements(addedAt(table, own), satisfied, table.roles),
        type,
      );
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
  return firstInput(inputs, supplied, types, ({ required }) => required !== null && isDenied(verdicts.of(required)));
}

/** Returns the guarded inputs that were supplied and that depend on a policy. */
export function dependentInputs(
  inputs: readonly GuardedInput[],
  supplied: object,
  types: GuardedTypes,
  verdicts: RequestVerdicts,
): readonly GuardedInput[] {
  if (inputs.length === 0) {
    return inputs;
  }
  const found = new Set<GuardedInput>();
  firstInput(inputs, supplied, types, (input) => {
    if (input.required !== null && verdicts.of(input.required) === 'depends') {
      found.add(input);
    }
    return false;
  });
  return [...found];
}

function isDenied(verdict: ReturnType<RequestVerdicts['of']>): boolean {
  return verdict === 'denied' || verdict === 'own';
}

function firstInput(
  inputs: readonly GuardedInput[],
  supplied: object,
  types: GuardedTypes,
  test: Test,
): GuardedInput | null {
  if (inputs.length === 0) {
    return null; // as for nearly every field: a precheck comes here for each that an operation selects
  }
  const values = new Map<string, unknown>(Object.entries(supplied));
  for (const input of inputs) {
    if (values.has(input.name)) {
      const found = test(input) ? input : firstWithin(input.type, input.depth, values.get(input.name), types, test);
      if (found !== null) {
        return found;
      }
    }
  }
  return null;
}

function firstWithin(
  type: string | null,
  depth: number,
  value: unknown,
  types: GuardedTypes,
  test: Test,
): GuardedInput | null {
  const guarded = type === null ? undefined : types.get(type);
  if (guarded === undefined) {
    return null;
  }
  if (Array.isArray(value) && (depth > 0 || guarded.values === null)) {
    for (const item of value) {
      const found = firstWithin(type, depth - 1, item, types, test);
      if (found !== null) {
        return found;
      }
    }
    return null;
  }
  if (guarded.values !== null) {
    return valuesLike(guarded.values, value).find(test) ?? null;
  }
  return isRecord(value) ? firstInput(guarded.fields, value, types, test) : null;
}

/**
 * Returns the values of an enum that an internal value may stand for. Executors may copy internal values, some of them as
 * JSON: a copy may stand for several, and a value that is like none of the enum's might be any of them. A name stands for
 * its value: on graphql 16 graphql-tools leaves names in defaults within defaults.
 */
function valuesLike(values: ReadonlyMap<unknown, readonly GuardedInput[]>, value: unknown): readonly GuardedInput[] {
  const known = values.get(value);
  if (known !== undefined) {
    return known;
  }
  const json = jsonOf(value);
  const alike = [...values].filter(
    ([candidate, inputs]) =>
      isCopy(candidate, value) || jsonOf(candidate) === json || inputs.some(({ name }) => name === value),
  );
  const isAny = alike.length === 0 && value !== null && value !== undefined;
  return (isAny ? [...values] : alike).flatMap(([, inputs]) => inputs);
}

/** Tells whether two objects consist of the same parts, whatever their classes. */
function isCopy(a: unknown, b: unknown): boolean {
  if (!isRecord(a) || !isRecord(b)) {
    return Object.is(a, b);
  }
  const [names, others] = [Reflect.ownKeys(a), Reflect.ownKeys(b)];
  return (
    names.length > 0 &&
    names.length === others.length &&
    names.every((name) => Object.hasOwn(b, name) && isCopy(Reflect.get(a, name), Reflect.get(b, name)))
  );
}

/** Returns a value as JSON: undefined for a function or a symbol, and the value itself if it cannot be written so. */
function jsonOf(value: unknown): unknown {
  try {
    return JSON.stringify(value);
  } catch {
    return value;
  }
}

function guardedType(
  table: ReadTable,
  registry: RequirementRegistry,
  names: Pick<ReadonlySet<string>, 'has'>,
  type: GraphQLNamedType | undefined,
): GuardedType {
  const fields = isInputObjectType(type) ? Object.values(type.getFields()) : [];
  const inputs = fields.map((field) => {
    const coordinate = `${type?.name}.${field.name}`;
    return guardedInput(registry, names, coordinate, field.name, addedAt(table, coordinate), field.type);
  });
  if (!isEnumType(type)) {
    return { values: null, fields: inputs.filter(isGuarded) };
  }
  const values = new Map<unknown, GuardedInput[]>();
  for (const { name, value } of type.getValues()) {
    const coordinate = `${type.name}.${name}`;
    const input = guardedInput(registry, names, coordinate, name, addedAt(table, coordinate), null);
    values.set(value, [...(values.get(value) ?? []), input]);
  }
  return { values, fields: [] };
}

function guardedInput(
  registry: RequirementRegistry,
  names: Pick<ReadonlySet<string>, 'has'>,
  coordinate: string,
  name: string,
  requirements: readonly Requirement[],
  type: GraphQLInputType | null,
): GuardedInput {
  const required = requirements.length === 0 ? null : registry.number({ requirements, members: [] });
  const within = type === null ? null : getNamedType(type).name;
  return {
    name,
    coordinate,
    required,
    requirements,
    type: within !== null && names.has(within) ? within : null,
    depth: type === null ? 0 : depthOf(type),
  };
}

function depthOf(input: GraphQLInputType): number {
  const type = getNullableType(input);
  return isListType(type) ? 1 + depthOf(type.ofType) : 0;
}

function isGuarded({ required, type }: GuardedInput): boolean {
  return required !== null || type !== null;
}

function addedAt(table: ReadTable, coordinate: string): readonly Requirement[] {
  return table.rules.get(coordinate)?.adds ?? [];
}
