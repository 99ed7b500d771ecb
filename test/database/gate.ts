import type { Coordinate, Permission } from '../../src/generated/access.ts';
import type { Viewer } from '../../src/lib/viewer.ts';

/** The rows of a table that a viewer reaches: none, their own, those of their account, all. */
export type Reach = 'none' | 'own' | 'account' | 'all';

/** From the least to the most. */
export const REACHES: readonly Reach[] = ['none', 'own', 'account', 'all'];

/** The gates that have to open for a reach: fields, all of them; or a rule of a service. A reach without one is never had. */
type Directives = Partial<Record<Exclude<Reach, 'none'>, readonly string[] | ((viewer: Viewer) => boolean)>>;

/** A verb on a table: what opens it through the API, and the statement that row-level security allows or stops. */
export interface Gate {
  readonly name: string;
  readonly directives: Directives;
  /** Returns the `key` of each row that it touches; with a `?`, it is tried with each key, and works or fails. */
  readonly statement: string;
  /** The keys of all rows, and `whose` they are: the least reach that holds them. */
  readonly rows: string;
}

export const viewerId = `nullif(current_setting('rolegate.viewer_id'), '')::uuid`;
const accountId = `nullif(current_setting('rolegate.account_id'), '')::uuid`;

const whoseUsers = `select u.id::text as key, case when u.id = ${viewerId} then 'own'
  when u.account_id = ${accountId} then 'account' else 'all' end as whose from users u`;
const whoseAccounts = `select id::text as key, case when id = ${accountId} then 'own' else 'all' end as whose from accounts`;
export const ofUsers = (table: string, user = 'user_id'): string =>
  `select distinct owner.* from (${whoseUsers}) owner join ${table} on ${user}::text = owner.key`;
export const ownerless = (table: string, key: string): string =>
  `select distinct ${key}::text as key, 'all' as whose from ${table}`;

/** The rows that inserts are tried for: the viewer's own, a colleague's, a stranger's. */
export const people = ['viewer', 'colleague', 'stranger'] as const;
export const threePeople = `${whoseUsers} where username in ('${people.join(`', '`)}')`;
export const theirAccounts = `select distinct a.id::text as key, case when a.id = ${accountId} then 'account' else 'all' end as whose
  from accounts a join users u on u.account_id = a.id where username in ('${people.join(`', '`)}')`;

export const seeUsers = (...fields: string[]): Directives => ({
  all: [...fields, 'Query.users'],
  account: [...fields, 'Account.users'],
});

/** A field that reaches the users of one's account by a role, and all by the permission alone. */
export const changeUsers = (field: Coordinate, permission: Permission): Directives => ({
  all: (viewer) => viewer.permissions === 'all' || viewer.permissions.has(permission),
  account: [field, 'Account.users'],
});

export const gate = (table: string, verb: string, directives: Directives, rows: string, statement: string): Gate => {
  return { name: `${table} ${verb}`, directives, rows, statement };
};

export const of = {
  users: whoseUsers,
  accounts: whoseAccounts,
  roles: ownerless('roles', 'name'),
  stock: ownerless('inventory_items', 'name_key'),
  documents: ofUsers('documents', 'author_id'),
};
