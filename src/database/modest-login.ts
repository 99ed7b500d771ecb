import type { Orm } from './orm.ts';
import { pendingMigrations } from './pending-migrations.ts';
import { databaseRoles, systemScope } from './scopes.ts';
import { inTransaction } from './unit-of-work.ts';

/** The server's login could see past row level security: the wall would be paint. */
export class ImmodestLogin extends Error {
  constructor(reasons: readonly string[]) {
    super(
      `The login of DATABASE_URL ${reasons.join(', and ')}. In production it must own nothing and see nothing by itself. ` +
        'Make one with "create role rolegate login noinherit password \'…\'", put it into DATABASE_URL and the ' +
        'owner into DATABASE_ADMIN_URL, and run "npm run database -- migrate".',
    );
    this.name = 'ImmodestLogin';
  }
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

interface LoginFacts {
  superuser: boolean;
  bypasses: boolean;
  owns: boolean;
  inherits: boolean;
}

const roleList = databaseRoles.map((role) => `'${role}'`).join(', ');
const LOGIN_FACTS = `
  select r.rolsuper as superuser, r.rolbypassrls as bypasses,
    exists (select 1 from pg_tables t where t.schemaname = 'public' and t.tableowner = current_user) as owns,
    exists (select 1 from pg_roles v where v.rolname in (${roleList})
      and pg_has_role(current_user, v.oid, 'usage')) as inherits
  from pg_roles r where r.rolname = current_user`;

/**
 * Checks that the login has no way around row level security.
 *
 * @throws {ImmodestLogin}
 */
export async function requireModestLogin(orm: Orm): Promise<void> {
  const [facts] = await orm.em.getConnection().execute<LoginFacts[]>(LOGIN_FACTS);
  if (facts === undefined) {
    throw new Error('pg_roles has no row for the current user');
  }
  const reasons = [
    ...(facts.superuser ? ['is a superuser'] : []),
    ...(facts.bypasses ? ['has BYPASSRLS'] : []),
    ...(facts.owns ? ['owns tables'] : []),
    ...(facts.inherits && !facts.superuser ? ["inherits the rights of Rolegate's roles (it must be NOINHERIT)"] : []),
  ];
  if (reasons.length > 0) {
    throw new ImmodestLogin(reasons);
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
