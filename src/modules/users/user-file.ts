import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import type { RoleGraph } from '../../auth/role-graph.ts';
import { emailKeyOf, requireDisplayName, requireUsername } from '../../lib/names.ts';

/** The columns of a file of users, in the order in which they are exported. */
export const USER_COLUMNS = ['username', 'email', 'display_name', 'roles', 'account', 'active'] as const;
const NEEDED = ['username', 'email', 'display_name'] as const;

/** A user as a line of a file has it. */
export interface UserLine {
  /** Where it stands, from 1; the first line is the header. */
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

/** Why a line, or the whole file (line 1), is no good. */
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
  /** All that is wrong, by line. */
  readonly problems: readonly LineProblem[];
}

interface Parsed {
  readonly record: Readonly<Record<string, string>>;
  readonly info: { readonly lines: number };
}

/**
 * Reads a file of users: CSV (RFC 4180) in UTF-8 with a header. `roles` are separated by blanks, `account` is an id,
 * `active` is true or false; those three columns, and their cells, may be left out.
 */
export function parseUserFile(text: string): { lines: readonly Parsed[]; problems: readonly LineProblem[] } {
  let lines: Parsed[];
  try {
    lines = parse<Parsed>(text, { columns: true, bom: true, info: true, trim: true, skip_empty_lines: true });
  } catch (error) {
    if (error instanceof Error && 'lines' in error) {
      return { lines: [], problems: [{ line: Number(error.lines), message: error.message }] };
    }
    throw error;
  }
  const header = Object.keys(lines[0]?.record ?? {});
  const missing = NEEDED.filter((column) => !header.includes(column));
  const strange = header.filter((column) => !USER_COLUMNS.some((known) => known === column));
  if (lines.length === 0 || missing.length > 0 || strange.length > 0) {
    const wanted = `the first line must name the columns ${USER_COLUMNS.join(',')}`;
    const faults = [...missing.map((name) => `${name} is missing`), ...strange.map((name) => `"${name}" is unknown`)];
    return { lines: [], problems: [{ line: 1, message: [...faults, wanted].join('; ') }] };
  }
  return { lines, problems: [] };
}

/** Checks every line, against what is known and against the lines before it. */
export function checkUserLines(lines: readonly Parsed[], known: Known): ReadUsers {
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
  return first === undefined ? null : `the ${what} stands in line ${first} already`;
}

const email = z.email();
const ACTIVE = new Map([
  ['', true],
  ['true', true],
  ['false', false],
]);

function readLine({ record, info }: Parsed, known: Known): { user: UserLine; faults: string[] } {
  const faults: string[] = [];
  const checked = <T>(read: () => T, otherwise: T): T => {
    try {
      return read();
    } catch (error) {
      faults.push(error instanceof Error ? error.message : String(error));
      return otherwise;
    }
  };
  const cell = (column: (typeof USER_COLUMNS)[number]): string => unescapeFormula(record[column] ?? '');
  const username = checked(() => requireUsername(cell('username')), cell('username'));
  const displayName = checked(() => requireDisplayName(cell('display_name')), cell('display_name'));
  const emailKey = emailKeyOf(cell('email'));
  const roles = cell('roles').split(/\s+/).filter(Boolean);
  const accountId = cell('account') === '' ? null : cell('account');
  const active = ACTIVE.get(cell('active').toLowerCase());
  const unknownRoles = roles.filter((role) => !known.graph.has(role));
  const clash = known.graph.clashOf(roles, 'STATIC');
  const rules: readonly [boolean, string][] = [
    [!email.safeParse(cell('email')).success, 'the e-mail address is not valid'],
    [known.usernames.has(username), 'the user name is taken'],
    [known.emailKeys.has(emailKey), 'the e-mail address is taken'],
    [unknownRoles.length > 0, `there is no role ${unknownRoles.join(', ')}`],
    [clash !== null, `${clash?.a} and ${clash?.b} exclude each other`],
    [accountId !== null && !known.accounts.has(accountId), 'there is no such account'],
    [active === undefined, 'active must be true or false'],
  ];
  faults.push(...rules.filter(([isBroken]) => isBroken).map(([, message]) => message));
  const user = { line: info.lines, username, email: cell('email'), emailKey, displayName, roles, accountId };
  return { user: { ...user, active: active ?? true }, faults };
}

/** Spreadsheets run cells that begin like a formula: exports put an apostrophe before them, which is taken off here. */
function unescapeFormula(cell: string): string {
  return /^'[=+\-@\t\r]/.test(cell) ? cell.slice(1) : cell;
}
