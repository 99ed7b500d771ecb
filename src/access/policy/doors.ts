import type { RoleClosure } from './roles.ts';

/**
 * Where an `owner` key is judged: on the object whose field is asked for, on the objects that the field returns, or on
 * rows further down (a connection lets a viewer in who may own some of its rows).
 */
export type OwnerSite = 'parent' | 'result' | 'rows';

/** The field that names an object's owner. */
export interface OwnerKey {
  readonly type: string;
  readonly field: string;
  readonly site: OwnerSite;
}

/** One demand: whoever has any of its keys passes. A door without a key stays closed to everybody. */
export interface Door {
  /** Opened by holders of these roles, or of roles that inherit them. */
  readonly roles: readonly string[];
  readonly permissions: readonly string[];
  readonly owner: OwnerKey | null;
  /** Opened by everybody who is signed in. */
  readonly signedIn: boolean;
  /** The coordinate at which it is written. */
  readonly from: string;
}

/** The same door, its owner judged there; what is left to the rows stays with them. */
export function judgedAt(door: Door, site: OwnerSite): Door {
  return door.owner === null || door.owner.site === 'rows' ? door : { ...door, owner: { ...door.owner, site } };
}

/** The same door for whoever has a role or a permission only. */
export function withoutOwner(door: Door): Door {
  return door.owner === null ? door : { ...door, owner: null };
}

/** Whether everybody who passed `passed` also passes `next`, as far as roles, permissions and owners tell. */
export function implies(passed: Door, next: Door, closure: RoleClosure): boolean {
  if (next.signedIn || next.owner?.site === 'rows') {
    return true; // No key opens anything for an anonymous viewer.
  }
  return (
    !passed.signedIn &&
    passed.roles.every((role) => next.roles.some((weaker) => closure.get(role)?.has(weaker))) &&
    passed.permissions.every((permission) => next.permissions.includes(permission)) &&
    (passed.owner === null || isSameOwner(passed.owner, next.owner))
  );
}

function isSameOwner(a: OwnerKey, b: OwnerKey | null): boolean {
  return a.site === 'parent' && b?.site === 'parent' && a.type === b.type && a.field === b.field;
}

/** The doors that somebody who passed `passed` has still to pass, without those that others among them imply. */
export function remainingDoors(doors: readonly Door[], passed: readonly Door[], closure: RoleClosure): Door[] {
  const remaining = new Set(doors.filter((door) => !passed.some((other) => implies(other, door, closure))));
  for (const door of remaining) {
    if ([...remaining].some((other) => other !== door && implies(other, door, closure))) {
      remaining.delete(door);
    }
  }
  return [...remaining];
}

/** A door in words: `ADMIN or "accounts:read" or owner(id)`. The same words mean the same keys. */
export function describeDoor(door: Door): string {
  const keys = [
    ...(door.signedIn ? ['signed-in'] : []),
    ...door.roles,
    ...door.permissions.map((permission) => JSON.stringify(permission)),
    ...(door.owner === null ? [] : [`owner(${door.owner.field})`]),
  ];
  return keys.length === 0 ? 'nobody' : keys.join(' or ');
}

/** Distinguishes doors by all that they say, and by where they are written. */
export function doorKey(door: Door): string {
  return `${door.from} ${keysOf(door)}`;
}

/** Distinguishes doors by their keys. */
export function keysOf({ roles, permissions, owner, signedIn }: Door): string {
  const owned = owner === null ? null : `${owner.type}.${owner.field} ${owner.site}`;
  return JSON.stringify([signedIn, roles, permissions, owned]);
}
