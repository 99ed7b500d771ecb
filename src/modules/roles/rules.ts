import type { Role } from '../../generated/access.ts';
import type { SignedInViewer } from '../../lib/viewer.ts';
import { HOLDS_EVERYTHING, type Power, type RoleGraph } from '../../auth/role-graph.ts';

/**
 * The rules of administration, for every path on which a user could gain rights. Each is a predicate on powers: the
 * built-in roles and permissions of a set of roles, closed under inheritance.
 */

/** The most that is handed out by those who administer one account. */
const MOST_WITHIN_AN_ACCOUNT = 'ACCOUNT_MANAGER' satisfies Role;

/** Returns the power that a viewer has activated, with which they administer others. */
export function powerOfViewer(viewer: SignedInViewer, graph: RoleGraph): Power {
  return { builtIn: graph.powerOf(viewer.roles).builtIn, permissions: viewer.permissions };
}

/** Returns true if one power includes the other. */
export function dominates(one: Power, other: Power): boolean {
  const holdsRoles = [...other.builtIn].every((role) => one.builtIn.has(role));
  return holdsRoles && holdsPermissions(one.permissions, other.permissions);
}

function holdsPermissions(one: Power['permissions'], other: Power['permissions']): boolean {
  if (one === 'all') {
    return true;
  }
  return other !== 'all' && [...other].every((permission) => one.has(permission));
}

/** You change a user only if you hold everything they hold, yourself excepted. */
export function mayChangeUser(
  actor: SignedInViewer,
  graph: RoleGraph,
  target: { readonly id: string; readonly roles: Iterable<string> },
): boolean {
  return actor.id === target.id || dominates(powerOfViewer(actor, graph), graph.powerOf(target.roles));
}

/**
 * You hand out, or take away, only what you hold; within an account only ACCOUNT_MANAGER and below.
 *
 * @param power what is handed out: a role's, or one that a role is to have
 */
export function mayHandOut(actor: SignedInViewer, graph: RoleGraph, power: Power): boolean {
  if (!dominates(powerOfViewer(actor, graph), power)) {
    return false;
  }
  const within = graph.powerOf([MOST_WITHIN_AN_ACCOUNT]).builtIn;
  return administersAll(actor) || [...power.builtIn].every((role) => within.has(role));
}

/** Returns true if the viewer administers every account, and not only their own. */
export function administersAll(actor: SignedInViewer): boolean {
  return actor.roles.has(HOLDS_EVERYTHING);
}
