import type { Resolvers } from '../generated/resolvers.ts';
import { listRoles } from './service.ts';

export const roleResolvers: Resolvers = {
  Query: {
    roles: (_parent, input, context) => listRoles(context, input),
  },
  RoleDefinition: {
    inherits: (role, _arguments, { loaders }) => loaders.inheritedByRole.load(role.name),
    permissions: (role, _arguments, { loaders }) => loaders.permissionsOfRole.load(role.name),
  },
};
