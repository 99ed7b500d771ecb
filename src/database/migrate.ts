import { Client, escapeIdentifier } from 'pg';
import { connectServer, type Orm } from './orm.ts';
import { migrationsList } from './migrations/index.ts';
import { OPEN_TO_EVERY_LOGIN } from './least-privilege.ts';
import { databaseRoles, NOBODY_ROLE, systemScope } from './scopes.ts';
import { inTransaction } from './unit-of-work.ts';

/** Called with the name of each step that takes noticeable time. */
export type Progress = (step: string) => void;

/** A number on which nothing else takes an advisory lock. */
const MIGRATION_LOCK = 7_306_429_105;

/** Brings the tables up to date. Returns the names of the migrations that ran. */
export async function runMigrations(orm: Orm, progress: Progress): Promise<string[]> {
  const pending = await pendingMigrations(orm, (sql) => orm.em.getConnection().execute(sql));
  if (pending.length === 0) {
    return [];
  }
  progress(`migrating the database (${rangeOf(pending)})`);
  const done = await orm.migrator.up();
  return done.map(({ name }) => name);
}

/** The time for which a migration waits for a lock, in milliseconds: whatever comes after it waits as long. */
const LOCK_TIMEOUT_MS = 10_000;

const LOCK_NOT_AVAILABLE = '55P03';

/** A migration has waited too long for a lock. */
export class MigrationBlocked extends Error {
  constructor(next: string, seconds: number, cause: unknown) {
    super(
      `The migration ${next} has waited ${seconds} seconds for a lock that another transaction holds, and has changed nothing. ` +
        'The migrations before it are done. End the transactions that run long (select pid, state, xact_start, query ' +
        'from pg_stat_activity where xact_start is not null order by xact_start), then migrate again.',
      { cause },
    );
    this.name = 'MigrationBlocked';
  }
}

/** Runs the migrations of a server. @throws {MigrationBlocked} */
async function runServerMigrations(orm: Orm, progress: Progress, lockTimeout: number): Promise<string[]> {
  try {
    return await runMigrations(orm, progress);
  } catch (error) {
    if (!isLockTimeout(error)) {
      throw error;
    }
    const [next = 'that is next'] = await pendingMigrations(orm, (sql) => orm.em.getConnection().execute(sql));
    throw new MigrationBlocked(next, lockTimeout / 1_000, error);
  }
}

function isLockTimeout(error: unknown): boolean {
  return (
    error instanceof Error && (('code' in error && error.code === LOCK_NOT_AVAILABLE) || isLockTimeout(error.cause))
  );
}

/** Names the migrations: a few by their names, more by the first and the last. */
function rangeOf(names: readonly string[]): string {
  return names.length > 3 ? `${names[0]} to ${names.at(-1)}` : names.join(', ');
}

/**
 * Migrates a PostgreSQL database as its owner, and lets the application's login act as the row scopes' roles.
 *
 * However many replicas do this at once, one migrates and the others find nothing left to do.
 *
 * @param ownerUrl a login that may create tables and roles
 * @param loginUrl the login that the server itself uses
 * @throws {MigrationBlocked} after it has waited for a lock
 */
export async function migrateServer(
  ownerUrl: string,
  loginUrl: string,
  progress: Progress,
  lockTimeout = LOCK_TIMEOUT_MS,
): Promise<string[]> {
  const client = new Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const orm = await connectServer({ url: ownerUrl, poolSize: 2, dropRights: false, lockTimeout });
    try {
      const done = await runServerMigrations(orm, progress, lockTimeout);
      await admitLogin(client, loginNameOf(loginUrl));
      await closeToOtherLogins(client, loginNameOf(loginUrl), progress);
      return done;
    } finally {
      await orm.close();
    }
  } finally {
    await client.end();
  }
}

/**
 * Reports if the login may migrate the database: there are no tables yet, or it has the rights of their owner. The login that a
 * server uses in production has not.
 */
export async function mayMigrate(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url });
  try {
    await client.connect();
    const { rows } = await client.query<{ may: boolean }>(
      "select pg_has_role(relowner, 'usage') as may from pg_class where oid = to_regclass('public.mikro_orm_migrations')",
    );
    return rows[0]?.may ?? true;
  } finally {
    await client.end();
  }
}

/**
 * Lets the server's login connect, and takes that right, which PostgreSQL gives to every login of the cluster, from all others
 * but the owner. Roles belong to the whole cluster: a login of another Rolegate database is a member of them too.
 */
async function closeToOtherLogins(client: Client, login: string | null, progress: Progress): Promise<void> {
  const { rows } = await client.query<{ database: string; open: boolean; admitted: boolean; me: string }>(
    `select current_database() as database, current_user as me, ${OPEN_TO_EVERY_LOGIN} as open,
      has_database_privilege(coalesce($1, current_user), current_database(), 'connect') as admitted`,
    [login],
  );
  const [state] = rows;
  if (state === undefined || (!state.open && state.admitted)) {
    return;
  }
  const database = escapeIdentifier(state.database);
  await client.query(`grant connect on database ${database} to ${escapeIdentifier(login ?? state.me)}`);
  if (!state.open) {
    return;
  }
  await client.query(`revoke connect, temporary on database ${database} from public`);
  const { rows: after } = await client.query<{ open: boolean }>(`select ${OPEN_TO_EVERY_LOGIN} as open`);
  progress(
    after[0]?.open === true
      ? `every login of the server may connect: as the database's owner, run "revoke connect on database ${database} from public"`
      : 'closing the database to other logins of the server',
  );
}

/** Makes the login a member of the roles, and of nothing by inheritance where that can be changed. */
async function admitLogin(client: Client, login: string | null): Promise<void> {
  const { rows } = await client.query<{ me: string; superuser: boolean }>(
    'select current_user as me, rolsuper as superuser from pg_roles where rolname = current_user',
  );
  const [owner] = rows;
  const name = login ?? owner?.me;
  if (owner === undefined || name === undefined || (owner.superuser && name === owner.me)) {
    return;
  }
  const member = escapeIdentifier(name);
  const missing = await rolesLackedBy(client, name);
  if (missing.length > 0) {
    await client.query(`grant ${missing.join(', ')} to ${member}`);
  }
  if (name !== owner.me && (await inherits(client, name))) {
    await client.query(`alter role ${member} noinherit`);
  }
}

/** Returns those of our roles that the login is not a member of. Granting the others again would need more rights. */
async function rolesLackedBy(client: Client, login: string): Promise<string[]> {
  const { rows } = await client.query<{ role: string }>(
    `select rolname as role from pg_roles where rolname = any($1) and not pg_has_role($2, oid, 'member')`,
    [[...databaseRoles, NOBODY_ROLE], login],
  );
  return rows.map(({ role }) => role);
}

async function inherits(client: Client, login: string): Promise<boolean> {
  const { rows } = await client.query<{ inherits: boolean }>(
    'select rolinherit as inherits from pg_roles where rolname = $1',
    [login],
  );
  return rows[0]?.inherits === true;
}

function loginNameOf(url: string): string | null {
  const name = decodeURIComponent(new URL(url).username);
  return name === '' ? null : name;
}

/** The tables are not what this version of the server expects. */
export class MigrationsPending extends Error {
  constructor(names: readonly string[]) {
    super(
      `The database lacks ${names.join(', ')}. Run "npm run database -- migrate" with DATABASE_ADMIN_URL set ` +
        'to the owner of the tables, or start the server with it.',
    );
    this.name = 'MigrationsPending';
  }
}

/**
 * Checks that every migration has run, for a process that may not run them.
 *
 * @throws {MigrationsPending}
 */
export async function requireMigrated(orm: Orm): Promise<void> {
  const missing = await pendingMigrations(orm, (sql) => inTransaction(orm, systemScope, (em) => em.execute(sql)));
  if (missing.length > 0) {
    throw new MigrationsPending(missing);
  }
}

/** Runs a statement as a role that may read the migrations' table. */
type Read = (sql: string) => Promise<{ readonly name: string }[]>;

/** Returns the names of the migrations that have not run yet: MikroORM's own check sends more statements, and delays a start. */
async function pendingMigrations(orm: Orm, read: Read): Promise<string[]> {
  const [table] = await orm.em
    .getConnection()
    .execute<{ present: boolean }[]>(`select to_regclass('public.mikro_orm_migrations') is not null as present`);
  const rows = table?.present === true ? await read('select name from public.mikro_orm_migrations') : [];
  const done = new Set(rows.map(({ name }) => name));
  return migrationsList.map(({ name }) => name).filter((name) => !done.has(name));
}
