import type { SqlEntityManager } from '@mikro-orm/sql';
import { databaseRoles } from './scopes.ts';

/** The server's login could bypass row-level security, which would not apply then. */
export class OverprivilegedLogin extends Error {
  constructor(reasons: readonly string[]) {
    super(
      `The login of DATABASE_URL ${reasons.join(', and ')}. In production it must own no table and have no rights of its own. ` +
        'Create one with "create role rolegate login noinherit password \'…\'", put it into DATABASE_URL and the ' +
        'owner into DATABASE_ADMIN_URL, and run "npm run database -- migrate".',
    );
    this.name = 'OverprivilegedLogin';
  }
}

/** The database can be opened by every login of the server, whose roles Rolegate's databases share. */
export class DatabaseOpenToOthers extends Error {
  constructor(database: string, login: string) {
    super(
      `Every login of the PostgreSQL server may connect to the database "${database}", and those of other Rolegate ` +
        'databases are members of the same roles. Run "npm run database -- migrate" with DATABASE_ADMIN_URL set to the ' +
        `owner of the database, or as its owner: grant connect on database "${database}" to "${login}"; ` +
        `revoke connect, temporary on database "${database}" from public;`,
    );
    this.name = 'DatabaseOpenToOthers';
  }
}

/** SQL that is true while PostgreSQL's default stands: every login of the cluster may connect. */
export const OPEN_TO_EVERY_LOGIN = `has_database_privilege('public', current_database(), 'connect')`;

/** The facts about a login that decide whether row-level security applies to it. */
export interface LoginFacts {
  superuser: boolean;
  bypasses: boolean;
  owns: boolean;
  inherits: boolean;
}

const roleList = databaseRoles.map((role) => `'${role}'`).join(', ');
/** SQL for the facts about the current login. */
export const LOGIN_FACTS = `
  select r.rolsuper as superuser, r.rolbypassrls as bypasses,
    exists (select 1 from pg_tables t where t.schemaname = 'public' and t.tableowner = current_user) as owns,
    exists (select 1 from pg_roles v where v.rolname in (${roleList})
      and pg_has_role(current_user, v.oid, 'usage')) as inherits
  from pg_roles r where r.rolname = current_user`;

/**
 * Checks that the login has no way around row-level security.
 *
 * @throws {OverprivilegedLogin}
 */
export async function requireLeastPrivilege(em: SqlEntityManager): Promise<void> {
  const [facts] = await em.getConnection().execute<LoginFacts[]>(LOGIN_FACTS);
  if (facts === undefined) {
    throw new Error('pg_roles has no row for the current user');
  }
  const reasons = reasonsAgainst(facts);
  if (reasons.length > 0) {
    throw new OverprivilegedLogin(reasons);
  }
}

/** Returns why a login has a way around row-level security; nothing if it has none. */
export function reasonsAgainst(facts: LoginFacts): string[] {
  return [
    ...(facts.superuser ? ['is a superuser'] : []),
    ...(facts.bypasses ? ['has BYPASSRLS'] : []),
    ...(facts.owns ? ['owns tables'] : []),
    ...(facts.inherits && !facts.superuser ? ["inherits the rights of Rolegate's roles (it must be NOINHERIT)"] : []),
  ];
}

/**
 * Checks that only logins that were admitted to the database can connect to it.
 *
 * @throws {DatabaseOpenToOthers}
 */
export async function requireClosedDatabase(em: SqlEntityManager): Promise<void> {
  const [facts] = await em
    .getConnection()
    .execute<{ login: string; database: string; open: boolean }[]>(
      `select current_user as login, current_database() as database, ${OPEN_TO_EVERY_LOGIN} as open`,
    );
  if (facts?.open === true) {
    throw new DatabaseOpenToOthers(facts.database, facts.login);
  }
}
