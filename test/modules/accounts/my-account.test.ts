import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ColleaguesThroughMyAccountDocument,
  EveryFieldOfMyAccountDocument,
  MyAccountDocument,
} from '../../generated/graphql.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { everybody, expectOutcome, openTo } from '../../support/outcomes.ts';
import { accountIdOf, change } from '../../support/rows.ts';

let app: TestApp;
let account: string;
beforeAll(async () => {
  app = await createTestApp();
  account = await accountIdOf(app, 'standard');
  await change(app, `update users set account_id = ? where email like '%@example.com'`, account);
});
afterAll(() => app.close());

const members = everybody.filter((who) => who !== 'ANONYMOUS' && who !== 'GUEST');
const detailed = ['DEVELOPER', 'ACCOUNT_ADMIN', 'ADMIN', 'SUPER_ADMIN'];
const managers = ['ACCOUNT_MANAGER', 'ACCOUNT_ADMIN', 'ADMIN', 'SUPER_ADMIN'];
const isMember = ([who]: readonly [string, unknown]): boolean => members.includes(who);

describe('myAccount', () => {
  it.each(openTo(...members))('%s: %s', async (who, outcome) => {
    const at = { path: 'myAccount', coordinate: 'Query.myAccount' };
    const data = await expectOutcome(app.as(who).query(MyAccountDocument), outcome, at);
    expect(data?.myAccount?.id).toBe(outcome === 'data' ? account : undefined);
  });

  it.each(detailed)('%s sees every detail', async (who) => {
    const data = await app.as(who).query(EveryFieldOfMyAccountDocument).data();
    expect(Object.values(data.myAccount ?? {})).not.toContain(null);
  });

  it.each(members.filter((who) => !detailed.includes(who)))('%s sees what it is called, no detail', async (who) => {
    const { data, errors } = await app.as(who).query(EveryFieldOfMyAccountDocument).partial();
    expect(data?.myAccount).toMatchObject({ id: account, name: 'Alder Analytics', status: 'ACTIVE' });
    const details = ['billingEmail', 'iban', 'createdAt', 'updatedAt', 'version'];
    expect(errors.map(({ path, extensions }) => [path?.join('.'), extensions])).toEqual(
      details.map((field) => [`myAccount.${field}`, { code: 'FORBIDDEN', coordinate: `Account.${field}` }]),
    );
  });

  it.each(openTo(...managers).filter(isMember))('%s: %s of its users, all of this account', async (who, outcome) => {
    const at = { path: 'myAccount.users', coordinate: 'Account.users' };
    const data = await expectOutcome(app.as(who).query(ColleaguesThroughMyAccountDocument), outcome, at);
    expect(data?.myAccount?.id).toBe(account);
    expect(data?.myAccount?.users?.totalCount).toBe(outcome === 'data' ? 11 : undefined);
    expect(data?.myAccount?.users?.nodes?.length).toBe(outcome === 'data' ? 11 : undefined);
  });
});

it('is null, and no error, for a viewer of no account', async () => {
  const alone = ['guest', 'anonymous'];
  await change(app, `update users set account_id = null where username <> all(?::text[])`, `{${alone.join(',')}}`);
  for (const who of members) {
    expect(await app.as(who).query(MyAccountDocument).data()).toEqual({ myAccount: null });
  }
});
