import { sortedBy } from './order.ts';

/** One thing that is wrong with a schema's access rules. */
export interface Problem {
  /** The schema coordinate at fault (https://spec.graphql.org/draft/#sec-Schema-Coordinates), or `schema`. */
  readonly coordinate: string;
  /** What is wrong, and what to do about it. */
  readonly message: string;
}

/** A schema's access rules cannot be enforced as they are written: nothing must be served. */
export class PolicyError extends Error {
  /** Everything that is wrong, sorted by coordinate. */
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

/** Collects problems, so that all of them can be told at once. */
export type Report = (coordinate: string, message: string) => void;

/** Sorted by coordinate; what was found twice is told once. */
function sortProblems(problems: readonly Problem[]): Problem[] {
  const unique = new Map(problems.map((problem) => [`${problem.coordinate}\n${problem.message}`, problem]));
  return sortedBy(unique, ([text]) => text).map(([, problem]) => problem);
}
