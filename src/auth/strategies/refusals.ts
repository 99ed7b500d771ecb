import { HttpRefusal } from '../../lib/errors.ts';
import type { InvalidTokenError } from '../errors.ts';

/** RFC 6750 §3.1. What exactly is wrong goes to the log only. */
export function badToken(cause: InvalidTokenError): HttpRefusal {
  return new HttpRefusal({
    status: 401,
    code: 'UNAUTHENTICATED',
    message: 'The token is not valid: sign in again',
    headers: { 'www-authenticate': 'Bearer realm="rolegate", error="invalid_token"' },
    cause,
  });
}

/** The challenge is Bearer's, so that no browser opens a dialog; the cookie is cleared. */
export function badCookie(cause: InvalidTokenError, clearing: string): HttpRefusal {
  return new HttpRefusal({
    status: 401,
    code: 'UNAUTHENTICATED',
    message: 'The session has ended: sign in again',
    headers: { 'www-authenticate': 'Bearer realm="rolegate"', 'set-cookie': clearing },
    cause,
  });
}

/** RFC 7617 §2. */
export function badPassword(): HttpRefusal {
  return new HttpRefusal({
    status: 401,
    code: 'UNAUTHENTICATED',
    message: 'The login or the password is wrong',
    headers: { 'www-authenticate': 'Basic realm="rolegate", charset="UTF-8"' },
  });
}

/** The request cannot be understood as one of somebody. */
export function badRequest(message: string): HttpRefusal {
  return new HttpRefusal({ status: 400, code: 'BAD_REQUEST', message });
}

/** Try again later. */
export function unavailable(message: string, cause: unknown): HttpRefusal {
  return new HttpRefusal({
    status: 503,
    code: 'SERVICE_UNAVAILABLE',
    message,
    headers: { 'retry-after': '1' },
    cause,
  });
}
