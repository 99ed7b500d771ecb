import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import {
  ConfirmEmailDocument,
  RegisterDocument,
  RequestEmailConfirmationDocument,
  ResetPasswordDocument,
} from '../../generated/graphql.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { tokenMailedDuring } from '../../support/mails.ts';
import { everyViewer } from '../../support/outcomes.ts';
import { look, userId } from '../../support/rows.ts';
import { basic, codesOf, passwordOf, send, signIn, tryToSignIn, whoAmI } from '../../support/signed-in.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ environment: { OPEN_REGISTRATION: 'true', REQUIRE_VERIFIED_EMAIL: 'true' } });
});
afterAll(() => app.close());

const password = 'seven otters by the lake';
const register = (username: string) =>
  send(app, {}, RegisterDocument, {
    input: { username, email: `${username}@example.org`, displayName: 'Someone', password },
  });

it('users who register sign in only after they have confirmed their address; until then as with a wrong password', async () => {
  const token = await tokenMailedDuring(app, 'email', 'ada@example.org', () => register('ada'));
  const early = await tryToSignIn(app, 'ada', { password });
  const wrong = await tryToSignIn(app, 'ada', { password: 'not the password of ada' });
  expect([early.status, early.text]).toEqual([wrong.status, wrong.text]);
  expect(await whoAmI(app, basic('ada', password))).toBe('401 UNAUTHENTICATED');
  const reasons = await look<{ reason: string }>(
    app,
    `select details->>'reason' as reason from audit_events where action = 'login.failed' order by id`,
  );
  expect(reasons.map(({ reason }) => reason)).toEqual(['unconfirmed address', 'wrong password', 'unconfirmed address']);
  expect(codesOf(await send(app, {}, ConfirmEmailDocument, { token }))).toEqual([]);
  expect(codesOf(await tryToSignIn(app, 'ada', { password }))).toEqual([]);
});

it('a mailed reset token confirms the address as well: it came by the same way', async () => {
  await tokenMailedDuring(app, 'email', 'bea@example.org', () => register('bea'));
  const token = await tokenMailedDuring(app, 'reset', 'bea@example.org', () =>
    app.post({ query: 'mutation { requestPasswordReset(login: "bea") }' }),
  );
  const next = 'eight otters by the lake';
  expect(codesOf(await send(app, {}, ResetPasswordDocument, { token, next }))).toEqual([]);
  expect(codesOf(await tryToSignIn(app, 'bea', { password: next }))).toEqual([]);
});

const mailedAgain = async (login: string): Promise<unknown[]> =>
  look(
    app,
    `select 1 from audit_events where target_id = ? and action = 'user.emailConfirmationRequested'`,
    await userId(app, login),
  );
const again = (login: string, headers = {}) => send(app, headers, RequestEmailConfirmationDocument, { login });

it('the mail is sent again to a user who has lost it: the token of before is void, and administrators see the state', async () => {
  const admin = app.as('ADMIN');
  const lost = await tokenMailedDuring(app, 'email', 'cid@example.org', () => register('cid'));
  const id = await userId(app, 'cid');
  const verified = async () =>
    (await admin.query('query ($id: ID!) { user(id: $id) { emailVerified } }', { id }).data()) as unknown;
  expect(await verified()).toEqual({ user: { emailVerified: false } });
  const token = await tokenMailedDuring(app, 'email', 'cid@example.org', () => again('CID@example.org'));
  expect(codesOf(await send(app, {}, ConfirmEmailDocument, { token: lost }))).toEqual(['UNAUTHENTICATED']);
  expect(codesOf(await send(app, {}, ConfirmEmailDocument, { token }))).toEqual([]);
  expect(await verified()).toEqual({ user: { emailVerified: true } });
  const actions = await look<{ action: string }>(
    app,
    `select action from audit_events where target_id = ? and action like 'user.email%' order by id`,
    id,
  );
  expect(actions.map(({ action }) => action)).toEqual(['user.emailConfirmationRequested', 'user.emailConfirmed']);
});

it('a request for the mail gets one answer: for a user who waits, who is confirmed, and who does not exist', async () => {
  app.clock.advance(3_600);
  await tokenMailedDuring(app, 'email', 'dea@example.org', () => register('dea'));
  app.mails.length = 0;
  const answers = [];
  for (const login of ['sales', 'nobody-of-this-name', '', 'x'.repeat(5_000), 'dea']) {
    answers.push(await again(login));
  }
  expect([...new Set(answers.map(({ status, text }) => `${status} ${text}`))]).toEqual([
    '200 {"data":{"requestEmailConfirmation":true}}\n',
  ]);
  await vi.waitFor(() => expect(app.mails.map(({ to }) => to)).toEqual(['dea@example.org']));
});

it('the mail is throttled by login, alike for users who do not exist', async () => {
  app.clock.advance(3_600);
  for (const login of ['dea', 'nobody-of-this-name']) {
    const statuses = [];
    for (let n = 0; n < 4; n++) {
      statuses.push((await again(login)).status);
    }
    expect(statuses).toEqual([200, 200, 200, 429]);
  }
});

it('the mail is sent to one user at most five times a day, by whichever of the two logins', async () => {
  await register('eva');
  for (let hour = 0; hour < 2; hour++) {
    app.clock.advance(3_600);
    for (const login of ['eva', 'eva@example.org', 'eva', 'eva@example.org']) {
      expect((await again(login)).status).toBe(200);
    }
  }
  await vi.waitFor(async () => expect(await mailedAgain('eva')).toHaveLength(5));
});

it.each(everyViewer)('%s may request the mail, and learns whether their own address is confirmed', async (who) => {
  app.clock.advance(3_600);
  const login = who.toLowerCase().replaceAll('_', '');
  const headers = who === 'ANONYMOUS' ? {} : (await signIn(app, login, { password: passwordOf(login) })).headers;
  expect((await again('sales', headers)).body).toEqual({ data: { requestEmailConfirmation: true } });
  const { body } = await app.post({ query: '{ me { emailVerified } }' }, headers);
  expect(body.data).toEqual({ me: who === 'ANONYMOUS' ? null : { emailVerified: true } });
});

it('users who existed before, and those created by administrators, need no confirmation', async () => {
  expect(codesOf(await tryToSignIn(app, 'guest'))).toEqual([]);
});
