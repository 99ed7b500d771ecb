import { requireSignedIn, type RequestContext } from '../../context.ts';
import type { Tables } from '../../database/entities/index.ts';
import type { EntityManager } from '../../database/orm.ts';
import type { RowScope } from '../../database/scopes.ts';
import type { SignedInViewer } from '../../lib/viewer.ts';
import { Forbidden } from '../../lib/errors.ts';
import { requireRecentSignIn } from '../../auth/factors/step-up.ts';
import { loadRoleGraph, LOWEST_ROLE, type RoleGraph } from '../../auth/role-graph.ts';

/** The state that an administrative change works with, read in its own transaction. */
export interface Administration {
  readonly em: EntityManager;
  readonly graph: RoleGraph;
  readonly actor: SignedInViewer;
}

export interface AdministerOptions {
  /** True if roles themselves change, which needs a recent sign-in. */
  readonly roles?: boolean;
  /** True if the change needs a recent sign-in for another reason. */
  readonly stepUp?: boolean;
  /** The row scope, if it is not the viewer's. */
  readonly scope?: RowScope;
}

/**
 * Runs a change of who may do what: one transaction, as the viewer's row scope, that raises the access version.
 *
 * Such changes take turns, and each sees the roles, and what the actor still holds, as the one before has left them: no
 * two that are each within the rules can be outside of them together.
 *
 * @throws {StepUpRequired} when the change needs a recent sign-in, and the actor's is older
 * @throws {Forbidden} when the actor has been disabled since the request began
 */
export function administer<T>(
  context: RequestContext,
  work: (administration: Administration) => Promise<T>,
  { scope, stepUp = false, ...options }: AdministerOptions = {},
): Promise<T> {
  const viewer = requireSignedIn(context.viewer);
  if (stepUp || options.roles === true) {
    requireRecentSignIn(viewer, context.now());
  }
  return context.auth.version.change(
    (change) => (scope === undefined ? context.unit.write(change) : context.unit.as(scope, change)),
    async (em) => {
      await em.getKysely<Tables>().selectFrom('access_version').select('version').forUpdate().execute();
      const graph = await loadRoleGraph(em);
      return work({ em, graph, actor: await stillHeld(em, graph, viewer) });
    },
    options,
  );
}

/** The viewer with what they still hold. What an external issuer vouches for is not ours to look up. */
async function stillHeld(em: EntityManager, graph: RoleGraph, viewer: SignedInViewer): Promise<SignedInViewer> {
  const rows = await em
    .getKysely<Tables>()
    .selectFrom('users')
    .leftJoin('role_assignments as r', 'r.user_id', 'users.id')
    .select(['users.active', 'r.role'])
    .where('users.id', '=', viewer.id)
    .execute();
  if (rows[0]?.active !== true) {
    throw new Forbidden('Permission denied');
  }
  if (viewer.credential === 'external token') {
    return viewer;
  }
  const held = graph.closureOf([...rows.flatMap(({ role }) => role ?? []), LOWEST_ROLE]);
  const roles = graph.closureOf([...viewer.roles].filter((role) => held.has(role)));
  const permissions =
    viewer.permissions === 'all' ? graph.permissionsOf(roles) : within(viewer.permissions, graph.permissionsOf(held));
  return { ...viewer, roles, permissions };
}

function within(permissions: ReadonlySet<string>, held: ReadonlySet<string> | 'all'): ReadonlySet<string> {
  return held === 'all' ? permissions : new Set([...permissions].filter((permission) => held.has(permission)));
}
