import type { Permission, Role } from '../../../src/generated/access.ts';

/** Written down from the design, and not from the code: what each role holds. */
const STANDARD: Role[] = ['STANDARD', 'GUEST'];
const SALES: Role[] = ['SALES', ...STANDARD];
const WAREHOUSE: Role[] = ['WAREHOUSE', ...SALES];
const MANAGER: Role[] = ['MANAGER', ...WAREHOUSE];
const DEVELOPER: Role[] = ['DEVELOPER', ...STANDARD];
const ACCOUNT_MANAGER: Role[] = ['ACCOUNT_MANAGER', ...STANDARD];
const ACCOUNT_ADMIN: Role[] = ['ACCOUNT_ADMIN', ...ACCOUNT_MANAGER];
const ADMIN: Role[] = ['ADMIN', ...MANAGER, ...DEVELOPER, ...ACCOUNT_ADMIN];
/** Roles that administrators made of permissions, and the built-in role that each inherits. */
export const MADE: Record<string, { readonly inherits: Role; readonly permissions: readonly Permission[] }> = {
  READER: { inherits: 'STANDARD', permissions: ['users:read'] },
  CLERK: { inherits: 'STANDARD', permissions: ['users:write'] },
  HELPDESK: { inherits: 'STANDARD', permissions: ['users:roles'] },
  DEPUTY: { inherits: 'STANDARD', permissions: ['users:write', 'users:roles'] },
  CHIEF: { inherits: 'ACCOUNT_ADMIN', permissions: ['users:read'] },
  REGISTRAR: { inherits: 'ACCOUNT_ADMIN', permissions: ['users:roles'] },
  BOUNCER: { inherits: 'ACCOUNT_MANAGER', permissions: ['sessions:end'] },
};
const BUILT_IN: Record<Role, Role[]> = {
  GUEST: ['GUEST'],
  STANDARD,
  SALES,
  WAREHOUSE,
  MANAGER,
  DEVELOPER,
  ACCOUNT_MANAGER,
  ACCOUNT_ADMIN,
  ADMIN,
  SUPER_ADMIN: ['SUPER_ADMIN', ...ADMIN],
};

interface Held {
  readonly roles: readonly Role[];
  readonly permissions: readonly Permission[] | 'all';
}

function heldBy(role: string): Held {
  const made = MADE[role];
  const roles = BUILT_IN[made?.inherits ?? (role as Role)];
  return { roles, permissions: roles.includes('ADMIN') ? 'all' : (made?.permissions ?? []) };
}

const has = ({ permissions }: Held, permission: Permission | null): boolean =>
  permissions === 'all' || (permission !== null && permissions.includes(permission));

export const ROLES = [...Object.keys(BUILT_IN), ...Object.keys(MADE)];
export const ACTORS = ['ANONYMOUS', ...ROLES];
export type Actor = string;
type Outcome = 'done' | 'UNAUTHENTICATED' | 'FORBIDDEN' | 'NOT_FOUND';

/** A user whose administration is tried. */
export interface Target {
  readonly id: string;
  readonly role: string;
  readonly at: 'home' | 'elsewhere';
}

/** The requirement of a field: a role, which reaches one account unless it is ADMIN, or a permission, which reaches all. */
export interface Requirement {
  readonly role: Role;
  readonly permission: Permission | null;
}

export const WRITES: Requirement = { role: 'ACCOUNT_ADMIN', permission: 'users:write' };
export const ASSIGNS: Requirement = { role: 'ACCOUNT_ADMIN', permission: 'users:roles' };
export const ADMINS_ONLY: Requirement = { role: 'ADMIN', permission: null };

/** Returns true if one holds everything that the other role holds. */
function dominates(one: Held, other: string): boolean {
  const { roles, permissions } = heldBy(other);
  const holdsPermissions =
    one.permissions === 'all' || (permissions !== 'all' && permissions.every((permission) => has(one, permission)));
  return roles.every((role) => one.roles.includes(role)) && holdsPermissions;
}

const mayGive = (holds: Held, role: string): boolean =>
  dominates(holds, role) &&
  (has(holds, 'users:roles') || heldBy(role).roles.every((each) => ACCOUNT_MANAGER.includes(each)));

const satisfies = (holds: Held, requirement: Requirement): boolean =>
  holds.roles.includes(requirement.role) || has(holds, requirement.permission);

/** The rules of administration, naively. */
export function expected(
  actor: Actor,
  requirement: Requirement,
  target: Omit<Target, 'id'>,
  given: readonly string[] = [],
): Outcome {
  if (actor === 'ANONYMOUS') {
    return 'UNAUTHENTICATED';
  }
  const holds = heldBy(actor);
  if (!satisfies(holds, requirement)) {
    return 'FORBIDDEN';
  }
  if (target.at !== 'home' && !has(holds, requirement.permission)) {
    return 'NOT_FOUND';
  }
  return dominates(holds, target.role) && given.every((role) => mayGive(holds, role)) ? 'done' : 'FORBIDDEN';
}

/** Returns the expected outcome of creating a user; an account that the actor does not see counts as missing. */
export function expectedOfCreation(actor: Actor, role: string, at: Target['at']): Outcome {
  const holds = actor === 'ANONYMOUS' ? null : heldBy(actor);
  if (holds !== null && !(satisfies(holds, WRITES) && satisfies(holds, ASSIGNS))) {
    return 'FORBIDDEN';
  }
  if (holds !== null && at !== 'home' && !holds.roles.includes('DEVELOPER')) {
    return 'NOT_FOUND';
  }
  const outcome = expected(actor, WRITES, { role: 'GUEST', at });
  return outcome === 'done' && holds !== null && !mayGive(holds, role) ? 'FORBIDDEN' : outcome;
}
