import { holds } from '../lib/viewer.ts';
import type { Role } from '../generated/access.ts';
import { type Statement, type TableRequirements, tableRequirements } from './table-rights.ts';

/**
 * Row scopes: the rows that a viewer may see and change, as a database role.
 *
 * Policies and grants name *scope roles*, each of which stands for rows of one table. A unit of work runs as a *viewer
 * role*, which is a member of one scope role for each table: so each row level security policy is one plain condition that
 * an index can serve, and grants of different subjects combine.
 */

/** An anonymous viewer, who reads no users and no accounts. */
const PUBLIC = 'rolegate_public';

/** The scope roles, as policies and grants name them. */
export const scopes = {
  public: [PUBLIC],
  /** Every viewer who is signed in. */
  signedIn: ['rolegate_signed_in'],
  /** Reads the viewer's own user, those of their account, or all. */
  usersSelf: ['rolegate_users_self'],
  usersOfAccount: ['rolegate_users_account'],
  usersAll: ['rolegate_users_all'],
  /** Changes users, their credentials and their roles: those of the viewer's account, or all. */
  usersOfAccountWrite: ['rolegate_users_account_write'],
  usersAllWrite: ['rolegate_users_all_write'],
  /** Reads the viewer's own account, or all. */
  accountsOwn: ['rolegate_accounts_own'],
  accountsAll: ['rolegate_accounts_all'],
  accountsAllWrite: ['rolegate_accounts_all_write'],
  /** Changes the viewer's own documents, or all. */
  documentsOwn: ['rolegate_documents_own'],
  documentsAll: ['rolegate_documents_all'],
  /** Reads the audit trail. */
  auditRead: ['rolegate_audit_read'],
  /** Changes roles, and reads their assignments. */
  rolesWrite: ['rolegate_roles_write'],
} as const satisfies Record<string, readonly string[]>;

/** The users that a viewer reads, and those of them that they change. */
const USERS = {
  self: [...scopes.usersSelf],
  account: [...scopes.usersOfAccount],
  account_write: [...scopes.usersOfAccount, ...scopes.usersOfAccountWrite],
  all: [...scopes.usersAll],
  all_account_write: [...scopes.usersAll, ...scopes.usersOfAccountWrite],
  all_write: [...scopes.usersAll, ...scopes.usersAllWrite],
} as const;

/** The accounts that a viewer reads, and whether they change all of these. */
const ACCOUNTS = {
  own: [...scopes.accountsOwn],
  all: [...scopes.accountsAll],
  all_write: [...scopes.accountsAll, ...scopes.accountsAllWrite],
} as const;

const DOCUMENTS = { '': [...scopes.documentsOwn], _docs: [...scopes.documentsAll] } as const;
const AUDIT = { '': [], _audit: [...scopes.auditRead] } as const;
const ROLES = { '': [], _roles: [...scopes.rolesWrite] } as const;

type SignedInRole =
  `rolegate_viewer_${keyof typeof USERS}_${keyof typeof ACCOUNTS}${keyof typeof DOCUMENTS}${keyof typeof AUDIT}${keyof typeof ROLES}`;
export type ViewerRole = typeof PUBLIC | SignedInRole;

/** Reads and writes credentials, sessions and throttles; only `auth/` uses it. */
export const AUTH_ROLE = 'rolegate_auth';

/** Seed and retention: bypasses every policy. */
export const SYSTEM_ROLE = 'rolegate_system';

/** The role of a pooled connection between two units of work, which has no rights. */
export const NOBODY_ROLE = 'rolegate_nobody';

export type DatabaseRole = ViewerRole | typeof AUTH_ROLE | typeof SYSTEM_ROLE;

/** Each viewer role, with the scope roles that it is a member of. */
export const viewerRoles: ReadonlyMap<SignedInRole, readonly string[]> = new Map(
  keysOf(USERS).flatMap((users) =>
    keysOf(ACCOUNTS).flatMap((accounts) =>
      keysOf(DOCUMENTS).flatMap((documents) =>
        keysOf(AUDIT).flatMap((audit) =>
          keysOf(ROLES).map(
            (roles) =>
              [
                `rolegate_viewer_${users}_${accounts}${documents}${audit}${roles}`,
                [
                  ...scopes.signedIn,
                  USERS[users],
                  ACCOUNTS[accounts],
                  DOCUMENTS[documents],
                  AUDIT[audit],
                  ROLES[roles],
                ].flat(),
              ] as const,
          ),
        ),
      ),
    ),
  ),
);

function keysOf<Key extends string>(record: Readonly<Record<Key, unknown>>): Key[] {
  return Object.keys(record) as Key[];
}

/** Every database role that a unit of work runs as. The application's login is a member of them. */
export const databaseRoles: readonly DatabaseRole[] = [...scopes.public, ...viewerRoles.keys(), AUTH_ROLE, SYSTEM_ROLE];

/** The row scope of a unit of work: the role it runs as, and the ids that policies compare with. */
export interface RowScope {
  readonly role: DatabaseRole;
  readonly viewerId: string | null;
  readonly accountId: string | null;
  /** The rights on the items of the inventory, which belong to no user and to no account. */
  readonly stock?: readonly Statement[];
  /** The rights on the tables of `tableRequirements`: `table:statement`. */
  readonly rights?: readonly string[];
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

const ANONYMOUS: RowScope = { role: PUBLIC, viewerId: null, accountId: null };

/** The last scope of a viewer, by their set of roles: requests of one session share that set. */
const scopesOfRoles = new WeakMap<ReadonlySet<string>, { readonly viewer: ScopedViewer; readonly scope: RowScope }>();

/** Returns the row scope of a viewer, whose roles are closed under inheritance: the same object for the same viewer. */
export function rowScopeOf(viewer: ScopedViewer): RowScope {
  if (viewer.id === null) {
    return ANONYMOUS;
  }
  const known = scopesOfRoles.get(viewer.roles);
  if (known !== undefined && isSame(known.viewer, viewer)) {
    return known.scope;
  }
  const { id, accountId, roles, permissions } = viewer;
  const scope = scopeFor({ ...viewer, id });
  scopesOfRoles.set(roles, { viewer: { id, accountId, roles, permissions }, scope });
  return scope;
}

function isSame(one: ScopedViewer, other: ScopedViewer): boolean {
  return one.id === other.id && one.accountId === other.accountId && one.permissions === other.permissions;
}

function scopeFor(viewer: ScopedViewer & { readonly id: string }): RowScope {
  const documents = holds(viewer, 'documents:write', 'documents:delete') ? '_docs' : '';
  const audit = holds(viewer, 'audit:read') ? '_audit' : '';
  const roles = holds(viewer, 'roles:write') ? '_roles' : '';
  return {
    role: `rolegate_viewer_${userScope(viewer)}_${accountScope(viewer)}${documents}${audit}${roles}`,
    viewerId: viewer.id,
    accountId: viewer.accountId,
    stock: statementsOf(viewer, STOCK),
    rights: Object.entries(tableRequirements).flatMap(([table, requirements]) =>
      statementsOf(viewer, requirements).map((statement) => `${table}:${statement}`),
    ),
  };
}

/** The requirements of the statements on the inventory: those of its queries and mutations in the schema. */
const STOCK: TableRequirements = {
  select: { role: 'SALES', permissions: ['inventory:read', 'inventory:count', 'inventory:write', 'inventory:delete'] },
  insert: { role: 'MANAGER', permissions: ['inventory:write'] },
  update: { role: 'WAREHOUSE', permissions: ['inventory:count', 'inventory:write'] },
  delete: { role: 'MANAGER', permissions: ['inventory:delete'] },
};

/** Returns the statements whose requirement a viewer satisfies. */
function statementsOf(viewer: ScopedViewer, requirements: TableRequirements): Statement[] {
  return keysOf(requirements).filter((statement) => {
    const { role, permissions = [] } = requirements[statement];
    return viewer.roles.has(role) || holds(viewer, ...permissions);
  });
}

/** Returns the scope of users by the requirements of `User` and of the mutations of users: a permission is for all users, a role for those of the viewer's account. */
function userScope(viewer: ScopedViewer): keyof typeof USERS {
  const inAccount = (role: Role): boolean => viewer.accountId !== null && viewer.roles.has(role);
  if (holds(viewer, 'users:write', 'users:roles')) {
    return 'all_write';
  }
  if (holds(viewer, 'users:read')) {
    return inAccount('ACCOUNT_ADMIN') ? 'all_account_write' : 'all';
  }
  if (inAccount('ACCOUNT_MANAGER')) {
    return inAccount('ACCOUNT_ADMIN') ? 'account_write' : 'account';
  }
  return 'self';
}

/** Returns the scope of accounts by the requirements of `Query.accounts` and `Mutation.updateAccount`. */
function accountScope(viewer: ScopedViewer): keyof typeof ACCOUNTS {
  if (viewer.roles.has('DEVELOPER' satisfies Role) || holds(viewer, 'accounts:write')) {
    return 'all_write';
  }
  return holds(viewer, 'accounts:read') ? 'all' : 'own';
}

/** SQL that holds where `user_id` is a user whom the viewer sees: the inner query obeys the policies of users. */
export const ofVisibleUser = 'exists (select 1 from users where users.id = user_id)';

/**
 * SQL for the id of the viewer, or of their account, that the unit of work runs for; null when there is none. The
 * column is named as PostgreSQL names it, so that comparing entities with tables finds them alike.
 */
export const currentViewerId = `(select nullif(current_setting('rolegate.viewer_id', true), '')::uuid as "nullif")`;
export const currentAccountId = `(select nullif(current_setting('rolegate.account_id', true), '')::uuid as "nullif")`;

/** SQL that holds if the unit of work has a right on the inventory: the same for every row, and computed once. */
export function hasStockRight(right: Statement): string {
  return `(select current_setting('rolegate.stock', true) as "current_setting") ~~ '%${right}%'::text`;
}

/** SQL that holds where `user_id` is a user of the viewer's account. */
export const ofUserOfAccount = `exists (select 1 from users where users.id = user_id and users.account_id = ${currentAccountId})`;
