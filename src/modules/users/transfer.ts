import { stringify } from 'csv-stringify/sync';
import { v4 as randomUuid } from 'uuid';
import { recordEvent } from '../../database/events/record.ts';
import type { Run } from '../../database/database.ts';
import type { Progress } from '../../database/migrate.ts';
import { RoleAssignmentEntity, UserEntity } from '../../database/entities/index.ts';
import type { EntityManager } from '../../database/orm.ts';
import { systemScope } from '../../database/scopes.ts';
import { loadRoleGraph } from '../../auth/role-graph.ts';
import {
  checkUserLines,
  type Known,
  type LineProblem,
  parseUserFile,
  USER_COLUMNS,
  type UserLine,
} from './user-file.ts';

/** How many users are read or written at a time. */
const BATCH = 1_000;

export interface ImportOptions {
  /** Checks everything, and writes nothing. */
  readonly dryRun: boolean;
  readonly now: Date;
  readonly progress: Progress;
}

/** What an import did, or why it did nothing. */
export interface ImportOutcome {
  /** How many users there are in the file. */
  readonly users: number;
  /** How many were written: all, or none. */
  readonly written: number;
  readonly problems: readonly LineProblem[];
}

/**
 * Makes users of a CSV file: all of them, in one transaction, or none. They have no passwords: each chooses one by mail.
 */
export async function importUsers(run: Run, text: string, options: ImportOptions): Promise<ImportOutcome> {
  const { lines, problems } = parseUserFile(text);
  if (problems.length > 0) {
    return { users: 0, written: 0, problems };
  }
  return run(systemScope, async (em) => {
    const checked = checkUserLines(lines, await whatIsKnown(em));
    const users = checked.users.length;
    options.progress(`checked ${users} users`);
    if (checked.problems.length > 0 || options.dryRun) {
      return { users, written: 0, problems: checked.problems };
    }
    for (let start = 0; start < users; start += BATCH) {
      await writeUsers(em, checked.users.slice(start, start + BATCH), options.now);
      options.progress(`wrote ${Math.min(start + BATCH, users)} of ${users} users`);
    }
    const by = { actorId: null, address: null, now: options.now };
    await recordEvent(em, by, { action: 'users.imported', details: { users } });
    return { users, written: users, problems: [] };
  });
}

async function whatIsKnown(em: EntityManager): Promise<Known> {
  // Nobody is added between the check and the writing.
  await em.execute('lock table users, role_assignments in share row exclusive mode');
  const users = await em.execute<{ username: string; emailKey: string }[]>(
    'select username, email_key as "emailKey" from users',
  );
  const accounts = await em.execute<{ id: string }[]>('select id from accounts');
  return {
    graph: await loadRoleGraph(em),
    accounts: new Set(accounts.map(({ id }) => id)),
    usernames: new Set(users.map(({ username }) => username)),
    emailKeys: new Set(users.map(({ emailKey }) => emailKey)),
  };
}

async function writeUsers(em: EntityManager, users: readonly UserLine[], now: Date): Promise<void> {
  const rows = users.map((user) => ({ ...user, id: randomUuid() }));
  await em.insertMany(
    UserEntity,
    rows.map(({ id, username, email, emailKey, displayName, active, accountId }) => {
      return { id, username, email, emailKey, displayName, active, account: accountId, createdAt: now, updatedAt: now };
    }),
  );
  const assignments = rows.flatMap(({ id, roles }) => [...new Set(roles)].map((role) => ({ user: id, role })));
  if (assignments.length > 0) {
    await em.insertMany(RoleAssignmentEntity, assignments);
  }
}

interface ExportedUser {
  readonly id: string;
  readonly username: string;
}

/**
 * Writes all users as CSV, in the form that {@link importUsers} reads, a batch at a time.
 *
 * @returns how many
 */
export async function exportUsers(
  run: Run,
  write: (csv: string) => Promise<void>,
  { now, progress }: Pick<ImportOptions, 'now' | 'progress'>,
): Promise<number> {
  await write(`${USER_COLUMNS.join(',')}\n`);
  let written = 0;
  let last: ExportedUser = { username: '', id: '00000000-0000-0000-0000-000000000000' };
  for (;;) {
    const rows = await run(systemScope, (em) => em.execute<ExportedUser[]>(EXPORT, [last.username, last.id, BATCH]));
    const end = rows.at(-1);
    if (end === undefined) {
      break;
    }
    await write(stringify(rows, { columns: [...USER_COLUMNS], escape_formulas: true }));
    written += rows.length;
    last = end;
    progress(`wrote ${written} users`);
  }
  await run(systemScope, (em) =>
    recordEvent(em, { actorId: null, address: null, now }, { action: 'users.exported', details: { users: written } }),
  );
  return written;
}

const EXPORT = `
  select id, username, email, display_name, account_id as account, active::text as active,
    array_to_string(array(select role from role_assignments where user_id = users.id order by 1), ' ') as roles
  from users where (username, id) > (?, ?) order by username, id limit ?`;
