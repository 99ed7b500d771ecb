import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemScope } from '../../../src/database/scopes.ts';
import { MoveUserDocument, RemoveUserFromAccountDocument, UpdateAccountDocument } from '../../generated/graphql.ts';
import { makeAccount, newAccount as input, unprivileged, userOf } from '../../support/accounts.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
});
afterAll(() => app.close());

function giveRole(username: string, role: string): Promise<unknown> {
  const sql = 'insert into role_assignments (user_id, role) select id, ? from users where username = ?';
  return app.database.run(systemScope, (em) => em.execute(sql, [role, username]));
}

const update = (who: string, id: string, given: object) =>
  app.as(who).query(UpdateAccountDocument, { id, input: given });

const moveTo = (who: string, userId: string, accountId: string) =>
  app.as(who).query(MoveUserDocument, { userId, accountId });

describe('an administrator of one account', () => {
  it('they change their account by its id, and a stale version is refused', async () => {
    const { account } = await userOf(app, 'accountadmin');
    const { updateAccount } = await update('ACCOUNT_ADMIN', account ?? '', { iban: input.iban }).data();
    expect(updateAccount).toMatchObject({ id: account, iban: input.iban, version: 2 });
    expect(await update('ACCOUNT_ADMIN', account ?? '', { iban: null, version: 1 }).codes()).toEqual(['CONFLICT']);
  });

  it.each(['SUSPENDED', 'ACTIVE', null])(
    'they cannot set its status, which is refused at the input field: %s',
    async (status) => {
      const { account } = await userOf(app, 'accountadmin');
      const [error] = await update('ACCOUNT_ADMIN', account ?? '', { name: 'X', status }).errors();
      expect(error?.extensions).toEqual({ code: 'FORBIDDEN', coordinate: 'UpdateAccountInput.status' });
    },
  );

  it('they get the same answer for another account and for one that does not exist', async () => {
    const answers = await Promise.all(
      [await makeAccount(app), '00000000-0000-4000-8000-000000000000', 'no id'].map(async (id) =>
        JSON.stringify(await update('ACCOUNT_ADMIN', id, { name: 'X' }).partial()),
      ),
    );
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toContain('NOT_FOUND');
  });

  it('they change no account when they have none', async () => {
    await giveRole('sales', 'ACCOUNT_ADMIN');
    expect(await update('sales', await makeAccount(app), { name: 'X' }).codes()).toEqual(['NOT_FOUND']);
  });
});

describe('moving a user', () => {
  it.each(unprivileged)('moving a user is refused to %s', async (who) => {
    const { id } = await userOf(app, 'manager');
    const code = who === 'ANONYMOUS' ? 'UNAUTHENTICATED' : 'FORBIDDEN';
    expect(await moveTo(who, id, await makeAccount(app)).codes()).toEqual([code]);
    expect((await userOf(app, 'manager')).account).toBeNull();
  });

  it.each(['ADMIN', 'SUPER_ADMIN'])('%s moves a user from none, from another and to the same account', async (who) => {
    const { id } = await userOf(app, 'warehouse');
    const [first, second] = [await makeAccount(app), await makeAccount(app)];
    const moved = [];
    for (const to of [first, second, second]) {
      moved.push((await moveTo(who, id, to).data()).moveUser?.account?.id);
    }
    expect(moved).toEqual([first, second, second]);
    const trail = await app.database.run(systemScope, (em) =>
      em.execute(
        'select action, target_id as account from audit_events where target_id in (?, ?) and action like ? order by id',
        [first, second, 'account.user%'],
      ),
    );
    expect(trail).toEqual([
      { action: 'account.userAdded', account: first },
      { action: 'account.userRemoved', account: first },
      { action: 'account.userAdded', account: second },
    ]);
    await app.as(who).query(RemoveUserFromAccountDocument, { userId: id, accountId: second }).data();
  });

  it('moving needs a user and an account that exist, and changes nothing otherwise', async () => {
    const { id } = await userOf(app, 'warehouse');
    const missing = '00000000-0000-4000-8000-000000000000';
    expect(await moveTo('ADMIN', id, missing).codes()).toEqual(['NOT_FOUND']);
    expect(await moveTo('ADMIN', missing, await makeAccount(app)).codes()).toEqual(['NOT_FOUND']);
    expect((await userOf(app, 'warehouse')).account).toBeNull();
  });

  it('an ADMIN may not move a SUPER_ADMIN', async () => {
    const { id } = await userOf(app, 'superadmin');
    expect(await moveTo('ADMIN', id, await makeAccount(app)).codes()).toEqual(['FORBIDDEN']);
  });
});
