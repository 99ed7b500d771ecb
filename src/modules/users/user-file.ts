import { CsvError, parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import type { RoleGraph } from '../../auth/role-graph.ts';
import { decodeText, NotText } from '../../lib/encoding.ts';
import { emailKeyOf, isEmail, requireDisplayName, requireUsername } from '../../lib/names.ts';

/** The columns of a file of users, in the order in which they are exported. */
export const USER_COLUMNS = ['username', 'email', 'display_name', 'roles', 'account', 'active'] as const;
const NEEDED = ['username', 'email', 'display_name'] as const;

/** A user, as a line of a file describes them. */
export interface UserLine {
  /** The number of the line, from 1; the first line is the header. */
  readonly line: number;
  readonly username: string;
  readonly email: string;
  readonly emailKey: string;
  readonly displayName: string;
  readonly roles: readonly string[];
  /** The id of an account; null for none. */
  readonly accountId: string | null;
  readonly active: boolean;
}

/** A problem of a line, or of the complete file (line 1). */
export interface LineProblem {
  readonly line: number;
  readonly message: string;
}

/** The state of the database that the lines are checked against. */
export interface Known {
  readonly graph: RoleGraph;
  readonly accounts: ReadonlySet<string>;
  readonly usernames: ReadonlySet<string>;
  readonly emailKeys: ReadonlySet<string>;
}

export interface ReadUsers {
  readonly users: readonly UserLine[];
  /** Every problem, by line. */
  readonly problems: readonly LineProblem[];
}

type Column = (typeof USER_COLUMNS)[number];

/** The cells of a user, by column; null for an empty one. */
export type UserCells = Readonly<Record<Column, string | null>>;

/** The cells of a line of the file, by column. */
export interface ParsedLine {
  readonly line: number;
  readonly cells: ReadonlyMap<string, string>;
}

/**
 * Parses a file of users: CSV (RFC 4180) in UTF-8, or in UTF-16 with a byte order mark, with a header. `roles` are
 * separated by blanks, `account` is an id, `active` is true or false; those three columns, and their cells, may be left
 * out.
 */
export function parseUserFile(bytes: Buffer): {
  lines: readonly ParsedLine[];
  problems: readonly LineProblem[];
} {
  try {
    const [header, ...lines] = readRecords(decodeText(bytes));
    const columns = header?.record ?? [];
    const faults = headerFaults(columns);
    if (header === undefined || faults.length > 0 || lines.length === 0) {
      const message =
        faults.length > 0 ? faults.join('; ') : 'after the header the file has no lines: it names no user';
      return { lines: [], problems: [{ line: header?.line ?? 1, message }] };
    }
    const problems = lines
      .filter(({ record }) => record.length !== columns.length)
      .map(({ record, line }) => {
        const message = `the line has ${record.length} cells and the header ${columns.length}: put cells that hold a comma in double quotes`;
        return { line, message };
      });
    return { lines: problems.length > 0 ? [] : lines.map((line) => withColumns(columns, line)), problems };
  } catch (error) {
    return { lines: [], problems: [problemOf(error)] };
  }
}

interface CsvRecord {
  readonly line: number;
  readonly record: readonly string[];
}

function readRecords(text: string): CsvRecord[] {
  const records: CsvRecord[] = [];
  parse(text, {
    on_record: (record: string[], { lines }) => {
      records.push({ line: lines, record });
      return null;
    },
    relax_column_count: true,
    skip_empty_lines: true,
    trim: true,
  });
  return records;
}

function withColumns(columns: readonly string[], { line, record }: CsvRecord): ParsedLine {
  return { line, cells: new Map(columns.map((column, at) => [column, unescapeFormula(record[at] ?? '')])) };
}

/** @throws the error itself if it is not about the content of the file */
function problemOf(error: unknown): LineProblem {
  if (error instanceof NotText) {
    return { line: error.line, message: error.message };
  }
  if (error instanceof CsvError) {
    return { line: Number(error['lines'] ?? 1), message: error.message };
  }
  throw error;
}

/** Returns the problems of a header, and the columns that it must name if it has any. */
function headerFaults(header: readonly string[]): string[] {
  const wanted = `name the columns in the first line: ${USER_COLUMNS.join(',')}`;
  const [only = ''] = header;
  if (header.length === 0) {
    return ['the file is empty', wanted];
  }
  if (header.length === 1 && /[;\t|]/.test(only)) {
    return ['the columns are not separated by commas', wanted];
  }
  const missing = NEEDED.filter((column) => !header.includes(column));
  const strange = header.filter((name) => !USER_COLUMNS.some((known) => known === name));
  const repeated = USER_COLUMNS.filter((column) => header.indexOf(column) !== header.lastIndexOf(column));
  const faults = [
    ...missing.map((name) => `${name} is missing`),
    ...strange.map((name) => `"${name}" is unknown`),
    ...repeated.map((name) => `${name} occurs twice`),
  ];
  return faults.length > 0 ? [...faults, wanted] : [];
}

/** Checks every line, against what is known and against the lines before it. */
export function checkUserLines(lines: readonly ParsedLine[], known: Known): ReadUsers {
  const problems: LineProblem[] = [];
  const seen = { usernames: new Map<string, number>(), emails: new Map<string, number>() };
  const users = lines.flatMap((parsed) => {
    const { user, faults } = readLine(parsed, known);
    const repeated = [
      repetitionOf(seen.usernames, user.username, user.line, 'user name'),
      repetitionOf(seen.emails, user.emailKey, user.line, 'e-mail address'),
    ].filter((fault) => fault !== null);
    problems.push(...[...faults, ...repeated].map((message) => ({ line: user.line, message })));
    return [user];
  });
  return { users, problems };
}

function repetitionOf(seen: Map<string, number>, key: string, line: number, what: string): string | null {
  const first = seen.get(key);
  seen.set(key, first ?? line);
  return first === undefined ? null : `the ${what} occurs in line ${first} already`;
}

const ACTIVE = new Map([
  ['', true],
  ['true', true],
  ['false', false],
]);

function readLine({ line, cells }: ParsedLine, known: Known): { user: UserLine; faults: string[] } {
  const faults: string[] = [];
  const checked = <T>(read: () => T, otherwise: T): T => {
    try {
      return read();
    } catch (error) {
      faults.push(error instanceof Error ? error.message : String(error));
      return otherwise;
    }
  };
  const cell = (column: Column): string => cells.get(column) ?? '';
  const username = checked(() => requireUsername(cell('username')), cell('username'));
  const displayName = checked(() => requireDisplayName(cell('display_name')), cell('display_name'));
  const emailKey = emailKeyOf(cell('email'));
  const roles = cell('roles').split(/\s+/).filter(Boolean);
  const accountId = cell('account') === '' ? null : cell('account');
  const active = ACTIVE.get(cell('active').toLowerCase());
  const unknownRoles = roles.filter((role) => !known.graph.has(role));
  const clash = known.graph.clashOf(roles, 'STATIC');
  const rules: readonly [boolean, string][] = [
    [!isEmail(cell('email')), 'the e-mail address is not valid'],
    [known.usernames.has(username), 'the user name is taken'],
    [known.emailKeys.has(emailKey), 'the e-mail address is taken'],
    [unknownRoles.length > 0, `there is no role ${unknownRoles.join(', ')}; there are ${known.graph.names.join(', ')}`],
    [clash !== null, `${clash?.a} and ${clash?.b} exclude each other`],
    [accountId !== null && !known.accounts.has(accountId), 'there is no such account'],
    [active === undefined, 'active must be true or false'],
  ];
  faults.push(...rules.filter(([isBroken]) => isBroken).map(([, message]) => message));
  const user = { line, username, email: cell('email'), emailKey, displayName, roles, accountId };
  return { user: { ...user, active: active ?? true }, faults };
}

/**
 * Formats users as lines of a file, without a header: {@link parseUserFile} reads every cell as it is given here.
 * Spreadsheets run cells that begin like a formula, so these are preceded by an apostrophe.
 */
export function formatUserLines(users: readonly UserCells[]): string {
  const lines = users.map((user) => USER_COLUMNS.map((column) => escapeFormula(user[column] ?? '')));
  return stringify(lines, { quoted_match: /^\s|\s$|[\r\n]/ });
}

/** The start of a formula, full-width signs included, after apostrophes that are part of the text or of an escape. */
const FORMULA = /^'*[=+\-@\t\r＝＋－＠]/;

function escapeFormula(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text;
}

function unescapeFormula(cell: string): string {
  return cell.startsWith("'") && FORMULA.test(cell) ? cell.slice(1) : cell;
}
