import { parseCookie } from 'cookie';
import { BadRequest } from '../../lib/errors.ts';

/** What a request offers in its `Authorization` header. */
export type OfferedCredential =
  | { readonly kind: 'access token' | 'API key'; readonly token: string }
  | { readonly kind: 'Basic'; readonly login: string; readonly password: string };

/** Bearer tokens that start so are API keys. */
const API_KEY_PREFIX = 'rg_key_';

/** The parts of a request that may hold a credential. Node joins repeated headers; the raw list shows each. */
export interface CredentialSource {
  readonly rawHeaders: readonly string[];
}

/** The values of a header, one for each time that it was sent. `name` is in lower case. */
export function headerValues(name: string, { rawHeaders }: CredentialSource): string[] {
  return rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name);
}

/**
 * Takes the credential out of the `Authorization` header (RFC 9110 §11.6.2, RFC 6750 §2.1, RFC 7617). Query strings
 * and bodies are never read.
 *
 * @param acceptsBasic whether passwords may be sent with each request
 * @throws {BadRequest} when there are two headers, or the scheme is empty or unknown
 */
export function offeredCredential(source: CredentialSource, acceptsBasic: boolean): OfferedCredential | null {
  const [header, ...others] = headerValues('authorization', source);
  if (header === undefined) {
    return null;
  }
  if (others.length > 0) {
    throw new BadRequest('There are two Authorization headers: send one');
  }
  const [, scheme = '', parameter = ''] = /^([^ ]*) *(.*)$/s.exec(header.trim()) ?? [];
  switch (scheme.toLowerCase()) {
    case 'bearer':
      return { kind: parameter.startsWith(API_KEY_PREFIX) ? 'API key' : 'access token', token: parameter };
    case 'basic':
      if (acceptsBasic) {
        return { kind: 'Basic', ...userAndPassword(parameter) };
      }
      break;
    default:
  }
  throw new BadRequest(`The scheme of the Authorization header must be ${acceptsBasic ? 'Bearer or Basic' : 'Bearer'}`);
}

/** What cannot be read is nobody's login: it fails as a wrong password does (RFC 7617 §2). */
function userAndPassword(parameter: string): { login: string; password: string } {
  const text = Buffer.from(parameter, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon === -1 ? { login: '', password: '' } : { login: text.slice(0, colon), password: text.slice(colon + 1) };
}

/**
 * The value of the session cookie; null without one. Several different ones are one that nobody holds: which of them
 * the browser's owner means cannot be told (RFC 6265 §8.5).
 */
export function offeredCookie(source: CredentialSource, name: string): string | null {
  const pairs = headerValues('cookie', source).flatMap((header) => header.split(';'));
  const values = new Set(pairs.flatMap((pair) => parseCookie(pair)[name] ?? []));
  return values.size === 0 ? null : [...values].join(' ');
}
