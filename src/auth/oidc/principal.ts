import type { ExternalClaims } from './claims.ts';

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
