import type { AccessViewer, Requirement, Policy, RolePermissions } from '../access/index.ts';

/** A viewer who attacks. */
export interface Actor {
  readonly name: string;
  readonly viewer: AccessViewer;
}

/** The grants of an actor, closed over inheritance. */
export interface ActorGrants {
  readonly signedIn: boolean;
  readonly roles: ReadonlySet<string>;
  readonly permissions: ReadonlySet<string> | 'all';
}

/** The id of every signed-in actor, which owners are compared with. */
export const VIEWER_ID = 'viewer';

/**
 * Returns all actors: an anonymous one, one without roles, the holder of each role alone, and of each permission alone.
 */
export function actorsOf(policy: Policy, rolePermissions: RolePermissions): Actor[] {
  const permissionsOf = (role: string): readonly string[] | 'all' => {
    const lists = [...(policy.roles.get(role) ?? [role])].map((held) =>
      Object.hasOwn(rolePermissions, held) ? (rolePermissions[held] ?? []) : [],
    );
    return lists.includes('all') ? 'all' : lists.flatMap((list) => (list === 'all' ? [] : list));
  };
  return [
    { name: 'anonymous', viewer: { id: null, roles: [], permissions: [] } },
    signedIn('signed in', [], []),
    ...[...policy.roles.keys()].map((role) => signedIn(role, [role], permissionsOf(role))),
    ...[...policy.permissions.keys()].map((name) => signedIn(`permission ${JSON.stringify(name)}`, [], [name])),
  ];
}

/** Returns the grants of a viewer, by the inheritance of the policy. */
export function heldBy({ id, roles, permissions }: AccessViewer, policy: Policy): ActorGrants {
  if (id === null) {
    return { signedIn: false, roles: new Set(), permissions: new Set() };
  }
  const held = [...roles].flatMap((role) => [role].concat([...(policy.roles.get(role) ?? [])]));
  return { signedIn: true, roles: new Set(held), permissions: permissions === 'all' ? 'all' : new Set(permissions) };
}

/**
 * Tells whether a role, a permission or being signed in satisfies the requirement. It does not use the code of the
 * guard, so that a mistake there is not repeated here.
 */
export function isSatisfiedBy({ signedIn, roles, permissions }: ActorGrants, requirement: Requirement): boolean {
  if (!signedIn) {
    return false;
  }
  if (requirement.signedIn || requirement.roles.some((role) => roles.has(role))) {
    return true;
  }
  return requirement.permissions.some((permission) => permissions === 'all' || permissions.has(permission));
}

function signedIn(name: string, roles: readonly string[], permissions: AccessViewer['permissions']): Actor {
  return { name, viewer: { id: VIEWER_ID, roles, permissions } };
}
