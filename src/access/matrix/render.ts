import type { AccessMatrix, MatrixRow } from './matrix.ts';

const HEAD = `# Who may reach what

One row a coordinate, one column a role held alone. \`yes\`: always; \`own\`: what belongs to the viewer; \`no\`: never.
Doors are what has to open, with every alternative key. Written by \`access matrix --write\`; not to be edited.
`;

const REST = `## Without doors of their own

Whoever reaches the field may give these arguments; anybody may name these values.
`;

/** A matrix as Markdown (GitHub Flavored), for people to review; `parseMatrix` reads it back. */
export function matrixMarkdown({ columns, rows }: AccessMatrix): string {
  const guarded = rows.filter(({ isGuarded }) => isGuarded);
  const head = [
    tableLine(['coordinate', ...columns, 'doors']),
    tableLine(Array.from({ length: columns.length + 2 }, () => '---')),
  ];
  const table = guarded.map((row) =>
    tableLine([`\`${row.coordinate}\``, ...row.cells, row.doors.replaceAll('|', '\\|')]),
  );
  const rest = rows.filter(({ isGuarded }) => !isGuarded).map(({ coordinate }) => `- \`${coordinate}\``);
  return [HEAD, ...head, ...table, ...(rest.length > 0 ? ['', REST, ...rest] : []), ''].join('\n');
}

/** A matrix as JSON: `{ columns, rows: [{ coordinate, kind, doors, access: { ADMIN: "yes" } }] }`. */
export function matrixJson({ columns, rows }: AccessMatrix): string {
  const records = rows.map(({ coordinate, kind, doors, cells }) => {
    const access = Object.fromEntries(columns.map((column, index) => [column, cells[index]]));
    return { coordinate, kind, doors, access };
  });
  return `${JSON.stringify({ columns, rows: records }, null, 2)}\n`;
}

/** A matrix as CSV (RFC 4180, lines end with CR LF). */
export function matrixCsv({ columns, rows }: AccessMatrix): string {
  const records = rows.map(({ coordinate, kind, cells, doors }: MatrixRow) => [coordinate, kind, ...cells, doors]);
  const lines = [['coordinate', 'kind', ...columns, 'doors'], ...records];
  return lines.map((fields) => `${fields.map(csvField).join(',')}\r\n`).join('');
}

function tableLine(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
