import { selectedColumns } from '../../paging/selected-columns.ts';
import type { Resolvers } from '../../generated/resolvers.ts';
import { createRole, deleteRole, updateRole } from './administration.ts';
import { allowRoles, excludeRoles } from './exclusions.ts';
import { usersOfRole } from '../users/service.ts';
import {
  assignableRoles,
  inheritedByRoles,
  listExclusions,
  listPermissions,
  listRoles,
  permissionsOfRoles,
} from './service.ts';

export const roleResolvers: Resolvers = {
  Query: {
    roles: (_parent, input, context, info) => listRoles(context, input, selectedColumns(info, context.policy)),
    permissions: (_parent, _arguments, context) => listPermissions(context),
    roleExclusions: (_parent, _arguments, context) => listExclusions(context),
  },
  Mutation: {
    createRole: (_parent, { input }, context) => createRole(context, input),
    updateRole: (_parent, { name, input }, context) => updateRole(context, name, input),
    deleteRole: (_parent, { name }, context) => deleteRole(context, name),
    excludeRoles: (_parent, { a, b, kind }, context) => excludeRoles(context, a, b, kind),
    allowRoles: (_parent, { a, b, kind }, context) => allowRoles(context, a, b, kind),
  },
  RoleDefinition: {
    inherits: (role, _arguments, { loaders }) => loaders.of(inheritedByRoles).load(role.name),
    permissions: (role, _arguments, { loaders }) => loaders.of(permissionsOfRoles).load(role.name),
    assignable: (role, _arguments, { loaders }) => loaders.of(assignableRoles).load(role.name),
    users: (role, input, context, info) =>
      usersOfRole(context, role.name, input, selectedColumns(info, context.policy)),
  },
};
