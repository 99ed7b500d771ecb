import {
  type ArgumentNode,
  type FieldNode,
  getNamedType,
  getNullableType,
  type GraphQLArgument,
  type GraphQLField,
  isEnumType,
  isListType,
  isSpecifiedScalarType,
  Kind,
} from 'graphql';

/** The time for which coerced arguments may serve: one call, an execution, or every execution of a plan. */
export type ArgumentReuse = 'call' | 'execution' | 'plan';

/** Literal objects, lists and custom scalars are coerced for each call: their values are new each time. */
export function argumentReuse({ args }: GraphQLField<unknown, unknown>, node: FieldNode): ArgumentReuse {
  const given = node.arguments ?? [];
  const isReusable = given.every((argument) => isVariable(argument) || isPlain(argument, args));
  return isReusable ? (given.some(isVariable) ? 'execution' : 'plan') : 'call';
}

function isVariable({ value }: ArgumentNode): boolean {
  return value.kind === Kind.VARIABLE;
}

function isPlain({ name, value }: ArgumentNode, args: readonly GraphQLArgument[]): boolean {
  const argument = args.find((candidate) => candidate.name === name.value);
  if (argument === undefined || value.kind === Kind.NULL) {
    return true;
  }
  const type = getNamedType(argument.type);
  return !isListType(getNullableType(argument.type)) && (isEnumType(type) || isSpecifiedScalarType(type));
}
