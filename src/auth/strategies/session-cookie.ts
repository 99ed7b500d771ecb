import { BadRequest } from '../../lib/errors.ts';
import type { AuthDependencies } from '../dependencies.ts';
import { InvalidTokenError } from '../errors.ts';
import { isFromAllowedOrigin, serializeCookie } from '../sessions/cookie.ts';
import type { LiveSessions } from '../sessions/live-sessions.ts';
import { hashToken, isOpaqueToken } from '../tokens/opaque-token.ts';
import { type Strategy, unauthorized } from './strategy.ts';

/** Creates the strategy for the session cookie, which counts only on pages of this server and of listed origins. */
export function createSessionCookieStrategy(
  { cookie, corsOrigins }: Pick<AuthDependencies, 'cookie' | 'corsOrigins'>,
  sessions: LiveSessions,
): Strategy {
  return {
    credential: 'session cookie',
    scheme: null,
    recognise: (presented) => presented.cookie(cookie.name),
    async verify(value, request) {
      if (!isOpaqueToken('session', value)) {
        throw new InvalidTokenError('The cookie holds no session');
      }
      const session = await sessions.require('cookie_hash', hashToken(value));
      if (!isFromAllowedOrigin(request, corsOrigins, cookie)) {
        throw new BadRequest('The session cookie is accepted only from pages of this server and of CORS_ORIGINS');
      }
      return sessions.viewerOf(session, 'session cookie', session.expiresAt);
    },
    /** Names Bearer, so that no browser opens a dialog, and clears the cookie. */
    challenge: (error) =>
      error instanceof InvalidTokenError
        ? unauthorized(
            'The session has ended: sign in again',
            { 'www-authenticate': 'Bearer realm="rolegate"', 'set-cookie': serializeCookie(cookie, null, null) },
            error,
          )
        : null,
  };
}
