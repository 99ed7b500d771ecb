import { isLoopback } from '../../config/rules.ts';
import { type CredentialSource, headerValues } from '../strategies/credential.ts';
import type { SessionCookie } from '../dependencies.ts';

/**
 * Whether a request that carries the session cookie comes from a page that may use it: one of this server's, or of a
 * listed origin. Browsers name the page's origin in every request that changes something (Fetch standard, "Origin"); a
 * client that sends none is no browser. `SameSite` and Apollo's CSRF prevention stand beside this.
 *
 * @param origins the allow-list, as browsers write origins
 */
export function isFromOwnPage(request: CredentialSource, origins: readonly string[], cookie: SessionCookie): boolean {
  const [origin] = headerValues('origin', request);
  if (origin === undefined) {
    return headerValues('sec-fetch-site', request)[0] !== 'cross-site';
  }
  const [host = ''] = headerValues('host', request);
  return origins.includes(origin) || isOwnOrigin(URL.parse(origin), host.toLowerCase(), cookie);
}

/** A page of the same host that came over http could have been written by whoever sits on the way. */
function isOwnOrigin(origin: URL | null, host: string, { secure }: SessionCookie): boolean {
  if (origin === null || origin.host !== host) {
    return false;
  }
  return !secure || origin.protocol === 'https:' || isLoopback(origin.hostname);
}
