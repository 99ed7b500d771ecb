import type { Coordinate, Permission } from '../../src/generated/access.ts';
import type { Viewer } from '../../src/lib/viewer.ts';
import { mayChange } from '../../src/modules/documents/rules.ts';

/** The rows of a table that a viewer reaches: none, their own, those of their account, all. */
export type Reach = 'none' | 'own' | 'account' | 'all';

/** From the least to the most. */
export const REACHES: readonly Reach[] = ['none', 'own', 'account', 'all'];

/** What has to open for a reach: fields, all of them; or a rule of a service. What is left out is never reached. */
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

const viewerId = `nullif(current_setting('rolegate.viewer_id'), '')::uuid`;
const accountId = `nullif(current_setting('rolegate.account_id'), '')::uuid`;

const whoseUsers = `select u.id::text as key, case when u.id = ${viewerId} then 'own'
  when u.account_id = ${accountId} then 'account' else 'all' end as whose from users u`;
const whoseAccounts = `select id::text as key, case when id = ${accountId} then 'own' else 'all' end as whose from accounts`;
const ofUsers = (table: string, user = 'user_id'): string =>
  `select distinct owner.* from (${whoseUsers}) owner join ${table} on ${user}::text = owner.key`;
const ownerless = (table: string, key: string): string =>
  `select distinct ${key}::text as key, 'all' as whose from ${table}`;

/** The rows that inserts are tried for: the viewer's own, a colleague's, a stranger's. */
export const people = ['viewer', 'colleague', 'stranger'] as const;
const threePeople = `${whoseUsers} where username in ('${people.join(`', '`)}')`;
const theirAccounts = `select distinct a.id::text as key, case when a.id = ${accountId} then 'account' else 'all' end as whose
  from accounts a join users u on u.account_id = a.id where username in ('${people.join(`', '`)}')`;

const seeUsers = (...fields: string[]): Directives => ({
  all: [...fields, 'Query.users'],
  account: [...fields, 'Account.users'],
});

/** A field that reaches the users of one's account by a role, and all by the permission alone. */
const changeUsers = (field: Coordinate, permission: Permission): Directives => ({
  all: (viewer) => viewer.permissions === 'all' || viewer.permissions.has(permission),
  account: [field, 'Account.users'],
});

const gate = (table: string, verb: string, directives: Directives, rows: string, statement: string): Gate => {
  return { name: `${table} ${verb}`, directives, rows, statement };
};

const users = 'users';
const of = {
  users: whoseUsers,
  accounts: whoseAccounts,
  roles: ownerless('roles', 'name'),
  stock: ownerless('inventory_items', 'name_key'),
  documents: ofUsers('documents', 'author_id'),
};

const roleTables = [
  ['role_inheritance', 'role', `(?, 'GUEST')`],
  ['role_permissions', 'role', `(?, 'accounts:read')`],
] as const;

/** The verbs that the API offers on rows as the viewer's own database role, and what of each table can be read. */
export const gates: readonly Gate[] = [
  gate(users, 'select', { ...seeUsers(), own: ['Query.me'] }, of.users, 'select id::text as key from users'),
  gate(
    users,
    'insert',
    changeUsers('Mutation.createUser', 'users:write'),
    theirAccounts,
    `
    insert into users (id, username, email, email_key, display_name, account_id, created_at, updated_at)
    values (gen_random_uuid(), 'new', 'new', 'new', 'new', ?::uuid, now(), now())`,
  ),
  gate(
    users,
    'update',
    { ...changeUsers('Mutation.updateUser', 'users:write'), own: ['Mutation.updateMe'] },
    of.users,
    'update users set updated_at = updated_at returning id::text as key',
  ),
  gate(
    users,
    'update of addresses',
    changeUsers('Mutation.updateUser', 'users:write'),
    of.users,
    'update users set email = email returning id::text as key',
  ),
  gate(
    'accounts',
    'select',
    { all: ['Query.accounts'], own: ['Query.myAccount'] },
    of.accounts,
    'select id::text as key from accounts',
  ),
  gate(
    'accounts',
    'insert',
    { all: ['Mutation.createAccount'] },
    `select 'a' as key, 'all' as whose`,
    `
    insert into accounts (id, name, status, billing_email, created_at, updated_at)
    values (gen_random_uuid(), 'new', 'ACTIVE', ?, now(), now())`,
  ),
  gate(
    'accounts',
    'update',
    {
      all: ['Mutation.updateAccount', 'UpdateAccountInput.status'],
      own: ['Mutation.updateAccount', 'Mutation.updateMyAccount'],
    },
    of.accounts,
    'update accounts set name = name returning id::text as key',
  ),
  gate(
    'accounts',
    'update of status',
    { all: ['Mutation.updateAccount', 'UpdateAccountInput.status'] },
    of.accounts,
    'update accounts set status = status returning id::text as key',
  ),
  gate(
    'accounts',
    'delete',
    { all: ['Mutation.deleteAccount'] },
    `select id::text as key, 'all' as whose from accounts where name = 'Empty'`,
    `delete from accounts where name = 'Empty' returning id::text as key`,
  ),
  gate(
    'role_assignments',
    'select',
    { ...seeUsers('User.roles'), own: ['Query.me'] },
    ofUsers('role_assignments'),
    'select distinct user_id::text as key from role_assignments',
  ),
  gate(
    'role_assignments',
    'insert',
    changeUsers('Mutation.assignRole', 'users:roles'),
    threePeople,
    `insert into role_assignments (user_id, role) values (?::uuid, 'UNUSED')`,
  ),
  gate(
    'role_assignments',
    'update',
    changeUsers('Mutation.assignRole', 'users:roles'),
    ofUsers('role_assignments'),
    'update role_assignments set role = role returning user_id::text as key',
  ),
  gate(
    'role_assignments',
    'delete',
    changeUsers('Mutation.revokeRole', 'users:roles'),
    ofUsers('role_assignments'),
    'with gone as (delete from role_assignments returning user_id) select distinct user_id::text as key from gone',
  ),
  gate('roles', 'select', { all: ['Query.roles'] }, of.roles, 'select name as key from roles'),
  gate(
    'roles',
    'insert',
    { all: ['Mutation.createRole'] },
    `select 'NEW' as key, 'all' as whose`,
    'insert into roles (name) values (?)',
  ),
  gate(
    'roles',
    'update',
    { all: ['Mutation.updateRole'] },
    of.roles,
    'update roles set description = description returning name as key',
  ),
  gate(
    'roles',
    'delete',
    { all: ['Mutation.deleteRole'] },
    `select 'UNUSED' as key, 'all' as whose`,
    `delete from roles where name = 'UNUSED' returning name as key`,
  ),
  ...roleTables.flatMap(([table, key, row]) => [
    gate(
      table,
      'select',
      { all: ['Query.roles'] },
      ownerless(table, key),
      `select distinct ${key} as key from ${table}`,
    ),
    gate(
      table,
      'insert',
      { all: ['Mutation.createRole'] },
      `select 'UNUSED' as key, 'all' as whose`,
      `insert into ${table} values ${row}`,
    ),
    gate(
      table,
      'update',
      { all: ['Mutation.updateRole'] },
      ownerless(table, key),
      `update ${table} set ${key} = ${key} returning ${key} as key`,
    ),
    gate(
      table,
      'delete',
      { all: ['Mutation.updateRole'] },
      ownerless(table, key),
      `with gone as (delete from ${table} returning ${key}) select distinct ${key} as key from gone`,
    ),
  ]),
  gate(
    'role_exclusions',
    'select',
    { all: ['Query.roleExclusions'] },
    ownerless('role_exclusions', 'a'),
    'select a as key from role_exclusions',
  ),
  gate(
    'role_exclusions',
    'insert',
    { all: ['Mutation.excludeRoles'] },
    `select 'UNUSED' as key, 'all' as whose`,
    `insert into role_exclusions values (?, 'STANDARD', 'STATIC')`,
  ),
  gate(
    'role_exclusions',
    'update',
    { all: ['Mutation.excludeRoles'] },
    ownerless('role_exclusions', 'a'),
    'update role_exclusions set kind = kind returning a as key',
  ),
  gate(
    'role_exclusions',
    'delete',
    { all: ['Mutation.allowRoles'] },
    ownerless('role_exclusions', 'a'),
    'delete from role_exclusions returning a as key',
  ),
  gate(
    'inventory_items',
    'select',
    { all: ['Query.inventoryItems'] },
    of.stock,
    'select name_key as key from inventory_items',
  ),
  gate(
    'inventory_items',
    'insert',
    { all: ['Mutation.addInventoryItem'] },
    `select 'new' as key, 'all' as whose`,
    `
    insert into inventory_items (name_key, name, data, updated_at) values (?, 'New', '{"count": 1}', now())`,
  ),
  gate(
    'inventory_items',
    'update',
    { all: ['Mutation.adjustInventoryCount'] },
    of.stock,
    'update inventory_items set data = data returning name_key as key',
  ),
  gate(
    'inventory_items',
    'delete',
    { all: ['Mutation.deleteInventoryItem'] },
    of.stock,
    'delete from inventory_items returning name_key as key',
  ),
  gate(
    'documents',
    'select',
    { all: ['Query.documents'] },
    of.documents,
    'select distinct author_id::text as key from documents',
  ),
  gate(
    'documents',
    'select of texts',
    { all: ['Document.content'] },
    of.documents,
    'select author_id::text as key from documents where length(content) > 0 group by 1',
  ),
  gate(
    'documents',
    'insert',
    { own: ['Mutation.createDocument'] },
    threePeople,
    `
    insert into documents (id, title, content, author_id, author_name, created_at, updated_at)
    values (gen_random_uuid(), 'New', '', ?::uuid, 'Somebody', now(), now())`,
  ),
  ...(['update', 'delete'] as const).map((verb) =>
    gate(
      'documents',
      verb,
      {
        all: (viewer) =>
          viewer.id !== null &&
          mayChange(
            { ...viewer, id: viewer.id },
            { author: 'another' },
            verb === 'update' ? 'documents:write' : 'documents:delete',
          ),
        own: [`Mutation.${verb}Document`],
      },
      of.documents,
      `with done as (${verb === 'update' ? 'update documents set title = title' : 'delete from documents'} returning author_id)
       select distinct author_id::text as key from done`,
    ),
  ),
  gate(
    'audit_events',
    'select',
    { all: ['Query.auditEvents'] },
    ownerless('audit_events', 'id'),
    'select id::text as key from audit_events',
  ),
  // The directives are silent: an acting user is recorded, as themselves only.
  gate(
    'audit_events',
    'insert',
    { own: () => true },
    `${threePeople} union all select '', case when ${viewerId} is null then 'own' else 'all' end`,
    `
    with new as (select nullif(?, '')::uuid as actor)
    insert into audit_events (id, at, actor_id, action, details)
    select gen_random_uuid(), now(), actor, 'x', '{}' from new`,
  ),
  // What people sign in with: ended by those who manage them, shown only by the server's own role.
  gate(
    'sessions',
    'update',
    changeUsers('Mutation.deactivateUser', 'users:write'),
    ofUsers('sessions'),
    `with done as (update sessions set ended_because = 'x' returning user_id) select distinct user_id::text as key from done`,
  ),
  gate(
    'credentials',
    'insert',
    changeUsers('Mutation.createUser', 'users:write'),
    threePeople,
    `insert into credentials (user_id, password_hash, updated_at) values (?::uuid, 'x', now())`,
  ),
  ...['sessions', 'api_keys', 'external_identities', 'credentials'].map((table) =>
    gate(
      table,
      'delete',
      { all: ['Mutation.removeUser'] },
      ofUsers(table),
      `with gone as (delete from ${table} returning user_id) select distinct user_id::text as key from gone`,
    ),
  ),
  gate(
    'access_version',
    'update',
    { all: (viewer) => viewer.id !== null },
    ownerless('access_version', 'id'),
    'update access_version set version = version + 1 returning id::text as key',
  ),
  gate(
    'access_version',
    'select',
    { all: (viewer) => viewer.id !== null },
    ownerless('access_version', 'id'),
    'select id::text as key from access_version',
  ),
];
