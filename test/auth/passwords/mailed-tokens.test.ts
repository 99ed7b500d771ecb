import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { userId } from '../../support/rows.ts';
import { codesOf, type Headers, passwordOf, signIn, tryToSignIn } from '../../support/signed-in.ts';

let app: TestApp;
let admin: Headers;
beforeAll(async () => {
  app = await createTestApp();
  admin = (await signIn(app, 'superadmin')).headers;
});
afterAll(() => app.close());

const NEXT = 'seven otters by the lake';

async function run(query: string, variables: object, headers: Headers = admin): Promise<unknown[]> {
  return codesOf(await app.post({ query, variables }, headers));
}

const update = (id: string, input: object) =>
  run('mutation ($id: ID!, $input: UpdateUserInput!) { updateUser(id: $id, input: $input) { id } }', { id, input });
const byId = (mutation: string) => (id: string) => run(`mutation ($id: ID!) { ${mutation}(id: $id) { id } }`, { id });
const [deactivate, activate, remove] = [byId('deactivateUser'), byId('activateUser'), byId('removeUser')];

async function mailedToken(login: string): Promise<string> {
  app.mails.length = 0;
  await run('mutation ($login: String!) { requestPasswordReset(login: $login) }', { login }, {});
  const found = await vi.waitFor(() => {
    const token = app.mails.map(({ text }) => /rg_reset_[\w-]{43}/.exec(text)?.[0]).find(Boolean);
    expect(token).toBeDefined();
    return token;
  });
  return found ?? '';
}

const redeem = (token: string) =>
  run(
    'mutation ($token: String!, $next: String!) { resetPassword(token: $token, next: $next) }',
    { token, next: NEXT },
    {},
  );

describe('a mailed reset token is void', () => {
  it.each<[string, string, (id: string) => Promise<unknown[]>]>([
    [
      'once an administrator has changed the address',
      'sales',
      (id) => update(id, { email: 'sales@elsewhere.example' }),
    ],
    ['once an administrator has changed the user name', 'manager', (id) => update(id, { username: 'manager2' })],
    ['once the user was deactivated', 'guest', deactivate],
    ['once the user was removed', 'accountmanager', remove],
  ])('a reset token is void %s', async (_, login, change) => {
    const id = await userId(app, login);
    const token = await mailedToken(login);
    expect(await change(id)).toEqual([]);
    expect(await redeem(token)).toEqual(['UNAUTHENTICATED']);
  });

  it('a reset token stays void when the user is activated again', async () => {
    const id = await userId(app, 'warehouse');
    const token = await mailedToken('warehouse');
    expect(await deactivate(id)).toEqual([]);
    expect(await activate(id)).toEqual([]);
    expect(await redeem(token)).toEqual(['UNAUTHENTICATED']);
    expect(codesOf(await tryToSignIn(app, 'warehouse'))).toEqual([]);
  });

  it('a reset token is void once the user has changed the user name', async () => {
    const { headers } = await signIn(app, 'standard');
    const token = await mailedToken('standard');
    expect(await run('mutation { updateMe(input: { username: "standard2" }) { id } }', {}, headers)).toEqual([]);
    expect(await redeem(token)).toEqual(['UNAUTHENTICATED']);
  });

  it('a reset token is void once the password was changed', async () => {
    const { headers } = await signIn(app, 'developer');
    const token = await mailedToken('developer');
    const change = 'mutation ($current: String!, $next: String!) { changePassword(current: $current, next: $next) }';
    expect(await run(change, { current: passwordOf('developer'), next: NEXT }, headers)).toEqual([]);
    expect(await redeem(token)).toEqual(['UNAUTHENTICATED']);
  });

  it('a reset token stays valid after other changes, and changes of other users', async () => {
    const token = await mailedToken('admin');
    expect(await update(await userId(app, 'admin'), { displayName: 'Another name' })).toEqual([]);
    expect(await update(await userId(app, 'accountadmin'), { email: 'other@elsewhere.example' })).toEqual([]);
    expect(await redeem(token)).toEqual([]);
  });
});

const subjects = () => app.mails.map(({ to, subject }) => `${to}: ${subject}`).toSorted();

describe('users are notified by mail', () => {
  it('the previous and the new address are notified of a changed address', async () => {
    const id = await userId(app, 'admin');
    await vi.waitFor(() => expect(app.mails.length).toBeGreaterThan(0));
    app.mails.length = 0;
    expect(await update(id, { displayName: 'One more name' })).toEqual([]);
    expect(await update(id, { email: 'Admin@example.com' })).toEqual([]);
    expect(await update(id, { email: 'boss@elsewhere.example' })).toEqual([]);
    await vi.waitFor(() =>
      expect(subjects()).toEqual([
        'Admin@example.com: Your e-mail address was changed',
        'boss@elsewhere.example: Your e-mail address was changed',
      ]),
    );
  });

  it('users are notified of a changed password and of a reset one', async () => {
    const { headers } = await signIn(app, 'superadmin');
    app.mails.length = 0;
    const change = 'mutation ($current: String!, $next: String!) { changePassword(current: $current, next: $next) }';
    expect(await run(change, { current: 'a wrong password', next: NEXT }, headers)).toEqual(['UNAUTHENTICATED']);
    expect(await run(change, { current: passwordOf('superadmin'), next: NEXT }, headers)).toEqual([]);
    await vi.waitFor(() => expect(subjects()).toEqual(['superadmin@example.com: Your password was changed']));
    const token = await mailedToken('superadmin');
    app.mails.length = 0;
    expect(await redeem(token)).toEqual([]);
    await vi.waitFor(() => expect(subjects()).toEqual(['superadmin@example.com: Your password was changed']));
    expect(app.mails[0]?.text).not.toContain(NEXT);
  });
});
