import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AccountEdgesDocument } from '../generated/graphql.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { everyOrderedList, idsOf, type OrderedList, type Page } from '../support/lists.ts';
import { change } from '../support/rows.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
  // As many as there are users: two pages of the largest size.
  await change(app, `update users set account_id = null`);
  await change(app, `delete from accounts where id in (select id from accounts order by id limit 790)`);
  // Sort keys that many rows share, so that pages begin and end between equal ones.
  await change(app, `update accounts set name = 'Twin Works' where name like '%Labs' or name like 'Blue%'`);
  await change(app, `update accounts set created_at = '2024-02-29T12:00:00.123Z' where name like '%s'`);
  await change(app, `update users set display_name = 'Kim Doe' where username > 'k'`);
  await change(app, `update users set created_at = '2024-05-05T05:05:05.050Z' where username > 'k'`);
  await change(app, `update documents set title = 'Minutes' where title < 'm'`);
  await change(app, `update inventory_items set updated_at = '2024-05-05T05:05:05.050Z' where name < 'm'`);
});
afterAll(() => app.close());

const lists = everyOrderedList(() => app);

/** Follows the pages of a list from one end of it to the other. The pages, in the order in which they came. */
async function walk(list: OrderedList, size: number, from: 'start' | 'end', mostPages = Infinity): Promise<Page[]> {
  const pages: Page[] = [];
  let cursor: string | null = null;
  do {
    const page: Page = await list.fetch(
      from === 'start' ? { first: size, after: cursor } : { last: size, before: cursor },
    );
    pages.push(page);
    const { hasNextPage, hasPreviousPage, startCursor, endCursor } = page.pageInfo;
    const next = hasNextPage ? endCursor : null;
    const previous = hasPreviousPage ? startCursor : null;
    cursor = from === 'start' ? next : previous;
  } while (cursor !== null && pages.length < mostPages);
  return pages;
}

describe.each(lists)('$name', (list) => {
  it.each([7, 200])('the list returns every row once, in order, in pages of %i from the start', async (size) => {
    const pages = await walk(list, size, 'start');
    expect(pages.flatMap(idsOf)).toEqual(await list.inOrder());
  });

  it.each([7, 200])('the list returns every row once, in order, in pages of %i from the end', async (size) => {
    const pages = await walk(list, size, 'end');
    expect(pages.toReversed().flatMap(idsOf)).toEqual(await list.inOrder());
  });

  it('the list returns one row at a time, from either end', async () => {
    const all = await list.inOrder();
    const forward = await walk(list, 1, 'start', 20);
    const backward = await walk(list, 1, 'end', 20);
    expect(forward.flatMap(idsOf)).toEqual(all.slice(0, 20));
    expect(backward.flatMap(idsOf)).toEqual(all.toReversed().slice(0, 20));
  });

  it('the list knows which pages have neighbours', async () => {
    const total = (await list.inOrder()).length;
    const half = Math.min(Math.ceil(total / 2), 200);
    const [first, second] = await walk(list, half, 'start', 2);
    expect(first?.pageInfo).toMatchObject({ hasPreviousPage: false, hasNextPage: true });
    expect(second?.pageInfo).toMatchObject({ hasPreviousPage: true, hasNextPage: total > 2 * half });
  });

  it('the list returns the rows between two cursors, counted from either end', async () => {
    const all = await list.inOrder();
    const [start, end] = [await list.fetch({ first: 2 }), await list.fetch({ last: 2 })];
    const between = { after: start.pageInfo.endCursor ?? '', before: end.pageInfo.startCursor ?? '' };
    expect(idsOf(await list.fetch({ ...between, first: 3 }))).toEqual(all.slice(2, 5));
    expect(idsOf(await list.fetch({ ...between, last: 3 }))).toEqual(all.slice(-5, -2));
  });

  it('the list returns no rows between two cursors that are adjacent, equal or reversed', async () => {
    const { pageInfo } = await list.fetch({ first: 2 });
    const [first, second] = [pageInfo.startCursor ?? '', pageInfo.endCursor ?? ''];
    const pairs = [
      { after: first, before: second },
      { after: first, before: first },
      { after: second, before: first },
    ];
    const nothing = { startCursor: null, endCursor: null, hasNextPage: false, hasPreviousPage: true };
    expect(await Promise.all(pairs.map((pair) => list.fetch({ ...pair, first: 10 })))).toEqual(
      pairs.map(() => ({ nodes: [], pageInfo: nothing })),
    );
  });

  it('the list returns 20 rows by default, and none for a size of 0', async () => {
    const all = await list.inOrder();
    expect(idsOf(await list.fetch({}))).toEqual(all.slice(0, 20));
    expect(idsOf(await list.fetch({ first: null, last: null, after: null, before: null }))).toEqual(all.slice(0, 20));
    expect(idsOf(await list.fetch({ first: 0 }))).toEqual([]);
    expect(idsOf(await list.fetch({ last: 0 }))).toEqual([]);
  });
});

describe('a page', () => {
  it.each([{ first: 5 }, { last: 5 }])('a page has the same rows as edges and as nodes: %o', async (input) => {
    const { accounts: page } = await app.as('DEVELOPER').query(AccountEdgesDocument, input).data();
    expect(page?.edges?.map(({ node }) => node?.id)).toEqual(page?.nodes?.map((node) => node?.id));
    expect(page?.edges?.at(0)?.cursor).toBe(page?.pageInfo.startCursor);
    expect(page?.edges?.at(-1)?.cursor).toBe(page?.pageInfo.endCursor);
    expect(new Set(page?.edges?.map(({ cursor }) => cursor)).size).toBe(5);
  });

  it.each(lists.filter(({ name }) => name === 'accounts by NAME ASC'))(
    'a page keeps its place while rows before it come and go: $name',
    async (list) => {
      const page = await list.fetch({ first: 10 });
      const [first] = idsOf(page);
      await change(app, 'delete from accounts where id = ?', first);
      await change(
        app,
        `insert into accounts (id, name, status, billing_email, created_at, updated_at)
         values (gen_random_uuid(), 'Aaa', 'ACTIVE', 'a@example.com', now(), now())`,
      );
      const next = await list.fetch({ first: 200, after: page.pageInfo.endCursor ?? null });
      expect(idsOf(next)).toEqual((await list.inOrder()).slice(10, 210));
    },
  );
});
