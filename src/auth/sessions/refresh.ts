import { recordEvent } from '../../database/events/record.ts';
import type { EntityManager } from '../../database/orm.ts';
import { authScope } from '../../database/scopes.ts';
import type { UnitOfWork } from '../../database/unit-of-work.ts';
import type { Client } from '../../lib/viewer.ts';
import { Unauthenticated } from '../../lib/errors.ts';
import type { AuthDependencies } from '../dependencies.ts';
import { waitsForSecondFactor } from '../factors/second-factors.ts';
import { type Activation, getPrincipal, type Principal, viewerOf } from '../principal.ts';
import type { RoleGraph } from '../role-graph.ts';
import { fittingClaims } from '../tokens/access-token.ts';
import { endSessions, getSession, rotate, type SessionState } from './sessions.ts';

/** The tokens issued by a successful login. */
export interface SignIn {
  readonly accessToken: string;
  /** Null if the session is kept in a cookie. */
  readonly refreshToken: string | null;
  /** The time at which the access token expires. */
  readonly expiresAt: Date;
}

/** Issues an access token for a session of a user. */
export type IssueAccessToken = (
  principal: Principal,
  graph: RoleGraph,
  sessionId: string,
  session: { readonly activation: Activation; readonly secondFactor: boolean },
) => { readonly token: string; readonly expiresAt: Date };

/** Creates the function that issues access tokens, with no roles while a session waits for a second factor. */
export function createIssueAccessToken({
  tokens,
  settings,
  permissions: known,
}: Pick<AuthDependencies, 'tokens' | 'settings' | 'permissions'>): IssueAccessToken {
  return (principal, graph, sessionId, session) => {
    const isWaiting = waitsForSecondFactor(
      { ...session, assigned: principal.assigned },
      settings.mfaRequiredRoles,
      graph,
    );
    const activation = isWaiting ? [] : session.activation;
    const viewer = viewerOf(principal, graph, { credential: 'access token', activation });
    const named = activation === 'all' ? principal.assigned : activation.filter((role) => viewer.roles.has(role));
    const permissions = viewer.permissions === 'all' ? known : [...viewer.permissions].toSorted();
    return tokens.issue({
      sub: principal.id,
      sid: sessionId,
      ...fittingClaims(named, permissions),
      account: principal.accountId,
    });
  };
}

/**
 * Replaces a refresh token by its successor. A retry with the previous token within ten seconds, beside the length
 * of an outage of the database, gets the same successor; any other use of an old one ends the session.
 *
 * @throws {Unauthenticated} if the token is not valid
 */
export type RefreshSession = (unit: UnitOfWork, client: Client, refreshToken: string) => Promise<SignIn>;

/** Creates the refresh of sessions. */
export function createRefresh(
  { refreshTokens, version, lifetime, now, log }: AuthDependencies,
  issueAccessToken: IssueAccessToken,
  roleGraph: () => Promise<RoleGraph>,
): RefreshSession {
  async function refresh(unit: UnitOfWork, client: Client, token: string): Promise<SignIn> {
    const parsed = refreshTokens.read(token);
    if (parsed === null) {
      throw badRefreshToken();
    }
    const rotation = await unit.as(authScope, (em) =>
      rotate(em, refreshTokens, { token, parsed, now: now(), lifetime, outage: version.recentOutage }),
    );
    if (rotation.outcome === 'replayed') {
      await endReplayed(unit, client, parsed.sessionId);
    }
    if (rotation.outcome === 'replayed' || rotation.outcome === 'refused') {
      throw badRefreshToken();
    }
    const standing = await unit.as(authScope, (em) => standingOf(em, parsed.sessionId, rotation.userId));
    if (standing === null) {
      throw badRefreshToken();
    }
    const issued = issueAccessToken(standing.principal, await roleGraph(), parsed.sessionId, standing.session);
    return { accessToken: issued.token, expiresAt: issued.expiresAt, refreshToken: rotation.successor };
  }

  /** Ends the session of a replayed token: two clients have it, and one of them stole it (RFC 9700 §4.14.2). */
  async function endReplayed(unit: UnitOfWork, client: Client, sessionId: string): Promise<void> {
    await version.change(
      (work) => unit.as(authScope, work),
      async (em) => {
        await endSessions(em, { sessionId }, 'replayed', now());
        const by = { actorId: null, address: client.address, now: now() };
        await recordEvent(em, by, { action: 'session.replayed', target: { type: 'session', id: sessionId } });
      },
    );
    log.warn({ session: sessionId, address: client.address }, 'an old refresh token was used again: session ended');
  }

  async function standingOf(
    em: EntityManager,
    sessionId: string,
    userId: string,
  ): Promise<{ principal: Principal; session: SessionState } | null> {
    const session = await getSession(em, 'id', sessionId, { now: now(), lifetime });
    const principal = await getPrincipal(em, userId);
    return session === null || session.ended || principal === null || !principal.active ? null : { principal, session };
  }

  return refresh;
}

function badRefreshToken(): Unauthenticated {
  return new Unauthenticated('The refresh token is not valid: sign in again');
}
