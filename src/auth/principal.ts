import type { EntityManager } from '../database/orm.ts';
import { LOWEST_ROLE, type RoleGraph } from './role-graph.ts';
import type { Credential, SignedInViewer } from '../lib/viewer.ts';

/** What the database says now of somebody who may sign in. */
export interface Principal {
  readonly id: string;
  readonly active: boolean;
  readonly accountId: string | null;
  readonly assigned: readonly string[];
}

/** A principal, and the version of their password. */
export interface PrincipalWithPassword extends Principal {
  readonly passwordVersion: number | null;
}

const PRINCIPAL = `
  select u.id, u.active, u.account_id as "accountId", c.version as "passwordVersion",
    array(select role from role_assignments where user_id = u.id order by 1) as assigned
  from users u left join credentials c on c.user_id = u.id where u.id = ?`;

/** The principal with the id, or null. */
export async function getPrincipal(em: EntityManager, userId: string): Promise<PrincipalWithPassword | null> {
  const [found] = await em.execute<PrincipalWithPassword[]>(PRINCIPAL, [userId]);
  return found ?? null;
}

/** What a credential activates: these roles, or whatever is assigned at the time. */
export type Activation = readonly string[] | 'all';

/** What a credential lets its holder be, of all that they are. */
export interface Activated {
  readonly credential: Credential;
  readonly sessionId?: string;
  /** When the credential ends by itself; never without it. */
  readonly expiresAt?: Date | null;
  readonly activation: Activation;
  /** Permissions beside those of the roles, as far as the principal holds them; none without it. */
  readonly permissions?: readonly string[];
}

/**
 * The viewer that a principal is with a credential: the closure of the activated roles that are within what the
 * database assigns now, so that a credential never holds more than that (design §2).
 */
export function viewerOf(
  principal: Principal,
  graph: RoleGraph,
  { credential, sessionId, expiresAt = null, activation, permissions = [] }: Activated,
): SignedInViewer {
  const assigned = graph.closureOf([...principal.assigned, LOWEST_ROLE]);
  const wanted = activation === 'all' ? principal.assigned : activation.filter((role) => assigned.has(role));
  const roles = graph.closureOf([...withoutClashes(graph, wanted), LOWEST_ROLE]);
  const permitted = graph.permissionsOf(roles);
  const held = graph.permissionsOf(assigned);
  const added = permissions.filter((permission) => held === 'all' || held.has(permission));
  return {
    id: principal.id,
    accountId: principal.accountId,
    credential,
    sessionId: sessionId ?? null,
    expiresAt,
    roles,
    permissions: permitted === 'all' ? 'all' : new Set([...permitted, ...added]),
  };
}

/**
 * The roles without those that may not be activated together. Login refuses them; a session that was open when they
 * came to exclude each other, or when the second was assigned, has neither.
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
