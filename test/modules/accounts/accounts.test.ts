import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AccountDocument, AccountsDocument, EveryAccountFieldDocument } from '../../generated/graphql.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { expectOutcome, openTo } from '../../support/outcomes.ts';
import { accountIdOf, change } from '../../support/rows.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
});
afterAll(() => app.close());

/** Gives a role to users, by name. */
function assign(role: string, ...usernames: string[]): Promise<void> {
  const insert = 'insert into role_assignments (user_id, role) select id, ? from users where username = any(?::text[])';
  return change(app, insert, role, `{${usernames.join(',')}}`);
}

const table = openTo('DEVELOPER', 'ADMIN', 'SUPER_ADMIN');

describe('accounts lists every account for developers and administrators', () => {
  it.each(table)('accounts answers %s with %s', async (who, outcome) => {
    const at = { path: 'accounts', coordinate: 'Query.accounts' };
    const data = await expectOutcome(app.as(who).query(AccountsDocument), outcome, at);
    expect(data?.accounts?.totalCount).toBe(outcome === 'data' ? 1000 : undefined);
  });
});

describe('account returns one of them for developers and administrators', () => {
  const at = { path: 'account', coordinate: 'Query.account' };

  it.each(table)('account answers %s with %s', async (who, outcome) => {
    const id = await accountIdOf(app, 'standard');
    const data = await expectOutcome(app.as(who).query(EveryAccountFieldDocument, { id }), outcome, at);
    expect(data?.account?.name).toBe(outcome === 'data' ? 'Alder Analytics' : undefined);
  });

  it('account returns every field', async () => {
    const id = await accountIdOf(app, 'standard');
    const { account } = await app.as('DEVELOPER').query(EveryAccountFieldDocument, { id }).data();
    expect(account).toEqual({
      id,
      name: 'Alder Analytics',
      status: 'ACTIVE',
      billingEmail: 'billing@alder-analytics.example',
      iban: expect.stringMatching(/^DE\d{20}$/),
      description: null,
      phone: null,
      createdAt: '2024-01-08T09:00:00.000Z',
      updatedAt: '2024-01-08T09:00:00.000Z',
      version: 1,
    });
  });

  it.each(table)(
    'account answers %s with %s for every id, and does not reveal which accounts exist',
    async (who, outcome) => {
      const existing = outcome === 'data' ? [] : [await accountIdOf(app, 'standard')];
      const missing = '00000000-0000-4000-8000-000000000000';
      const ids = [...existing, missing, '', 'x', '1', "' or true --", missing.toUpperCase().slice(1)];
      const answers = await Promise.all(ids.map((id) => app.as(who).request(AccountDocument, { id })));
      expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
      const expected = outcome === 'data' ? 'NOT_FOUND' : outcome;
      expect(answers[0]?.body.errors?.map(({ extensions }) => extensions?.['code'])).toEqual([expected]);
    },
  );
});

describe('a role that administrators added', () => {
  beforeAll(async () => {
    await change(app, `insert into roles (name) values ('Auditor'), ('Deputy'), ('Nothing')`);
    await change(app, `insert into role_permissions (role, permission) values ('Auditor', 'accounts:read')`);
    await change(app, `insert into role_inheritance (role, inherits) values ('Deputy', 'DEVELOPER')`);
    await assign('Auditor', 'guest', 'warehouse');
    await assign('Deputy', 'sales');
    await assign('Nothing', 'manager');
  });

  it.each([
    ['by a permission', 'warehouse'],
    ['by a permission, to a guest', 'guest'],
    ['by inheritance', 'sales'],
  ])('such a role reads accounts, rows and fields, %s', async (_, who) => {
    const { accounts } = await app.as(who).query(AccountsDocument, { first: 1 }).data();
    expect(accounts?.nodes?.[0]?.iban).toMatch(/^DE/);
    expect(accounts?.totalCount).toBe(1000);
  });

  it('a role with neither a permission nor inheritance reads no account', async () => {
    const at = { path: 'accounts', coordinate: 'Query.accounts' };
    await expectOutcome(app.as('manager').query(AccountsDocument), 'FORBIDDEN', at);
  });
});
