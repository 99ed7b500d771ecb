import type { Resolvers } from '../generated/resolvers.ts';
import { listUsers, requireMe, requireUser } from './service.ts';

export const userResolvers: Resolvers = {
  Query: {
    me: (_parent, _arguments, context) => requireMe(context),
    users: (_parent, input, context) => listUsers(context, input),
    user: (_parent, { id }, context) => requireUser(context, id),
  },
  User: {
    roles: (user, _arguments, { loaders }) => loaders.rolesOfUser.load(user.id),
    account: (user, _arguments, { loaders }) => (user.account ? loaders.account.load(user.account) : null),
  },
};
