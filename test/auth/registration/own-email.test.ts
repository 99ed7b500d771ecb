import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChangeMyEmailDocument, ConfirmEmailDocument } from '../../generated/graphql.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { badTokensLike, mailsDuring, mailTo, tokenMailedDuring } from '../../support/mails.ts';
import { everyViewer } from '../../support/outcomes.ts';
import { change, look, userId } from '../../support/rows.ts';
import { basic, codesOf, type Headers, send, signIn, tryToSignIn } from '../../support/signed-in.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
});
afterAll(() => app.close());

const ask = (headers: Headers, email: string) => send(app, headers, ChangeMyEmailDocument, { email });
const confirm = (token: string) => send(app, {}, ConfirmEmailDocument, { token });
const addressOf = async (username: string) =>
  (await look<{ email: string }>(app, 'select email from users where username = ?', username))[0]?.email;

async function askedToken(login: string, email: string): Promise<string> {
  app.clock.advance(3_600);
  const { headers } = await signIn(app, login);
  return tokenMailedDuring(app, 'email', email, () => ask(headers, email));
}

describe('changeMyEmail', () => {
  it.each(everyViewer.filter((who) => who !== 'ANONYMOUS'))(
    '%s changes their own address by confirming the new one',
    async (who) => {
      const login = who.toLowerCase().replaceAll('_', '');
      const email = `${login}@new.example`;
      const token = await askedToken(login, email);
      expect(await addressOf(login)).toBe(`${login}@example.com`);
      const mails = await mailsDuring(app, async () =>
        expect((await confirm(token)).body.data).toEqual({ confirmEmail: true }),
      );
      expect(mails.map(({ to }) => to)).toEqual([`${login}@example.com`]);
      expect(await addressOf(login)).toBe(email);
      expect(codesOf(await tryToSignIn(app, email, { password: `rolegate-demo-${login}` }))).toEqual([]);
      const actions = await look<{ action: string }>(
        app,
        `select action from audit_events where target_id = ? and action like 'user.email%' order by id`,
        await userId(app, login),
      );
      expect(actions.map(({ action }) => action)).toEqual(['user.emailChangeRequested', 'user.emailConfirmed']);
    },
  );

  it('a change of address is refused to an anonymous viewer, and to credentials of machines', async () => {
    expect(codesOf(await ask({}, 'a@new.example'))).toEqual(['UNAUTHENTICATED']);
    expect(codesOf(await ask(basic('sales'), 'a@new.example'))).toEqual(['FORBIDDEN']);
  });

  it('the present address is notified at once', async () => {
    const { headers } = await signIn(app, 'sales');
    const mails = await mailsDuring(app, () => ask(headers, 'sales@third.example'), 2);
    expect(mails.map(({ to }) => to).toSorted()).toEqual(['sales@new.example', 'sales@third.example']);
  });

  it('a taken address gets the same answer, its owner is notified, and no token is created', async () => {
    app.clock.advance(3_600);
    const { headers } = await signIn(app, 'guest');
    let free = '';
    await mailTo(app, 'guest@free.example', async () => {
      const { status, text } = await ask(headers, 'guest@free.example');
      free = `${status} ${text}`;
    });
    const before = await look(app, 'select 1 from password_resets');
    const notice = await mailTo(app, 'ADMIN@new.example', async () => {
      const { status, text } = await ask(headers, 'ADMIN@new.example');
      expect(`${status} ${text}`).toBe(free);
    });
    expect(notice).toMatch(/^Someone tried to register or invite this address/);
    expect(await look(app, 'select 1 from password_resets')).toHaveLength(before.length);
  });

  it('changes of address are throttled by user', async () => {
    app.clock.advance(3_600);
    const { headers } = await signIn(app, 'guest');
    const statuses = [];
    for (let n = 0; n < 5; n++) {
      statuses.push((await ask(headers, `guest${n}@free.example`)).status);
    }
    expect(statuses).toEqual([200, 200, 200, 429, 429]);
  });
});

describe('a token that confirms an address', () => {
  it('the token is stored as a hash, and every invalid token gets the same answer', async () => {
    const token = await askedToken('developer', 'developer@other.example');
    const stored = JSON.stringify(await look(app, 'select * from password_resets'));
    expect(stored).not.toContain(token.slice(9));
    const answers = [];
    for (const bad of badTokensLike(token)) {
      answers.push(await confirm(bad));
    }
    expect(codesOf(await confirm(token))).toEqual([]);
    answers.push(await confirm(token));
    const told = new Set(answers.map(({ status, text }) => `${status} ${text}`));
    expect([...told]).toHaveLength(1);
    expect(answers.map(codesOf)).toEqual(answers.map(() => ['UNAUTHENTICATED']));
  });

  it.each<[string, string, (id: string) => Promise<unknown>]>([
    ['expired', 'manager', async () => app.clock.advance(86_400)],
    ['of a deactivated user', 'warehouse', (id) => change(app, 'update users set active = false where id = ?', id)],
    ['of a renamed user', 'accountadmin', (id) => change(app, `update users set username = 'aa2' where id = ?`, id)],
    [
      'for an address that another user has by now',
      'accountmanager',
      () => change(app, `update users set email_key = 'accountmanager@x.example' where username = 'sales'`),
    ],
    ['replaced by a later one', 'standard', () => askedToken('standard', 'standard@y.example')],
  ])('the token is void when it is %s', async (_, login, make) => {
    const before = await addressOf(login);
    const id = await userId(app, login);
    const token = await askedToken(login, `${login}@x.example`);
    await make(id);
    expect(codesOf(await confirm(token))).toEqual(['UNAUTHENTICATED']);
    const [user] = await look<{ email: string }>(app, 'select email from users where id = ?', id);
    expect(user?.email).toBe(before);
  });

  it('a token confirms one address once, however many requests send it at once', async () => {
    const token = await askedToken('admin', 'admin@once.example');
    const answers = await Promise.all([1, 2, 3, 4].map(() => confirm(token)));
    expect(answers.flatMap(codesOf)).toEqual(Array<string>(3).fill('UNAUTHENTICATED'));
  });
});
