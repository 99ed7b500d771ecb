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
    const count = sorted.length === 1 ? '1 problem' : `${sorted.length} problems`;
    super(`The access policy has ${count}:\n${linesOf(sorted).join('\n')}`);
    this.name = 'PolicyError';
    Object.defineProperty(this, 'problems', { value: sorted });
  }
}

/** The number of problems that a message shows. */
const MOST_SHOWN = 20;

/** Returns the lines of a message: all problems, or the first of many, and how many others each type has. */
function linesOf(problems: readonly Problem[]): string[] {
  const shown = problems.slice(0, MOST_SHOWN).map(({ coordinate, message }) => `  ${coordinate}: ${message}`);
  const rest = problems.slice(MOST_SHOWN);
  if (rest.length === 0) {
    return shown;
  }
  const byType = [...Map.groupBy(rest, ({ coordinate }) => coordinate.split(/[.(]/, 1)[0] ?? '')];
  const largest = byType.toSorted(([, a], [, b]) => b.length - a.length).slice(0, MOST_SHOWN);
  const counts = largest.map(([type, { length }]) => `${type} ${length}`);
  const types =
    byType.length > largest.length
      ? `${counts.join(', ')} and ${byType.length - largest.length} others`
      : counts.join(', ');
  return [
    ...shown,
    `  … and ${rest.length} more, by type: ${types}`,
    '  (The property "problems" of this error has all of them.)',
  ];
}

/** Collects problems, so that all of them are reported at once. */
export type Report = (coordinate: string, message: string) => void;

/** Sorts problems by coordinate and removes duplicates. */
function sortProblems(problems: readonly Problem[]): Problem[] {
  const unique = new Map(problems.map((problem) => [`${problem.coordinate}\n${problem.message}`, problem]));
  return sortedBy(unique, ([text]) => text).map(([, problem]) => problem);
}

/** Returns a copy sorted by texts, of which no two are equal: by code units, so alike on every machine. */
export function sortedBy<Item>(items: Iterable<Item>, textOf: (item: Item) => string): Item[] {
  return [...items].sort((a, b) => (textOf(a) < textOf(b) ? -1 : 1));
}
