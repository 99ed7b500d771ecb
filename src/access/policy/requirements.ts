import type { RoleClosure } from './roles.ts';

/**
 * The place where an `owner` is judged: on the object that has the field (`parent`), on the objects that the field
 * returns (`result`), or on rows further down (`rows`: the viewer may own some rows of a connection).
 */
export type OwnerSite = 'parent' | 'result' | 'rows';

/** The field that names the owner of an object. */
export interface OwnerAlternative {
  readonly type: string;
  readonly field: string;
  readonly site: OwnerSite;
}

/** One requirement: any of its alternatives satisfies it. A requirement without an alternative denies every viewer. */
export interface Requirement {
  /** Satisfied by these roles, and by roles that inherit them. */
  readonly roles: readonly string[];
  readonly permissions: readonly string[];
  readonly owner: OwnerAlternative | null;
  /** Satisfied by every signed-in viewer. */
  readonly signedIn: boolean;
  /** The coordinate at which it is written. */
  readonly from: string;
}

/** Returns the same requirement with its owner judged at that place; an owner of rows stays with the rows. */
export function judgedAt(requirement: Requirement, site: OwnerSite): Requirement {
  return requirement.owner === null || requirement.owner.site === 'rows'
    ? requirement
    : { ...requirement, owner: { ...requirement.owner, site } };
}

/** Returns the same requirement without its owner, for places where no object is at hand. */
export function withoutOwner(requirement: Requirement): Requirement {
  return requirement.owner === null ? requirement : { ...requirement, owner: null };
}

/**
 * Tells whether every viewer who satisfies `satisfied` also satisfies `next`, as far as roles, permissions and owners
 * tell.
 */
export function implies(satisfied: Requirement, next: Requirement, closure: RoleClosure): boolean {
  if (next.signedIn || next.owner?.site === 'rows') {
    return true; // An anonymous viewer satisfies no requirement at all.
  }
  return (
    !satisfied.signedIn &&
    satisfied.roles.every((role) => next.roles.some((weaker) => closure.get(role)?.has(weaker))) &&
    satisfied.permissions.every((permission) => next.permissions.includes(permission)) &&
    (satisfied.owner === null || isSameOwner(satisfied.owner, next.owner))
  );
}

function isSameOwner(a: OwnerAlternative, b: OwnerAlternative | null): boolean {
  return a.site === 'parent' && b?.site === 'parent' && a.type === b.type && a.field === b.field;
}

/**
 * Returns the requirements that remain for a viewer who satisfies `satisfied`, without those that others among them
 * imply.
 */
export function remainingRequirements(
  requirements: readonly Requirement[],
  satisfied: readonly Requirement[],
  closure: RoleClosure,
): Requirement[] {
  const remaining = new Set(
    requirements.filter((requirement) => !satisfied.some((other) => implies(other, requirement, closure))),
  );
  for (const requirement of remaining) {
    if ([...remaining].some((other) => other !== requirement && implies(other, requirement, closure))) {
      remaining.delete(requirement);
    }
  }
  return [...remaining];
}

/** Describes a requirement in words: `ADMIN or "accounts:read" or owner(id)`. Equal words mean equal alternatives. */
export function describeRequirement(requirement: Requirement): string {
  const alternatives = [
    ...(requirement.signedIn ? ['signed-in'] : []),
    ...requirement.roles,
    ...requirement.permissions.map((permission) => JSON.stringify(permission)),
    ...(requirement.owner === null ? [] : [`owner(${requirement.owner.field})`]),
  ];
  return alternatives.length === 0 ? 'never' : alternatives.join(' or ');
}

/** Returns a key that distinguishes requirements by their alternatives and by the place where they are written. */
export function requirementKey(requirement: Requirement): string {
  return `${requirement.from} ${alternativesKey(requirement)}`;
}

/** Returns a key that distinguishes requirements by their alternatives. */
export function alternativesKey({ roles, permissions, owner, signedIn }: Requirement): string {
  const owned = owner === null ? null : `${owner.type}.${owner.field} ${owner.site}`;
  return JSON.stringify([signedIn, roles, permissions, owned]);
}
