import { getArgumentValues, type GraphQLArgument, type GraphQLInputType, Kind } from 'graphql';

/** The part of an argument or input field that its default follows from. */
export interface InputWithDefault {
  readonly type: GraphQLInputType;
  readonly defaultValue?: unknown;
  /** The default as it was written: graphql 17 keeps it there, and converts it when it is used. */
  readonly default?: unknown;
}

/** Tells whether an argument or input field has a default, which may be null. */
export function hasDefault(input: InputWithDefault): boolean {
  return input.defaultValue !== undefined || input.default !== undefined;
}

/** Returns the default of an argument or input field that has one, as resolvers get it. */
export function defaultOf(input: InputWithDefault): unknown {
  const argument = { ...input, name: 'input' } as unknown as GraphQLArgument;
  const field = { args: [argument] } as unknown as Parameters<typeof getArgumentValues>[0];
  return getArgumentValues(field, { kind: Kind.FIELD, name: { kind: Kind.NAME, value: 'field' } })['input'];
}
