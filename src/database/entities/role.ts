import { defineEntity, p, type InferEntity } from '@mikro-orm/core';
import { AUTH_ROLE, currentViewerId, ofUserOfAccount, ofVisibleUser, scopes, SYSTEM_ROLE } from '../scopes.ts';
import { UserEntity } from './user.ts';

const everySignedIn = [...scopes.signedIn, AUTH_ROLE, SYSTEM_ROLE];

/** A role: built in (a value of `enum Role`, never edited) or added by an administrator. */
export const RoleEntity = defineEntity({
  name: 'Role',
  tableName: 'roles',
  properties: {
    name: p.text().collation('und-x-icu').primary(),
    description: p.text().default(''),
    builtIn: p.boolean().default(false),
    version: p.integer().version().default(1),
  },
  rowLevelSecurity: 'force',
  policies: [{ name: 'roles_all', roles: everySignedIn, using: 'true' }],
});

/** `role` holds everything that `inherits` holds. */
export const RoleInheritanceEntity = defineEntity({
  name: 'RoleInheritance',
  tableName: 'role_inheritance',
  properties: {
    role: () => p.manyToOne(RoleEntity).mapToPk().primary().fieldNames('role').deleteRule('cascade'),
    inherits: () => p.manyToOne(RoleEntity).mapToPk().primary().fieldNames('inherits').deleteRule('restrict').index(),
  },
  rowLevelSecurity: 'force',
  policies: [{ name: 'role_inheritance_all', roles: everySignedIn, using: 'true' }],
});

/** A permission that a role holds by itself. */
export const RolePermissionEntity = defineEntity({
  name: 'RolePermission',
  tableName: 'role_permissions',
  properties: {
    role: () => p.manyToOne(RoleEntity).mapToPk().primary().fieldNames('role').deleteRule('cascade'),
    permission: p.text().primary(),
  },
  rowLevelSecurity: 'force',
  policies: [{ name: 'role_permissions_all', roles: everySignedIn, using: 'true' }],
});

const EXCLUSION_KINDS = ['STATIC', 'DYNAMIC'] as const;

/** Two roles that no user may hold (static), or activate (dynamic), together. `a` sorts before `b`. */
export const RoleExclusionEntity = defineEntity({
  name: 'RoleExclusion',
  tableName: 'role_exclusions',
  properties: {
    a: () => p.manyToOne(RoleEntity).mapToPk().primary().fieldNames('a').deleteRule('cascade'),
    b: () => p.manyToOne(RoleEntity).mapToPk().primary().fieldNames('b').deleteRule('cascade').index(),
    kind: p.enum(EXCLUSION_KINDS).primary(),
  },
  rowLevelSecurity: 'force',
  policies: [{ name: 'role_exclusions_all', roles: everySignedIn, using: 'true' }],
});

const ofViewer = `user_id = ${currentViewerId}`;

/** Returns policies by which administrators of users may assign and revoke roles. */
function changes(name: string, givers: readonly string[], condition: string) {
  const roles = [...givers];
  return [
    { name: `role_assignments_give_${name}`, command: 'insert', roles, check: condition },
    { name: `role_assignments_change_${name}`, command: 'update', roles, using: condition },
    { name: `role_assignments_take_${name}`, command: 'delete', roles, using: condition },
  ] as const;
}

/** A role that is assigned to a user. Who sees a user sees their roles: the inner query obeys the policies of users. */
export const RoleAssignmentEntity = defineEntity({
  name: 'RoleAssignment',
  tableName: 'role_assignments',
  properties: {
    user: () => p.manyToOne(UserEntity).mapToPk().primary().deleteRule('cascade'),
    role: () => p.manyToOne(RoleEntity).mapToPk().primary().fieldNames('role').deleteRule('restrict').index(),
  },
  rowLevelSecurity: 'force',
  policies: [
    { name: 'role_assignments_self', command: 'select', roles: [...scopes.usersSelf], using: ofViewer },
    { name: 'role_assignments_of_account', command: 'select', roles: [...scopes.usersOfAccount], using: ofVisibleUser },
    {
      name: 'role_assignments_all',
      command: 'select',
      roles: [...scopes.usersAll, ...scopes.rolesWrite],
      using: 'true',
    },
    { name: 'role_assignments_server', roles: [AUTH_ROLE, SYSTEM_ROLE], using: 'true' },
    ...changes('of_account', scopes.usersOfAccountWrite, ofUserOfAccount),
    ...changes('all', scopes.usersAllWrite, 'true'),
  ],
});

export type Role = InferEntity<typeof RoleEntity>;
export type RoleInheritance = InferEntity<typeof RoleInheritanceEntity>;
export type ExclusionKind = (typeof EXCLUSION_KINDS)[number];
export type RolePermission = InferEntity<typeof RolePermissionEntity>;
export type RoleAssignment = InferEntity<typeof RoleAssignmentEntity>;
