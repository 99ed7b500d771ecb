import { stringifySetCookie } from 'cookie';
import type { SessionCookie } from '../dependencies.ts';

/** How the session cookie is called: `__Host-` ties it to one origin, and needs https. */
export function sessionCookie(isHttps: boolean): SessionCookie {
  return { name: isHttps ? '__Host-rolegate_session' : 'rolegate_session', secure: isHttps };
}

/** The `Set-Cookie` header that sets the session cookie, or clears it (RFC 6265). */
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
