import { v4 as randomUuid } from 'uuid';
import { recordEvent, recordEvents } from '../../database/events/record.ts';
import type { Run } from '../../database/database.ts';
import type { Progress } from '../../database/migrate.ts';
import { RoleAssignmentEntity, type Tables, UserEntity } from '../../database/entities/index.ts';
import { lockForWriting } from '../../database/statements.ts';
import type { EntityManager } from '../../database/orm.ts';
import { systemScope } from '../../database/scopes.ts';
import { loadRoleGraph } from '../../auth/role-graph.ts';
import {
  checkUserLines,
  formatUserLines,
  type Known,
  type LineProblem,
  parseUserFile,
  USER_COLUMNS,
  type UserCells,
  type UserLine,
} from './user-file.ts';

/** The number of users that are read or written at a time. */
const BATCH = 1_000;

export interface ImportOptions {
  /** True: checks everything, and writes nothing. */
  readonly dryRun: boolean;
  readonly now: Date;
  readonly progress: Progress;
}

/** The outcome of an import, or the problems that stopped it. */
export interface ImportOutcome {
  /** The number of users in the file. */
  readonly users: number;
  /** The number of users that were written: all, or none. */
  readonly written: number;
  readonly problems: readonly LineProblem[];
}

/**
 * Creates the users of a CSV file: all of them, in one transaction, or none. They have no passwords: each user sets one
 * through a password reset. The audit trail names each of them with their roles, as if they had been created singly.
 */
export async function importUsers(run: Run, file: Buffer, options: ImportOptions): Promise<ImportOutcome> {
  const { lines, problems } = parseUserFile(file);
  if (problems.length > 0) {
    return { users: 0, written: 0, problems };
  }
  return run(systemScope, async (em) => {
    const checked = checkUserLines(lines, await readKnown(em));
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

async function readKnown(em: EntityManager): Promise<Known> {
  await lockForWriting(em, ['users', 'role_assignments']); // no user is added between the check and the writing
  const kysely = em.getKysely<Tables>();
  const users = await kysely.selectFrom('users').select(['username', 'email_key']).execute();
  const accounts = await kysely.selectFrom('accounts').select('id').execute();
  return {
    graph: await loadRoleGraph(em),
    accounts: new Set(accounts.map(({ id }) => id)),
    usernames: new Set(users.map(({ username }) => username)),
    emailKeys: new Set(users.map(({ email_key }) => email_key)),
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
  const by = { actorId: null, address: null, now };
  await recordEvents(
    em,
    rows.map(({ id, roles, accountId }) => {
      const details = { roles: [...new Set(roles)], account: accountId, imported: true };
      return { by, event: { action: 'user.created', target: { type: 'user', id }, details } } as const;
    }),
  );
}

interface ExportedUser {
  readonly id: string;
  readonly username: string;
}

/**
 * Writes all users as CSV, in the form that {@link importUsers} reads, a batch at a time. The audit trail records how many
 * were exported, even if `write` fails in between.
 *
 * @returns the number of users
 */
export async function exportUsers(
  run: Run,
  write: (csv: string) => Promise<void>,
  { now, progress }: Pick<ImportOptions, 'now' | 'progress'>,
): Promise<number> {
  let written = 0;
  let last: ExportedUser = { username: '', id: '00000000-0000-0000-0000-000000000000' };
  try {
    await write(`${USER_COLUMNS.join(',')}\n`);
    for (;;) {
      const after = last;
      const rows = await run(systemScope, (em) => usersAfter(em, after));
      const end = rows.at(-1);
      if (end === undefined) {
        return written;
      }
      written += rows.length;
      await write(formatUserLines(rows));
      last = end;
      progress(`wrote ${written} users`);
    }
  } finally {
    const event = { action: 'users.exported', details: { users: written } } as const;
    await run(systemScope, (em) => recordEvent(em, { actorId: null, address: null, now }, event));
  }
}

/** Returns the next users, in the order of their names, as the lines of an export. */
async function usersAfter(em: EntityManager, { username, id }: ExportedUser): Promise<(ExportedUser & UserCells)[]> {
  const rows = await em
    .getKysely<Tables>()
    .selectFrom('users')
    .leftJoin('role_assignments as r', 'r.user_id', 'users.id')
    .select(['users.id', 'username', 'email', 'display_name', 'account_id as account', 'active'])
    .select(({ fn }) => fn.agg<string[]>('array_agg', ['r.role']).orderBy('r.role').as('roles'))
    .where((eb) => eb(eb.refTuple('username', 'users.id'), '>', eb.tuple(username, id)))
    .groupBy('users.id')
    .orderBy('username')
    .orderBy('users.id')
    .limit(BATCH)
    .execute();
  return rows.map(({ active, roles, ...row }) =>
    Object.assign(row, { active: String(active), roles: roles.filter((role) => role !== null).join(' ') }),
  );
}
