import { selectedColumns } from '../../paging/selected-columns.ts';
import type { Resolvers } from '../../generated/resolvers.ts';
import {
  addUserToAccount,
  createAccount,
  deleteAccount,
  moveUser,
  removeUserFromAccount,
  updateAccount,
  updateMyAccount,
} from './administration.ts';
import { usersOfAccount } from '../users/service.ts';
import { getMyAccount, listAccounts, requireAccount } from './service.ts';

export const accountResolvers: Resolvers = {
  Query: {
    accounts: (_parent, input, context, info) => listAccounts(context, input, selectedColumns(info, context.policy)),
    account: (_parent, { id }, context) => requireAccount(context, id),
    myAccount: (_parent, _arguments, context) => getMyAccount(context),
  },
  Mutation: {
    createAccount: (_parent, { input }, context) => createAccount(context, input),
    updateAccount: (_parent, { id, input }, context) => updateAccount(context, id, input),
    deleteAccount: (_parent, { id }, context) => deleteAccount(context, id),
    updateMyAccount: (_parent, { input }, context) => updateMyAccount(context, input),
    moveUser: (_parent, { userId, accountId }, context) => moveUser(context, userId, accountId),
    addUserToAccount: (_parent, { userId, accountId }, context) => addUserToAccount(context, userId, accountId),
    removeUserFromAccount: (_parent, { userId, accountId }, context) =>
      removeUserFromAccount(context, userId, accountId),
  },
  Account: {
    users: (account, input, context, info) =>
      usersOfAccount(context, account.id, input, selectedColumns(info, context.policy)),
  },
};
