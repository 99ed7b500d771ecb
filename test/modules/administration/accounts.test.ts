import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  AccountDocument,
  AccountsDocument,
  AddUserToAccountDocument,
  CreateAccountDocument,
  DeleteAccountDocument,
  MyAccountDetailsDocument,
  RemoveUserFromAccountDocument,
  UpdateAccountDocument,
  UpdateMyAccountDocument,
} from '../../generated/graphql.ts';
import { makeAccount, newAccount as input, unprivileged, userOf } from '../../support/accounts.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
});
afterAll(() => app.close());

describe('the roles that write accounts', () => {
  it.each(unprivileged)('%s may not write accounts', async (who) => {
    const code = who === 'ANONYMOUS' ? 'UNAUTHENTICATED' : 'FORBIDDEN';
    const id = await makeAccount(app);
    expect(await app.as(who).query(CreateAccountDocument, { input }).codes()).toEqual([code]);
    expect(
      await app
        .as(who)
        .query(UpdateAccountDocument, { id, input: { name: 'X' } })
        .codes(),
    ).toEqual([who === 'ACCOUNT_ADMIN' ? 'NOT_FOUND' : code]);
    expect(await app.as(who).query(DeleteAccountDocument, { id }).codes()).toEqual([code]);
  });

  it.each(['DEVELOPER', 'ADMIN', 'SUPER_ADMIN'])('%s creates, changes and deletes accounts', async (who) => {
    const { createAccount } = await app.as(who).query(CreateAccountDocument, { input }).data();
    expect(createAccount).toMatchObject({ ...input, status: 'ACTIVE', version: 1 });
    const id = createAccount?.id ?? '';
    const changed = await app
      .as(who)
      .query(UpdateAccountDocument, { id, input: { status: 'SUSPENDED', iban: null } })
      .data();
    expect(changed.updateAccount).toMatchObject({ name: input.name, status: 'SUSPENDED', iban: null, version: 2 });
    const { deleteAccount } = await app.as(who).query(DeleteAccountDocument, { id }).data();
    expect(deleteAccount).toEqual({ id, name: input.name });
    expect(await app.as(who).query(AccountDocument, { id }).codes()).toEqual(['NOT_FOUND']);
  });
});

describe('the fields of an account', () => {
  it.each([
    ['an empty name', { ...input, name: ' ' }],
    ['a name with a line break', { ...input, name: 'a\nb' }],
    ['a name of 201 characters', { ...input, name: 'a'.repeat(201) }],
  ])('an account is refused with %s', async (_case, bad) => {
    expect(await app.as('DEVELOPER').query(CreateAccountDocument, { input: bad }).codes()).toEqual(['BAD_USER_INPUT']);
  });

  it.each([
    { ...input, iban: 'DE00123' },
    { ...input, billingEmail: 'nobody' },
  ])('a value that its scalar refuses gets 400 before the mutation runs', async (bad) => {
    const { status, body, text } = await app.as('DEVELOPER').request(CreateAccountDocument, { input: bad });
    expect([status, body.errors?.[0]?.extensions?.['code']]).toEqual([400, 'BAD_USER_INPUT']);
    expect(text).not.toContain('DE00123');
  });

  it('a stale version is refused', async () => {
    const id = await makeAccount(app);
    const developer = app.as('DEVELOPER');
    await developer.query(UpdateAccountDocument, { id, input: { name: 'First', version: 1 } }).data();
    const late = developer.query(UpdateAccountDocument, { id, input: { name: 'Late', version: 1 } });
    expect(await late.codes()).toEqual(['CONFLICT']);
    const { account } = await developer.query(AccountDocument, { id }).data();
    expect(account?.name).toBe('First');
  });

  it('a changed account is found in the list at once', async () => {
    const id = await makeAccount(app);
    await app
      .as('DEVELOPER')
      .query(UpdateAccountDocument, { id, input: { name: 'Quite Unlikely 100%' } })
      .data();
    const { accounts } = await app
      .as('DEVELOPER')
      .query(AccountsDocument, { filter: { search: 'LIKELY 100%' } })
      .data();
    expect(accounts?.nodes?.map((node) => node?.id)).toEqual([id]);
  });
});

describe('members', () => {
  it('members are moved by administrators, one account at a time, and their account cannot be deleted', async () => {
    const admin = app.as('ADMIN');
    const accountId = await makeAccount(app);
    const { id: userId } = await userOf(app, 'guest');
    expect(await app.as('DEVELOPER').query(AddUserToAccountDocument, { userId, accountId }).codes()).toEqual([
      'FORBIDDEN',
    ]);
    const { addUserToAccount } = await admin.query(AddUserToAccountDocument, { userId, accountId }).data();
    expect(addUserToAccount?.account?.id).toBe(accountId);
    const other = await makeAccount(app);
    expect(await admin.query(AddUserToAccountDocument, { userId, accountId: other }).codes()).toEqual(['CONFLICT']);
    const [error] = await app.as('DEVELOPER').query(DeleteAccountDocument, { id: accountId }).errors();
    expect(error).toMatchObject({
      message: expect.stringContaining('1 user belongs'),
      extensions: { code: 'CONFLICT' },
    });
    expect(await admin.query(RemoveUserFromAccountDocument, { userId, accountId: other }).codes()).toEqual([
      'NOT_FOUND',
    ]);
    const { removeUserFromAccount } = await admin.query(RemoveUserFromAccountDocument, { userId, accountId }).data();
    expect(removeUserFromAccount?.account).toBeNull();
    await app.as('DEVELOPER').query(DeleteAccountDocument, { id: accountId }).data();
  });

  it('a moved member reads the other account at their next request', async () => {
    const { id: userId, account } = await userOf(app, 'accountmanager');
    const accountId = await makeAccount(app);
    await app
      .as('ADMIN')
      .query(RemoveUserFromAccountDocument, { userId, accountId: account ?? '' })
      .data();
    await app.as('ADMIN').query(AddUserToAccountDocument, { userId, accountId }).data();
    const { data } = await app.as('ACCOUNT_MANAGER').query(MyAccountDetailsDocument).partial();
    expect(data?.myAccount).toMatchObject({
      id: accountId,
      users: { nodes: [{ username: 'accountmanager' }], totalCount: 1 },
    });
    await app.as('ADMIN').query(RemoveUserFromAccountDocument, { userId, accountId }).data();
    await app
      .as('ADMIN')
      .query(AddUserToAccountDocument, { userId, accountId: account ?? '' })
      .data();
  });
});

describe('updateMyAccount', () => {
  it('updateMyAccount changes the viewer’s own account: all but its status', async () => {
    const { updateMyAccount } = await app
      .as('ACCOUNT_ADMIN')
      .query(UpdateMyAccountDocument, { input: { name: 'Alder Renamed', version: 1 } })
      .data();
    expect(updateMyAccount).toMatchObject({ name: 'Alder Renamed', version: 2 });
    const withStatus = await app
      .as('ACCOUNT_ADMIN')
      .request('mutation { updateMyAccount(input: { status: CLOSED }) { id } }');
    expect(withStatus.status).toBe(400);
    expect(await app.as('ACCOUNT_MANAGER').query(UpdateMyAccountDocument, { input: {} }).codes()).toEqual([
      'FORBIDDEN',
    ]);
    expect(await app.as('ADMIN').query(UpdateMyAccountDocument, { input: {} }).codes()).toEqual(['NOT_FOUND']);
  });
});
