import DataLoader from 'dataloader';
import { accountsByIds } from './accounts/service.ts';
import type { RequestContext } from './context.ts';
import type { Account, User } from './database/entities/index.ts';
import { contentsOfDocuments } from './documents/service.ts';
import type { Connection } from './paging/connection.ts';
import { inheritedByRoles, permissionsOfRoles } from './roles/service.ts';
import { listUsersOfAccounts, rolesOfUsers, type UserListInput, usersByIds } from './users/service.ts';

/** Batches of related rows, for one operation: one statement a relation, however many rows ask for it. */
export interface Loaders {
  readonly account: DataLoader<string, Account | null>;
  readonly user: DataLoader<string, User | null>;
  readonly rolesOfUser: DataLoader<string, string[]>;
  readonly inheritedByRole: DataLoader<string, string[]>;
  readonly permissionsOfRole: DataLoader<string, string[]>;
  readonly contentOfDocument: DataLoader<string, string | null>;
  usersOfAccount(accountId: string, input: UserListInput): Promise<Connection<User>>;
}

/** Creates the loaders of one operation. `context` may still lack them while they are made. */
export function createLoaders(context: () => RequestContext): Loaders {
  const usersOfAccount = new Map<string, DataLoader<string, Connection<User>>>();
  return {
    account: new DataLoader((ids) => accountsByIds(context(), ids)),
    user: new DataLoader((ids) => usersByIds(context(), ids)),
    rolesOfUser: new DataLoader((ids) => rolesOfUsers(context(), ids)),
    inheritedByRole: new DataLoader((roles) => inheritedByRoles(context(), roles)),
    permissionsOfRole: new DataLoader((roles) => permissionsOfRoles(context(), roles)),
    contentOfDocument: new DataLoader((ids) => contentsOfDocuments(context(), ids)),
    usersOfAccount(accountId, input) {
      const page = JSON.stringify(input);
      const loader = usersOfAccount.get(page) ?? new DataLoader((ids) => listUsersOfAccounts(context(), ids, input));
      usersOfAccount.set(page, loader);
      return loader.load(accountId);
    },
  };
}
