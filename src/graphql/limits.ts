import { type ASTNode, GraphQLError } from 'graphql';

/** The largest number of characters of an operation's name that logs and traces hold. */
export const LONGEST_RECORDED_NAME = 100;

/** The limits on one document. Every number is the largest value that is still accepted. */
export interface Limits {
  /** Lexical tokens. The parser stops at the first one beyond. */
  readonly tokens: number;
  /** Operations in one document, of which one is run. */
  readonly operations: number;
  /** Fields and fragments, counted as often as spreads repeat them. */
  readonly selections: number;
  /** Fields within fields. */
  readonly depth: number;
  /** The same below `__schema` and `__type`; tools nest `ofType` nine times. */
  readonly introspectionDepth: number;
  /** Fields of the operation itself, after merging. */
  readonly rootFields: number;
  /** Fields that are renamed. */
  readonly aliases: number;
  /** Characters of a name: an alias is repeated for each row of an answer, and in the path of each error. */
  readonly nameLength: number;
  /** Fields that merge into one: the same response key at the same place, whatever fragments they stand in. */
  readonly duplicates: number;
  /** Directives at one location. */
  readonly directives: number;
  /** Lists and objects within each other in one literal or variable. */
  readonly valueDepth: number;
  /** Fields that may have to be resolved: each counts once for each object it may stand on. */
  readonly cost: number;
  /** Estimated objects on a page whose `first` or `last` is left out. */
  readonly defaultPage: number;
  /** Estimated objects on a page at most: its service refuses a page that asks for more. */
  readonly largestPage: number;
  /** Estimated objects in a list that is not paged. */
  readonly listLength: number;
}

/**
 * Wide enough for the introspection of GraphiQL, Sandbox and code generators and for clients that compose fragments;
 * narrow enough that the worst document within them is parsed, validated and estimated in well under 100 ms.
 */
export const DEFAULT_LIMITS: Limits = Object.freeze({
  tokens: 4_000,
  operations: 20,
  selections: 2_000,
  depth: 12,
  introspectionDepth: 20,
  rootFields: 30,
  aliases: 30,
  nameLength: 200,
  duplicates: 50,
  directives: 5,
  valueDepth: 10,
  cost: 20_000,
  defaultPage: 20,
  largestPage: 200,
  listLength: 10,
});

/** Validation, and the coercion of variables, stop after this many errors. */
export const MOST_ERRORS = 20;

/** The longest message of an error: names in a document may be as long as the document. */
export const LONGEST_MESSAGE = 500;

/** Cached documents take at most this many bytes, syntax trees and estimates included. */
export const CACHED_BYTES = 64_000_000;

/** The name of a limit, which clients find in `extensions.limit`. */
export type LimitName = Exclude<keyof Limits, 'defaultPage' | 'largestPage' | 'listLength'> | 'fragmentCycle' | 'text';

/**
 * Creates the error of a document that violates a limit. It is answered with 400, as every failed validation is, and no
 * resolver runs.
 */
export function limitError(limit: LimitName, message: string, nodes?: ASTNode): GraphQLError {
  return new GraphQLError(message, {
    ...(nodes === undefined ? {} : { nodes }),
    extensions: { code: 'GRAPHQL_VALIDATION_FAILED', limit },
  });
}
