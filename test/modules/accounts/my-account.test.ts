import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ColleaguesThroughMyAccountDocument,
  EveryFieldOfMyAccountDocument,
  MyAccountDocument,
} from '../../generated/graphql.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { everyViewer, expectOutcome, openTo } from '../../support/outcomes.ts';
import { accountIdOf, change, look } from '../../support/rows.ts';

let app: TestApp;
let account: string;
beforeAll(async () => {
  app = await createTestApp();
  account = await accountIdOf(app, 'standard');
  await change(app, `update users set account_id = ? where email like '%@example.com'`, account);
  await change(app, `update accounts set description = 'Ours', phone = '+4930123456' where id = ?`, account);
});
afterAll(() => app.close());

const members = everyViewer.filter((who) => who !== 'ANONYMOUS');
const detailed = ['DEVELOPER', 'ACCOUNT_ADMIN', 'ADMIN', 'SUPER_ADMIN'];
const managers = ['ACCOUNT_MANAGER', 'ACCOUNT_ADMIN', 'ADMIN', 'SUPER_ADMIN'];
const isMember = ([who]: readonly [string, unknown]): boolean => members.includes(who);

it('myAccount is the only account that a GUEST reads, in any way', async () => {
  const guest = app.as('GUEST');
  const { me } = await guest.query('{ me { account { id name status } } }').data();
  expect(me).toEqual({ account: { id: account, name: 'Alder Analytics', status: 'ACTIVE' } });
  const [other] = await look<{ id: string }>(app, 'select id from accounts where id <> ? limit 1', account);
  const ways: readonly [string, string][] = [
    ['{ accounts { totalCount nodes { name } } }', 'accounts'],
    ['{ accounts(filter: { search: "a" }) { totalCount } }', 'accounts'],
    [`{ account(id: "${other?.id}") { name } }`, 'account'],
    [`{ account(id: "${account}") { name } }`, 'account'],
    ['{ users { nodes { account { name } } } }', 'users'],
    ['{ myAccount { users { totalCount } } }', 'myAccount.users'],
    ['mutation { updateMyAccount(input: { name: "X" }) { id } }', 'updateMyAccount'],
    [`mutation { updateAccount(id: "${account}", input: { name: "X" }) { id } }`, 'updateAccount'],
    ['mutation { createAccount(input: { name: "X", billingEmail: "a@example.org" }) { id } }', 'createAccount'],
    [`mutation { deleteAccount(id: "${account}") { id } }`, 'deleteAccount'],
  ];
  for (const [operation, path] of ways) {
    await expectOutcome(guest.query(operation), 'FORBIDDEN', { path, coordinate: coordinateOf(operation, path) });
  }
});

/** Returns the coordinate of the field at the path: of a root field, or of an account. */
function coordinateOf(operation: string, path: string): string {
  const [root = '', field] = path.split('.');
  return field === undefined ? `${operation.startsWith('{') ? 'Query' : 'Mutation'}.${root}` : `Account.${field}`;
}

describe('myAccount', () => {
  it.each(openTo(...members))('myAccount answers %s with %s', async (who, outcome) => {
    const at = { path: 'myAccount', coordinate: 'Query.myAccount' };
    const data = await expectOutcome(app.as(who).query(MyAccountDocument), outcome, at);
    expect(data?.myAccount?.id).toBe(outcome === 'data' ? account : undefined);
  });

  it.each(detailed)('%s reads every detail of their account', async (who) => {
    const data = await app.as(who).query(EveryFieldOfMyAccountDocument).data();
    expect(Object.values(data.myAccount ?? {})).not.toContain(null);
  });

  it.each(members.filter((who) => !detailed.includes(who)))(
    '%s reads the name of their account, and is denied its details',
    async (who) => {
      const { data, errors } = await app.as(who).query(EveryFieldOfMyAccountDocument).partial();
      expect(data?.myAccount).toMatchObject({ id: account, name: 'Alder Analytics', status: 'ACTIVE' });
      const details = ['billingEmail', 'iban', 'description', 'phone', 'createdAt', 'updatedAt', 'version'];
      expect(errors.map(({ path, extensions }) => [path?.join('.'), extensions])).toEqual(
        details.map((field) => [`myAccount.${field}`, { code: 'FORBIDDEN', coordinate: `Account.${field}` }]),
      );
    },
  );

  it.each(openTo(...managers).filter(isMember))(
    'myAccount.users answers %s with %s, all of them of this account',
    async (who, outcome) => {
      const at = { path: 'myAccount.users', coordinate: 'Account.users' };
      const data = await expectOutcome(app.as(who).query(ColleaguesThroughMyAccountDocument), outcome, at);
      expect(data?.myAccount?.id).toBe(account);
      expect(data?.myAccount?.users?.totalCount).toBe(outcome === 'data' ? 11 : undefined);
      expect(data?.myAccount?.users?.nodes?.length).toBe(outcome === 'data' ? 11 : undefined);
    },
  );
});

it('myAccount is null without an error for a viewer without an account', async () => {
  await change(app, 'update users set account_id = null');
  for (const who of members) {
    expect(await app.as(who).query(MyAccountDocument).data()).toEqual({ myAccount: null });
  }
});
