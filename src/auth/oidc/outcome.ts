import {
  BadUserInput,
  Conflict,
  Forbidden,
  InvalidTokenError,
  IssuerUnavailableError,
  RefusedByIssuerError,
  type SecondFactorRequired,
} from '../../lib/errors.ts';

/**
 * The reason why a sign-in at an issuer failed, in the query of the page that the browser comes back to. It is one of a
 * closed list: no text of an issuer is shown.
 */
export type SignInError =
  | 'EXPIRED'
  | 'DENIED'
  | 'ISSUER_UNAVAILABLE'
  | 'REFUSED'
  | 'NO_USER'
  | 'ROLES'
  | 'TAKEN'
  | 'SESSION_ENDED'
  | 'NOT_RECENT';

/** Thrown while a sign-in is finished, to undo its transaction. */
export class Failure extends Error {
  readonly reason: SignInError;

  constructor(reason: SignInError) {
    super(reason);
    this.reason = reason;
  }
}

const LONGEST_PATH = 500;

/** Returns the public reason of an error; null for an internal error. */
export function reasonOf(error: unknown): SignInError | null {
  if (error instanceof Failure) {
    return error.reason;
  }
  if (error instanceof RefusedByIssuerError) {
    return REASONS.get(error.error) ?? 'REFUSED';
  }
  if (error instanceof InvalidTokenError) {
    return 'REFUSED';
  }
  if (error instanceof IssuerUnavailableError) {
    return 'ISSUER_UNAVAILABLE';
  }
  const isAboutRoles = error instanceof BadUserInput || error instanceof Forbidden || error instanceof Conflict;
  return isAboutRoles ? 'ROLES' : null;
}

/** The errors of OAuth 2.0 (RFC 6749 §4.1.2.1) that the user can do something about. */
const REASONS: ReadonlyMap<string, SignInError> = new Map([
  ['access_denied', 'DENIED'],
  ['server_error', 'ISSUER_UNAVAILABLE'],
  ['temporarily_unavailable', 'ISSUER_UNAVAILABLE'],
]);

/**
 * Checks that a path leads to a page of this server, however a browser reads it.
 *
 * @throws {BadUserInput}
 */
export function requireOwnPath(path: string, publicUrl: string): string {
  const isPath = path.length <= LONGEST_PATH && /^\/(?![/\\])[\x21-\x7e]*$/.test(path) && !/[\\#]/.test(path);
  if (!isPath || URL.parse(path, publicUrl)?.origin !== publicUrl) {
    throw new BadUserInput('The path to return to must be one of this server, such as /console', { field: 'returnTo' });
  }
  return path;
}

/** Returns the URL of a page of this server, with the reason of a failure or with the challenge of a second factor. */
export function locationOf(
  path: string,
  publicUrl: string,
  error: SignInError | null,
  asksFor: SecondFactorRequired | null = null,
): string {
  const url = new URL(path, publicUrl);
  if (error !== null) {
    url.searchParams.set('sign_in_error', error);
  }
  if (asksFor !== null) {
    // Not sent to any server.
    const { challenge, factors, passkey } = asksFor;
    const options = passkey === null ? {} : { passkey: JSON.stringify(passkey) };
    url.hash = new URLSearchParams({ challenge, factors: factors.join(','), ...options }).toString();
  }
  return url.href;
}
