import { RoleAssignmentEntity, RoleInheritanceEntity, type Tables } from '../../database/entities/index.ts';
import type { EntityManager } from '../../database/orm.ts';
import { Conflict } from '../../lib/errors.ts';

/** The number of users and of roles that an error message names. */
const MOST_NAMED = 10;

/** @throws {Conflict} while users hold the role or roles inherit it: names them, as far as the viewer sees these users */
export async function requireUnused(em: EntityManager, role: string): Promise<void> {
  const kysely = em.getKysely<Tables>();
  const users = await em.count(RoleAssignmentEntity, { role });
  const roles = await em.count(RoleInheritanceEntity, { inherits: role });
  if (users + roles === 0) {
    return;
  }
  const holders = kysely
    .selectFrom('role_assignments')
    .innerJoin('users', 'users.id', 'user_id')
    .select('username as name')
    .where('role', '=', role)
    .orderBy('username')
    .limit(MOST_NAMED);
  const heirs = kysely.selectFrom('role_inheritance').select('role as name').where('inherits', '=', role);
  const named = [
    ...sentenceOf('Users', users, await holders.execute()),
    ...sentenceOf('Roles', roles, await heirs.orderBy('role').limit(MOST_NAMED).execute()),
  ];
  throw new Conflict(
    [`The role is in use. Users who hold it: ${users}. Roles that inherit it: ${roles}.`, ...named].join(' '),
  );
}

/** Returns a sentence with the names, if there are any. */
function sentenceOf(what: string, count: number, rows: readonly { readonly name: string }[]): string[] {
  const more = count > rows.length ? ` and ${count - rows.length} more` : '';
  return rows.length === 0 ? [] : [`${what}: ${rows.map(({ name }) => name).join(', ')}${more}.`];
}
