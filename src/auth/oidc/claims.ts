import { z } from 'zod';
import type { JsonObject } from '../tokens/compact-token.ts';
import { InvalidTokenError } from '../../lib/errors.ts';

/** The longest lifetime of a token that is accepted, in seconds. A day is Auth0's default; others use less. */
const MAX_LIFETIME = 86_400;

/** The type of RFC 9068 §2.1, and that of older issuers. */
const ACCEPTED_TYP = /^(?:application\/)?(?:at\+jwt|jwt)$/i;

/** The claims that OpenID Connect puts into tokens of other kinds (Core §2 and §3.3.2.11, Back-Channel Logout §2.4). */
const FOREIGN_CLAIMS = ['nonce', 'at_hash', 'c_hash', 's_hash', 'events'];

/** Returns the schema of text for database and log: no control characters, surrogates or unassigned characters. */
const plainText = (maxLength: number) =>
  z.string().regex(new RegExp(`^[^\\p{Cc}\\p{Cs}\\p{Cn}]{1,${maxLength}}$`, 'u'));

const Claims = z.looseObject({
  iss: z.string(),
  /** OpenID Connect Core §2: at most 255 characters. */
  sub: plainText(255),
  exp: z.number(),
  iat: z.number().optional(),
  /** The time of the sign-in at the issuer. A value that is not a number counts as long ago. */
  auth_time: z.number().optional().catch(0),
  // Malformed values are left out: they only serve as first values of the user's profile.
  email: plainText(320).nullable().catch(null).default(null),
  name: plainText(200).nullable().catch(null).default(null),
});

/** The claims of an ID token that tell who signed in at an issuer, and how (OpenID Connect Core §2). */
const IdentityClaims = z.object({
  sub: plainText(255),
  auth_time: z.number().optional(),
  acr: z.string().optional().catch(undefined),
  amr: z.array(z.string()).catch([]).default([]),
  name: plainText(200).nullable().catch(null).default(null),
});

/** Claims of an ID token that has been verified. */
export type IdentityClaims = Readonly<z.infer<typeof IdentityClaims>>;

/**
 * Reads the claims of an ID token whose signature, issuer, audience, nonce and times have been verified.
 *
 * @throws {InvalidTokenError}
 */
export function parseIdentityClaims(payload: object): IdentityClaims {
  const result = IdentityClaims.safeParse(payload);
  if (!result.success) {
    throw badClaims(result.error);
  }
  return result.data;
}

function badClaims({ issues }: z.ZodError): InvalidTokenError {
  return new InvalidTokenError(`Bad claims: ${issues.map(({ path }) => path.join('.')).join(', ')}`);
}

/** Claims of an external token that have been checked, beside others that have not. */
export type ExternalClaims = Readonly<z.infer<typeof Claims>>;

/**
 * Checks the claims of a token whose signature, issuer, audience and activation time have been verified: that it is an
 * access token (RFC 8725 §3.12) with a subject, and that its times are plausible. `skew` is in seconds.
 *
 * @throws {InvalidTokenError}
 */
export function parseExternalClaims(
  header: JsonObject,
  payload: JsonObject,
  { now, skew }: { readonly now: Date; readonly skew: number },
): ExternalClaims {
  requireAccessToken(header, payload);
  const result = Claims.safeParse(payload);
  if (!result.success) {
    throw badClaims(result.error);
  }
  const { exp, iat } = result.data;
  const seconds = Math.floor(now.getTime() / 1000);
  if (exp <= seconds) {
    throw new InvalidTokenError('The external token has expired');
  }
  if (exp > seconds + MAX_LIFETIME + skew) {
    throw new InvalidTokenError('The lifetime of the external token is too long');
  }
  if (iat !== undefined && iat > seconds + skew) {
    throw new InvalidTokenError('The external token was issued in the future');
  }
  return result.data;
}

/** `typ` may be absent: RFC 9068 is younger than most issuers. Keycloak writes the kind in a claim `typ`. */
function requireAccessToken({ typ = 'JWT' }: JsonObject, payload: JsonObject): void {
  if (typeof typ !== 'string' || !ACCEPTED_TYP.test(typ)) {
    throw new InvalidTokenError('The external token is of another type');
  }
  const kind = payload['typ'] ?? 'Bearer';
  if (kind !== 'Bearer' || FOREIGN_CLAIMS.some((claim) => Object.hasOwn(payload, claim))) {
    throw new InvalidTokenError('The external token is not an access token');
  }
}

/** A user of an external issuer, identified by (issuer, subject), never by e-mail address or name. */
export type ExternalPrincipal<Role extends string, Permission extends string> = {
  readonly issuer: string;
  readonly subject: string;
  /** Our roles that the issuer's map to, without those they inherit. */
  readonly roles: readonly Role[];
  readonly permissions: readonly Permission[];
  /** As the token claims; not verified. */
  readonly email: string | null;
  readonly name: string | null;
  readonly expiresAt: Date;
  /** The time of the sign-in at the issuer; of issue, if the token does not say. */
  readonly authenticatedAt: Date;
};

/** The mapping of an issuer's claims to roles and permissions. */
export type ClaimMapping<Role extends string, Permission extends string> = {
  /** The claim that lists roles: a name, or a dotted path into objects. */
  readonly rolesClaim: string;
  /** Pairs of roles. A role may be in several pairs; one that is in none grants nothing. */
  readonly roles: readonly { readonly theirs: string; readonly ours: Role }[];
  /** Permissions that roles of the issuer grant by themselves; by default none. */
  readonly grants?: readonly { readonly theirs: string; readonly permission: Permission }[];
  /** The claim that lists permissions; by default `permissions`, as in Auth0's tokens. */
  readonly permissionsClaim?: string;
  /** The permissions that exist here; others grant nothing. */
  readonly permissions: ReadonlySet<Permission>;
};

/** Maps verified claims to a principal. */
export function toPrincipal<Role extends string, Permission extends string>(
  claims: ExternalClaims,
  { rolesClaim, roles, grants = [], permissionsClaim = 'permissions', permissions }: ClaimMapping<Role, Permission>,
): ExternalPrincipal<Role, Permission> {
  const theirRoles = namesIn(claimAt(claims, rolesClaim));
  const granted = grants.filter(({ theirs }) => theirRoles.has(theirs)).map(({ permission }) => permission);
  const theirPermissions = new Set<string>([...namesIn(claimAt(claims, permissionsClaim)), ...granted]);
  const ours = roles.filter(({ theirs }) => theirRoles.has(theirs)).map((pair) => pair.ours);
  return {
    issuer: claims.iss,
    subject: claims.sub,
    roles: [...new Set(ours)],
    permissions: [...permissions].filter((permission) => theirPermissions.has(permission)),
    email: claims.email,
    name: claims.name,
    expiresAt: new Date(claims.exp * 1000),
    authenticatedAt: new Date((claims.auth_time ?? claims.iat ?? 0) * 1000),
  };
}

/**
 * Returns a claim by its name or by a dotted path into objects (`realm_access.roles`). A literal name takes precedence
 * at every level: `https://example.com/roles` is one name. Only own members count.
 */
export function claimAt(claims: unknown, path: string): unknown {
  if (typeof claims !== 'object' || claims === null) {
    return undefined;
  }
  const members = new Map<string, unknown>(Object.entries(claims));
  if (members.has(path)) {
    return members.get(path);
  }
  const prefixes = [...members.keys()].filter((name) => path.startsWith(`${name}.`));
  const values = prefixes.map((name) => claimAt(members.get(name), path.slice(name.length + 1)));
  return values.find((value) => value !== undefined);
}

/** Returns the strings in a claim: those of a list, or the words of a text, as in `scope` (RFC 8693 §4.2). */
export function namesIn(claim: unknown): ReadonlySet<string> {
  const values: readonly unknown[] = typeof claim === 'string' ? claim.split(' ') : Array.isArray(claim) ? claim : [];
  return new Set(values.filter((value) => typeof value === 'string'));
}
