import { selectedColumns } from '../../paging/selected-columns.ts';
import type { Resolvers } from '../../generated/resolvers.ts';
import { accountsByIds } from '../accounts/service.ts';
import {
  activateUser,
  deactivateUser,
  removeUser,
  updateMe,
  updateUser,
  assignRole,
  revokeRole,
} from './administration.ts';
import { createUser } from './create.ts';
import { acceptInvitation, inviteUser } from './invitations.ts';
import { listUsers, requireMe, requireUser, rolesOfUsers } from './service.ts';

export const userResolvers: Resolvers = {
  Query: {
    me: (_parent, _arguments, context) => requireMe(context),
    users: (_parent, input, context, info) => listUsers(context, input, selectedColumns(info, context.policy)),
    user: (_parent, { id }, context) => requireUser(context, id),
  },
  Mutation: {
    updateMe: (_parent, { input }, context) => updateMe(context, input),
    createUser: (_parent, { input }, context) => createUser(context, input),
    inviteUser: (_parent, input, context) => inviteUser(context, input),
    acceptInvitation: (_parent, { input }, context) => acceptInvitation(context, input),
    updateUser: (_parent, { id, input }, context) => updateUser(context, id, input),
    deactivateUser: (_parent, { id }, context) => deactivateUser(context, id),
    activateUser: (_parent, { id }, context) => activateUser(context, id),
    removeUser: (_parent, { id }, context) => removeUser(context, id),
    assignRole: (_parent, { userId, role }, context) => assignRole(context, userId, role),
    revokeRole: (_parent, { userId, role }, context) => revokeRole(context, userId, role),
  },
  User: {
    roles: (user, _arguments, { loaders }) => loaders.of(rolesOfUsers).load(user.id),
    account: (user, _arguments, { loaders }) => (user.account ? loaders.of(accountsByIds).load(user.account) : null),
  },
};
