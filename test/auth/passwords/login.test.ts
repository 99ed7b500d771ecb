import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestApp, type HttpAnswer, type TestApp } from '../../support/app.ts';
import { change, changeAccess, userId } from '../../support/rows.ts';
import { basic, codesOf, type Headers, passwordOf, signIn, tryToSignIn, whoAmI } from '../../support/signed-in.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ environment: { LOGIN_FAILURES_PER_ADDRESS: '100000' } });
  await changeAccess(app, 'update users set active = false where id = ?', await userId(app, 'guest'));
  await change(app, 'delete from credentials where user_id = ?', await userId(app, 'sales'));
});
afterAll(() => app.close());

describe('a user who signs in', () => {
  it.each([
    'developer',
    'DEVELOPER',
    ' developer ',
    'developer@example.com',
    'Developer@Example.COM',
    'ｄｅｖｅｌｏｐｅｒ',
  ])('a user is found by name or address, in any spelling that looks alike: %s', async (login) => {
    const { headers } = await signIn(app, login, { password: passwordOf('developer') });
    expect(await whoAmI(app, headers)).toBe('developer');
  });

  it('the answer of a login has the fields of the schema, and no others', async () => {
    const { answer } = await signIn(app, 'developer');
    expect(answer.body.data).toEqual({
      login: {
        accessToken: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
        refreshToken: expect.stringMatching(/^rg_refresh_[\w-]+$/),
        expiresAt: new Date(app.clock.now().getTime() + 15 * 60_000).toISOString(),
      },
    });
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect(answer.headers['cache-control']).toBe('no-store');
  });
});

/** The logins that fail, with their passwords: an observer finds no difference between them. */
const refused: readonly [string, string, string][] = [
  ['an unknown user', 'nobody', 'a wrong password'],
  ['an unknown address', 'nobody@example.com', 'a wrong password'],
  ['a wrong password', 'admin', 'a wrong password'],
  ['a disabled user with the right password', 'guest', passwordOf('guest')],
  ['a disabled user with a wrong password', 'guest', 'a wrong password'],
  ['a user without a password', 'sales', passwordOf('sales')],
  ['no password', 'admin', ''],
  ['no login', '', 'a wrong password'],
  ['a login that is none', '@', 'a wrong password'],
  ['a very long login', 'x'.repeat(100_000), 'a wrong password'],
  ['an address that is almost known', 'admin@example.com.', passwordOf('admin')],
  ['an injection', `admin' or 1=1 --`, passwordOf('admin')],
  ['a pattern', '%', passwordOf('admin')],
];

/** Returns all of an answer but what differs in every two of them. */
function seen({ status, headers, text }: HttpAnswer): string {
  const { date: _date, 'x-request-id': _id, ...rest } = headers;
  return JSON.stringify([status, rest, text]);
}

describe('a failed login is answered in the same bytes, at the price of one hash', () => {
  it.each(refused)('a failed login gets the same answer for the price of one hash: %s', async (_, login, password) => {
    const reference = await tryToSignIn(app, `unknown-${crypto.randomUUID().slice(0, 8)}`, { password: 'x' });
    const { computed } = app.hasher;
    const answer = await tryToSignIn(app, login, { password });
    expect(app.hasher.computed - computed).toBe(1);
    expect(codesOf(answer)).toEqual(['UNAUTHENTICATED']);
    expect(seen(answer)).toBe(seen(reference));
  });

  it.each(refused.filter(([, login]) => login.length < 1_000))(
    'failed Basic gets the same answer for the price of one hash: %s',
    async (_, login, password) => {
      const ask = (headers: Headers) => app.post({ query: '{ __typename }' }, headers);
      const reference = await ask(basic(`unknown-${crypto.randomUUID().slice(0, 8)}`, 'x'));
      const { computed } = app.hasher;
      const answer = await ask(basic(login, password));
      expect(app.hasher.computed - computed).toBe(1);
      expect(answer.status).toBe(401);
      expect(seen(answer)).toBe(seen(reference));
    },
  );

  it.each([
    ['129 characters', 'p'.repeat(129)],
    ['129 that take two units each', '🦊'.repeat(129)],
    ['100,000', 'p'.repeat(100_000)],
  ])('an overlong password, of %s, is not hashed, for any login', async (_, password) => {
    const { computed } = app.hasher;
    const answers = await Promise.all(
      ['admin', 'guest', 'nobody'].map((login) => tryToSignIn(app, login, { password })),
    );
    expect(app.hasher.computed).toBe(computed);
    expect(new Set(answers.map(seen)).size).toBe(1);
    expect(answers.map(codesOf)).toEqual(answers.map(() => ['UNAUTHENTICATED']));
  });

  it('a password of 128 characters is hashed', async () => {
    const { computed } = app.hasher;
    await tryToSignIn(app, 'admin', { password: '🦊'.repeat(128) });
    expect(app.hasher.computed).toBe(computed + 1);
  });
});

describe('a log', () => {
  it('the log names who signed in by id, and holds no name, password or token', async () => {
    const { accessToken, refreshToken } = await signIn(app, 'developer');
    const text = JSON.stringify(app.logged);
    expect(text).toContain(await userId(app, 'developer'));
    const secrets = [accessToken, String(refreshToken), passwordOf('developer'), 'developer@example.com'];
    expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
  });
});
