/** One problem of the access rules of a schema. */
export interface Problem {
  /** The schema coordinate at fault (https://spec.graphql.org/draft/#sec-Schema-Coordinates), or `schema`. */
  readonly coordinate: string;
  /** The problem, and what to do about it. */
  readonly message: string;
}

/** The access rules of a schema cannot be enforced as they are written, so nothing must be served. */
export class PolicyError extends Error {
  /** All problems, sorted by coordinate. Not enumerable: Node would print them below the message, which has them in short. */
  declare readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const sorted = sortProblems(problems);
    super(describeProblems(sorted));
    this.name = 'PolicyError';
    Object.defineProperty(this, 'problems', { value: sorted });
  }
}

/** The number of problems that a message shows. */
const MOST_SHOWN = 20;

/** The part of a message that says where the other problems are. */
const ELSEWHERE = 'The property "problems" of this error has all of them.';

/**
 * Words problems: a headline, then all of them, or the first `most` and how many others each type has.
 *
 * @param elsewhere the sentence that says where the others are
 */
export function describeProblems(problems: readonly Problem[], most = MOST_SHOWN, elsewhere = ELSEWHERE): string {
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  const lines = problems.map(({ coordinate, message }) => ({ coordinate, line: `${coordinate}: ${message}` }));
  return [`The access policy has ${count}:`, ...listInShort(lines, most, elsewhere)].join('\n');
}

/** Returns the lines of a list about coordinates: all of them, or the first `most` and how many others each type has. */
export function listInShort(
  lines: readonly { readonly coordinate: string; readonly line: string }[],
  most = MOST_SHOWN,
  elsewhere = ELSEWHERE,
): string[] {
  const shown = lines.slice(0, most).map(({ line }) => `  ${line}`);
  const rest = lines.slice(most);
  if (rest.length === 0) {
    return shown;
  }
  const byType = [...Map.groupBy(rest, ({ coordinate }) => coordinate.split(/[.(]/, 1)[0] ?? '')];
  const largest = byType.toSorted(([, a], [, b]) => b.length - a.length).slice(0, MOST_SHOWN);
  const counts = largest.map(([type, { length }]) => `${type} ${length}`);
  const types =
    byType.length > largest.length
      ? `${counts.join(', ')} and ${byType.length - largest.length} other types`
      : counts.join(', ');
  return [...shown, `  … and ${rest.length} more, by type: ${types}`, `  (${elsewhere})`];
}

/** Collects problems, so that all of them are reported at once. */
export type Report = (coordinate: string, message: string) => void;

/** Sorts problems by coordinate and removes duplicates. */
export function sortProblems(problems: readonly Problem[]): Problem[] {
  const unique = new Map(problems.map((problem) => [`${problem.coordinate}\n${problem.message}`, problem]));
  return sortedBy(unique, ([text]) => text).map(([, problem]) => problem);
}

/** Returns a copy sorted by texts, of which no two are equal: by code units, so alike on every machine. */
export function sortedBy<Item>(items: Iterable<Item>, textOf: (item: Item) => string): Item[] {
  return [...items].sort((a, b) => (textOf(a) < textOf(b) ? -1 : 1));
}
