import type { Orm } from './orm.ts';
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
 * Checks that the login has no way around row-level security.
 *
 * @throws {OverprivilegedLogin}
 */
export async function requireLeastPrivilege(orm: Orm): Promise<void> {
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
    throw new OverprivilegedLogin(reasons);
  }
}
