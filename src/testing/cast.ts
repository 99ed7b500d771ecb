import type { AccessViewer, Door, Policy, RolePermissions } from '../access/index.ts';

/** Somebody who attacks. */
export interface Actor {
  readonly name: string;
  readonly viewer: AccessViewer;
}

/** An actor's keys, closed over inheritance. */
export interface Keys {
  readonly signedIn: boolean;
  readonly roles: ReadonlySet<string>;
  readonly permissions: ReadonlySet<string> | 'all';
}

/** The id of everybody who is signed in: what owners are compared with. */
export const VIEWER_ID = 'viewer';

/**
 * Everybody who attacks: nobody, somebody without roles, the holder of each role alone, and of each permission alone.
 */
export function castOf(policy: Policy, rolePermissions: RolePermissions): Actor[] {
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

/** The keys of a viewer, by the policy's inheritance. */
export function keysOf({ id, roles, permissions }: AccessViewer, policy: Policy): Keys {
  if (id === null) {
    return { signedIn: false, roles: new Set(), permissions: new Set() };
  }
  const held = [...roles].flatMap((role) => [role].concat([...(policy.roles.get(role) ?? [])]));
  return { signedIn: true, roles: new Set(held), permissions: permissions === 'all' ? 'all' : new Set(permissions) };
}

/** Whether any key but ownership opens the door. Judged here anew, so that a mistake of the guard is not repeated. */
export function isOpenTo({ signedIn, roles, permissions }: Keys, door: Door): boolean {
  if (!signedIn) {
    return false;
  }
  if (door.signedIn || door.roles.some((role) => roles.has(role))) {
    return true;
  }
  return door.permissions.some((permission) => permissions === 'all' || permissions.has(permission));
}

function signedIn(name: string, roles: readonly string[], permissions: AccessViewer['permissions']): Actor {
  return { name, viewer: { id: VIEWER_ID, roles, permissions } };
}
