import type { Permission, Role } from '../generated/access.ts';

/**
 * Row scopes: which rows a viewer may see, as a database role.
 *
 * A viewer's scope *is* the role that a unit of work runs as, so that each row level security policy is one plain
 * condition an index can serve. The names say what the role sees: users first, accounts second.
 */

/** A viewer who is not signed in: no users, no accounts. */
const PUBLIC = 'rolegate_public';

/** The users that a viewer can see: themselves, those of their account, or all. */
const USER_SCOPES = ['self', 'account', 'all'] as const;

/** The accounts that a viewer can see: their own, or all. */
const ACCOUNT_SCOPES = ['own', 'all'] as const;

type UserScope = (typeof USER_SCOPES)[number];
type AccountScope = (typeof ACCOUNT_SCOPES)[number];
export type ViewerRole = typeof PUBLIC | `rolegate_${UserScope}_${AccountScope}`;

/** Reads and writes credentials, sessions and throttles; only `auth/` uses it. */
export const AUTH_ROLE = 'rolegate_auth';

/** Seed and retention: sees past every policy. */
export const SYSTEM_ROLE = 'rolegate_system';

/** The role of a pooled connection between two units of work, which has no rights. */
export const NOBODY_ROLE = 'rolegate_nobody';

export type DatabaseRole = ViewerRole | typeof AUTH_ROLE | typeof SYSTEM_ROLE;

const signedIn = USER_SCOPES.flatMap((users) =>
  ACCOUNT_SCOPES.map((accounts) => ({ name: `rolegate_${users}_${accounts}` as const, users, accounts })),
);

/** The signed-in viewer roles for which `matches` holds; all of them without it. */
function rolesWhere(matches: (role: { users: UserScope; accounts: AccountScope }) => boolean): ViewerRole[] {
  return signedIn.filter(matches).map((role) => role.name);
}

/** Groups of viewer roles, as policies and grants name them. */
export const scopes = {
  public: [PUBLIC] satisfies ViewerRole[],
  signedIn: rolesWhere(() => true),
  usersSelf: rolesWhere((role) => role.users === 'self'),
  usersOfAccount: rolesWhere((role) => role.users === 'account'),
  usersAll: rolesWhere((role) => role.users === 'all'),
  /** Those who may see other users than themselves. */
  usersOfOthers: rolesWhere((role) => role.users !== 'self'),
  accountsOwn: rolesWhere((role) => role.accounts === 'own'),
  accountsAll: rolesWhere((role) => role.accounts === 'all'),
};

/** Every database role that migrations create and the application's login is a member of. */
export const databaseRoles: readonly DatabaseRole[] = [...scopes.public, ...scopes.signedIn, AUTH_ROLE, SYSTEM_ROLE];

/** The row scope of a unit of work: the role it runs as, and the ids that policies compare with. */
export interface RowScope {
  readonly role: DatabaseRole;
  readonly viewerId: string | null;
  readonly accountId: string | null;
}

export const authScope: RowScope = { role: AUTH_ROLE, viewerId: null, accountId: null };
export const systemScope: RowScope = { role: SYSTEM_ROLE, viewerId: null, accountId: null };

/** The part of a viewer that decides which rows exist for them. */
export interface ScopedViewer {
  readonly id: string | null;
  readonly accountId: string | null;
  readonly roles: ReadonlySet<string>;
  readonly permissions: ReadonlySet<string> | 'all';
}

/** The row scope of a viewer, whose roles are closed under inheritance. */
export function rowScopeOf(viewer: ScopedViewer): RowScope {
  if (viewer.id === null) {
    return { role: PUBLIC, viewerId: null, accountId: null };
  }
  return {
    role: `rolegate_${userScope(viewer)}_${accountScope(viewer)}`,
    viewerId: viewer.id,
    accountId: viewer.accountId,
  };
}

function userScope(viewer: ScopedViewer): UserScope {
  if (viewer.roles.has('ADMIN' satisfies Role)) {
    return 'all';
  }
  return viewer.roles.has('ACCOUNT_MANAGER' satisfies Role) && viewer.accountId !== null ? 'account' : 'self';
}

/** As the requirements of `Account` and of `Query.accounts`: the permission is of use to those who may see accounts at all. */
function accountScope({ roles, permissions }: ScopedViewer): AccountScope {
  const reads = roles.has('STANDARD' satisfies Role) && holds(permissions, 'accounts:read' satisfies Permission);
  return reads || roles.has('DEVELOPER' satisfies Role) ? 'all' : 'own';
}

function holds(permissions: ReadonlySet<string> | 'all', permission: string): boolean {
  return permissions === 'all' || permissions.has(permission);
}

/** SQL that holds where `user_id` is a user whom the viewer sees: the inner query obeys the policies of users. */
export const ofVisibleUser = 'exists (select 1 from users where users.id = user_id)';

/**
 * SQL for the id of the viewer, or of their account, that the unit of work runs for; null when there is none. The
 * column is named as PostgreSQL names it, so that comparing entities with tables finds them alike.
 */
export const currentViewerId = `(select nullif(current_setting('rolegate.viewer_id', true), '')::uuid as "nullif")`;
export const currentAccountId = `(select nullif(current_setting('rolegate.account_id', true), '')::uuid as "nullif")`;
