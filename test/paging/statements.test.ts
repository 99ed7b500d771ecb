import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  AccountEdgesDocument,
  AccountsWithUsersDocument,
  AccountTotalDocument,
  PagesOfMembersDocument,
  RolesAndWhatTheyHoldDocument,
  TwoPagesOfMembersDocument,
  UsersAndTheirAccountsDocument,
} from '../generated/graphql.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { look } from '../support/rows.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
});
afterAll(() => app.close());

/** The ids of an account's users, in the order that lists have unless told otherwise. */
async function members(accountId: string | undefined): Promise<string[]> {
  const sql = 'select id from users where account_id = ? order by username, id';
  return (await look<{ id: string }>(app, sql, accountId)).map(({ id }) => id);
}

describe('the number of statements does not grow with the number of rows', () => {
  it.each([1, 7, 200])(
    'accounts → users → roles, of %i accounts, takes one statement for each level, and the totals',
    async (first) => {
      const { accounts } = await app.as('ADMIN').query(AccountsWithUsersDocument, { first, users: 10 }).data();
      expect(accounts?.nodes).toHaveLength(first);
      expect(app.statements).toHaveLength(4);
    },
  );

  it.each([1, 200])('users → account, of %i users, takes two statements', async (first) => {
    const { users } = await app.as('ADMIN').query(UsersAndTheirAccountsDocument, { first }).data();
    expect(users?.nodes).toHaveLength(first);
    expect(app.statements.length).toBeLessThanOrEqual(2);
  });

  it('roles → inherited roles and permissions takes three statements', async () => {
    await app.as('ADMIN').query(RolesAndWhatTheyHoldDocument).data();
    expect(app.statements).toHaveLength(3);
  });

  it('two pages of the users of 200 accounts take one statement each, and one for the totals', async () => {
    await app.as('ADMIN').query(TwoPagesOfMembersDocument).data();
    expect(app.statements).toHaveLength(4);
  });
});

describe('totals', () => {
  it('totals are counted when they are selected', async () => {
    await app.as('DEVELOPER').query(AccountEdgesDocument, { first: 5 }).data();
    expect(app.statements).toHaveLength(1);
    expect(app.statements.join()).not.toContain('count(');
  });

  it('totals are those of the complete list, whatever the page', async () => {
    for (const first of [0, 1, 200]) {
      const { accounts } = await app.as('DEVELOPER').query(AccountTotalDocument, { first }).data();
      expect(accounts?.totalCount).toBe(1000);
      expect(app.statements).toHaveLength(1);
    }
  });
});

describe('pages of the users of several accounts', () => {
  it.each([{ users: 2 }, { last: 2 }, { users: 0 }, { users: 200 }])(
    'each page holds the users of its account: %o',
    async (input) => {
      const { accounts } = await app
        .as('ADMIN')
        .query(PagesOfMembersDocument, { first: 20, ...input })
        .data();
      for (const account of accounts?.nodes ?? []) {
        const all = await members(account?.id);
        const { last, users: first } = { last: undefined, users: undefined, ...input };
        const expected = last === undefined ? all.slice(0, first) : all.slice(-last);
        expect(account?.users?.nodes?.map((user) => user?.id)).toEqual(expected);
        expect(account?.users?.pageInfo.hasNextPage).toBe(first !== undefined && all.length > first);
        expect(account?.users?.pageInfo.hasPreviousPage).toBe(last !== undefined && all.length > last);
      }
    },
  );

  it('each page continues behind a cursor, and obeys filter and order', async () => {
    const orderBy = { field: 'CREATED_AT', direction: 'DESC' } as const;
    const filter = { search: 'a' };
    const page = { first: 1, users: 1, orderBy, filter };
    const { accounts } = await app.as('ADMIN').query(PagesOfMembersDocument, page).data();
    const [account] = accounts?.nodes ?? [];
    const after = account?.users?.pageInfo.endCursor;
    const rest = await app
      .as('ADMIN')
      .query(PagesOfMembersDocument, { ...page, users: 200, after })
      .data();
    const ids = [account, rest.accounts?.nodes?.[0]].flatMap((one) => one?.users?.nodes?.map((user) => user?.id));
    const expected = await look<{ id: string }>(
      app,
      `select id from users where account_id = ? and (username || display_name || email) ilike '%a%'
       order by created_at desc, id desc`,
      account?.id,
    );
    expect(ids).toEqual(expected.map(({ id }) => id));
  });

  it('each page refuses a cursor of another order', async () => {
    const { accounts } = await app.as('ADMIN').query(PagesOfMembersDocument, { first: 1, users: 1 }).data();
    const after = accounts?.nodes?.[0]?.users?.pageInfo.endCursor;
    const orderBy = { field: 'CREATED_AT', direction: 'ASC' } as const;
    const answer = app.as('ADMIN').query(PagesOfMembersDocument, { first: 2, users: 1, after, orderBy });
    expect(await answer.codes()).toEqual(['BAD_USER_INPUT', 'BAD_USER_INPUT']);
  });
});
