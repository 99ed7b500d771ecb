import type { RoleClosure } from './roles.ts';

/**
 * The place where owners and policies are judged: on the object that has the field (`parent`), on the objects that the
 * field returns (`result`), or on rows further down (`rows`: the viewer may reach some rows of a connection).
 */
export type RequirementSite = 'parent' | 'result' | 'rows';

/** The field that names the owner of an object, or a path of fields that leads to it. */
export interface OwnerAlternative {
  readonly type: string;
  readonly path: readonly string[];
}

/** One requirement: any of its alternatives satisfies it. A requirement without an alternative denies every viewer. */
export interface Requirement {
  /** Satisfied by these roles, and by roles that inherit them. */
  readonly roles: readonly string[];
  readonly permissions: readonly string[];
  /** Satisfied by a viewer whom one of these fields names. */
  readonly owners: readonly OwnerAlternative[];
  /** Satisfied where one of these functions of the adopter returns true. */
  readonly policies: readonly string[];
  /** Satisfied by every signed-in viewer. */
  readonly signedIn: boolean;
  /** The place where owners and policies are judged; null if there are none. */
  readonly site: RequirementSite | null;
  /** The coordinate at which it is written. */
  readonly from: string;
}

/** Tells whether an object may have to be looked at: an owner or a policy is among the alternatives. */
export function dependsOnObject({ owners, policies }: Requirement): boolean {
  return owners.length > 0 || policies.length > 0;
}

/** Returns the same requirement with its owners and policies judged at that place; those of rows stay with the rows. */
export function judgedAt(requirement: Requirement, site: RequirementSite): Requirement {
  return requirement.site === null || requirement.site === 'rows' ? requirement : { ...requirement, site };
}

/** Returns the same requirement without owners and policies, for places where no object is at hand. */
export function withoutObject(requirement: Requirement): Requirement {
  return dependsOnObject(requirement) ? { ...requirement, owners: [], policies: [], site: null } : requirement;
}

/**
 * Tells whether every viewer who satisfies `satisfied` also satisfies `next`, as far as roles, permissions, owners and
 * policies tell.
 */
export function implies(satisfied: Requirement, next: Requirement, closure: RoleClosure): boolean {
  if (satisfied.policies.length === 0 && (next.signedIn || next.site === 'rows')) {
    return true; // An anonymous viewer satisfies no requirement but by a policy.
  }
  if (next.site === 'rows' && next.policies.length > 0) {
    return true; // Left to the rows, for every viewer.
  }
  return (
    (!satisfied.signedIn || next.signedIn) &&
    satisfied.roles.every((role) => next.roles.some((weaker) => closure.get(role)?.has(weaker))) &&
    satisfied.permissions.every((permission) => next.permissions.includes(permission)) &&
    (!dependsOnObject(satisfied) || isSameJudgement(satisfied, next))
  );
}

/** Tells whether the owners and policies of one requirement, judged on the same object, satisfy the other as well. */
function isSameJudgement(a: Requirement, b: Requirement): boolean {
  const known = new Set(b.owners.map(ownerKey));
  return (
    a.site === 'parent' &&
    b.site === 'parent' &&
    a.owners.every((owner) => known.has(ownerKey(owner))) &&
    a.policies.every((policy) => b.policies.includes(policy))
  );
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
  const remaining = new Set(requirements.filter((next) => !satisfied.some((other) => implies(other, next, closure))));
  for (const requirement of remaining) {
    if ([...remaining].some((other) => other !== requirement && implies(other, requirement, closure))) {
      remaining.delete(requirement);
    }
  }
  return [...remaining];
}

/**
 * Describes a requirement in words: `ADMIN or "accounts:read" or owner(account.owner) or policy(published)`. Equal words
 * mean equal alternatives.
 */
export function describeRequirement(requirement: Requirement): string {
  const alternatives = [
    ...(requirement.signedIn ? ['signed-in'] : []),
    ...requirement.roles,
    ...requirement.permissions.map((permission) => JSON.stringify(permission)),
    ...requirement.owners.map(({ path }) => `owner(${path.join('.')})`),
    ...requirement.policies.map((policy) => `policy(${policy})`),
  ];
  return alternatives.length === 0 ? 'never' : alternatives.join(' or ');
}

/** Returns a key that distinguishes requirements by their alternatives and by the place where they are written. */
export function requirementKey(requirement: Requirement): string {
  return `${requirement.from} ${alternativesKey(requirement)}`;
}

/** Returns a key that distinguishes requirements by their alternatives. */
export function alternativesKey({ roles, permissions, owners, policies, signedIn, site }: Requirement): string {
  return JSON.stringify([signedIn, roles, permissions, owners.map(ownerKey), policies, site]);
}

/** Returns a key that distinguishes owners. */
export function ownerKey({ type, path }: OwnerAlternative): string {
  return `${type}.${path.join('.')}`;
}
