import { Client, escapeIdentifier } from 'pg';
import { connectServer, type Orm } from './orm.ts';
import { pendingMigrations } from './pending-migrations.ts';
import { databaseRoles, NOBODY_ROLE } from './scopes.ts';

/** Told of each step that takes noticeable time. */
export type Progress = (step: string) => void;

/** Any number that nothing else takes an advisory lock on. */
const MIGRATION_LOCK = 7_306_429_105;

/** Brings the tables up to date. Returns the names of the migrations that ran. */
export async function runMigrations(orm: Orm, progress: Progress): Promise<string[]> {
  const pending = await pendingMigrations(orm, (sql) => orm.em.getConnection().execute(sql));
  if (pending.length === 0) {
    return [];
  }
  progress(`migrating the database (${pending.join(', ')})`);
  const done = await orm.migrator.up();
  return done.map(({ name }) => name);
}

/**
 * Migrates a PostgreSQL database as its owner, and lets the application's login act as the row scopes' roles.
 *
 * However many replicas do this at once, one migrates and the others find nothing left to do.
 *
 * @param ownerUrl a login that may create tables and roles
 * @param loginUrl the login that the server itself uses
 */
export async function migrateServer(ownerUrl: string, loginUrl: string, progress: Progress): Promise<string[]> {
  const client = new Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const orm = await connectServer({ url: ownerUrl, poolSize: 2, dropRights: false });
    try {
      const done = await runMigrations(orm, progress);
      await admitLogin(client, loginNameOf(loginUrl));
      return done;
    } finally {
      await orm.close();
    }
  } finally {
    await client.end();
  }
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

/** Those of our roles that the login is not a member of. To grant the others again would take more rights than needed. */
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
