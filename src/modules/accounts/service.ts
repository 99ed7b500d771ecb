import { validate as isUuid } from 'uuid';
import { requireSignedIn, type RequestContext } from '../../context.ts';
import { type Account, AccountEntity, type AccountStatus } from '../../database/entities/index.ts';
import { selectRows } from '../../database/rows.ts';
import { NotFound } from '../../lib/errors.ts';
import type { SelectedColumns } from '../../paging/selected-columns.ts';
import { containsFolded, equals } from '../../paging/condition.ts';
import { type Connection, pageRequest, type PageArguments } from '../../paging/connection.ts';
import { fetchConnection, type ListDefinition, type Order, type Wanted } from '../../paging/list.ts';

export type AccountConnection = Connection<Account>;
export type AccountOrderField = 'NAME' | 'CREATED_AT';

const accountList: ListDefinition<Account, AccountOrderField> = {
  name: 'accounts',
  entity: AccountEntity,
  orders: { NAME: 'name', CREATED_AT: 'createdAt' },
  key: 'id',
  computed: { users: ['id'] },
};

export interface AccountListInput extends PageArguments {
  readonly filter?: { readonly search?: string | null; readonly status?: AccountStatus | null } | null;
  readonly orderBy?: Order<AccountOrderField> | null;
}

function wantedBy({ search, status }: NonNullable<AccountListInput['filter']>): Wanted {
  return {
    conditions: status ? [equals('status', status)] : [],
    search: search ? containsFolded('search', search) : null,
  };
}

/** Lists the accounts that exist for the viewer. */
export function listAccounts(
  { unit, cursors }: RequestContext,
  input: AccountListInput,
  selected: SelectedColumns | null,
): Promise<AccountConnection> {
  return fetchConnection((work) => unit.read(work), cursors, {
    list: accountList,
    order: input.orderBy ?? { field: 'NAME', direction: 'ASC' },
    page: pageRequest(input),
    ...wantedBy(input.filter ?? {}),
    selected,
  });
}

/** Returns one account. @throws {NotFound} if it does not exist for the viewer */
export async function requireAccount({ loaders }: RequestContext, id: string): Promise<Account> {
  const account = isUuid(id) ? await loaders.of(accountsByIds).load(id) : null;
  if (account === null) {
    throw new NotFound('There is no such account');
  }
  return account;
}

/** Returns the account that the viewer belongs to, or null if they belong to none. */
export async function getMyAccount({ viewer, loaders }: RequestContext): Promise<Account | null> {
  const { accountId } = requireSignedIn(viewer);
  return accountId === null ? null : loaders.of(accountsByIds).load(accountId);
}

/** Returns the accounts with the ids, in one statement; null for those that do not exist for the viewer. */
export async function accountsByIds({ unit }: RequestContext, ids: readonly string[]): Promise<(Account | null)[]> {
  const found = await unit.read((reader) => selectRows(reader, AccountEntity, 'id', ids));
  const byId = new Map(found.map((account) => [account.id, account]));
  return ids.map((id) => byId.get(id) ?? null);
}
