import { recordEvent } from '../database/events/record.ts';
import type { EntityManager } from '../database/orm.ts';
import { authScope } from '../database/scopes.ts';
import type { UnitOfWork } from '../database/unit-of-work.ts';
import type { Client, SignedInViewer } from '../lib/viewer.ts';
import { BadUserInput, Conflict, Forbidden, InvalidTokenError, NotFound } from '../lib/errors.ts';
import type { AccessCaches } from './access-caches.ts';
import type { AuthDependencies } from './dependencies.ts';
import { getPrincipal, type Principal, type PrincipalWithPassword, viewerOf } from './principal.ts';
import { dominates, HOLDS_EVERYTHING, loadRoleGraph, requireKnownRoles, type RoleGraph } from './role-graph.ts';
import { fittingClaims, type View } from './tokens/access-token.ts';

export interface ViewAsInput {
  readonly userId?: string | null | undefined;
  readonly role?: string | null | undefined;
}

/** A token with which an administrator views the API as another user, or as themselves with one role only. */
export interface OpenedView {
  readonly accessToken: string;
  readonly expiresAt: Date;
}

/** Views of the API as another user or role. */
export interface Views {
  /**
   * Opens a view, and records that in the audit trail.
   *
   * @throws {BadUserInput} {@link NotFound} if not exactly one of user and role is named, or it does not exist
   * @throws {Forbidden} without a session, or if the user or the role holds what the administrator does not hold
   * @throws {Conflict} if the user is deactivated
   */
  readonly open: (
    unit: UnitOfWork,
    client: Client,
    administrator: SignedInViewer,
    input: ViewAsInput,
  ) => Promise<OpenedView>;
  /**
   * Returns the viewer of a view, by what the administrator and the user hold now.
   *
   * @throws {InvalidTokenError} if the view could not be opened any more
   */
  readonly viewerOf: (administrator: SignedInViewer, view: View) => Promise<SignedInViewer>;
}

/** Creates the views. */
export function createViews(
  { database, tokens, now, permissions }: Pick<AuthDependencies, 'database' | 'tokens' | 'now' | 'permissions'>,
  caches: AccessCaches,
): Views {
  const users = caches.create<PrincipalWithPassword | null>();
  return {
    async open(unit, client, administrator, input) {
      const { sessionId } = administrator;
      if (sessionId === null) {
        throw new Forbidden('This needs a signed-in session; API keys, Basic and external tokens are not accepted');
      }
      const view = viewOf(input);
      const issued = await unit.as(authScope, async (em) => {
        const graph = await loadRoleGraph(em);
        const principal = await requirePrincipal(em, graph, administrator, view);
        requireDominated(administrator, graph, principal);
        const viewed = viewerOf(principal, graph, { credential: 'access token', activation: 'all' });
        const held = viewed.permissions === 'all' ? permissions : [...viewed.permissions];
        const token = tokens.issue({
          sub: administrator.id,
          sid: sessionId,
          ...fittingClaims(viewed.activated, held),
          account: viewed.accountId,
          view,
        });
        const by = { actorId: administrator.id, address: client.address, now: now() };
        const target =
          'user' in view ? ({ type: 'user', id: view.user } as const) : ({ type: 'role', id: view.role } as const);
        const details = { until: token.expiresAt.toISOString() };
        await recordEvent(em, by, { action: 'view.started', target, details });
        return token;
      });
      return { accessToken: issued.token, expiresAt: issued.expiresAt };
    },
    async viewerOf(administrator, view) {
      const graph = await caches.roleGraph();
      const principal =
        'user' in view
          ? await users.get(view.user, () => database.run(authScope, (em) => getPrincipal(em, view.user)))
          : withRole(administrator, view.role);
      const isOpen =
        administrator.roles.has(HOLDS_EVERYTHING) &&
        principal?.active === true &&
        ('user' in view || graph.has(view.role)) &&
        isDominated(administrator, graph, principal);
      if (!isOpen) {
        throw new InvalidTokenError('The view has ended');
      }
      const { id, expiresAt } = administrator;
      const viewer = viewerOf(principal, graph, { credential: 'access token', expiresAt, activation: 'all' });
      return { ...viewer, viewedBy: id };
    },
  };
}

function viewOf({ userId, role }: ViewAsInput): View {
  if (typeof userId === 'string' && typeof role !== 'string') {
    return { user: userId.toLowerCase() };
  }
  if (typeof role === 'string' && typeof userId !== 'string') {
    return { role };
  }
  throw new BadUserInput('Name either a user or a role', { field: 'userId' });
}

async function requirePrincipal(
  em: EntityManager,
  graph: RoleGraph,
  administrator: SignedInViewer,
  view: View,
): Promise<Principal> {
  if ('role' in view) {
    requireKnownRoles(graph, [view.role], 'role');
    return withRole(administrator, view.role);
  }
  const principal = IS_ID.test(view.user) ? await getPrincipal(em, view.user) : null;
  if (principal === null) {
    throw new NotFound('There is no such user');
  }
  if (!principal.active) {
    throw new Conflict('The user is deactivated: activate them first');
  }
  return principal;
}

/** An id as the database writes it. */
const IS_ID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/;

/** The administrator themselves, with this role only. */
function withRole({ id, accountId }: SignedInViewer, role: string): Principal {
  return { id, accountId, active: true, assigned: [role] };
}

function requireDominated(administrator: SignedInViewer, graph: RoleGraph, principal: Principal): void {
  if (!isDominated(administrator, graph, principal)) {
    throw new Forbidden('You can view the API only as a user or a role that holds nothing that you do not hold');
  }
}

function isDominated(administrator: SignedInViewer, graph: RoleGraph, { assigned }: Principal): boolean {
  const { builtIn } = graph.powerOf(administrator.roles);
  return dominates({ builtIn, permissions: administrator.permissions }, graph.powerOf(assigned));
}
