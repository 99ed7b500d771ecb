/** One problem of the access rules of a schema. */
export interface Problem {
  /** The schema coordinate at fault (https://spec.graphql.org/draft/#sec-Schema-Coordinates), or `schema`. */
  readonly coordinate: string;
  /** The problem, and what to do about it. */
  readonly message: string;
}

/** The access rules of a schema cannot be enforced as they are written, so nothing must be served. */
export class PolicyError extends Error {
  /** All problems, sorted by coordinate. */
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const sorted = sortProblems(problems);
    const lines = sorted.map(({ coordinate, message }) => `  ${coordinate}: ${message}`);
    const count = sorted.length === 1 ? '1 problem' : `${sorted.length} problems`;
    super(`The access policy has ${count}:\n${lines.join('\n')}`);
    this.name = 'PolicyError';
    this.problems = sorted;
  }
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
