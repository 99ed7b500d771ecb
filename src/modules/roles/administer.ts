import { type Tables, RoleAssignmentEntity, RoleInheritanceEntity } from '../../database/entities/index.ts';
import type { EntityManager } from '../../database/orm.ts';
import { Conflict, Forbidden } from '../../lib/errors.ts';
import { HIGHEST_ROLE, requireKnownRoles, type RoleGraph, loadRoleGraph, LOWEST_ROLE } from '../../auth/role-graph.ts';
import { mayChangeUser, mayHandOut } from './rules.ts';
import { requireSignedIn, type RequestContext } from '../../context.ts';
import type { RowScope } from '../../database/scopes.ts';
import type { SignedInViewer } from '../../lib/viewer.ts';
import { requireRecentSignIn } from '../../auth/factors/step-up.ts';

/** The state that an administrative change works with, read in its own transaction. */
export interface Administration {
  readonly em: EntityManager;
  readonly graph: RoleGraph;
  readonly actor: SignedInViewer;
}

export interface AdministerOptions {
  /** True if roles themselves change, which needs a recent sign-in. */
  readonly roles?: boolean;
  /** True if the change needs a recent sign-in for another reason. */
  readonly stepUp?: boolean;
  /** The row scope, if it is not the viewer's. */
  readonly scope?: RowScope;
}

/**
 * Runs a change of users, roles or permissions, in one transaction with the viewer's row scope, which raises the access
 * version.
 *
 * Such changes run one after another: each reads the roles, and the grants that the actor still holds, as the one before
 * has left them. So two changes that each obey the rules cannot break them together.
 *
 * @throws {StepUpRequired} if the change needs a recent sign-in, and the actor's is older
 * @throws {Forbidden} if the actor has been disabled since the request began
 */
export function administer<T>(
  context: RequestContext,
  work: (administration: Administration) => Promise<T>,
  { scope, stepUp = false, ...options }: AdministerOptions = {},
): Promise<T> {
  const viewer = requireSignedIn(context.viewer);
  if (stepUp || options.roles === true) {
    requireRecentSignIn(viewer, context.now());
  }
  return context.auth.version.change(
    (change) => (scope === undefined ? context.unit.write(change) : context.unit.as(scope, change)),
    async (em) => {
      await em.getKysely<Tables>().selectFrom('access_version').select('version').forUpdate().execute();
      const graph = await loadRoleGraph(em);
      return work({ em, graph, actor: await stillHeld(em, graph, viewer) });
    },
    options,
  );
}

/** Returns the viewer with the grants that they still hold. Roles from an external issuer's token are not stored here, and stay. */
async function stillHeld(em: EntityManager, graph: RoleGraph, viewer: SignedInViewer): Promise<SignedInViewer> {
  const rows = await em
    .getKysely<Tables>()
    .selectFrom('users')
    .leftJoin('role_assignments as r', 'r.user_id', 'users.id')
    .select(['users.active', 'r.role'])
    .where('users.id', '=', viewer.id)
    .execute();
  if (rows[0]?.active !== true) {
    throw new Forbidden('Permission denied');
  }
  if (viewer.credential === 'external token') {
    return viewer;
  }
  const held = graph.closureOf([...rows.flatMap(({ role }) => role ?? []), LOWEST_ROLE]);
  const roles = graph.closureOf([...viewer.roles].filter((role) => held.has(role)));
  const permissions =
    viewer.permissions === 'all' ? graph.permissionsOf(roles) : within(viewer.permissions, graph.permissionsOf(held));
  return { ...viewer, roles, permissions };
}

function within(permissions: ReadonlySet<string>, held: ReadonlySet<string> | 'all'): ReadonlySet<string> {
  return held === 'all' ? permissions : new Set([...permissions].filter((permission) => held.has(permission)));
}

/** A user whose roles are about to change. */
export interface Holder {
  readonly id: string;
  readonly roles: readonly string[];
}

/** Returns the roles that are assigned to a user now. */
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

/** @throws {Forbidden} if the actor does not hold everything that the user holds */
export function requireMayChange({ actor, graph }: Administration, holder: Holder): void {
  if (!mayChangeUser(actor, graph, holder)) {
    throw new Forbidden('You can change only users who hold nothing that you do not hold');
  }
}

/**
 * @throws {BadUserInput} if a role does not exist
 * @throws {Forbidden} if the actor may not assign one of them
 */
export function requireMayHandOut({ actor, graph }: Administration, roles: readonly string[]): void {
  const isAllowed = (role: string): boolean => mayHandOut(actor, graph, graph.powerOf([role]), 'users:roles');
  if (!roles.every(graph.has)) {
    requireKnownRoles(graph, roles, 'role', graph.names.filter(isAllowed));
  }
  if (!roles.every(isAllowed)) {
    throw new Forbidden('You can assign and revoke only roles that you hold');
  }
}

/** @throws {Conflict} if two of the roles exclude each other, directly or by inheritance */
export function requireCompatible(graph: RoleGraph, roles: readonly string[]): void {
  const clash = graph.clashOf(roles, 'STATIC');
  if (clash !== null) {
    throw new Conflict(`${clash.a} and ${clash.b} exclude each other: no user may hold both`);
  }
}

/**
 * Checks that an active SUPER_ADMIN remains if this user no longer is one. Since administrative changes run one after
 * another, two users cannot demote each other at once.
 *
 * @throws {Conflict} if the user is the last one
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
    throw new Conflict('This is the last active SUPER_ADMIN: appoint another one first');
  }
}

/** Assigns roles to a user. Those that the user holds already are left as they are. */
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

/** Revokes a role of a user. */
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
