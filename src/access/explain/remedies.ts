import { permissionsOf, type RolePermissions } from '../matrix/matrix.ts';
import { type RequirementSet, judge } from '../policy/judge.ts';
import type { Policy } from '../policy/policy.ts';
import type { Grants } from '../policy/viewer.ts';

/** A role or permission that a viewer lacks. */
export interface MissingGrant {
  readonly kind: 'role' | 'permission' | 'sign-in';
  /** The role or the permission; empty for signing in. */
  readonly name: string;
}

/** The policy, the grants of the viewer, and the permissions that come with roles. */
export interface RemedyContext {
  readonly policy: Policy;
  readonly grants: Grants;
  readonly rolePermissions: RolePermissions;
}

const SIGN_IN: MissingGrant = { kind: 'sign-in', name: '' };

/**
 * Returns the smallest grants that would satisfy everything whatever the object: alternatives, each a list of grants
 * all of which are needed. Of roles only those that inherit no other sufficient role. Empty if the viewer is allowed
 * already, or no grant would be sufficient.
 */
export function remediesFor(required: RequirementSet, context: RemedyContext): readonly (readonly MissingGrant[])[] {
  const isEnough = (grants: readonly MissingGrant[]): boolean =>
    judge(required, withGrants(context, grants)) === 'allowed';
  if (isEnough([])) {
    return [];
  }
  if (isEnough([SIGN_IN])) {
    return [[SIGN_IN]];
  }
  const single = smallestGrants(required, context).map((grant) => [grant]);
  if (single.length > 0) {
    return single;
  }
  const perRequirement = required.requirements
    .map((requirement) => ({ requirements: [requirement], members: [] }))
    .flatMap((one) => {
      return judge(one, context.grants) === 'allowed' ? [] : smallestGrants(one, context).slice(0, 1);
    });
  return isEnough(perRequirement) ? [perRequirement] : [];
}

/**
 * Returns every single role or permission that satisfies the set; roles that inherit another one of them are left out.
 */
function smallestGrants(required: RequirementSet, context: RemedyContext): MissingGrant[] {
  const { roles, permissions } = context.policy;
  const isEnough = (grant: MissingGrant): boolean => judge(required, withGrants(context, [grant])) === 'allowed';
  const byRole = [...roles.keys()].filter((name) => isEnough({ kind: 'role', name }));
  const smallest = byRole.filter((role) => !byRole.some((other) => other !== role && roles.get(role)?.has(other)));
  return [
    ...smallest.map((name): MissingGrant => ({ kind: 'role', name })),
    ...[...permissions.keys()].map((name): MissingGrant => ({ kind: 'permission', name })).filter(isEnough),
  ];
}

/** Returns the grants of the viewer together with others; a viewer who holds any is signed in. */
function withGrants({ policy, grants, rolePermissions }: RemedyContext, added: readonly MissingGrant[]): Grants {
  const named = (kind: MissingGrant['kind']): string[] =>
    added.filter((grant) => grant.kind === kind).map(({ name }) => name);
  const granted = named('role').map((role) => permissionsOf(role, policy, rolePermissions));
  const closures = named('role').flatMap((role) => Array.from(policy.roles.get(role) ?? []));
  const isAll = grants.permissions === 'all' || granted.includes('all');
  const held = grants.permissions === 'all' ? [] : grants.permissions;
  return {
    id: added.length > 0 ? (grants.id ?? 'viewer') : grants.id,
    roles: new Set([...grants.roles, ...closures]),
    permissions: isAll ? 'all' : new Set([...held, ...named('permission'), ...granted.flat()]),
  };
}
