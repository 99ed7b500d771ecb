import { arrayLiteral } from '../database/literals.ts';
import { BadUserInput } from '../lib/errors.ts';
import { foldName, isStorable } from '../lib/names.ts';

const LONGEST_SEARCH = 500;
/** Minus signs with no word between them: PostgreSQL nests one negation a sign, and gives up at the 32nd. */
const MINUSES = /-(?:[^\p{L}\p{N}-]*-)+/gu;

/** A piece of SQL that rows must satisfy, with `?` where its parameters go. */
export interface Condition {
  readonly sql: string;
  readonly params: readonly unknown[];
}

/** The column equals the value. */
export function equals(column: string, value: string | boolean | number): Condition {
  return { sql: `${column} = ?`, params: [value] };
}

/** The column is greater than the value. */
export function isAfter(column: string, value: Date): Condition {
  return { sql: `${column} > ?`, params: [value] };
}

/** The column is the value, or greater. */
export function isFrom(column: string, value: Date): Condition {
  return { sql: `${column} >= ?`, params: [value] };
}

/** The column is less than the value. */
export function isBefore(column: string, value: Date): Condition {
  return { sql: `${column} < ?`, params: [value] };
}

/** The column holds no value. */
export function isEmpty(column: string): Condition {
  return { sql: `${column} is null`, params: [] };
}

/** The column is one of the values. */
export function isOneOf(column: string, values: readonly string[]): Condition {
  return { sql: `${column} = any(?::text[])`, params: [arrayLiteral(values)] };
}

/** A relation of many to many: its table, with the columns that refer to the row and to the other side. */
export interface Relation {
  readonly table: string;
  readonly row: string;
  readonly other: string;
}

/** The row, whose key this column is, is related to the other side with the value. */
export function isRelated(column: string, relation: Relation, value: string): Condition {
  return { sql: relatedTo(column, relation, '?'), params: [value] };
}

/** SQL that holds for a row, whose key this column is, that is related to the other side with the value of an expression. */
export function relatedTo(column: string, { table, row, other }: Relation, expression: string): string {
  return `${column} in (select ${row} from ${table} where ${other} = ${expression})`;
}

/** No row satisfies it. */
export const NEVER: Condition = { sql: 'false', params: [] };

/** The column begins with the text, case and all. An index serves it, if the column's collation is "C". */
export function startsWith(column: string, text: string): Condition {
  return isStorable(text) ? { sql: `${column} like ?`, params: [`${escapeLike(text)}%`] } : NEVER;
}

/**
 * The text occurs in one of the columns, compared as names are. Blanks around it do not count. `%`, `_` and `\` in it stand for themselves. What no column can hold (NUL, half a surrogate pair) occurs in
 * none.
 */
export function contains(columns: readonly string[], text: string): Condition {
  return isStorable(text) ? anyOf(columns.map((column) => like(`rolegate_fold(${column})`, trim(text)))) : NEVER;
}

/** The text occurs, as in {@link contains}, in the column, which holds keys of `foldName`. */
export function containsInKey(column: string, text: string): Condition {
  return isStorable(text) ? { sql: `${column} like ?`, params: [`%${escapeLike(foldName(trim(text)))}%`] } : NEVER;
}

/** Names have no blanks around them. Blanks alone are searched for as they are. */
function trim(text: string): string {
  return text.trim() || text;
}

/**
 * The words of a search (`"a phrase"`, `or`, `-without`), or words that begin like them, are in a `tsvector` column of
 * the configuration `simple`, made from folded text. An index serves it.
 *
 * @throws {BadUserInput} if the search is longer than any useful one
 */
export function containsWords(column: string, text: string): Condition {
  if (text.length > LONGEST_SEARCH) {
    throw new BadUserInput(`A search is at most ${LONGEST_SEARCH} characters`, { field: 'filter.search' });
  }
  if (!isStorable(text)) {
    return NEVER;
  }
  const words = "websearch_to_tsquery('simple', rolegate_fold(?))::text";
  const sql = `${column} @@ regexp_replace(${words}, '''(''''|[^''])+''', '\\&:*', 'g')::tsquery`;
  // Normalised before the minus signs are counted: there are others, such as the full-width one, that become one.
  return { sql, params: [text.normalize('NFKC').replaceAll(MINUSES, '-')] };
}

/** A condition on a text that an index on trigrams serves. */
export interface Search extends Condition {
  /** True if the index is likely to find few rows. */
  readonly isRare: boolean;
}

/**
 * The text occurs, as in {@link contains}, in the column, which is folded by `rolegate_fold`, of collation "C", and has an
 * index on its trigrams.
 */
export function containsFolded(column: string, text: string): Search {
  if (!isStorable(text)) {
    return { ...NEVER, isRare: true };
  }
  const trimmed = trim(text);
  const letters = Array.from(longestWord(trimmed.normalize('NFKC'))).slice(0, LOOKED_UP); // whole characters
  const isRare = letters.length === LOOKED_UP;
  const lookedUp = letters.join('');
  if (!isRare || lookedUp === trimmed || !IS_ASCII.test(trimmed)) {
    return { ...like(column, trimmed), isRare };
  }
  // An index on trigrams reads a list for each of them: a part finds nearly as little in half the time. Joining with
  // nothing keeps the index from being used for the rest. Only of ASCII is a part of a text a part of the folded text.
  return { ...allOf([like(column, lookedUp), like(`(${column} || '')`, trimmed)]), isRare };
}

/** Both fold ASCII alike; beyond it, only the database's folding is the one that its column has. */
function like(folded: string, text: string): Condition {
  return IS_ASCII.test(text)
    ? { sql: `${folded} like ?`, params: [`%${escapeLike(text.toLowerCase())}%`] }
    : { sql: `${folded} like ${PATTERN}`, params: [text] };
}

/** The text is escaped after folding: a full-width percent sign becomes an ASCII one. */
const PATTERN = String.raw`('%' || regexp_replace(rolegate_fold(?), '([\\%_])', '\\\1', 'g') || '%') collate "C"`;

const IS_ASCII = /^\p{ASCII}*$/u;

/** The number of letters that are looked up in an index of trigrams: five in common are rarely a coincidence. */
const LOOKED_UP = 5;

function longestWord(text: string): string {
  const words = text.match(/[\p{L}\p{N}]+/gu) ?? [''];
  return words.reduce((longest, word) => (word.length > longest.length ? word : longest));
}

function escapeLike(text: string): string {
  return text.replaceAll(/[\\%_]/g, String.raw`\$&`);
}

/** At least one of the conditions. */
export function anyOf(conditions: readonly Condition[]): Condition {
  return conditions.length === 0
    ? NEVER
    : {
        sql: `(${conditions.map(({ sql }) => sql).join(' or ')})`,
        params: conditions.flatMap(({ params }) => params),
      };
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
