import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UserEdgesDocument, UsersBetweenDocument, UsersDocument } from '../../generated/graphql.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { expectOutcome, openTo } from '../../support/outcomes.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
});
afterAll(() => app.close());

const at = { path: 'users', coordinate: 'Query.users' };
const table = openTo('ADMIN', 'SUPER_ADMIN');

describe('users lists every user, for administrators', () => {
  it.each(table)('users answers %s with %s', async (who, outcome) => {
    const data = await expectOutcome(app.as(who).query(UsersDocument), outcome, at);
    expect(data?.users?.totalCount).toBe(outcome === 'data' ? 210 : undefined);
  });

  it.each(table)('users answers %s with %s, by edges as well', async (who, outcome) => {
    const data = await expectOutcome(app.as(who).query(UserEdgesDocument), outcome, at);
    expect(data?.users?.edges?.length).toBe(outcome === 'data' ? 20 : undefined);
  });

  it.each(table)('users answers %s with %s, and sibling fields resolve', async (who, outcome) => {
    const data = await expectOutcome(app.as(who).query(UsersBetweenDocument), outcome, at);
    expect(data).toMatchObject({ before: 'Query', after: 'Query' });
  });

  it.each(table)('users answers %s with %s, and over HTTP a denial has status 200', async (who, outcome) => {
    const { status, body } = await app.as(who).request(UsersBetweenDocument);
    const codes = body.errors?.map(({ extensions }) => extensions?.['code']) ?? ['data'];
    expect([status, codes]).toEqual([200, [outcome]]);
    expect(body.data).toHaveProperty('after', 'Query');
  });

  it('no statement is run for a denied viewer', async () => {
    app.statements.length = 0;
    await expectOutcome(app.as('ANONYMOUS').query(UsersDocument), 'UNAUTHENTICATED', at);
    expect(app.statements).toEqual([]);
  });
});
