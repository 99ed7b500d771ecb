import { requireSignedIn, type RequestContext } from '../../context.ts';
import type { EntityManager } from '../../database/orm.ts';
import type { SignedInViewer } from '../../lib/viewer.ts';
import { Forbidden } from '../../lib/errors.ts';
import { loadRoleGraph, LOWEST_ROLE, type RoleGraph } from '../../auth/role-graph.ts';

/** What an administrative change works with, all of it as it is now. */
export interface Administration {
  readonly em: EntityManager;
  readonly graph: RoleGraph;
  readonly actor: SignedInViewer;
}

export interface AdministerOptions {
  /** Whether roles themselves change. */
  readonly roles?: boolean;
}

/**
 * Runs a change of who may do what: one transaction, as the viewer's row scope, that raises the access version.
 *
 * Such changes take turns, and each sees the roles, and what the actor still holds, as the one before has left them: no
 * two that are each within the rules can be outside of them together.
 *
 * @throws {Forbidden} when the actor has been disabled since the request began
 */
export function administer<T>(
  context: RequestContext,
  work: (administration: Administration) => Promise<T>,
  options: AdministerOptions = {},
): Promise<T> {
  const viewer = requireSignedIn(context.viewer);
  return context.auth.version.change(
    (change) => context.unit.write(change),
    async (em) => {
      await em.execute('select version from access_version for update');
      const graph = await loadRoleGraph(em);
      return work({ em, graph, actor: await stillHeld(em, graph, viewer) });
    },
    options,
  );
}

/** The viewer with what they still hold. What an external issuer vouches for is not ours to look up. */
async function stillHeld(em: EntityManager, graph: RoleGraph, viewer: SignedInViewer): Promise<SignedInViewer> {
  const [now] = await em.execute<{ active: boolean; assigned: string[] }[]>(
    `select active, array(select role from role_assignments where user_id = users.id) as assigned
     from users where id = ?`,
    [viewer.id],
  );
  if (now?.active !== true) {
    throw new Forbidden('Permission denied');
  }
  if (viewer.credential === 'external token') {
    return viewer;
  }
  const held = graph.closureOf([...now.assigned, LOWEST_ROLE]);
  const roles = graph.closureOf([...viewer.roles].filter((role) => held.has(role)));
  const permissions = viewer.permissions === 'all' ? graph.permissionsOf(roles) : viewer.permissions;
  return { ...viewer, roles, permissions };
}
