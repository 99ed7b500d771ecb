import { InvalidTokenError } from '../../lib/errors.ts';
import type { LiveSessions } from '../access-caches.ts';
import type { AccessTokens } from '../tokens/access-token.ts';
import type { Views } from '../view-as.ts';
import { bearerToken, type Strategy, unauthorized } from './strategy.ts';

/** Creates the strategy for our own access tokens: every Bearer token that no earlier strategy recognises. */
export function createAccessTokenStrategy(tokens: AccessTokens, sessions: LiveSessions, views: Views): Strategy {
  return {
    credential: 'access token',
    scheme: 'Bearer',
    recognise: bearerToken,
    async verify(token) {
      const { sid, sub, exp, view } = tokens.verify(token);
      const session = await sessions.require('id', sid);
      if (session.userId !== sub) {
        throw new InvalidTokenError('The session belongs to another user');
      }
      const viewer = await sessions.viewerOf(session, 'access token', new Date(exp * 1000));
      return view === undefined ? viewer : views.viewerOf(viewer, view);
    },
    challenge: challengeBearer,
  };
}

/** Returns the challenge for a bad Bearer token (RFC 6750 §3.1). */
export function challengeBearer(error: unknown): ReturnType<Strategy['challenge']> {
  return error instanceof InvalidTokenError
    ? unauthorized(
        'The token is not valid: sign in again',
        { 'www-authenticate': 'Bearer realm="rolegate", error="invalid_token"' },
        error,
      )
    : null;
}
