import { claimAt, namesIn } from './claim-path.ts';
import type { ExternalClaims } from './claims.ts';

/** Somebody whom an external issuer vouches for. (issuer, subject) is who it is: never the e-mail address or the name. */
export type ExternalPrincipal<Role extends string, Permission extends string> = {
  readonly issuer: string;
  readonly subject: string;
  /** Roles of ours that the issuer's stand for; without those they inherit. */
  readonly roles: readonly Role[];
  readonly permissions: readonly Permission[];
  /** What the token says; nobody has checked it. */
  readonly email: string | null;
  readonly name: string | null;
  readonly expiresAt: Date;
};

/** What an issuer's claims mean here. */
export type ClaimMapping<Role extends string, Permission extends string> = {
  /** The claim that lists roles: a name, or a dotted path into objects. */
  readonly rolesClaim: string;
  /** What their roles are here. One may stand in several pairs; those that stand in none grant nothing. */
  readonly roles: readonly { readonly theirs: string; readonly ours: Role }[];
  /** The claim that lists permissions; `permissions` by default, as Auth0 has it. */
  readonly permissionsClaim?: string;
  /** The permissions that exist here; others grant nothing. */
  readonly permissions: ReadonlySet<Permission>;
};

/** Reads verified claims as somebody of ours. */
export function toPrincipal<Role extends string, Permission extends string>(
  claims: ExternalClaims,
  { rolesClaim, roles, permissionsClaim = 'permissions', permissions }: ClaimMapping<Role, Permission>,
): ExternalPrincipal<Role, Permission> {
  const theirRoles = namesIn(claimAt(claims, rolesClaim));
  const theirPermissions = namesIn(claimAt(claims, permissionsClaim));
  const ours = roles.filter(({ theirs }) => theirRoles.has(theirs)).map((pair) => pair.ours);
  return {
    issuer: claims.iss,
    subject: claims.sub,
    roles: [...new Set(ours)],
    permissions: [...permissions].filter((permission) => theirPermissions.has(permission)),
    email: claims.email,
    name: claims.name,
    expiresAt: new Date(claims.exp * 1000),
  };
}
