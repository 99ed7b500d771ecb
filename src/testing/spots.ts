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

/** Where within an argument something guarded may stand. */
export interface Spot {
  readonly coordinate: string;
  /** The input fields that lead there. */
  readonly hops: readonly string[];
  /** The type that is declared there. */
  readonly type: GraphQLInputType;
  /** The enum value to put there; null for whatever the type accepts. */
  readonly value: string | null;
  readonly isInList: boolean;
  /** Whether it is a field of an input object that takes exactly one. */
  readonly isInOneOf: boolean;
}

/** How lists on the way are written: with one item, without brackets, or with an item in front that is not guarded. */
export type ListForm = 'one' | 'bare' | 'second';

/** The guarded spots of an argument, each with the shortest way to it. */
export function spotsWithin(type: GraphQLInputType, own: string, { isGuarded }: Sampling): Spot[] {
  const start: Spot = { coordinate: own, hops: [], type, value: null, isInList: false, isInOneOf: false };
  const reached = new Map<string, Spot>([[own, start]]);
  for (const spot of reached.values()) {
    for (const next of spot.value === null ? spotsBelow(spot) : []) {
      reached.set(next.coordinate, reached.get(next.coordinate) ?? next);
    }
  }
  return [...reached.values()].filter(({ coordinate }) => isGuarded(coordinate));
}

function spotsBelow({ hops, type, isInList, isInOneOf }: Spot): Spot[] {
  const named = getNamedType(type);
  const isList = isInList || isListType(getNullableType(type));
  if (isInputObjectType(named)) {
    return Object.values(named.getFields()).map((field) => ({
      coordinate: `${named.name}.${field.name}`,
      hops: [...hops, field.name],
      type: field.type,
      value: null,
      isInList: isList,
      isInOneOf: named.isOneOf,
    }));
  }
  const values = isEnumType(named) ? named.getValues() : [];
  return values.map(({ name }) => {
    return { coordinate: `${named.name}.${name}`, hops, type, value: name, isInList: isList, isInOneOf };
  });
}

/** A value of the type that has `leaf` in the spot, and nothing else that is not required; `undefined` leaves it out. */
export function build(
  type: GraphQLInputType,
  spot: Spot,
  leaf: ConstValueNode | undefined,
  form: ListForm,
  sampling: Sampling,
): ConstValueNode;
export function build(
  type: GraphQLInputType,
  spot: Spot,
  leaf: ValueNode | undefined,
  form: ListForm,
  sampling: Sampling,
): ValueNode;
export function build(
  type: GraphQLInputType,
  spot: Spot,
  leaf: ValueNode | undefined,
  form: ListForm,
  sampling: Sampling,
): ValueNode {
  return buildAt({ spot, leaf, form, sampling }, type, spot.hops) ?? { kind: Kind.NULL };
}

interface Building {
  readonly spot: Spot;
  readonly leaf: ValueNode | undefined;
  readonly form: ListForm;
  readonly sampling: Sampling;
}

function buildAt(building: Building, input: GraphQLInputType, hops: readonly string[]): ValueNode | undefined {
  const { spot, leaf, form, sampling } = building;
  const [hop, ...rest] = hops;
  if (hop === undefined && spot.value === null) {
    return leaf;
  }
  const type = getNullableType(input);
  if (isListType(type)) {
    const item = buildAt(building, type.ofType, hops);
    return item && form !== 'bare'
      ? listNode(form === 'second' ? [innocent(type.ofType, building), item] : [item])
      : item;
  }
  if (!isInputObjectType(type) || hop === undefined) {
    return leaf;
  }
  const fields = Object.values(type.getFields());
  const others = type.isOneOf ? [] : fields.filter((field) => isRequiredInputField(field) && field.name !== hop);
  const inner = fields.find(({ name }) => name === hop);
  const value = inner && buildAt(building, inner.type, rest);
  const given = others.map((field) => [field.name, sampleOf(field, `${type.name}.${field.name}`, sampling)] as const);
  return objectNode(value === undefined ? given : [...given, [hop, value]]);
}

function innocent(type: GraphQLInputType, { sampling, spot }: Building): ValueNode {
  return sampleOf({ type }, `an item beside ${spot.coordinate}`, sampling);
}

function listNode(values: readonly ValueNode[]): ValueNode {
  return { kind: Kind.LIST, values };
}
