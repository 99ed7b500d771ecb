import type { EntityManager } from '../database/orm.ts';
import { hasFactorOf } from './factors/second-factors.ts';
import { LOWEST_ROLE, type RoleGraph } from './role-graph.ts';
import type { Credential, SignedInViewer } from '../lib/viewer.ts';

/** The current state of a user who may sign in. */
export interface Principal {
  readonly id: string;
  readonly active: boolean;
  readonly accountId: string | null;
  readonly assigned: readonly string[];
}

/** A principal, and the version of their password. */
export interface PrincipalWithPassword extends Principal {
  readonly passwordVersion: number | null;
  /** True if the user has set up a second factor. */
  readonly hasSecondFactor: boolean;
}

const PRINCIPAL = `
  select u.id, u.active, u.account_id as "accountId", c.version as "passwordVersion",
    ${hasFactorOf('u.id')} as "hasSecondFactor",
    array(select role from role_assignments where user_id = u.id order by 1) as assigned
  from users u left join credentials c on c.user_id = u.id where u.id = ?`;

/** Returns the principal with the id, or null. */
export async function getPrincipal(em: EntityManager, userId: string): Promise<PrincipalWithPassword | null> {
  const [found] = await em.execute<PrincipalWithPassword[]>(PRINCIPAL, [userId]);
  return found ?? null;
}

/** The roles that a credential activates: these, or all that are assigned at any time. */
export type Activation = readonly string[] | 'all';

/** The subset of a user's roles and permissions that a credential activates. */
export interface Activated {
  readonly credential: Credential;
  readonly sessionId?: string;
  /** The expiry of the credential; it does not expire without one. */
  readonly expiresAt?: Date | null;
  readonly activation: Activation;
  /** The time of the last sign-in; null if the credential has none. */
  readonly authenticatedAt?: Date | null;
  /** True if the roles wait for a second factor: none is activated. */
  readonly secondFactorRequired?: boolean;
  /** Permissions besides those of the roles, as far as the principal holds them; by default none. */
  readonly permissions?: readonly string[];
}

/**
 * Returns the viewer of a principal with a credential. Its effective roles are the closure of the activated roles that
 * are within the closure of what the database assigns now, so that a credential never holds more than that.
 */
export function viewerOf(
  principal: Principal,
  graph: RoleGraph,
  { credential, sessionId, expiresAt = null, permissions = [], ...activated }: Activated,
): SignedInViewer {
  const { authenticatedAt = null, secondFactorRequired = false } = activated;
  const activation = secondFactorRequired ? [] : activated.activation;
  const assigned = graph.closureOf([...principal.assigned, LOWEST_ROLE]);
  const wanted = activation === 'all' ? principal.assigned : activation.filter((role) => assigned.has(role));
  const compatible = withoutClashes(graph, wanted).filter((role) => graph.has(role));
  const roles = graph.closureOf([...compatible, LOWEST_ROLE]);
  const permitted = graph.permissionsOf(roles);
  const held = graph.permissionsOf(assigned);
  const added = permissions.filter((permission) => held === 'all' || held.has(permission));
  return {
    id: principal.id,
    accountId: principal.accountId,
    credential,
    sessionId: sessionId ?? null,
    expiresAt,
    authenticatedAt,
    secondFactorRequired,
    viewedBy: null,
    activated: [...new Set(compatible)],
    roles,
    permissions: permitted === 'all' ? 'all' : new Set([...permitted, ...added]),
  };
}

/**
 * Returns the roles without those that may not be activated together. Login refuses such roles; a session that was open
 * when they became mutually exclusive, or when the second was assigned, gets neither.
 */
function withoutClashes(graph: RoleGraph, roles: readonly string[]): readonly string[] {
  const clash = graph.clashOf(roles, 'DYNAMIC');
  if (clash === null) {
    return roles;
  }
  const isApart = (role: string): boolean => {
    const closed = graph.closureOf([role]);
    return !closed.has(clash.a) && !closed.has(clash.b);
  };
  return withoutClashes(graph, roles.filter(isApart));
}
