import { stringifySetCookie } from 'cookie';
import { BadRequest, InvalidTokenError } from '../../lib/errors.ts';
import type { AuthDependencies, SessionCookie } from '../dependencies.ts';
import type { LiveSessions } from '../access-caches.ts';
import { hashToken, isOpaqueToken } from '../tokens/opaque-token.ts';
import { type Strategy, unauthorized, type CredentialSource, headerValues } from './strategy.ts';
import { isLoopback } from '../../config/rules.ts';

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

/** Returns the name of the session cookie: `__Host-` binds it to one origin, and needs https. */
export function sessionCookie(isHttps: boolean): SessionCookie {
  return { name: isHttps ? '__Host-rolegate_session' : 'rolegate_session', secure: isHttps };
}

/** Returns the name of the cookie that binds a sign-in at an external issuer to the browser. */
export function signInCookieName({ secure }: SessionCookie): string {
  return secure ? '__Host-rolegate_sign_in' : 'rolegate_sign_in';
}

/**
 * Returns the `Set-Cookie` header of that cookie. It is sent when an issuer sends the browser back (SameSite=Lax), which the
 * session cookie is not.
 */
export function serializeSignInCookie(cookie: SessionCookie, value: string | null, validFor: number): string {
  return stringifySetCookie({
    name: signInCookieName(cookie),
    value: value ?? '',
    path: '/',
    httpOnly: true,
    sameSite: 'lax',
    secure: cookie.secure,
    maxAge: value === null ? 0 : validFor / 1_000,
  });
}

/** Returns the `Set-Cookie` header that sets the session cookie, or clears it (RFC 6265). */
export function serializeCookie(cookie: SessionCookie, value: string | null, expires: Date | null): string {
  return stringifySetCookie({
    name: cookie.name,
    value: value ?? '',
    path: '/',
    httpOnly: true,
    sameSite: 'strict',
    secure: cookie.secure,
    ...(value === null ? { maxAge: 0 } : expires === null ? {} : { expires }),
  });
}

/**
 * Checks that a request with the session cookie comes from a page that may use it: one of this server's, or of a listed
 * origin. Browsers name the page's origin in every request that changes something (Fetch standard, "Origin"). A request
 * without an Origin header does not come from a browser. `SameSite` and Apollo's CSRF prevention apply as well.
 *
 * @param origins the allow-list, as browsers write origins
 */
export function isFromAllowedOrigin(
  request: CredentialSource,
  origins: readonly string[],
  cookie: SessionCookie,
): boolean {
  const [origin] = headerValues('origin', request);
  if (origin === undefined) {
    return headerValues('sec-fetch-site', request)[0] !== 'cross-site';
  }
  const [host = ''] = headerValues('host', request);
  return origins.includes(origin) || isOwnOrigin(URL.parse(origin), host.toLowerCase(), cookie);
}

/** Returns true for an origin of this server. One that was loaded over http does not count on an https server: it could have been altered in transit. */
function isOwnOrigin(origin: URL | null, host: string, { secure }: SessionCookie): boolean {
  if (origin === null || origin.host !== host) {
    return false;
  }
  return !secure || origin.protocol === 'https:' || isLoopback(origin.hostname);
}
