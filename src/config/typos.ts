/** Below this length two names are near one another by chance (HOST and HOME): one slip is the most. */
const SHORT_NAME = 8;

/**
 * Insertions, deletions and substitutions that lead from one text to the other (Levenshtein); something above `most`
 * where there are more.
 */
function editDistance(from: string, to: string, most: number): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let line = 1; line <= from.length && Math.min(...row) <= most; line += 1) {
    const above = row;
    row = [line];
    for (let column = 1; column <= to.length; column += 1) {
      const substituted = (above[column - 1] ?? 0) + (from[line - 1] === to[column - 1] ? 0 : 1);
      row.push(Math.min((row[column - 1] ?? 0) + 1, (above[column] ?? 0) + 1, substituted));
    }
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
    .map((candidate) => ({ candidate, distance: editDistance(name, candidate, allowed(candidate)) }))
    .filter(({ candidate, distance }) => distance <= allowed(candidate));
  return near.sort((a, b) => a.distance - b.distance)[0]?.candidate ?? null;
}
