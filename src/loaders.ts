import DataLoader from 'dataloader';
import { accountsByIds } from './accounts/service.ts';
import type { RequestContext } from './context.ts';
import type { Account, User } from './database/entities/index.ts';
import { contentsOfDocuments } from './documents/service.ts';
import type { AskedOfPage } from './execution/asked-of-page.ts';
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
  usersOfAccount(accountId: string, input: UserListInput, asked: AskedOfPage | null): Promise<Connection<User>>;
}

/** Creates the loaders of one operation. `context` may still lack them while they are made. */
export function createLoaders(context: () => RequestContext): Loaders {
  return new OperationLoaders(context);
}

/** Most operations need none of them, hardly any needs all: each is made when it is needed. */
class OperationLoaders implements Loaders {
  readonly #context: () => RequestContext;
  readonly #made = new Map<string, unknown>();

  constructor(context: () => RequestContext) {
    this.#context = context;
  }

  get account(): Loaders['account'] {
    return this.#loader('account', accountsByIds);
  }

  get user(): Loaders['user'] {
    return this.#loader('user', usersByIds);
  }

  get rolesOfUser(): Loaders['rolesOfUser'] {
    return this.#loader('rolesOfUser', rolesOfUsers);
  }

  get inheritedByRole(): Loaders['inheritedByRole'] {
    return this.#loader('inheritedByRole', inheritedByRoles);
  }

  get permissionsOfRole(): Loaders['permissionsOfRole'] {
    return this.#loader('permissionsOfRole', permissionsOfRoles);
  }

  get contentOfDocument(): Loaders['contentOfDocument'] {
    return this.#loader('contentOfDocument', contentsOfDocuments);
  }

  usersOfAccount(accountId: string, input: UserListInput, asked: AskedOfPage | null): Promise<Connection<User>> {
    const page = `usersOfAccount ${JSON.stringify(input)} ${asked?.key}`;
    return this.#loader(page, (context, ids) => listUsersOfAccounts(context, ids, input, asked)).load(accountId);
  }

  #loader<Found>(name: string, load: Load<Found>): DataLoader<string, Found> {
    const loader =
      (this.#made.get(name) as DataLoader<string, Found> | undefined) ??
      new DataLoader<string, Found>((keys) => load(this.#context(), keys));
    this.#made.set(name, loader);
    return loader;
  }
}

type Load<Found> = (context: RequestContext, keys: readonly string[]) => Promise<Found[]>;
