import { authScope } from '../../database/scopes.ts';
import type { Credential, SignedInViewer } from '../../lib/viewer.ts';
import type { AccessCaches } from '../access-caches.ts';
import type { AuthDependencies } from '../dependencies.ts';
import { waitsForSecondFactor } from '../factors/second-factors.ts';
import { InvalidTokenError } from '../errors.ts';
import { viewerOf } from '../principal.ts';
import { getSession, isLive, type SessionState } from './sessions.ts';

/** The sessions that credentials belong to. */
export interface LiveSessions {
  /**
   * Returns a session that may be used now.
   *
   * @throws {InvalidTokenError} if there is none
   */
  readonly require: (by: 'id' | 'cookie_hash', key: string) => Promise<SessionState>;
  /** Returns the viewer of a session, for a credential that expires at the given time at the latest. */
  readonly viewerOf: (session: SessionState, credential: Credential, expiresAt: Date) => Promise<SignedInViewer>;
}

/** Creates the cached view of the sessions. */
export function createLiveSessions(
  { database, lifetime, settings, now }: Pick<AuthDependencies, 'database' | 'lifetime' | 'settings' | 'now'>,
  caches: AccessCaches,
): LiveSessions {
  const sessions = caches.create<SessionState | null>();
  return {
    async require(by, key) {
      const session = await caches.getUsed(sessions, `${by} ${key}`, () =>
        database.run(authScope, (em) => getSession(em, by, key, { now: now(), lifetime })),
      );
      if (session === null || !isLive(session, now(), lifetime)) {
        throw new InvalidTokenError('The session has ended or expired, or its user is disabled');
      }
      return session;
    },
    async viewerOf(session, credential, expiresAt) {
      const viewer = await caches.viewer(session, (graph) => {
        const { id: sessionId, userId: id, activation, authenticatedAt } = session;
        const secondFactorRequired = waitsForSecondFactor(session, settings.mfaRequiredRoles, graph);
        const activated = { credential, sessionId, activation, authenticatedAt, secondFactorRequired };
        return viewerOf({ ...session, id }, graph, activated);
      });
      // Several tokens may belong to a session, and each has its own expiry.
      return { ...viewer, credential, expiresAt: session.expiresAt < expiresAt ? session.expiresAt : expiresAt };
    },
  };
}
