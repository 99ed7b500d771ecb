import {
  type ConstObjectValueNode,
  type ConstValueNode,
  getNamedType,
  type GraphQLArgument,
  type GraphQLEnumType,
  type GraphQLInputField,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredInputField,
  Kind,
  type ObjectValueNode,
  print,
  type ValueNode,
  valueFromASTUntyped,
} from 'graphql';

/** A variable of an operation. */
export interface Variable {
  readonly name: string;
  readonly type: string;
  /** The value that is sent; nothing is sent if it is undefined. */
  readonly value?: unknown;
  readonly fallback?: ConstValueNode;
}

/** An argument of an operation. */
export interface SuppliedArgument {
  readonly name: string;
  readonly type: GraphQLInputType;
  readonly value: ValueNode;
  /** The variables that the value uses. */
  readonly variables: readonly Variable[];
  /** The coordinates of everything that it supplies. */
  readonly supplies: readonly string[];
}

/**
 * Values for arguments and input fields, as JSON, where generated ones would be rejected; `undefined` leaves it to be
 * generated: `{ "Query.account(id:)": "42", "DateTime": "2026-01-01T00:00:00Z" }`.
 */
export type SampleValues = Readonly<Record<string, unknown>>;

/** The parameters of generated values. */
export interface Sampling {
  /** By coordinate, or by the name of a type. */
  readonly values: SampleValues;
  /** Tells whether an enum value or input field is to be avoided. */
  readonly isGuarded: (coordinate: string) => boolean;
}

/** Returns the smallest value of an argument or input field that GraphQL accepts. */
export function sampleOf(
  { type }: Pick<GraphQLArgument | GraphQLInputField, 'type'>,
  coordinate: string,
  sampling: Sampling,
): ConstValueNode {
  const own = sampling.values[coordinate] ?? sampling.values[getNamedType(type).name];
  return own === undefined ? sample(type, sampling, []) : nodeOf(own, type);
}

function sample(input: GraphQLInputType, sampling: Sampling, within: readonly string[]): ConstValueNode {
  const type = isNonNullType(input) ? input.ofType : input;
  if (isListType(type)) {
    const isCircular = within.includes(getNamedType(type).name);
    return { kind: Kind.LIST, values: isCircular ? [] : [sample(type.ofType, sampling, within)] };
  }
  if (isInputObjectType(type)) {
    return sampleObject(type, sampling, [...within, type.name]);
  }
  const own = sampling.values[type.name];
  if (own !== undefined) {
    return nodeOf(own, type);
  }
  return isEnumType(type) ? sampleEnum(type, sampling) : scalar(type.name);
}

function sampleObject(type: GraphQLInputObjectType, sampling: Sampling, within: readonly string[]): ConstValueNode {
  const fields = Object.values(type.getFields());
  const open = fields.filter(({ name }) => !sampling.isGuarded(`${type.name}.${name}`));
  const needed = type.isOneOf ? (open.length > 0 ? open : fields).slice(0, 1) : fields.filter(isRequiredInputField);
  return objectNode(
    needed.map((field) => {
      const own = sampling.values[`${type.name}.${field.name}`];
      const inner = type.isOneOf && isNonNullType(field.type) ? field.type.ofType : field.type;
      return [field.name, own === undefined ? sample(inner, sampling, within) : nodeOf(own, field.type)];
    }),
  );
}

function sampleEnum(type: GraphQLEnumType, { isGuarded }: Sampling): ConstValueNode {
  const values = type.getValues();
  const value = values.find(({ name }) => !isGuarded(`${type.name}.${name}`)) ?? values[0];
  return { kind: Kind.ENUM, value: value?.name ?? '' };
}

function scalar(name: string): ConstValueNode {
  switch (name) {
    case 'Int':
      return { kind: Kind.INT, value: '1' };
    case 'Float':
      return { kind: Kind.FLOAT, value: '1.5' };
    case 'Boolean':
      return { kind: Kind.BOOLEAN, value: true };
    default:
      return { kind: Kind.STRING, value: 'text' };
  }
}

/** Builds an input object as a literal. */
export function objectNode(fields: readonly (readonly [string, ConstValueNode])[]): ConstObjectValueNode;
export function objectNode(fields: readonly (readonly [string, ValueNode])[]): ObjectValueNode;
export function objectNode(fields: readonly (readonly [string, ValueNode])[]): ObjectValueNode {
  return {
    kind: Kind.OBJECT,
    fields: fields.map(([name, value]) => {
      return { kind: Kind.OBJECT_FIELD, name: { kind: Kind.NAME, value: name }, value };
    }),
  };
}

/** Converts a JSON value into a literal of the type. */
function nodeOf(value: unknown, input: GraphQLInputType): ConstValueNode {
  const type = isNonNullType(input) ? input.ofType : input;
  if (value === null || value === undefined) {
    return { kind: Kind.NULL };
  }
  if (isListType(type) && Array.isArray(value)) {
    return { kind: Kind.LIST, values: value.map((item: unknown) => nodeOf(item, type.ofType)) };
  }
  if (isEnumType(type) && typeof value === 'string') {
    return { kind: Kind.ENUM, value };
  }
  if (typeof value === 'object') {
    const fields = isInputObjectType(type) ? type.getFields() : {};
    return objectNode(
      Object.entries(value).map(([name, item]) => [name, nodeOf(item, fields[name]?.type ?? type)] as const),
    );
  }
  if (typeof value === 'number') {
    return { kind: Number.isInteger(value) ? Kind.INT : Kind.FLOAT, value: String(value) };
  }
  return typeof value === 'boolean'
    ? { kind: Kind.BOOLEAN, value }
    : { kind: Kind.STRING, value: typeof value === 'string' ? value : JSON.stringify(value) };
}

/** Returns the coordinates of everything that a value without variables supplies within its type. */
export function suppliedBy(input: GraphQLInputType, node: ConstValueNode): string[] {
  const type = isNonNullType(input) ? input.ofType : input;
  if (isListType(type)) {
    const items = node.kind === Kind.LIST ? node.values : [node];
    return items.flatMap((item) => suppliedBy(type.ofType, item));
  }
  if (node.kind === Kind.ENUM && isEnumType(type)) {
    return [`${type.name}.${node.value}`];
  }
  if (node.kind !== Kind.OBJECT || !isInputObjectType(type)) {
    return [];
  }
  return node.fields.flatMap(({ name, value }) => {
    const field = type.getFields()[name.value];
    return field === undefined ? [] : [`${type.name}.${name.value}`, ...suppliedBy(field.type, value)];
  });
}

/** Builds an argument with a literal value. */
export function literalArgument(
  argument: GraphQLArgument,
  coordinate: string,
  value: ConstValueNode,
): SuppliedArgument {
  const { name, type } = argument;
  return { name, type, value, variables: [], supplies: [coordinate, ...suppliedBy(type, value)] };
}

/** Returns the same argument with its value sent as a variable; one that uses variables already stays as it is. */
export function asVariable(supplied: SuppliedArgument, variable: string): SuppliedArgument {
  if (supplied.variables.length > 0) {
    return supplied;
  }
  const value: unknown = valueFromASTUntyped(supplied.value);
  return {
    ...supplied,
    value: { kind: Kind.VARIABLE, name: { kind: Kind.NAME, value: variable } },
    variables: [{ name: variable, type: String(supplied.type), value }],
  };
}

/** `name: value`. */
export function printArgument({ name, value }: SuppliedArgument): string {
  return `${name}: ${print(value)}`;
}
