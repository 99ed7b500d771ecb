import { mayChange } from '../../src/modules/documents/rules.ts';
import {
  changeUsers,
  gate,
  type Gate,
  of,
  ofUsers,
  ownerless,
  seeUsers,
  theirAccounts,
  threePeople,
  viewerId,
} from './gate.ts';
import { roleGates } from './role-gates.ts';

const users = 'users';

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
  ...roleGates,
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
