import {
  type ASTNode,
  type ConstValueNode,
  getNamedType,
  getNullableType,
  type GraphQLInputType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isListType,
  Kind,
  type ValueNode,
  valueFromASTUntyped,
  type VariableDefinitionNode,
  type VariableNode,
} from 'graphql';
import type { GuardedInputs } from '../policy/field-checks.ts';
import { isRecord } from '../values.ts';

/** The parts that are needed to tell which inputs an operation supplies. */
export interface InputContext {
  readonly schema: GraphQLSchema;
  readonly guarded: GuardedInputs;
  /** The values of the variables that are known, as a client sends them. */
  readonly variables: Readonly<Record<string, unknown>>;
  readonly definitions: readonly VariableDefinitionNode[];
  /** Notes a coordinate that a part of the document uses. */
  readonly touch: (coordinate: string, node: ASTNode) => void;
}

/**
 * Touches every input field and enum value within a value. A variable without a known value may hold anything that is
 * guarded within its type.
 */
export function touchInput(context: InputContext, type: GraphQLInputType, node: ValueNode): void {
  if (node.kind === Kind.VARIABLE) {
    touchVariable(context, type, node);
  } else if (node.kind === Kind.LIST) {
    node.values.forEach((item) => touchInput(context, itemType(type), item));
  } else if (node.kind === Kind.OBJECT) {
    for (const { name, value } of node.fields) {
      touchField(context, type, name.value, name, (inner) => touchInput(context, inner, value));
    }
  } else if (node.kind === Kind.ENUM) {
    context.touch(`${getNamedType(type).name}.${node.value}`, node);
  }
}

function touchVariable(context: InputContext, type: GraphQLInputType, node: VariableNode): void {
  const name = node.name.value;
  const fallback = context.definitions.find(({ variable }) => variable.name.value === name)?.defaultValue;
  if (Object.hasOwn(context.variables, name)) {
    touchValue(context, type, context.variables[name], node);
  } else if (fallback !== undefined) {
    touchValue(context, type, plain(fallback), node);
  } else {
    context.guarded.get(getNamedType(type).name)?.forEach(({ coordinate }) => context.touch(coordinate, node));
  }
}

/** Touches what the value of a variable holds; enum values are strings there. */
function touchValue(context: InputContext, type: GraphQLInputType, value: unknown, node: ASTNode): void {
  if (Array.isArray(value)) {
    value.forEach((item: unknown) => touchValue(context, itemType(type), item, node));
  } else if (typeof value === 'string' && isEnumType(getNamedType(type))) {
    context.touch(`${getNamedType(type).name}.${value}`, node);
  } else if (isRecord(value)) {
    for (const [name, item] of Object.entries(value)) {
      touchField(context, type, name, node, (inner) => touchValue(context, inner, item, node));
    }
  }
}

function touchField(
  context: InputContext,
  type: GraphQLInputType,
  name: string,
  node: ASTNode,
  next: (type: GraphQLInputType) => void,
): void {
  const named = getNamedType(type);
  const field = isInputObjectType(named)
    ? Object.values(named.getFields()).find((one) => one.name === name)
    : undefined;
  if (field !== undefined) {
    context.touch(`${named.name}.${name}`, node);
    next(field.type);
  }
}

function itemType(type: GraphQLInputType): GraphQLInputType {
  const list = getNullableType(type);
  return isListType(list) ? list.ofType : type;
}

function plain(node: ConstValueNode): unknown {
  return valueFromASTUntyped(node);
}
