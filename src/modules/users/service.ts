import { validate as isUuid } from 'uuid';
import { requireSignedIn, type RequestContext } from '../../context.ts';
import { type Tables, type User, UserEntity } from '../../database/entities/index.ts';
import { selectRow, selectRows } from '../../database/rows.ts';
import { Forbidden, NotFound } from '../../lib/errors.ts';
import type { SelectedColumns } from '../../paging/selected-columns.ts';
import { containsFolded, equals, isRelated, NEVER, type Relation } from '../../paging/condition.ts';
import { type Connection, pageRequest, type PageArguments } from '../../paging/connection.ts';
import {
  fetchConnection,
  fetchConnectionsOf,
  type ListDefinition,
  type ListQuery,
  type Order,
  type Wanted,
} from '../../paging/list.ts';
import type { Role } from '../../generated/access.ts';
import { holds, type SignedInViewer } from '../../lib/viewer.ts';

export type UserConnection = Connection<User>;
export type UserOrderField = 'USERNAME' | 'DISPLAY_NAME' | 'CREATED_AT';

const userList: ListDefinition<User, UserOrderField> = {
  name: 'users',
  entity: UserEntity,
  orders: { USERNAME: 'username', DISPLAY_NAME: 'displayName', CREATED_AT: 'createdAt' },
  key: 'id',
  computed: { roles: ['id'], account: ['account'] },
};

export interface UserListInput extends PageArguments {
  readonly filter?: {
    readonly search?: string | null;
    readonly active?: boolean | null;
    readonly role?: string | null;
    readonly accountId?: string | null;
  } | null;
  readonly orderBy?: Order<UserOrderField> | null;
}

/** The users and the roles that are assigned to them. */
const ASSIGNMENTS: Relation = { table: 'role_assignments', row: 'user_id', other: 'role' };

function userQuery(input: UserListInput, selected: SelectedColumns | null): ListQuery<User, UserOrderField> {
  return {
    list: userList,
    order: input.orderBy ?? { field: 'USERNAME', direction: 'ASC' },
    page: pageRequest(input),
    ...wantedBy(input.filter ?? {}),
    selected,
  };
}

function wantedBy({ search, active, role, accountId }: NonNullable<UserListInput['filter']>): Wanted {
  return {
    conditions: [
      ...(typeof active === 'boolean' ? [equals('active', active)] : []),
      ...(typeof role === 'string' ? [isRelated('id', ASSIGNMENTS, role)] : []),
      ...(typeof accountId === 'string' ? [isUuid(accountId) ? equals('account_id', accountId) : NEVER] : []),
    ],
    search: search ? containsFolded('search', search) : null,
  };
}

/** Lists the users that exist for the viewer. */
export function listUsers(
  { unit, cursors }: RequestContext,
  input: UserListInput,
  selected: SelectedColumns | null,
): Promise<UserConnection> {
  return fetchConnection((work) => unit.read(work), cursors, userQuery(input, selected));
}

/** Returns the users of an account. Those of several accounts are read in one statement. */
export function usersOfAccount(
  { loaders }: RequestContext,
  accountId: string,
  input: UserListInput,
  selected: SelectedColumns | null,
): Promise<UserConnection> {
  const variant = `${JSON.stringify(input)} ${selected?.key}`;
  return loaders.ofInput(usersOfAccounts, { input, selected }, variant).load(accountId);
}

/** Returns the users to whom a role is assigned. Those of several roles are read in one statement. */
export function usersOfRole(
  { loaders }: RequestContext,
  role: string,
  input: UserListInput,
  selected: SelectedColumns | null,
): Promise<UserConnection> {
  const variant = `${JSON.stringify(input)} ${selected?.key}`;
  return loaders.ofInput(usersOfRoles, { input, selected }, variant).load(role);
}

/** Lists the users of several roles, in one statement. */
function usersOfRoles(
  { unit, cursors }: RequestContext,
  roles: readonly string[],
  { input, selected }: { readonly input: UserListInput; readonly selected: SelectedColumns | null },
): Promise<UserConnection[]> {
  return fetchConnectionsOf((work) => unit.read(work), cursors, userQuery(input, selected), ASSIGNMENTS, roles);
}

/** Lists the users of several accounts, in one statement. */
function usersOfAccounts(
  { unit, cursors }: RequestContext,
  accountIds: readonly string[],
  { input, selected }: { readonly input: UserListInput; readonly selected: SelectedColumns | null },
): Promise<UserConnection[]> {
  return fetchConnectionsOf((work) => unit.read(work), cursors, userQuery(input, selected), 'account', accountIds);
}

/** Returns the viewer's own profile. */
export async function requireMe(context: RequestContext): Promise<User> {
  return requireRow(context, requireSignedIn(context.viewer).id);
}

/**
 * Returns one user.
 *
 * @throws {Forbidden} if it is another user and the viewer manages no users
 * @throws {NotFound} if the user does not exist for the viewer
 */
export async function requireUser(context: RequestContext, id: string): Promise<User> {
  const viewer = requireSignedIn(context.viewer);
  if (!isOneself(viewer, id) && !managesUsers(viewer)) {
    throw new Forbidden('Permission denied');
  }
  return requireRow(context, id);
}

async function requireRow({ unit }: RequestContext, id: string): Promise<User> {
  const user = isUuid(id) ? await unit.read((reader) => selectRow(reader, UserEntity, 'id', id)) : null;
  if (user === null) {
    throw new NotFound('There is no such user');
  }
  return user;
}

/** Returns the users with the ids, in one statement; null for those that do not exist for the viewer. */
export async function usersByIds({ unit }: RequestContext, ids: readonly string[]): Promise<(User | null)[]> {
  const found = await unit.read((reader) => selectRows(reader, UserEntity, 'id', ids));
  const byId = new Map(found.map((user) => [user.id, user]));
  return ids.map((id) => byId.get(id) ?? null);
}

/** Returns the names of the roles that are assigned to each of several users, in one statement. */
export async function rolesOfUsers({ unit }: RequestContext, userIds: readonly string[]): Promise<string[][]> {
  const rows = await unit.read((reader) =>
    reader
      .getKysely<Tables>()
      .selectFrom('role_assignments')
      .select(['user_id', 'role'])
      .where('user_id', 'in', userIds)
      .orderBy('role')
      .execute(),
  );
  const byUser = Map.groupBy(rows, (row) => row.user_id);
  return userIds.map((id) => (byUser.get(id) ?? []).map(({ role }) => role));
}

/** Returns true if the viewer sees other users at all; the row scope decides which ones. */
export function managesUsers(viewer: SignedInViewer): boolean {
  const isManager = viewer.roles.has('ACCOUNT_MANAGER' satisfies Role);
  return isManager || holds(viewer, 'users:read', 'users:write', 'users:roles');
}

export function isOneself(viewer: SignedInViewer, userId: string): boolean {
  return viewer.id === userId;
}
