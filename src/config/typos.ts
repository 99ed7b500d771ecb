/** Below this length two names are near one another by chance (HOST and HOME): one slip is the most. */
const SHORT_NAME = 8;

/** Insertions, deletions and substitutions that lead from one text to the other (Levenshtein). */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let line = 1; line <= from.length; line += 1) {
    const next = [line];
    for (let column = 1; column <= to.length; column += 1) {
      const [left = 0, above = 0, diagonal = 0] = [next[column - 1], row[column], row[column - 1]];
      next.push(Math.min(left + 1, above + 1, diagonal + (from[line - 1] === to[column - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}

const allowed = (name: string): number => (name.length < SHORT_NAME ? 1 : 2);

/**
 * The known name that this unknown one was probably meant to be, or null. Case does not count, two slips are allowed,
 * in a short name one.
 */
export function meantBy(unknown: string, known: readonly string[]): string | null {
  const name = unknown.toUpperCase();
  const near = known
    .filter((candidate) => Math.abs(candidate.length - name.length) <= allowed(candidate))
    .map((candidate) => ({ candidate, distance: editDistance(name, candidate) }))
    .filter(({ candidate, distance }) => distance <= allowed(candidate));
  return near.sort((a, b) => a.distance - b.distance)[0]?.candidate ?? null;
}
