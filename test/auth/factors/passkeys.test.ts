import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  AddPasskeyDocument,
  CompleteLoginByPasskeyDocument,
  CompleteLoginDocument,
  DeletePasskeyDocument,
  PasskeysDocument,
  ReauthenticateByPasskeyDocument,
  RenamePasskeyDocument,
  SignInByPasskeyDocument,
  StartPasskeyConfirmationDocument,
  StartPasskeyDocument,
} from '../../generated/graphql.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { addPasskey, challengeIn, passkeyIn, signInByPasskey, signInOptions } from '../../support/factors.ts';
import { everyViewer } from '../../support/outcomes.ts';
import { change, look } from '../../support/rows.ts';
import {
  ask,
  basic,
  bearer,
  codesOf,
  dataOf,
  type Headers,
  send,
  signIn,
  tryToSignIn,
  whoAmI,
} from '../../support/signed-in.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
});
beforeEach(async () => {
  app.clock.advance(3_600); // Past the windows of the throttles.
  await Promise.all(['passkeys', 'recovery_codes'].map((table) => change(app, `delete from ${table}`)));
});
afterAll(() => app.close());

const enrol = (headers: Headers, name?: string) => addPasskey(app, headers, name);
const options = () => signInOptions(app);
const byPasskey = (response: unknown, more?: object) => signInByPasskey(app, response, more);

describe('a passkey', () => {
  it.each(everyViewer.filter((who) => who !== 'ANONYMOUS'))(
    'a passkey of %s signs in alone, and counts as both factors',
    async (who) => {
      const login = who.toLowerCase().replaceAll('_', '');
      const { headers } = await signIn(app, login);
      const { key, codes } = await enrol(headers);
      expect(new Set(codes).size).toBe(10);
      const { signInByPasskey } = dataOf(SignInByPasskeyDocument, await byPasskey(key.get(await options())));
      const own = bearer(signInByPasskey?.accessToken ?? '');
      expect(await whoAmI(app, own)).toBe(login);
      const [event] = await look<{ details: object }>(
        app,
        `select details from audit_events where action = 'login.succeeded' order by id desc limit 1`,
      );
      expect(event?.details).toMatchObject({ factor: 'PASSKEY' });
      const { secondFactor } = await ask(app, own, PasskeysDocument);
      expect(secondFactor?.passkeys).toMatchObject([{ name: 'Key', lastUsedAt: app.clock.now().toISOString() }]);
      expect(codesOf(await tryToSignIn(app, login))).toEqual(['SECOND_FACTOR_REQUIRED']);
    },
  );

  it('a sign-in with a passkey activates roles and sets a cookie as a login does', async () => {
    const { key } = await enrol((await signIn(app, 'sales')).headers);
    const answer = await byPasskey(key.get(await options()), { roles: ['GUEST'], cookie: true });
    expect(dataOf(SignInByPasskeyDocument, answer).signInByPasskey?.refreshToken).toBeNull();
    const cookie = String(answer.headers['set-cookie']).split(';', 1)[0] ?? '';
    const { body } = await app.post({ query: '{ viewer { effectiveRoles } }' }, { cookie });
    expect(body.data).toEqual({ viewer: { effectiveRoles: ['GUEST'] } });
    expect(codesOf(await byPasskey(key.get(await options()), { roles: ['ADMIN'] }))).toEqual(['FORBIDDEN']);
  });

  it('a passkey is a second factor after the password, beside recovery codes', async () => {
    const { key, codes } = await enrol((await signIn(app, 'sales')).headers);
    const first = await tryToSignIn(app, 'sales');
    expect(first.body.errors?.[0]?.extensions).toMatchObject({ factors: ['PASSKEY', 'RECOVERY_CODE'] });
    const challenge = challengeIn(first);
    const passkey = key.get(passkeyIn(first), { userHandle: null });
    const { completeLogin } = await ask(app, {}, CompleteLoginByPasskeyDocument, { challenge, passkey });
    expect(await whoAmI(app, bearer(completeLogin?.accessToken ?? ''))).toBe('sales');
    const code = codes?.[0] ?? '';
    const second = challengeIn(await tryToSignIn(app, 'sales'));
    expect(codesOf(await send(app, {}, CompleteLoginDocument, { challenge: second, code }))).toEqual([]);
    expect(await whoAmI(app, basic('sales'))).toBe('401 UNAUTHENTICATED');
  });

  it('a passkey renews the sign-in of this session without the password', async () => {
    const { headers } = await signIn(app, 'sales');
    const { key } = await enrol(headers);
    app.clock.advance(601);
    expect(codesOf(await send(app, headers, StartPasskeyDocument))).toEqual(['STEP_UP_REQUIRED']);
    const { startPasskeyConfirmation: asked } = await ask(app, headers, StartPasskeyConfirmationDocument);
    const other = dataOf(SignInByPasskeyDocument, await byPasskey(key.get(await options()))).signInByPasskey;
    const stolen = key.get(asked);
    const elsewhere = bearer(other?.accessToken ?? '');
    expect(codesOf(await send(app, elsewhere, ReauthenticateByPasskeyDocument, { passkey: stolen }))).toEqual([
      'UNAUTHENTICATED',
    ]);
    const { startPasskeyConfirmation: again } = await ask(app, headers, StartPasskeyConfirmationDocument);
    await ask(app, headers, ReauthenticateByPasskeyDocument, { passkey: key.get(again) });
    expect(codesOf(await send(app, headers, StartPasskeyDocument))).toEqual([]);
    expect(codesOf(await app.post({ query: 'mutation { reauthenticate }' }, headers))).toEqual(['BAD_USER_INPUT']);
  });

  it('a passkey is named, listed, renamed and deleted by its owner only, with audit and mail', async () => {
    const other = await signIn(app, 'sales');
    const { headers } = await signIn(app, 'sales');
    const one = await enrol(headers, 'Phone');
    expect(await whoAmI(app, other.headers)).toBe('401 UNAUTHENTICATED');
    const two = await enrol(headers, 'Laptop');
    expect(two.codes).toBeNull();
    const { headers: stranger } = await signIn(app, 'warehouse');
    for (const id of [one.id, 'x', '']) {
      expect(codesOf(await send(app, stranger, RenamePasskeyDocument, { id, name: 'Mine' }))).toEqual(['NOT_FOUND']);
      expect(codesOf(await send(app, stranger, DeletePasskeyDocument, { id }))).toEqual(['NOT_FOUND']);
    }
    expect(codesOf(await send(app, headers, RenamePasskeyDocument, { id: one.id, name: ' ' }))).toEqual([
      'BAD_USER_INPUT',
    ]);
    await ask(app, headers, RenamePasskeyDocument, { id: one.id, name: 'Old phone' });
    await ask(app, headers, DeletePasskeyDocument, { id: one.id });
    expect(codesOf(await byPasskey(one.key.get(await options())))).toEqual(['UNAUTHENTICATED']);
    const { secondFactor } = await ask(app, headers, PasskeysDocument);
    expect(secondFactor).toMatchObject({ recoveryCodesLeft: 10, passkeys: [{ name: 'Laptop' }] });
    await ask(app, headers, DeletePasskeyDocument, { id: two.id });
    expect((await ask(app, headers, PasskeysDocument)).secondFactor).toEqual({ recoveryCodesLeft: 0, passkeys: [] });
    await signIn(app, 'sales');
    const subjects = app.mails.filter(({ to }) => to === 'sales@example.com').map(({ subject }) => subject);
    expect(subjects.slice(-4)).toEqual([
      'A passkey was added',
      'A passkey was added',
      'A passkey was deleted',
      'A passkey was deleted',
    ]);
    const renamed = await look(app, `select 1 from audit_events where action = 'factor.passkeyRenamed'`);
    expect(renamed).toHaveLength(1);
  });

  it.each<[string, () => Headers, string]>([
    ['Basic', () => basic('manager'), 'FORBIDDEN'],
    ['no credential', () => ({}), 'UNAUTHENTICATED'],
  ])('passkeys are not managed with %s', async (_, credential, code) => {
    const sent = credential();
    for (const answer of [
      await send(app, sent, StartPasskeyDocument),
      await send(app, sent, AddPasskeyDocument, { name: 'x', response: {} }),
      await send(app, sent, RenamePasskeyDocument, { id: 'x', name: 'x' }),
      await send(app, sent, DeletePasskeyDocument, { id: 'x' }),
      await send(app, sent, StartPasskeyConfirmationDocument),
    ]) {
      expect(codesOf(answer)).toEqual([code]);
    }
  });
});
