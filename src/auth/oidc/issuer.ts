import { createSecretKey, type KeyObject } from 'node:crypto';
import {
  errors,
  jwtVerify,
  type CryptoKey,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
  type JWTVerifyResult,
} from 'jose';
import { parseCompactToken } from '../tokens/compact-token.ts';
import { InvalidTokenError } from '../../lib/errors.ts';
import { HIGHEST_ROLE } from '../role-graph.ts';
import {
  parseExternalClaims,
  type ExternalClaims,
  toPrincipal,
  type ClaimMapping,
  type ExternalPrincipal,
} from './claims.ts';
import { createIssuerKeys, discoverKeys, type Fetch } from './key-set.ts';

/** The signature algorithms that need no shared secret (RFC 7518 §3.1, RFC 8037, RFC 9864), unless fewer are configured. */
const ASYMMETRIC = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const;

/** The algorithm of issuers that share a secret with us. An issuer with a key set never verifies by it (RFC 8725 §3.1). */
const SYMMETRIC = 'HS256';

/** The length of secrets that RFC 7518 §3.2 requires. */
const LEAST_SECRET_BYTES = 32;

/** The seconds by which the issuer's clock may be ahead of ours. `exp` has no leeway. */
const CLOCK_SKEW = 5;

export type AsymmetricAlgorithm = (typeof ASYMMETRIC)[number];

/** Verifies the tokens of one external issuer. */
export type ExternalIssuer<Role extends string, Permission extends string> = {
  /**
   * @throws {InvalidTokenError} if the token is not an access token of this issuer for us, valid now
   * @throws {IssuerUnavailableError} if the issuer's keys were never fetched and cannot be now
   */
  verify(token: string): Promise<ExternalPrincipal<Role, Permission>>;
};

/** The trusted issuer, and the mapping of its claims. */
export type ExternalIssuerOptions<Role extends string, Permission extends string> = ClaimMapping<Role, Permission> & {
  /** Compared with `iss` as text. */
  readonly issuer: string;
  readonly audience: string;
  /** The URL of its keys; null to discover it from the issuer's metadata. */
  readonly jwksUrl: string | null;
  /** The secrets that the issuer signs with, instead of the keys of a key set. Several during a rotation. */
  readonly secrets?: readonly string[];
  readonly algorithms?: readonly AsymmetricAlgorithm[];
  readonly now: () => Date;
  readonly fetch?: Fetch;
  /** Called whenever the issuer's keys could not be fetched, also if older ones are used. */
  readonly onFetchFailed?: (error: unknown) => void;
};

/**
 * Creates the verifier of an external issuer's access tokens (RFC 9068, RFC 8725). Keys come only from its key set or
 * from the configured secrets, never from a token.
 *
 * @throws {RangeError} if issuer or audience is empty, an algorithm is not asymmetric, a secret is too short, or a role
 *   maps to SUPER_ADMIN
 */
export function createExternalIssuer<Role extends string, Permission extends string>(
  options: ExternalIssuerOptions<Role, Permission>,
): ExternalIssuer<Role, Permission> {
  checkOptions(options);
  const { secrets = [] } = options;
  const verifySignature = secrets.length > 0 ? bySecrets(secrets) : byKeySet(options);
  return {
    async verify(token) {
      parseCompactToken(token);
      return toPrincipal(await verifyClaims(token, verifySignature, options), options);
    },
  };
}

/** Verifies the signature of a token, and the claims that jose checks. */
type VerifySignature = (token: string, checks: JWTVerifyOptions) => Promise<JWTVerifyResult>;

function byKeySet(options: ExternalIssuerOptions<string, string>): VerifySignature {
  const { issuer, jwksUrl, algorithms = ASYMMETRIC, now, fetch = globalThis.fetch, onFetchFailed = () => {} } = options;
  const locate = async (signal: AbortSignal): Promise<URL> =>
    jwksUrl === null ? discoverKeys(issuer, fetch, signal) : new URL(jwksUrl);
  const keys = createIssuerKeys({ locate, now, fetch, onFetchFailed });
  return (token, checks) => verifyWithAnyKey(token, keys, { ...checks, algorithms: [...algorithms] });
}

function bySecrets(secrets: readonly string[]): VerifySignature {
  const keys = secrets.map((secret) => createSecretKey(Buffer.from(secret, 'utf8')));
  return (token, checks) => verifyWithOneOf(keys, token, { ...checks, algorithms: [SYMMETRIC] });
}

function checkOptions({
  issuer,
  audience,
  algorithms = ASYMMETRIC,
  secrets = [],
  roles,
}: ExternalIssuerOptions<string, string>): void {
  if (issuer === '' || audience === '') {
    throw new RangeError('An external issuer needs an issuer and an audience');
  }
  if (!algorithms.every((algorithm) => ASYMMETRIC.includes(algorithm))) {
    throw new RangeError(`The algorithms of an external issuer are among ${ASYMMETRIC.join(', ')}`);
  }
  if (secrets.some((secret) => Buffer.byteLength(secret) < LEAST_SECRET_BYTES)) {
    throw new RangeError(`A secret of an external issuer has at least ${LEAST_SECRET_BYTES} bytes`);
  }
  if (roles.some(({ ours }) => ours === HIGHEST_ROLE)) {
    throw new RangeError(`No role of an external issuer maps to ${HIGHEST_ROLE}`);
  }
}

async function verifyClaims(
  token: string,
  verifySignature: VerifySignature,
  { issuer, audience, now }: ExternalIssuerOptions<string, string>,
): Promise<ExternalClaims> {
  const currentDate = now();
  const checks = { issuer, audience, currentDate, clockTolerance: CLOCK_SKEW };
  try {
    const { payload, protectedHeader } = await verifySignature(token, checks);
    return parseExternalClaims(protectedHeader, payload, { now: currentDate, skew: CLOCK_SKEW });
  } catch (error) {
    // jose throws its own errors for bad tokens, and the platform's for keys that are unusable or too short.
    if (error instanceof errors.JOSEError || error instanceof TypeError || error instanceof DOMException) {
      throw new InvalidTokenError(`The external token is refused: ${error.message}`, { cause: error });
    }
    throw error;
  }
}

async function verifyWithAnyKey(token: string, keys: JWTVerifyGetKey, checks: JWTVerifyOptions) {
  try {
    return await jwtVerify(token, keys, checks);
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) {
      throw error;
    }
    return verifyWithOneOf(error, token, checks);
  }
}

/** Tries every candidate: two keys may have one `kid`, the token may name none, or a secret is being rotated. */
async function verifyWithOneOf(
  candidates: AsyncIterable<CryptoKey> | Iterable<KeyObject>,
  token: string,
  checks: JWTVerifyOptions,
): Promise<JWTVerifyResult> {
  let cause: unknown;
  for await (const key of candidates) {
    try {
      return await jwtVerify(token, key, checks);
    } catch (error) {
      cause = error;
    }
  }
  throw new InvalidTokenError('No key of the issuer verifies the external token', { cause });
}
