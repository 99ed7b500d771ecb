import { PolicyError } from '../../src/access/index.ts';

/** The name and the text of what is thrown. */
export function messageOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : 'not an error';
  }
  return 'nothing is thrown';
}

/** The problems of the policy error that is thrown, as lines. */
export function problemsIn(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error instanceof PolicyError
      ? error.problems.map(({ coordinate, message }) => `${coordinate}: ${message}`)
      : error;
  }
  return 'nothing is thrown';
}
