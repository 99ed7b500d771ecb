import type { Resolvers } from '../generated/resolvers.ts';
import { getMyAccount, listAccounts, requireAccount } from './service.ts';

export const accountResolvers: Resolvers = {
  Query: {
    accounts: (_parent, input, context) => listAccounts(context, input),
    account: (_parent, { id }, context) => requireAccount(context, id),
    myAccount: (_parent, _arguments, context) => getMyAccount(context),
  },
  Account: {
    users: (account, input, { loaders }) => loaders.usersOfAccount(account.id, input),
  },
};
