import { type Tables, RoleAssignmentEntity, RoleInheritanceEntity } from '../../database/entities/index.ts';
import type { EntityManager } from '../../database/orm.ts';
import { Conflict, Forbidden } from '../../lib/errors.ts';
import type { Administration } from './administer.ts';
import { HIGHEST_ROLE, requireKnownRoles, type RoleGraph } from '../../auth/role-graph.ts';
import { mayChangeUser, mayHandOut } from './rules.ts';

/** A user whose roles are about to change. */
export interface Holder {
  readonly id: string;
  readonly roles: readonly string[];
}

/** The roles that are assigned to a user now. */
export async function assignedRoles(em: EntityManager, userId: string): Promise<string[]> {
  const rows = await em
    .getKysely<Tables>()
    .selectFrom('role_assignments')
    .select('role')
    .where('user_id', '=', userId)
    .orderBy('role')
    .execute();
  return rows.map(({ role }) => role);
}

/** @throws {Forbidden} when the actor does not hold everything that the user holds */
export function requireMayChange({ actor, graph }: Administration, holder: Holder): void {
  if (!mayChangeUser(actor, graph, holder)) {
    throw new Forbidden('Only those who hold everything that a user holds can change that user');
  }
}

/**
 * @throws {BadUserInput} when a role does not exist
 * @throws {Forbidden} when the actor may not hand one of them out
 */
export function requireMayHandOut({ actor, graph }: Administration, roles: readonly string[]): void {
  const isAllowed = (role: string): boolean => mayHandOut(actor, graph, graph.powerOf([role]), 'users:roles');
  if (!roles.every(graph.has)) {
    requireKnownRoles(graph, roles, 'role', graph.names.filter(isAllowed));
  }
  if (!roles.every(isAllowed)) {
    throw new Forbidden('Only what one holds can be given or taken away');
  }
}

/** @throws {Conflict} when roles exclude each other, by inheritance too */
export function requireCompatible(graph: RoleGraph, roles: readonly string[]): void {
  const clash = graph.clashOf(roles, 'STATIC');
  if (clash !== null) {
    throw new Conflict(`${clash.a} and ${clash.b} exclude each other: no user holds both`);
  }
}

/**
 * Checks that an active SUPER_ADMIN remains when this user no longer is one. Since administrative changes take turns,
 * two who demote each other at once cannot both pass.
 *
 * @throws {Conflict} when the user is the last one
 */
export async function requireAnotherSuperAdmin(em: EntityManager, { id, roles }: Holder): Promise<void> {
  if (!roles.includes(HIGHEST_ROLE)) {
    return;
  }
  const another = await em
    .getKysely<Tables>()
    .selectFrom('role_assignments as r')
    .innerJoin('users as u', 'u.id', 'r.user_id')
    .select('u.id')
    .where('r.role', '=', HIGHEST_ROLE)
    .where('u.active', '=', true)
    .where('u.id', '<>', id)
    .limit(1)
    .executeTakeFirst();
  if (another === undefined) {
    throw new Conflict('This is the last active SUPER_ADMIN: make another one first');
  }
}

/** Gives roles to a user. Those that the user has are left as they are. */
export async function giveRoles(em: EntityManager, userId: string, roles: readonly string[]): Promise<void> {
  if (roles.length > 0) {
    await em
      .getKysely<Tables>()
      .insertInto('role_assignments')
      .values(roles.map((role) => ({ user_id: userId, role })))
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
}

/** Takes a role away from a user. */
export async function takeRole(em: EntityManager, userId: string, role: string): Promise<void> {
  await em
    .getKysely<Tables>()
    .deleteFrom('role_assignments')
    .where('user_id', '=', userId)
    .where('role', '=', role)
    .execute();
}

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
