import type { Verdict } from '../policy/judge.ts';
import type { AccessMatrix, MatrixRow, ReviewedMatrix, ReviewedRow } from './matrix.ts';

/**
 * Parses what `matrixMarkdown` has written.
 *
 * @throws SyntaxError if the text holds no such table, or a broken one
 */
export function parseMatrix(markdown: string): ReviewedMatrix {
  const lines = markdown.split(/\r?\n/);
  const [head, , ...table] = lines.filter((line) => line.startsWith('| ')).map(cellsOf);
  if (head?.[0] !== 'coordinate' || head.at(-1) !== 'requirements') {
    throw new SyntaxError('The file holds no access matrix');
  }
  const columns = head.slice(1, -1);
  const guarded = table.map((cells) => parseRow(cells, columns.length));
  const fields = new Map(guarded.map((row) => [row.coordinate, row]));
  const rest = lines.flatMap((line) => /^- `(.+)`$/.exec(line)?.[1] ?? []);
  return { columns, rows: [...guarded, ...rest.map((coordinate) => restRow(coordinate, fields, columns.length))] };
}

/** Splits a line of a table into cells; a `\|` within one is not a border. */
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
  return { coordinate, cells: verdicts, requirements: cells.at(-1) ?? '' };
}

/**
 * Builds the row of a coordinate without requirements of its own: an argument has those of its field, other inputs have
 * none.
 */
function restRow(coordinate: string, fields: ReadonlyMap<string, ReviewedRow>, count: number): ReviewedRow {
  const field = fields.get(coordinate.split('(')[0] ?? '');
  const cells = field?.cells ?? Array.from({ length: count }, (): Verdict => 'allowed');
  return { coordinate, cells, requirements: field?.requirements ?? 'anyone' };
}

function isVerdict(text: string): text is Verdict {
  return text === 'allowed' || text === 'denied' || text === 'own' || text === 'depends';
}

const HEAD = `# Access matrix

One row for each coordinate, one column for a viewer who holds that role alone. \`allowed\`: always; \`own\`: on objects
that the viewer owns; \`depends\`: where a policy allows it; \`denied\`: never. The last column has the requirements, with
all alternatives. Written by \`matrix --write\`; do not edit.
`;

const REST = `## Without requirements of their own

Any viewer who reaches the field may supply these arguments; any viewer may use these values.
`;

/** Formats a matrix as Markdown (GitHub Flavored), for review; `parseMatrix` reads it. */
export function matrixMarkdown({ columns, rows }: AccessMatrix): string {
  const guarded = rows.filter(({ isGuarded }) => isGuarded);
  const head = [
    tableLine(['coordinate', ...columns.map(escapeCell), 'requirements']),
    tableLine(Array.from({ length: columns.length + 2 }, () => '---')),
  ];
  const table = guarded.map((row) => tableLine([`\`${row.coordinate}\``, ...row.cells, escapeCell(row.requirements)]));
  const rest = rows.filter(({ isGuarded }) => !isGuarded).map(({ coordinate }) => `- \`${coordinate}\``);
  return [HEAD, ...head, ...table, ...(rest.length > 0 ? ['', REST, ...rest] : []), ''].join('\n');
}

/**
 * Formats a matrix as JSON: `{ columns, rows: [{ coordinate, kind, requirements, access: { ADMIN: "allowed" } }] }`.
 */
export function matrixJson({ columns, rows }: AccessMatrix): string {
  const records = rows.map(({ coordinate, kind, requirements, cells }) => {
    const access = Object.fromEntries(columns.map((column, index) => [column, cells[index]]));
    return { coordinate, kind, requirements, access };
  });
  return `${JSON.stringify({ columns, rows: records }, null, 2)}\n`;
}

/** Formats a matrix as CSV (RFC 4180, lines end with CR LF). */
export function matrixCsv({ columns, rows }: AccessMatrix): string {
  const records = rows.map(({ coordinate, kind, cells, requirements }: MatrixRow) => [
    coordinate,
    kind,
    ...cells,
    requirements,
  ]);
  const lines = [['coordinate', 'kind', ...columns, 'requirements'], ...records];
  return lines.map((fields) => `${fields.map(csvField).join(',')}\r\n`).join('');
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|');
}

function tableLine(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
