import type { AccessMatrixQuery, AccessVerdict } from '../generated/graphql.ts';
import { text } from '../text.ts';

export type Matrix = NonNullable<AccessMatrixQuery['accessMatrix']>;

/** One verdict that differs between two matrices; null where a matrix has no such coordinate or role. */
export interface VerdictChange {
  readonly coordinate: string;
  readonly column: string;
  readonly before: AccessVerdict | null;
  readonly after: AccessVerdict | null;
}

const { verdicts } = text.matrix;

const VERDICT_OF: ReadonlyMap<string, AccessVerdict> = new Map(
  Object.entries(verdicts).map(([verdict, word]) => [word, verdict as AccessVerdict]),
);

/** Returns a matrix as `npm run access -- matrix --write` writes it to schema/ACCESS.md. */
export function formatMatrix({ columns, rows }: Matrix): string {
  const lines = [
    ['coordinate', ...columns, 'requirements'],
    Array.from({ length: columns.length + 2 }, () => '---'),
    ...rows.map(({ coordinate, cells, requirements }) => [
      `\`${coordinate}\``,
      ...cells.map((verdict) => verdicts[verdict]),
      requirements,
    ]),
  ];
  return `# Access matrix\n\n${lines.map((cells) => `| ${cells.join(' | ')} |\n`).join('')}`;
}

/** Reads a matrix in the format of schema/ACCESS.md; null if the text is none. */
export function parseMatrix(source: string): Matrix | null {
  const table = source
    .split(/\r?\n/)
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  const [head, , ...body] = table;
  if (head?.[0] !== 'coordinate') {
    return null;
  }
  const columns = head.slice(1, -1);
  const rows = body.map((cells) => ({
    coordinate: (cells[0] ?? '').replaceAll('`', ''),
    cells: cells.slice(1, columns.length + 1).flatMap((word) => VERDICT_OF.get(word) ?? []),
    requirements: cells.slice(columns.length + 1).join(' | '),
  }));
  return rows.every(({ cells }) => cells.length === columns.length) ? { columns, rows } : null;
}

function verdictsOf({ columns, rows }: Matrix): ReadonlyMap<string, ReadonlyMap<string, AccessVerdict>> {
  return new Map(
    rows.map(({ coordinate, cells }) => [
      coordinate,
      new Map(cells.map((verdict, index) => [columns[index] ?? '', verdict])),
    ]),
  );
}

/** Returns every verdict that two matrices do not have in common, by coordinate. */
export function changesBetween(before: Matrix, after: Matrix): readonly VerdictChange[] {
  const [old, now] = [verdictsOf(before), verdictsOf(after)];
  const columns = [...new Set([...before.columns, ...after.columns])];
  return [...new Set([...old.keys(), ...now.keys()])].toSorted().flatMap((coordinate) =>
    columns
      .map((column) => ({
        coordinate,
        column,
        before: old.get(coordinate)?.get(column) ?? null,
        after: now.get(coordinate)?.get(column) ?? null,
      }))
      .filter((change) => change.before !== change.after),
  );
}
