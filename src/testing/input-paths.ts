import {
  type ConstValueNode,
  getNamedType,
  getNullableType,
  type GraphQLInputType,
  isEnumType,
  isInputObjectType,
  isListType,
  isRequiredInputField,
  Kind,
  type ValueNode,
} from 'graphql';
import { objectNode, sampleOf, type Sampling } from './values.ts';

/** A place within an argument that may hold something guarded. */
export interface InputPath {
  readonly coordinate: string;
  /** The input fields that lead there. */
  readonly fieldNames: readonly string[];
  /** The type that is declared there. */
  readonly type: GraphQLInputType;
  /** The enum value to put there; null for any value of the type. */
  readonly value: string | null;
  readonly isInList: boolean;
  /** True if it is a field of an input object that takes exactly one. */
  readonly isInOneOf: boolean;
}

/** The form of lists on the way: with one item, without brackets, or after an item that is not guarded. */
export type ListForm = 'one' | 'bare' | 'second';

/** Returns the guarded places of an argument, each with the shortest path to it. */
export function inputPathsWithin(type: GraphQLInputType, own: string, { isGuarded }: Sampling): InputPath[] {
  const start: InputPath = { coordinate: own, fieldNames: [], type, value: null, isInList: false, isInOneOf: false };
  const reached = new Map<string, InputPath>([[own, start]]);
  for (const path of reached.values()) {
    for (const next of path.value === null ? inputPathsBelow(path) : []) {
      reached.set(next.coordinate, reached.get(next.coordinate) ?? next);
    }
  }
  return [...reached.values()].filter(({ coordinate }) => isGuarded(coordinate));
}

function inputPathsBelow({ fieldNames, type, isInList, isInOneOf }: InputPath): InputPath[] {
  const named = getNamedType(type);
  const isList = isInList || isListType(getNullableType(type));
  if (isInputObjectType(named)) {
    return Object.values(named.getFields()).map((field) => ({
      coordinate: `${named.name}.${field.name}`,
      fieldNames: [...fieldNames, field.name],
      type: field.type,
      value: null,
      isInList: isList,
      isInOneOf: named.isOneOf,
    }));
  }
  const values = isEnumType(named) ? named.getValues() : [];
  return values.map(({ name }) => {
    return { coordinate: `${named.name}.${name}`, fieldNames, type, value: name, isInList: isList, isInOneOf };
  });
}

/**
 * Builds a value of the type that has `leaf` at the place, and otherwise only what is required; `undefined` leaves it
 * out.
 */
export function build(
  type: GraphQLInputType,
  path: InputPath,
  leaf: ConstValueNode | undefined,
  form: ListForm,
  sampling: Sampling,
): ConstValueNode;
export function build(
  type: GraphQLInputType,
  path: InputPath,
  leaf: ValueNode | undefined,
  form: ListForm,
  sampling: Sampling,
): ValueNode;
export function build(
  type: GraphQLInputType,
  path: InputPath,
  leaf: ValueNode | undefined,
  form: ListForm,
  sampling: Sampling,
): ValueNode {
  return buildAt({ path, leaf, form, sampling }, type, path.fieldNames) ?? { kind: Kind.NULL };
}

interface Building {
  readonly path: InputPath;
  readonly leaf: ValueNode | undefined;
  readonly form: ListForm;
  readonly sampling: Sampling;
}

function buildAt(building: Building, input: GraphQLInputType, fieldNames: readonly string[]): ValueNode | undefined {
  const { path, leaf, form, sampling } = building;
  const [fieldName, ...rest] = fieldNames;
  if (fieldName === undefined && path.value === null) {
    return leaf;
  }
  const type = getNullableType(input);
  if (isListType(type)) {
    const item = buildAt(building, type.ofType, fieldNames);
    return item && form !== 'bare'
      ? listNode(form === 'second' ? [innocent(type.ofType, building), item] : [item])
      : item;
  }
  if (!isInputObjectType(type) || fieldName === undefined) {
    return leaf;
  }
  const fields = Object.values(type.getFields());
  const others = type.isOneOf ? [] : fields.filter((field) => isRequiredInputField(field) && field.name !== fieldName);
  const inner = fields.find(({ name }) => name === fieldName);
  const value = inner && buildAt(building, inner.type, rest);
  const supplied = others.map(
    (field) => [field.name, sampleOf(field, `${type.name}.${field.name}`, sampling)] as const,
  );
  return objectNode(value === undefined ? supplied : [...supplied, [fieldName, value]]);
}

function innocent(type: GraphQLInputType, { sampling, path }: Building): ValueNode {
  return sampleOf({ type }, `an item beside ${path.coordinate}`, sampling);
}

function listNode(values: readonly ValueNode[]): ValueNode {
  return { kind: Kind.LIST, values };
}
