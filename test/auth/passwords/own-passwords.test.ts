import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createPasswordHasher } from '../../../src/auth/passwords/hashing.ts';
import {
  ChangePasswordDocument,
  RequestPasswordResetDocument,
  ResetPasswordDocument,
} from '../../generated/graphql.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { changeAccess, look, userId } from '../../support/rows.ts';
import { ask, codesOf, passwordOf, send, signIn, tryToSignIn, whoAmI } from '../../support/signed-in.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
});
afterAll(() => app.close());

const reset = (token: string, next: string) => send(app, {}, ResetPasswordDocument, { token, next });

const NEXT = 'seven otters by the lake';
const HOUR = 3_600;

async function mailedToken(login: string): Promise<string> {
  app.mails.length = 0;
  expect(await ask(app, {}, RequestPasswordResetDocument, { login })).toEqual({ requestPasswordReset: true });
  await vi.waitFor(() => expect(app.mails).toHaveLength(1));
  return /rg_reset_[\w-]{43}/.exec(app.mails[0]?.text ?? '')?.[0] ?? '';
}

describe('changePassword', () => {
  it('a changed password takes effect at once, keeps the session of the request and ends the others', async () => {
    const here = await signIn(app, 'developer');
    const there = await signIn(app, 'developer', { cookie: true });
    const answer = await ask(app, here.headers, ChangePasswordDocument, {
      current: passwordOf('developer'),
      next: NEXT,
    });
    expect(answer).toEqual({ changePassword: true });
    expect(await whoAmI(app, here.headers)).toBe('developer');
    expect(await whoAmI(app, there.headers)).toBe('401 UNAUTHENTICATED');
    expect(codesOf(await tryToSignIn(app, 'developer'))).toEqual(['UNAUTHENTICATED']);
    expect(await whoAmI(app, (await signIn(app, 'developer', { password: NEXT })).headers)).toBe('developer');
  });

  it.each<[string, string, string, string]>([
    ['the current one is wrong', 'a wrong password', NEXT, 'UNAUTHENTICATED'],
    ['the current one is overlong', 'p'.repeat(10_000), NEXT, 'UNAUTHENTICATED'],
    ['the current one is empty', '', NEXT, 'UNAUTHENTICATED'],
    ['the next is short', passwordOf('admin'), 'fourteen chars', 'BAD_USER_INPUT'],
    ['the next is overlong', passwordOf('admin'), 'lake otters seven '.repeat(8), 'BAD_USER_INPUT'],
    ['the next is common', passwordOf('admin'), 'passwordpassword', 'BAD_USER_INPUT'],
    ['the next is made of the own name', passwordOf('admin'), 'admin-admin-admin-1', 'BAD_USER_INPUT'],
    ['the next is made of the own address', passwordOf('admin'), 'admin@example.com', 'BAD_USER_INPUT'],
  ])('the password stays as it is where %s', async (_, current, next, code) => {
    const here = await signIn(app, 'admin');
    const there = await signIn(app, 'admin');
    const answer = await send(app, here.headers, ChangePasswordDocument, { current, next });
    expect([answer.status, codesOf(answer)]).toEqual([200, [code]]);
    expect(answer.text).not.toContain(next);
    expect(await whoAmI(app, there.headers)).toBe('admin');
    expect(await whoAmI(app, (await signIn(app, 'admin')).headers)).toBe('admin');
  });

  it('of two changes at once one succeeds, and the other fails since the current password is wrong', async () => {
    const { headers } = await signIn(app, 'manager');
    const current = passwordOf('manager');
    const answers = await Promise.all(
      ['otters', 'badgers'].map((who) =>
        send(app, headers, ChangePasswordDocument, { current, next: `seven ${who} by the lake` }),
      ),
    );
    expect(answers.flatMap(codesOf)).toEqual(['UNAUTHENTICATED']);
    const logins = await Promise.all(
      ['otters', 'badgers'].map((who) => tryToSignIn(app, 'manager', { password: `seven ${who} by the lake` })),
    );
    expect(logins.map(codesOf)).toEqual(answers.map(codesOf));
  });

  it('changes are throttled like logins, also with a session', async () => {
    const { headers } = await signIn(app, 'warehouse');
    const guess = () => send(app, headers, ChangePasswordDocument, { current: 'a wrong password', next: NEXT });
    for (let attempt = 0; attempt < 10; attempt++) {
      expect(codesOf(await guess())).toEqual(['UNAUTHENTICATED']);
    }
    const answer = await guess();
    expect([answer.status, codesOf(answer)]).toEqual([429, ['RATE_LIMITED']]);
    app.clock.advance(901);
    const { headers: later } = await signIn(app, 'warehouse');
    await ask(app, later, ChangePasswordDocument, { current: passwordOf('warehouse'), next: NEXT });
  });

  it('a changed password ends what Basic has cached', async () => {
    const headers = { authorization: `Basic ${btoa(`accountadmin:${passwordOf('accountadmin')}`)}` };
    expect(await whoAmI(app, headers)).toBe('accountadmin');
    const session = await signIn(app, 'accountadmin');
    await ask(app, session.headers, ChangePasswordDocument, { current: passwordOf('accountadmin'), next: NEXT });
    expect(await whoAmI(app, headers)).toBe('401 UNAUTHENTICATED');
  });

  it('a password in any alphabet, with spaces, is accepted, and all of it counts', async () => {
    const { headers } = await signIn(app, 'sales');
    const next = ' Ёжик в тумане 🦔 und Ⅳ Füchse ';
    await ask(app, headers, ChangePasswordDocument, { current: passwordOf('sales'), next });
    const logins = [next, next.normalize('NFD'), next.trim(), next.toLowerCase(), next.slice(0, -1)];
    const codes = await Promise.all(
      logins.map(async (password) => codesOf(await tryToSignIn(app, 'sales', { password }))),
    );
    expect(codes).toEqual([[], [], ['UNAUTHENTICATED'], ['UNAUTHENTICATED'], ['UNAUTHENTICATED']]);
  });
});

describe('a hash whose parameters have risen since', () => {
  it('the next login replaces a hash of lower parameters, without ending a session', async () => {
    const parameters = { memoryCost: 128, timeCost: 2, parallelism: 1 };
    const stronger = await createTestApp({ hasher: createPasswordHasher({ parameters }) });
    const stored = async () =>
      (
        await look<{ hash: string }>(
          stronger,
          `select password_hash as hash from credentials join users on id = user_id where username = 'admin'`,
        )
      )[0]?.hash;
    const old = await stored();
    expect(codesOf(await tryToSignIn(stronger, 'admin', { password: 'a wrong password' }))).toEqual([
      'UNAUTHENTICATED',
    ]);
    expect(await stored()).toBe(old);
    const session = await signIn(stronger, 'admin');
    expect(await stored()).toMatch(/^\$argon2id\$v=19\$m=128,t=2,p=1\$/);
    const renewed = await stored();
    await signIn(stronger, 'admin');
    expect(await stored()).toBe(renewed);
    expect(await whoAmI(stronger, session.headers)).toBe('admin');
    await stronger.close();
  });
});

describe('a new password by mail', () => {
  it('a new password is set once with a mailed token, and all sessions end', async () => {
    const session = await signIn(app, 'superadmin');
    const token = await mailedToken('SuperAdmin@Example.com');
    expect(app.mails[0]?.to).toBe('superadmin@example.com');
    expect((await reset(token, NEXT)).body.data).toEqual({ resetPassword: true });
    expect(await whoAmI(app, session.headers)).toBe('401 UNAUTHENTICATED');
    expect(await whoAmI(app, (await signIn(app, 'superadmin', { password: NEXT })).headers)).toBe('superadmin');
    expect(codesOf(await reset(token, 'eight otters by the lake'))).toEqual(['UNAUTHENTICATED']);
  });

  it('a used token makes every other mailed token void', async () => {
    const first = await mailedToken('accountmanager');
    const second = await mailedToken('accountmanager@example.com');
    expect(codesOf(await reset(second, NEXT))).toEqual([]);
    expect(codesOf(await reset(first, 'eight otters by the lake'))).toEqual(['UNAUTHENTICATED']);
  });

  it('a weak password leaves the token valid', async () => {
    app.clock.advance(HOUR + 1);
    const token = await mailedToken('standard');
    expect(codesOf(await reset(token, 'short'))).toEqual(['BAD_USER_INPUT']);
    expect(codesOf(await reset(token, 'standard-standard-1'))).toEqual(['BAD_USER_INPUT']);
    expect(codesOf(await reset(token, NEXT))).toEqual([]);
  });

  it('of two requests at once with one token one succeeds', async () => {
    const token = await mailedToken('standard');
    const answers = await Promise.all([1, 2, 3].map((n) => reset(token, `${n} otters swim by the lake`)));
    expect(answers.flatMap(codesOf)).toEqual(['UNAUTHENTICATED', 'UNAUTHENTICATED']);
  });

  it('a mailed token expires within the hour', async () => {
    app.clock.advance(HOUR + 1);
    const token = await mailedToken('standard');
    app.clock.advance(HOUR);
    expect(codesOf(await reset(token, NEXT))).toEqual(['UNAUTHENTICATED']);
  });

  it.each(['', 'x', 'rg_reset_', `rg_reset_${'A'.repeat(43)}`, `rg_key_${'A'.repeat(43)}`, 'A'.repeat(100_000)])(
    'a token that was never sent sets no password: %#',
    async (token) => {
      const { computed } = app.hasher;
      expect(codesOf(await reset(token, NEXT))).toEqual(['UNAUTHENTICATED']);
      expect(app.hasher.computed).toBe(computed);
    },
  );

  it('a mailed token is stored as a hash', async () => {
    const token = await mailedToken('standard');
    expect(JSON.stringify(await look(app, 'select * from password_resets'))).not.toContain(token.slice(9));
    expect(JSON.stringify(app.logged)).not.toContain(token.slice(9));
  });

  it('a request for a mail gets one answer for an active, a disabled and an unknown user, and only the first gets a mail', async () => {
    app.clock.advance(HOUR + 1);
    app.mails.length = 0;
    const id = await userId(app, 'guest');
    await changeAccess(app, 'update users set active = false where id = ?', id);
    const logins = ['developer', 'guest', 'nobody', 'nobody@example.com', '', '@', 'x'.repeat(5_000)];
    const answers = await Promise.all(logins.map((login) => send(app, {}, RequestPasswordResetDocument, { login })));
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`))).toEqual(
      new Set(['200 {"data":{"requestPasswordReset":true}}\n']),
    );
    await vi.waitFor(() => expect(app.mails).toHaveLength(1));
    expect(app.mails[0]?.to).toBe('developer@example.com');
    await changeAccess(app, 'update users set active = true where id = ?', id);
  });

  it('requests for mails are throttled alike for known and unknown users', async () => {
    app.clock.advance(HOUR + 1);
    for (const login of ['developer', 'nobody-at-all']) {
      const statuses: number[] = [];
      for (let attempt = 0; attempt < 5; attempt++) {
        const spelling = attempt % 2 === 0 ? login : ` ${login.toUpperCase()} `;
        statuses.push((await send(app, {}, RequestPasswordResetDocument, { login: spelling })).status);
      }
      expect(statuses).toEqual([200, 200, 200, 429, 429]);
    }
  });

  it('a new password does not sign in a user who was disabled meanwhile', async () => {
    app.clock.advance(HOUR + 1);
    const token = await mailedToken('guest');
    const id = await userId(app, 'guest');
    await changeAccess(app, 'update users set active = false where id = ?', id);
    expect(codesOf(await reset(token, NEXT))).toEqual(['UNAUTHENTICATED']);
    await changeAccess(app, 'update users set active = true where id = ?', id);
  });

  it('users of an external issuer get no password by mail', async () => {
    app.clock.advance(HOUR + 1);
    app.mails.length = 0;
    await changeAccess(app, `update users set email = 'guest@users.invalid' where username = 'guest'`);
    await ask(app, {}, RequestPasswordResetDocument, { login: 'guest' });
    const token = await mailedToken('developer');
    expect(token).not.toBe('');
    expect(app.mails.map(({ to }) => to)).toEqual(['developer@example.com']);
  });
});

describe('what is logged', () => {
  it('the log holds no password, old or new', () => {
    const text = JSON.stringify(app.logged);
    expect(text).not.toContain('rolegate-demo-');
    expect(text).not.toContain('otters');
  });
});
