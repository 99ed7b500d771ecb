import { gate, type Gate, of, ownerless } from './gate.ts';

const roleTables = [
  ['role_inheritance', 'role', `(?, 'GUEST')`],
  ['role_permissions', 'role', `(?, 'accounts:read')`],
] as const;

/** The verbs on the tables of roles. */
export const roleGates: readonly Gate[] = [
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
];
