import {
  type ConstValueNode,
  getNamedType,
  getNullableType,
  type GraphQLArgument,
  type GraphQLInputType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isNullableType,
  isObjectType,
  isRequiredInputField,
  Kind,
  valueFromASTUntyped,
  type ValueNode,
} from 'graphql';
import type { Step } from './path-finder.ts';
import {
  literalArgument,
  objectNode,
  sampleOf,
  type Sampling,
  type SuppliedArgument,
  suppliedBy,
  type Variable,
} from './values.ts';

/** One attempt to supply a field with guarded input. */
export interface InputInjection {
  /** The guarded coordinate: `Type.field(arg:)`, `Input.field` or `Enum.VALUE`. */
  readonly coordinate: string;
  readonly way: string;
  /** The field that takes it, with all its arguments. */
  readonly step: Step;
}

const NULL: ConstValueNode = { kind: Kind.NULL };
const VARIABLE = { kind: Kind.VARIABLE, name: { kind: Kind.NAME, value: 'v' } } as const;

/** Returns every way to supply a field, in any of its arguments, with guarded input. */
export function injectionsInto(schema: GraphQLSchema, step: Step, sampling: Sampling): InputInjection[] {
  const type = schema.getType(step.type);
  const args = isObjectType(type) ? (type.getFields()[step.field]?.args ?? []) : [];
  return args.flatMap((argument) => {
    const others = step.supplied.filter(({ name }) => name !== argument.name);
    const own = `${step.type}.${step.field}(${argument.name}:)`;
    return inputPathsWithin(argument.type, own, sampling).flatMap((path) =>
      formsOf({ argument, own, path, sampling }).map(([way, supplied]): InputInjection => {
        return { coordinate: path.coordinate, way, step: { ...step, supplied: [...others, supplied] } };
      }),
    );
  });
}

/** One argument, and the place within it. */
interface Plan {
  readonly argument: GraphQLArgument;
  readonly own: string;
  readonly path: InputPath;
  readonly sampling: Sampling;
}

/** Returns the ways of writing guarded input into an argument. */
function formsOf(plan: Plan): [way: string, supplied: SuppliedArgument][] {
  const { argument, own, path, sampling } = plan;
  const leaf: ConstValueNode =
    path.value === null
      ? sampleOf({ ...argument, type: path.type }, path.coordinate, sampling)
      : { kind: Kind.ENUM, value: path.value };
  const at = (node: ConstValueNode): ConstValueNode => build(plan, node);
  const literal = (node: ConstValueNode): SuppliedArgument => literalArgument(argument, own, node);
  const forms: [string, SuppliedArgument][] = [
    ['literal', literal(at(leaf))],
    ['variable', wholeVariable(plan, at(leaf), 'sent')],
    ['default of a variable', wholeVariable(plan, at(leaf), 'default')],
  ];
  if (path.isInList) {
    forms.push(
      ['list without brackets', literal(build(plan, leaf, 'bare'))],
      ['second in a list', literal(build(plan, leaf, 'second'))],
    );
  }
  if (path.isInOneOf) {
    return forms; // Where exactly one field is supplied, variables and null are not.
  }
  forms.push(['variable within', innerVariable(plan, at(leaf), valueFromASTUntyped(leaf))]);
  if (path.value === null && isNullableType(path.type)) {
    forms.push(
      ['null', literal(at(NULL))],
      ['null by variable', wholeVariable(plan, at(NULL), 'sent')],
      ['null by variable within', innerVariable(plan, at(NULL), null)],
      ['nothing: a variable within that is not sent', notSent(plan)],
    );
  }
  return forms;
}

/** Writes the argument as a variable, which is sent, or has a default. */
function wholeVariable({ argument, own }: Plan, node: ConstValueNode, how: 'sent' | 'default'): SuppliedArgument {
  const { name, type } = argument;
  const variable: Variable =
    how === 'sent'
      ? { name: 'v', type: String(type), value: valueFromASTUntyped(node) }
      : { name: 'v', type: String(isNonNullType(type) ? type.ofType : type), fallback: node };
  return { name, type, value: VARIABLE, variables: [variable], supplies: [own, ...suppliedBy(type, node)] };
}

/** Writes a variable at the very place. */
function innerVariable(plan: Plan, node: ConstValueNode, value: unknown): SuppliedArgument {
  const { argument, own, path } = plan;
  const { name, type } = argument;
  const variableType = path.value === null ? String(path.type) : `${path.coordinate.split('.')[0]}!`;
  return {
    name,
    type,
    value: build(plan, VARIABLE),
    variables: [{ name: 'v', type: variableType, value }],
    supplies: [own, ...suppliedBy(type, node)],
  };
}

/** Writes a variable that is not sent: GraphQL then drops the argument or input field, so it is not supplied. */
function notSent(plan: Plan): SuppliedArgument {
  if (plan.path.fieldNames.length === 0) {
    return { ...innerVariable(plan, NULL, undefined), supplies: [] };
  }
  return innerVariable(plan, build(plan, undefined), undefined);
}

/** A place within an argument that may hold something guarded. */
interface InputPath {
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
type ListForm = 'one' | 'bare' | 'second';

/** Returns the guarded places of an argument, each with the shortest path to it. */
function inputPathsWithin(type: GraphQLInputType, own: string, { isGuarded }: Sampling): InputPath[] {
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

/** Builds the argument with `leaf` at the place, and otherwise only what is required; `undefined` leaves it out. */
function build(plan: Plan, leaf: ConstValueNode | undefined, form?: ListForm): ConstValueNode;
function build(plan: Plan, leaf: ValueNode | undefined, form?: ListForm): ValueNode;
function build({ argument, path, sampling }: Plan, leaf: ValueNode | undefined, form: ListForm = 'one'): ValueNode {
  return buildAt({ path, leaf, form, sampling }, argument.type, path.fieldNames) ?? NULL;
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
