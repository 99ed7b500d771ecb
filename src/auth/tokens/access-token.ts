import { createSecretKey, randomUUID, type KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { MAX_TOKEN_LENGTH, parseCompactToken, type JsonObject } from './compact-token.ts';
import { InvalidTokenError } from '../../lib/errors.ts';

const ALGORITHM = 'HS256';
/** RFC 7518 §3.2: an HMAC key is at least as long as the hash, which is 256 bits. */
const MIN_SECRET_BYTES = 32;
/**
 * The roles in a token, so that users with hundreds can sign in, too: at 64 characters each these take about 4 KiB, out of
 * the 8 KiB that every proxy accepts in a header.
 */
const MOST_ROLES = 60;
/** The characters that the permissions in a token take. */
const PERMISSION_CHARACTERS = 1_024;
/** The longest lifetime of a token to view the API as another user or role. */
const VIEW_SECONDS = 15 * 60;
/** The seconds by which the clocks of two replicas may differ. */
const CLOCK_SKEW = 5;

/** `at+jwt` is the type that we issue (RFC 9068 §2.1), `JWT` that of other tools with the secret; media types ignore case. */
const ACCEPTED_TYP = /^(?:application\/)?(?:at\+jwt|jwt)$/i;

/** The id of a row, a UUID as the database writes it: it would fail on other text, and accept other spellings. */
const RowId = z.string().regex(/^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/);
/** Printable ASCII, since it may reach the log. */
const TokenId = z.string().regex(/^[\x21-\x7e]{1,128}$/);
const Seconds = z.int().positive();

const Claims = z.object({
  iss: z.string(),
  aud: z.string(),
  sub: RowId,
  sid: RowId,
  jti: TokenId,
  iat: Seconds,
  exp: Seconds,
  roles: z.array(z.string().min(1)),
  account: RowId.nullable().default(null),
  permissions: z.array(z.string()).default([]),
  view: z.union([z.object({ user: RowId }), z.object({ role: z.string().min(1) })]).optional(),
});

/**
 * The claims of our access tokens: user (`sub`), session (`sid`), the token's own id (`jti`), and `iat` and `exp` in
 * seconds since 1970. `roles`, `permissions` and `account` are as of the time of issue, and informative: the database
 * decides. `view` names the user or the role as which an administrator, the subject, views the API.
 */
export type AccessClaims = Readonly<
  Omit<z.infer<typeof Claims>, 'roles' | 'permissions'> & Record<'roles' | 'permissions', readonly string[]>
>;

/** The subject of a token to issue. */
export type AccessSubject = Pick<AccessClaims, 'sub' | 'sid' | 'roles' | 'permissions' | 'account' | 'view'>;

/** Returns the roles and the permissions that fit into a token, where they are informative. */
export function fittingClaims(
  roles: readonly string[],
  permissions: readonly string[],
): Pick<AccessClaims, 'roles' | 'permissions'> {
  let characters = 0;
  return {
    roles: roles.slice(0, MOST_ROLES),
    permissions: permissions.filter((name) => (characters += name.length + 3) <= PERMISSION_CHARACTERS),
  };
}

/** The user or the role as which an administrator views the API. */
export type View = NonNullable<AccessClaims['view']>;

/** A new token, with its expiry and its id for the log. */
export type IssuedAccessToken = { readonly token: string; readonly expiresAt: Date; readonly jti: string };

/** Issues and verifies access tokens. */
export type AccessTokens = {
  /** @throws {RangeError} if the claims do not fit into a token that {@link AccessTokens.verify} accepts */
  issue(subject: AccessSubject): IssuedAccessToken;
  /** @throws {InvalidTokenError} if the token is not one of ours, or not valid now */
  verify(token: string): AccessClaims;
};

/** Options of access tokens: the first secret signs, all verify; `minutes` is the lifetime of a token. */
export type AccessTokenOptions = {
  readonly secrets: readonly [string | Buffer, ...(string | Buffer)[]];
  readonly issuer: string;
  readonly audience: string;
  readonly minutes: number;
  readonly now: () => Date;
};

/**
 * Creates the issuer and verifier of our access tokens: JSON Web Tokens (RFC 7519) of the profile of RFC 9068,
 * signed with HS256. The rules of RFC 8725 hold: one algorithm, an explicit type, issuer and audience checked, and
 * no key or instruction is taken from the token's header.
 *
 * @throws {RangeError} if a secret is shorter than 32 bytes, or issuer or audience is empty (they would not be checked)
 */
export function createAccessTokens(options: AccessTokenOptions): AccessTokens {
  if (options.issuer === '' || options.audience === '') {
    throw new RangeError('Access tokens need an issuer and an audience');
  }
  const [first, ...others] = options.secrets;
  const signingKey = toKey(first);
  const keys = [signingKey, ...others.map(toKey)];
  return {
    issue: (subject) => issue(subject, signingKey, options),
    verify: cached((token) => verify(token, keys, options), options),
  };
}

/** The number of tokens whose signatures are not verified again. */
const CACHE_SIZE = 5_000;

/** Caches verified tokens: signature and claims stay valid under the same keys, only the times are checked again. */
function cached(verify: AccessTokens['verify'], { now }: AccessTokenOptions): AccessTokens['verify'] {
  const verified = new LRUCache<string, AccessClaims>({ max: CACHE_SIZE });
  return (token) => {
    const known = verified.get(token);
    if (known !== undefined && isCurrent(known, toSeconds(now()))) {
      return known;
    }
    const claims = verify(token);
    verified.set(token, claims);
    return claims;
  };
}

function isCurrent({ iat, exp }: AccessClaims, now: number): boolean {
  return iat <= now + CLOCK_SKEW && now < exp;
}

function toKey(secret: string | Buffer): KeyObject {
  const bytes = typeof secret === 'string' ? Buffer.from(secret, 'utf8') : secret;
  if (bytes.length < MIN_SECRET_BYTES) {
    throw new RangeError(`A secret for ${ALGORITHM} has at least ${MIN_SECRET_BYTES} bytes`);
  }
  return createSecretKey(bytes);
}

function issue(subject: AccessSubject, key: KeyObject, options: AccessTokenOptions): IssuedAccessToken {
  const { sub, sid, roles, permissions, account, view } = subject;
  const iat = toSeconds(options.now());
  const exp = iat + (view === undefined ? lifetime(options) : Math.min(lifetime(options), VIEW_SECONDS));
  const jti = randomUUID();
  const claims = {
    iss: options.issuer,
    aud: options.audience,
    sub,
    jti,
    sid,
    iat,
    exp,
    roles,
    permissions,
    account,
    ...(view && { view }),
  };
  const token = jwt.sign(claims, key, { header: { alg: ALGORITHM, typ: 'at+jwt' } });
  if (token.length > MAX_TOKEN_LENGTH) {
    throw new RangeError(`${roles.length} roles and ${permissions.length} permissions do not fit into an access token`);
  }
  return { token, expiresAt: new Date(exp * 1000), jti };
}

function verify(token: string, keys: readonly KeyObject[], options: AccessTokenOptions): AccessClaims {
  requireOurHeader(parseCompactToken(token).header);
  const now = toSeconds(options.now());
  const result = Claims.safeParse(verifySignature(token, keys, options, now));
  if (!result.success) {
    throw new InvalidTokenError(`Bad claims: ${result.error.issues.map(({ path }) => path.join('.')).join(', ')}`);
  }
  const { iat, exp } = result.data;
  if (iat > now + CLOCK_SKEW) {
    throw new InvalidTokenError('The token was issued in the future');
  }
  if (exp - iat > lifetime(options)) {
    throw new InvalidTokenError('The lifetime of the token is longer than ours');
  }
  return result.data;
}

/** Refuses header parameters other than our two: `crit`, `jwk`, `jku`, `x5u`, `kid` … would be instructions from the sender. */
function requireOurHeader({ alg, typ, ...others }: JsonObject): void {
  if (alg !== ALGORITHM) {
    throw new InvalidTokenError(`The token is not signed with ${ALGORITHM}`);
  }
  if (typeof typ !== 'string' || !ACCEPTED_TYP.test(typ)) {
    throw new InvalidTokenError('The token is not an access token');
  }
  if (Object.keys(others).length > 0) {
    throw new InvalidTokenError('The token has header parameters that we do not issue');
  }
}

/** Tries the keys one after the other, at about 8 µs each: there are two during a rotation, else one. */
function verifySignature(token: string, keys: readonly KeyObject[], options: AccessTokenOptions, now: number): unknown {
  const { issuer, audience } = options;
  for (const key of keys) {
    try {
      return jwt.verify(token, key, { algorithms: [ALGORITHM], issuer, audience, clockTimestamp: now });
    } catch (error) {
      if (!(error instanceof jwt.JsonWebTokenError)) {
        throw error;
      }
      if (error.message !== 'invalid signature') {
        throw new InvalidTokenError(`The token is refused: ${error.message}`, { cause: error });
      }
    }
  }
  throw new InvalidTokenError('None of the configured keys verifies the signature');
}

/** Returns the lifetime of a token, in seconds. */
function lifetime({ minutes }: AccessTokenOptions): number {
  return Math.round(minutes * 60);
}

function toSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}
