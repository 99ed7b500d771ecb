import type { Verdict } from '../policy/judge.ts';
import type { ReviewedMatrix, ReviewedRow } from './matrix.ts';

/**
 * Reads back what `matrixMarkdown` wrote.
 *
 * @throws SyntaxError if the text holds no such table, or one that somebody has broken
 */
export function parseMatrix(markdown: string): ReviewedMatrix {
  const lines = markdown.split(/\r?\n/);
  const [head, , ...table] = lines.filter((line) => line.startsWith('| ')).map(cellsOf);
  if (head?.[0] !== 'coordinate' || head.at(-1) !== 'doors') {
    throw new SyntaxError('There is no access matrix in the file');
  }
  const columns = head.slice(1, -1);
  const guarded = table.map((cells) => parseRow(cells, columns.length));
  const fields = new Map(guarded.map((row) => [row.coordinate, row]));
  const rest = lines.flatMap((line) => /^- `(.+)`$/.exec(line)?.[1] ?? []);
  return { columns, rows: [...guarded, ...rest.map((coordinate) => restRow(coordinate, fields, columns.length))] };
}

/** The cells of a table's line; a `\|` within one is no border. */
function cellsOf(line: string): string[] {
  return line
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim().replaceAll('\\|', '|'));
}

function parseRow(cells: readonly string[], count: number): ReviewedRow {
  const coordinate = /^`(.+)`$/.exec(cells[0] ?? '')?.[1];
  const verdicts = cells.slice(1, -1).filter(isVerdict);
  if (coordinate === undefined || verdicts.length !== count || cells.length !== count + 2) {
    throw new SyntaxError(`The access matrix has a broken line: ${cells.join(' | ')}`);
  }
  return { coordinate, cells: verdicts, doors: cells.at(-1) ?? '' };
}

/** A coordinate without doors of its own: an argument goes with its field, other inputs are open to anybody. */
function restRow(coordinate: string, fields: ReadonlyMap<string, ReviewedRow>, count: number): ReviewedRow {
  const field = fields.get(coordinate.split('(')[0] ?? '');
  const cells = field?.cells ?? Array.from({ length: count }, (): Verdict => 'yes');
  return { coordinate, cells, doors: field?.doors ?? 'anybody' };
}

function isVerdict(text: string): text is Verdict {
  return text === 'yes' || text === 'no' || text === 'own';
}
