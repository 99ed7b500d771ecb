import type { EntityManager } from '../database/orm.ts';
import { LOWEST_ROLE, type RoleGraph } from '../roles/role-graph.ts';
import type { SignedInViewer } from './viewer.ts';

/** What the database says now of somebody who may sign in. */
export interface Principal {
  readonly id: string;
  readonly active: boolean;
  readonly accountId: string | null;
  readonly assigned: readonly string[];
}

const PRINCIPAL = `
  select id, active, account_id as "accountId",
    array(select role from role_assignments where user_id = users.id order by 1) as assigned
  from users where id = ?`;

/** The principal with the id, or null. */
export async function getPrincipal(em: EntityManager, userId: string): Promise<Principal | null> {
  const [found] = await em.execute<Principal[]>(PRINCIPAL, [userId]);
  return found ?? null;
}

/** What a credential activates: these roles, or whatever is assigned at the time. */
export type Activation = readonly string[] | 'all';

/**
 * The viewer that a principal is with these roles activated: the closure of those that are within what the database
 * assigns now, so that a credential never holds more than that (design §2).
 */
export function viewerOf(
  principal: Principal,
  graph: RoleGraph,
  activation: Activation,
  sessionId: string | null,
): SignedInViewer {
  const assigned = graph.closureOf([...principal.assigned, LOWEST_ROLE]);
  const activated = activation === 'all' ? assigned : activation.filter((role) => assigned.has(role));
  const roles = graph.closureOf([...activated, LOWEST_ROLE]);
  return {
    id: principal.id,
    accountId: principal.accountId,
    sessionId,
    roles,
    permissions: graph.permissionsOf(roles),
  };
}
