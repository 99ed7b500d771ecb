import { AccountPageDocument, type PlaceFragment, RolePageDocument, UserPageDocument } from '../generated/graphql.ts';
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
  const list = (table: string, key: string, order: Order, query: OrderedList['query']): OrderedList => ({
    name: `${table} by ${order.field} ${order.direction}`,
    query,
    fetch: async (input) => requirePage(await query(input).data()),
    inOrder: async () => {
      const sorted = `order by ${order.field} ${order.direction}, ${key} ${order.direction}`;
      return (await look<{ id: string }>(app(), `select ${key} as id from ${table} ${sorted}`)).map(({ id }) => id);
    },
  });
  const admin = (): Actor => app().as('ADMIN');
  return [
    ...ordersBy('USERNAME', 'DISPLAY_NAME', 'CREATED_AT').map((orderBy) =>
      list('users', 'id', orderBy, (input) => admin().query(UserPageDocument, { ...input, orderBy })),
    ),
    ...ordersBy('NAME', 'CREATED_AT').map((orderBy) =>
      list('accounts', 'id', orderBy, (input) => admin().query(AccountPageDocument, { ...input, orderBy })),
    ),
    ...ordersBy('NAME').map((orderBy) =>
      list('roles', 'name', orderBy, (input) => admin().query(RolePageDocument, { ...input, orderBy })),
    ),
  ];
}

/** What to sort by: fields are named as the columns are, in capitals. */
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
