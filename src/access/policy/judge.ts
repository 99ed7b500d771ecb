import type { Requirement } from './requirements.ts';
import type { Member } from './table.ts';
import type { Grants } from './viewer.ts';

/**
 * The decision about a viewer and a coordinate: always allowed, always denied, allowed on objects that the viewer owns
 * (`own`), or dependent on a policy function (`depends`).
 */
export type Verdict = 'allowed' | 'denied' | 'own' | 'depends';

/** Requirements, all of which must be satisfied, and the members of an abstract type, of which one must be allowed. */
export interface RequirementSet {
  readonly requirements: readonly Requirement[];
  readonly members: readonly Member[];
}

/** The verdicts from the strongest to the weakest: of several that must all hold, the weakest counts. */
const ORDER = ['allowed', 'own', 'depends', 'denied'] as const satisfies readonly Verdict[];

/** Judges as far as that is possible without looking at an object. */
export function judge(required: RequirementSet, grants: Grants): Verdict {
  const verdict = judgeRequirements(required.requirements, grants);
  if (verdict === 'denied' || required.members.length === 0) {
    return verdict;
  }
  const members = new Set(required.members.map(({ requirements }) => judgeRequirements(requirements, grants)));
  return weaker(verdict, ORDER.find((candidate) => members.has(candidate)) ?? 'denied');
}

/** Judges requirements, all of which must be satisfied. */
export function judgeRequirements(requirements: readonly Requirement[], grants: Grants): Verdict {
  let verdict: Verdict = 'allowed';
  for (const requirement of requirements) {
    if (!satisfies(requirement, grants)) {
      verdict = weaker(verdict, unsatisfied(requirement, grants));
    }
  }
  return verdict;
}

/** Returns the verdict on a requirement that neither a role nor a permission satisfies. */
function unsatisfied({ owners, policies }: Requirement, { id }: Grants): Verdict {
  if (policies.length > 0) {
    return 'depends';
  }
  return owners.length > 0 && id !== null ? 'own' : 'denied';
}

function weaker(a: Verdict, b: Verdict): Verdict {
  return ORDER.indexOf(a) > ORDER.indexOf(b) ? a : b;
}

/**
 * Tells whether a role, a permission or being signed in satisfies the requirement, so that no object has to be looked
 * at.
 */
export function satisfies(requirement: Requirement, { id, roles, permissions }: Grants): boolean {
  if (id === null) {
    return false;
  }
  if (requirement.signedIn || requirement.roles.some((role) => roles.has(role))) {
    return true;
  }
  return permissions === 'all'
    ? requirement.permissions.length > 0
    : requirement.permissions.some((permission) => permissions.has(permission));
}
