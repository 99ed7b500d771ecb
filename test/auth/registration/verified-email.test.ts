import { afterAll, beforeAll, expect, it } from 'vitest';
import { ConfirmEmailDocument, RegisterDocument, ResetPasswordDocument } from '../../generated/graphql.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { tokenMailedDuring } from '../../support/mails.ts';
import { look } from '../../support/rows.ts';
import { basic, codesOf, send, tryToSignIn, whoAmI } from '../../support/signed-in.ts';

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

it('users who were there before, and those made by administrators, are not asked', async () => {
  expect(codesOf(await tryToSignIn(app, 'guest'))).toEqual([]);
});
