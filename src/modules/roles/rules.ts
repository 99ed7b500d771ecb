import type { Permission, Role } from '../../generated/access.ts';
import { holds, type SignedInViewer } from '../../lib/viewer.ts';
import { dominates, type Power, type RoleGraph } from '../../auth/role-graph.ts';

/**
 * The rules of administration, for every way in which a user could gain grants. Each is a predicate on powers: the
 * built-in roles and permissions that a set of roles grants, inherited ones included.
 */

/** The highest role that administrators of one account may assign. */
const MOST_WITHIN_AN_ACCOUNT = 'ACCOUNT_MANAGER' satisfies Role;

/** Returns the power that a viewer has activated, with which they administer others. */
function powerOfViewer(viewer: SignedInViewer, graph: RoleGraph): Power {
  return { builtIn: graph.powerOf(viewer.roles).builtIn, permissions: viewer.permissions };
}

/** Returns true if the actor may change the user: they hold everything that the user holds, or are the user. */
export function mayChangeUser(
  actor: SignedInViewer,
  graph: RoleGraph,
  target: { readonly id: string; readonly roles: Iterable<string> },
): boolean {
  return actor.id === target.id || dominates(powerOfViewer(actor, graph), graph.powerOf(target.roles));
}

/**
 * Returns true if the actor may grant or revoke a power: they must hold it themselves. Administrators of one account grant
 * only ACCOUNT_MANAGER and below.
 *
 * @param power that of a role to be assigned, or one that a role is to have
 * @param by the permission that allows a viewer to do so outside of their account
 */
export function mayHandOut(
  actor: SignedInViewer,
  graph: RoleGraph,
  power: Power,
  by: 'users:roles' | 'roles:write',
): boolean {
  if (!dominates(powerOfViewer(actor, graph), power)) {
    return false;
  }
  const within = graph.powerOf([MOST_WITHIN_AN_ACCOUNT]).builtIn;
  return holds(actor, by) || [...power.builtIn].every((role) => within.has(role));
}

/** Returns true if the viewer may assign any roles: they satisfy the requirement of `Mutation.assignRole`. */
export function assignsRoles(actor: SignedInViewer): boolean {
  return actor.roles.has('ACCOUNT_ADMIN' satisfies Role) || holds(actor, 'users:roles');
}

/**
 * Returns true if the user is one whom the actor may act on: any user with the permission, else those of the actor's own
 * account. The row scope is as wide as the widest of the actor's permissions, which may be another.
 */
export function isWithinReach(
  actor: SignedInViewer,
  user: { readonly id: string; readonly account?: string | null | undefined },
  permission: Permission,
): boolean {
  const isOfAccount = actor.accountId !== null && user.account === actor.accountId;
  return holds(actor, permission) || isOfAccount || user.id === actor.id;
}
