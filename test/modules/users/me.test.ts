import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { demoLogins } from '../../../src/database/seed/demo-data.ts';
import {
  ColleaguesThroughProfileDocument,
  OwnAccountThroughProfileDocument,
  OwnProfileDocument,
} from '../../generated/graphql.ts';
import { createTestApp, type TestApp, type Who } from '../../support/app.ts';
import { expectOutcome, openTo } from '../../support/outcomes.ts';
import { accountIdOf, change } from '../../support/rows.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
});
afterAll(() => app.close());

describe('me: the viewer’s profile, for signed-in viewers', () => {
  it.each(demoLogins)('me returns the profile of $role', async ({ role, username }) => {
    const { me } = await app.as(role).query(OwnProfileDocument).data();
    expect(me).toMatchObject({ username, email: `${username}@example.com`, active: true, roles: [role], version: 1 });
  });

  it('me is denied to anonymous viewers', async () => {
    const at = { path: 'me', coordinate: 'Query.me' };
    await expectOutcome(app.as('ANONYMOUS').query(OwnProfileDocument), 'UNAUTHENTICATED', at);
  });
});

describe('me { account }: the name of the viewer’s account', () => {
  beforeAll(async () => {
    const account = await accountIdOf(app, 'standard');
    await change(app, `update users set account_id = ? where email like '%@example.com'`, account);
  });

  it.each(demoLogins.map(({ role }) => role))('me.account returns the account of %s', async (who) => {
    const { me } = await app.as(who).query(OwnAccountThroughProfileDocument).data();
    expect(me?.account).toEqual({ id: expect.any(String), name: 'Alder Analytics', status: 'ACTIVE' });
  });
});

describe('me { account { users } }: no way around the requirement of User', () => {
  const managers: readonly Who[] = ['ACCOUNT_MANAGER', 'ACCOUNT_ADMIN', 'ADMIN', 'SUPER_ADMIN'];
  const table = openTo(...managers).filter(([who]) => who !== 'ANONYMOUS');

  it.each(table)('me.account.users answers %s with %s', async (who, outcome) => {
    const at = { path: 'me.account.users', coordinate: 'Account.users' };
    const data = await expectOutcome(app.as(who).query(ColleaguesThroughProfileDocument), outcome, at);
    const names = data?.me?.account?.users?.edges?.map(({ node }) => node?.username);
    expect(names?.includes('accountmanager')).toBe(outcome === 'data' ? true : undefined);
  });
});
