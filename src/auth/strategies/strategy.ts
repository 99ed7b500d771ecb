import { parseCookie } from 'cookie';
import type { Client, Credential, SignedInViewer } from '../../lib/viewer.ts';
import { BadRequest, HttpRefusal } from '../../lib/errors.ts';

/** A kind of credential: the file of a strategy holds all that is particular to it. */
export interface Strategy {
  readonly credential: Credential;
  /** The scheme of the `Authorization` header that carries the credential; null for one that is in a cookie. */
  readonly scheme: 'Bearer' | 'Basic' | null;
  /** Returns the text of the credential if the request presents one of this kind, or null. Reads no database. */
  readonly recognise: (presented: PresentedCredentials) => string | null;
  /**
   * Verifies the credential and returns its viewer.
   *
   * @throws {InvalidTokenError} if the credential is not valid
   * @throws {Unauthenticated} if a password is wrong
   */
  readonly verify: (text: string, request: AuthenticationRequest) => Promise<SignedInViewer>;
  /** Returns the 401 for an error that {@link Strategy.verify} threw; null if the error has another cause than the credential. */
  readonly challenge: (error: unknown) => HttpRefusal | null;
}

/** The parts of a request that may hold a credential. Node joins repeated headers; the raw list shows each. */
export interface CredentialSource {
  readonly rawHeaders: readonly string[];
}

/** The parts of a request that authentication reads. */
export interface AuthenticationRequest extends CredentialSource {
  readonly client: Client;
}

/** The credentials that a request presents, not yet verified. Query strings and bodies are never read. */
export interface PresentedCredentials {
  /** The `Authorization` header (RFC 9110 §11.6.2), its scheme in lower case; null without one. */
  readonly header: { readonly scheme: string; readonly parameter: string } | null;
  /**
   * Returns the value of a cookie, or null. Several different values are joined to one that is not valid: the browser
   * does not say which of them its user means (RFC 6265 §8.5).
   */
  readonly cookie: (name: string) => string | null;
}

/** Returns the values of a header, one for each time that it was sent. `name` is in lower case. */
export function headerValues(name: string, { rawHeaders }: CredentialSource): string[] {
  const values: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const [sent = '', value = ''] = [rawHeaders[index], rawHeaders[index + 1]];
    if (sent.length === name.length && sent.toLowerCase() === name) {
      values.push(value);
    }
  }
  return values;
}

/**
 * Reads the credentials that a request presents.
 *
 * @throws {BadRequest} if there are two `Authorization` headers
 */
export function presentedCredentials(source: CredentialSource): PresentedCredentials {
  const [header, ...others] = headerValues('authorization', source);
  if (others.length > 0) {
    throw new BadRequest('There are two Authorization headers: send one');
  }
  const [, scheme = '', parameter = ''] = /^([^ ]*) *(.*)$/s.exec(header?.trim() ?? '') ?? [];
  return {
    header: header === undefined ? null : { scheme: scheme.toLowerCase(), parameter },
    cookie: (name) => cookieValue(headerValues('cookie', source), name),
  };
}

function cookieValue(headers: readonly string[], name: string): string | null {
  if (headers.length === 0) {
    return null;
  }
  const pairs = headers.flatMap((header) => header.split(';'));
  const values = new Set(pairs.flatMap((pair) => parseCookie(pair)[name] ?? []));
  return values.size === 0 ? null : [...values].join(' ');
}

/** Returns the token of a Bearer credential (RFC 6750 §2.1); null without one. */
export function bearerToken({ header }: PresentedCredentials): string | null {
  return header?.scheme === 'bearer' ? header.parameter : null;
}

/** Creates a 401 with its challenge. The cause says what is wrong with the credential, and goes to the log only. */
export function unauthorized(message: string, headers: Readonly<Record<string, string>>, cause?: unknown): HttpRefusal {
  return new HttpRefusal({ status: 401, code: 'UNAUTHENTICATED', message, headers, cause });
}
