/** The number of letters by which a misspelt name may differ from the one that was meant. */
const MOST_WRONG = 2;

/**
 * Returns the name that a misspelt one was probably meant to be: the one that differs least, by case alone, or by two
 * letters and at most half of them.
 */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  let [nearest, least]: [string | undefined, number] = [undefined, MOST_WRONG + 1];
  for (const candidate of known) {
    const isOtherCase = name.toLowerCase() === candidate.toLowerCase();
    const distance = isOtherCase ? 0 : editDistance(name, candidate, MOST_WRONG);
    if (distance < least && distance * 2 <= candidate.length) {
      [nearest, least] = [candidate, distance];
    }
  }
  return nearest;
}

/**
 * Counts the insertions, deletions, substitutions and swaps of neighbouring letters that lead from one text to the
 * other (optimal string alignment). Returns something above `most` as soon as there are more.
 */
export function editDistance(from: string, to: string, most: number): number {
  let beforeLast: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let line = 1; line <= from.length && Math.min(...last) <= most; line += 1) {
    const row = [line];
    for (let column = 1; column <= to.length; column += 1) {
      const substituted = (last[column - 1] ?? 0) + (from[line - 1] === to[column - 1] ? 0 : 1);
      const isSwap = from[line - 1] === to[column - 2] && from[line - 2] === to[column - 1];
      const swapped = isSwap ? (beforeLast[column - 2] ?? 0) + 1 : Infinity;
      row.push(Math.min((row[column - 1] ?? 0) + 1, (last[column] ?? 0) + 1, substituted, swapped));
    }
    beforeLast = last;
    last = row;
  }
  return last[to.length] ?? 0;
}
