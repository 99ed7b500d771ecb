import {
  AccountPageDocument,
  DocumentPageDocument,
  InventoryPageDocument,
  type PlaceFragment,
  RolePageDocument,
  UserPageDocument,
} from '../generated/graphql.ts';
import type { Answer } from './answer.ts';
import type { Actor, TestApp } from './app.ts';
import { look } from './rows.ts';

/** The paging arguments of every list. */
export interface PageInput {
  readonly first?: number | null;
  readonly after?: string | null;
  readonly last?: number | null;
  readonly before?: string | null;
}

export interface Page {
  readonly nodes?: readonly ({ readonly id: string } | null)[] | null;
  readonly pageInfo: PlaceFragment;
}

/** A list in one of its orders, as an administrator sees it. */
export interface OrderedList {
  readonly name: string;
  query(input: PageInput): Answer<{ page?: Page | null }>;
  fetch(input: PageInput): Promise<Page>;
  /** The ids of the whole list, as the database sorts it. */
  inOrder(): Promise<string[]>;
}

/** Every list in every order that it has. */
export function everyOrderedList(app: () => TestApp): OrderedList[] {
  const list = (table: Table, order: Order, query: OrderedList['query']): OrderedList => ({
    name: `${table.name} by ${order.field} ${order.direction}`,
    query,
    fetch: async (input) => requirePage(await query(input).data()),
    inOrder: async () => {
      const { name, id, key = id } = table;
      const sorted = `order by ${order.field} ${order.direction}, ${key} ${order.direction}`;
      return (await look<{ id: string }>(app(), `select ${id} as id from ${name} ${sorted}`)).map(({ id }) => id);
    },
  });
  const admin = (): Actor => app().as('ADMIN');
  return [
    ...ordersBy('USERNAME', 'DISPLAY_NAME', 'CREATED_AT').map((orderBy) =>
      list({ name: 'users', id: 'id' }, orderBy, (input) => admin().query(UserPageDocument, { ...input, orderBy })),
    ),
    ...ordersBy('NAME', 'CREATED_AT').map((orderBy) =>
      list({ name: 'accounts', id: 'id' }, orderBy, (input) =>
        admin().query(AccountPageDocument, { ...input, orderBy }),
      ),
    ),
    ...ordersBy('NAME').map((orderBy) =>
      list({ name: 'roles', id: 'name' }, orderBy, (input) => admin().query(RolePageDocument, { ...input, orderBy })),
    ),
    ...ordersBy('NAME', 'UPDATED_AT').map((orderBy) =>
      list({ name: 'inventory_items', id: 'name', key: 'name_key' }, orderBy, (input) =>
        admin().query(InventoryPageDocument, { ...input, orderBy }),
      ),
    ),
    ...ordersBy('TITLE', 'CREATED_AT', 'UPDATED_AT').map((orderBy) =>
      list({ name: 'documents', id: 'id' }, orderBy, (input) =>
        admin().query(DocumentPageDocument, { ...input, orderBy }),
      ),
    ),
  ];
}

/** The table of the rows, the column that names each, and the unique one that breaks ties, if that is another. */
interface Table {
  readonly name: string;
  readonly id: string;
  readonly key?: string;
}

/** The order of a list: fields are named like the columns, in capitals. */
interface Order<Field extends string = string> {
  readonly field: Field;
  readonly direction: 'ASC' | 'DESC';
}

function ordersBy<Field extends string>(...fields: Field[]): Order<Field>[] {
  return fields.flatMap((field) => [
    { field, direction: 'ASC' },
    { field, direction: 'DESC' },
  ]);
}

function requirePage({ page }: { readonly page?: Page | null }): Page {
  if (!page) {
    throw new Error('There is no page');
  }
  return page;
}

/** The ids of a page's rows. */
export function idsOf({ nodes }: Page): string[] {
  return (nodes ?? []).map((node) => node?.id ?? '');
}
