import type { ClientAuth, Configuration } from 'openid-client';
import type { SignInIssuerConfig } from '../../config/config.ts';
import { InvalidTokenError, IssuerUnavailableError, RefusedByIssuerError } from '../../lib/errors.ts';
import { parseIdentityClaims } from './claims.ts';

const SECOND = 1000;
/** The timeout of one request to the issuer, in seconds. */
const TIMEOUT = 5;
/** The age from which the issuer's metadata are fetched again. Older ones are used while that fails. */
const FRESH_FOR = 3_600 * SECOND;
/** The pause after a failed fetch, in milliseconds. */
const RETRY_AFTER = 5 * SECOND;

/** The values that bind a sign-in to one browser. */
export interface SignInSecrets {
  readonly state: string;
  readonly nonce: string;
  /** The code verifier of PKCE (RFC 7636). */
  readonly verifier: string;
}

/** The interaction that the issuer asks its user for: none, to choose an account, or to sign in again. */
export type Part = 'none' | 'chooses' | 'signs in again';

/** A person as an issuer has identified them. */
export interface VerifiedIdentity {
  readonly issuer: string;
  readonly subject: string;
  /** As the issuer claims; a first value of the user's profile. */
  readonly name: string | null;
  /** True if the issuer says that a second factor was shown. */
  readonly secondFactor: boolean;
  /** The time of the sign-in at the issuer; null if it does not say. */
  readonly authenticatedAt: Date | null;
}

/** The client of one external issuer at which browsers sign in. */
export interface IssuerClient extends Pick<SignInIssuerConfig, 'id' | 'label' | 'issuer' | 'createUsers'> {
  /** True if its users can be asked to sign in again. */
  readonly reauthenticates: boolean;
  /**
   * Returns the URL at the issuer that a browser is sent to.
   *
   * @throws {IssuerUnavailableError}
   */
  readonly authorizationUrl: (secrets: SignInSecrets, part: Part) => Promise<URL>;
  /**
   * Verifies the issuer's response and exchanges its code for the identity.
   *
   * @param query the query of the request to the redirect URI
   * @throws {RefusedByIssuerError} if the issuer answers with an error
   * @throws {InvalidTokenError} if response or ID token are not valid for this sign-in
   * @throws {IssuerUnavailableError}
   */
  readonly redeem: (query: string, secrets: SignInSecrets) => Promise<VerifiedIdentity>;
}

/** The dependencies of {@link createIssuerClient}. */
export interface IssuerClientOptions {
  /** The origin under which clients reach this server. */
  readonly publicUrl: string;
  readonly now: () => Date;
  readonly log: { warn(details: object, message: string): void };
}

/** Creates the client of an issuer. It fetches the issuer's metadata when they are first needed. */
export function createIssuerClient(config: SignInIssuerConfig, options: IssuerClientOptions): IssuerClient {
  const { id, label, issuer, createUsers } = config;
  const { now, log } = options;
  // One for each issuer, so that the response of one is never taken for that of another (RFC 9700 §4.4.2.2).
  const redirectUri = `${options.publicUrl}/auth/callback/${id}`;
  let found: { readonly configuration: Configuration; readonly at: number } | null = null;
  let pending: Promise<Configuration> | null = null;
  let failedAt = -Infinity;

  async function load(): Promise<Configuration> {
    try {
      const configuration = await discover(config);
      found = { configuration, at: now().getTime() };
      return configuration;
    } catch (error) {
      failedAt = now().getTime();
      log.warn({ issuer: id, reason: reasonOf(error) }, 'the metadata of an issuer cannot be fetched');
      if (found !== null) {
        return found.configuration;
      }
      throw unavailable(error);
    } finally {
      pending = null;
    }
  }

  async function current(): Promise<Configuration> {
    const isResting = now().getTime() - failedAt < RETRY_AFTER;
    if (found !== null && (isResting || now().getTime() - found.at < FRESH_FOR)) {
      return found.configuration;
    }
    if (isResting) {
      throw unavailable(null);
    }
    pending ??= load();
    return pending;
  }

  return {
    id,
    label,
    issuer,
    createUsers,
    reauthenticates: config.prompt === 'login',
    async authorizationUrl({ state, nonce, verifier }, part) {
      const [{ buildAuthorizationUrl, calculatePKCECodeChallenge }, configuration] = await Promise.all([
        import('openid-client'),
        current(),
      ]);
      return buildAuthorizationUrl(configuration, {
        redirect_uri: redirectUri,
        scope: config.scopes.join(' '),
        state,
        nonce,
        code_challenge: await calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        // OpenID Connect Core §3.1.2.1
        ...(part === 'chooses' ? { prompt: config.prompt } : {}),
        ...(part === 'signs in again' ? { prompt: 'login', max_age: '0' } : {}),
      });
    },
    async redeem(query, { state, nonce, verifier }) {
      const [{ authorizationCodeGrant }, configuration] = await Promise.all([import('openid-client'), current()]);
      try {
        const tokens = await authorizationCodeGrant(configuration, new URL(`${redirectUri}?${query}`), {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: verifier,
          idTokenExpected: true,
        });
        const { sub, name, acr, amr, auth_time: time } = parseIdentityClaims(tokens.claims() ?? {});
        const shown = new Set([...amr, ...(acr === undefined ? [] : [acr])]);
        return {
          issuer,
          subject: sub,
          name,
          secondFactor: config.secondFactor.some((value) => shown.has(value)),
          authenticatedAt: time === undefined ? null : new Date(time * SECOND),
        };
      } catch (error) {
        log.warn({ issuer: id, reason: reasonOf(error) }, 'the sign-in at an issuer failed');
        throw await publicError(error);
      }
    },
  };
}

/** @throws if the metadata cannot be fetched, belong to another issuer, or lead from https to http */
async function discover({ issuer, clientId, clientSecret }: SignInIssuerConfig): Promise<Configuration> {
  const oidc = await import('openid-client');
  const url = new URL(issuer);
  const isOpen = url.protocol === 'http:'; // The configuration allows that for development.
  const authenticate: ClientAuth = (server, ...request) => {
    const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    const method = methods.includes('client_secret_post') ? oidc.ClientSecretPost : oidc.ClientSecretBasic;
    method(clientSecret ?? '')(server, ...request);
  };
  const configuration = await oidc.discovery(url, clientId, {}, clientSecret === null ? oidc.None() : authenticate, {
    timeout: TIMEOUT,
    execute: isOpen ? [oidc.allowInsecureRequests] : [],
  });
  // The signature is verified as well, although the token comes over a connection to the issuer.
  oidc.enableNonRepudiationChecks(configuration);
  const metadata = configuration.serverMetadata();
  const endpoint = URL.parse(metadata.authorization_endpoint ?? '');
  if (metadata.issuer !== issuer || endpoint?.protocol !== url.protocol) {
    throw new Error('The metadata belong to another issuer, or to none that browsers can sign in at');
  }
  return configuration;
}

function unavailable(cause: unknown): IssuerUnavailableError {
  return new IssuerUnavailableError('The issuer does not answer', { cause });
}

/** Returns what may be logged of an error: its names, and no text, code or token that the issuer or a client has sent. */
function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : null;
  return error instanceof Error
    ? [error.name, code, error.message].filter((part) => part !== null).join(': ')
    : 'unknown';
}

/** Returns the error of a failed sign-in. */
async function publicError(error: unknown): Promise<Error> {
  const { AuthorizationResponseError } = await import('openid-client');
  if (error instanceof AuthorizationResponseError) {
    return new RefusedByIssuerError(error.error, { cause: error });
  }
  if (error instanceof Error && isOutage(error)) {
    return unavailable(error);
  }
  return new InvalidTokenError('The response of the issuer is not valid', { cause: error });
}

/** A failed fetch is a TypeError without a code; those of the library itself have one. */
function isOutage(error: Error & { readonly code?: string; readonly status?: number }): boolean {
  const { code, cause, status = cause instanceof Response ? cause.status : 0 } = error;
  return (error instanceof TypeError && code === undefined) || code === 'OAUTH_TIMEOUT' || status >= 500;
}
