/** A piece of SQL that rows must satisfy, with `?` where its parameters go. */
export interface Condition {
  readonly sql: string;
  readonly params: readonly unknown[];
}

/** The column equals the value. */
export function equals(column: string, value: string | boolean | number): Condition {
  return { sql: `${column} = ?`, params: [value] };
}

/** No row satisfies it. */
const NEVER: Condition = { sql: 'false', params: [] };

/**
 * The text occurs in one of the columns, in any case. `%`, `_` and `\` in it stand for themselves. What no column can
 * hold (NUL, half a surrogate pair) occurs in none.
 */
export function contains(columns: readonly string[], text: string): Condition {
  if (text.includes('\0') || !text.isWellFormed()) {
    return NEVER;
  }
  const pattern = `%${text.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
  const sql = columns.map((column) => `${column} ilike ?`).join(' or ');
  return { sql: `(${sql})`, params: columns.map(() => pattern) };
}

/** All of the conditions. */
export function allOf(conditions: readonly Condition[]): Condition {
  if (conditions.length === 0) {
    return { sql: 'true', params: [] };
  }
  return {
    sql: conditions.map(({ sql }) => sql).join(' and '),
    params: conditions.flatMap(({ params }) => params),
  };
}
