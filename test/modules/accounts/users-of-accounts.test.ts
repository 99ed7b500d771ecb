import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  AccountsWithUsersDocument,
  UsersInsideAccountsDocument,
  UsersInsideOneAccountDocument,
} from '../../generated/graphql.ts';
import { createTestApp, type TestApp, type Who } from '../../support/app.ts';
import { expectOutcome, type Outcome } from '../../support/outcomes.ts';
import { accountIdOf, change } from '../../support/rows.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
});
afterAll(() => app.close());

/** Those who see accounts: whether they see the users inside. */
const table: [Who, Outcome][] = [
  ['DEVELOPER', 'FORBIDDEN'],
  ['ADMIN', 'data'],
  ['SUPER_ADMIN', 'data'],
];

describe('the users inside accounts', () => {
  it.each(['ADMIN', 'SUPER_ADMIN'])('%s reads the users of each account', async (who) => {
    const { accounts } = await app.as(who).query(UsersInsideAccountsDocument).data();
    expect(accounts?.edges?.map(({ node }) => node?.users?.nodes?.length)).toEqual([4, 1]);
  });

  it('DEVELOPER reads the accounts, and is denied the users of each', async () => {
    const { data, errors } = await app.as('DEVELOPER').query(UsersInsideAccountsDocument).partial();
    expect(data?.accounts?.edges).toEqual([
      { node: { name: 'Alder Analytics', users: null } },
      { node: { name: 'Alder Bakery', users: null } },
    ]);
    expect(errors.map(({ path, extensions }) => [path, extensions])).toEqual(
      [0, 1].map((index) => [
        ['accounts', 'edges', index, 'node', 'users'],
        { code: 'FORBIDDEN', coordinate: 'Account.users' },
      ]),
    );
  });

  it.each(table)('users of accounts answer %s with %s, by alias and fragments', async (who, outcome) => {
    const id = await accountIdOf(app, 'standard');
    const at = { path: 'account.members', coordinate: 'Account.users' };
    const data = await expectOutcome(app.as(who).query(UsersInsideOneAccountDocument, { id }), outcome, at);
    expect(data?.account?.name).toBe('Alder Analytics');
  });
});

describe('a viewer who reads all accounts and manages one', () => {
  beforeAll(() =>
    change(
      app,
      `insert into role_assignments (user_id, role) select id, 'DEVELOPER' from users where username = 'accountmanager'`,
    ),
  );

  it('such a viewer reads the users of their account, and an empty list for the others', async () => {
    const { accounts } = await app.as('accountmanager').query(AccountsWithUsersDocument, { first: 200 }).data();
    const counts = accounts?.nodes?.map((account) => account?.users?.totalCount);
    const listed = accounts?.nodes?.map((account) => account?.users?.nodes?.length);
    expect(counts).toEqual([4, ...Array<number>(199).fill(0)]);
    expect(listed).toEqual(counts);
  });
});
