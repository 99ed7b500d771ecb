import { getArgumentValues, GraphQLDirective, type GraphQLInputType, Kind } from 'graphql';

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
  // A directive is the smallest thing whose arguments graphql-js completes with their defaults, on 16 and on 17.
  const directive = new GraphQLDirective({ name: 'holder', locations: [], args: { input } });
  const node = { kind: Kind.DIRECTIVE, name: { kind: Kind.NAME, value: directive.name } } as const;
  return getArgumentValues(directive, node)['input'];
}
