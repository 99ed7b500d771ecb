/** How much one document may ask for. Every number is the largest that is still accepted. */
export interface Limits {
  /** Lexical tokens; the parser stops behind them. */
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
  /** Fields that merge into one: the same response key at the same place, however it came there. */
  readonly duplicates: number;
  /** Directives at one location. */
  readonly directives: number;
  /** Lists and objects within each other in one literal or variable. */
  readonly valueDepth: number;
  /** Fields that may have to be resolved: each counts once for each object it may stand on. */
  readonly cost: number;
  /** Objects reckoned with on a page whose `first` or `last` is left out. */
  readonly defaultPage: number;
  /** Objects reckoned with at most: a page that asks for more is refused by its service. */
  readonly largestPage: number;
  /** Objects reckoned with in a list that is not paged. */
  readonly listLength: number;
}

/**
 * Wide enough for the introspection of GraphiQL, Sandbox and code generators and for clients that compose fragments;
 * narrow enough that the worst document within them is parsed, validated and weighed in well under 100 ms.
 */
export const DEFAULT_LIMITS: Limits = Object.freeze({
  tokens: 4_000,
  operations: 20,
  selections: 2_000,
  depth: 12,
  introspectionDepth: 20,
  rootFields: 30,
  aliases: 30,
  duplicates: 50,
  directives: 5,
  valueDepth: 10,
  cost: 20_000,
  defaultPage: 20,
  largestPage: 200,
  listLength: 10,
});

/** The name of a limit, told to clients as `extensions.limit`. */
export type LimitName = Exclude<keyof Limits, 'defaultPage' | 'largestPage' | 'listLength'> | 'fragmentCycle' | 'text';
