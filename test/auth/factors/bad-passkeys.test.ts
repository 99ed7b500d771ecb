import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  AddPasskeyDocument,
  CompleteLoginByPasskeyDocument,
  CompleteLoginDocument,
  PasskeysDocument,
  SignInByPasskeyDocument,
  StartPasskeyDocument,
  StartPasskeySignInDocument,
} from '../../generated/graphql.ts';
import { createTestApp, type HttpAnswer, type TestApp } from '../../support/app.ts';
import { Authenticator, type BrowserResponse, type Tweaks } from '../../support/authenticator.ts';
import { addPasskey, challengeIn, passkeyIn, signInByPasskey, signInOptions } from '../../support/factors.ts';
import { change, look, userId } from '../../support/rows.ts';
import { ask, codesOf, dataOf, type Headers, send, signIn, tryToSignIn } from '../../support/signed-in.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ environment: { LOGIN_FAILURES_PER_ADDRESS: '60' } });
});
beforeEach(async () => {
  app.clock.advance(3_600); // Past the windows of the throttles.
  await Promise.all(['passkeys', 'recovery_codes'].map((table) => change(app, `delete from ${table}`)));
});
afterAll(() => app.close());

const enrol = (headers: Headers, name?: string) => addPasskey(app, headers, name);
const options = () => signInOptions(app);
const byPasskey = (response: unknown, more?: object) => signInByPasskey(app, response, more);
const shapeOf = ({ status, body }: HttpAnswer): string => JSON.stringify([status, body]);

/** Responses that are not what an honest browser sends on the right page. */
const DISHONEST: readonly (readonly [string, Tweaks])[] = [
  ['another origin', { origin: 'https://localhost.evil.example' }],
  ['an origin that only starts alike', { origin: 'http://localhost:4000.evil.example' }],
  ['a frame of another origin', { crossOrigin: true }],
  ['another relying party', { rpId: 'evil.example' }],
  ['another challenge', { challenge: Buffer.alloc(32).toString('base64url') }],
  ['no challenge', { challenge: '' }],
  ['another operation', { type: 'payment.get' }],
  ['no verification of the user', { verified: false }],
  ['no presence of the user', { present: false }],
];

/** A response of which something is missing or cut off, for each of its parts; and what is no response at all. */
function mangled(response: BrowserResponse): unknown[] {
  const parts = Object.entries(response.response);
  const withPart = (name: string, text: string | undefined): unknown =>
    Object.assign({}, response, { response: Object.assign({}, response.response, { [name]: text }) });
  return [
    ...parts.map(([name]) => withPart(name, undefined)),
    ...parts.map(([name, text]) => withPart(name, text.slice(0, -4))),
    ...parts.map(([name]) => withPart(name, 'A'.repeat(20_000))),
    { ...response, id: response.id.slice(1), rawId: response.id.slice(1) },
    { ...response, id: '' },
    { ...response, response: null },
    {},
    [],
    'text',
    7,
  ];
}

describe('a response that is not valid', () => {
  it('a sign-in with an invalid response gets one answer, whatever is wrong with it', async () => {
    const { key } = await enrol((await signIn(app, 'sales')).headers);
    const { key: anothers } = await enrol((await signIn(app, 'manager')).headers);
    const stranger = new Authenticator();
    const handle = (await userId(app, 'sales')).replaceAll('-', '');
    const strange = { userHandle: Buffer.from(handle, 'hex').toString('base64url') };
    const answers: HttpAnswer[] = [];
    const present = async (response: unknown): Promise<void> => {
      app.clock.advance(1);
      answers.push(await byPasskey(response));
    };
    for (const [, tweaks] of DISHONEST) {
      await present(key.get(await options(), tweaks));
    }
    for (const response of mangled(key.get(await options()))) {
      await present(response);
    }
    await present(stranger.get(await options(), strange)); // a passkey that is not known
    await present({ ...stranger.get(await options(), strange), id: key.id, rawId: key.id }); // known, by another key
    await present(anothers.get(await options(), strange)); // of another user than it says
    await present(key.get(await options(), { userHandle: null })); // without a user
    const used = key.get(await options());
    dataOf(SignInByPasskeyDocument, await byPasskey(used));
    await present(used); // a replay
    const late = key.get(await options());
    app.clock.advance(300);
    await present(late);
    await present(key.get(passkeyIn(await tryToSignIn(app, 'sales')))); // made for another purpose
    await change(app, 'update users set active = false where username = ?', 'sales');
    await present(key.get(await options())); // of a user who may not sign in
    await change(app, 'update users set active = true where username = ?', 'sales');
    expect(codesOf(answers[0] ?? { body: {} })).toEqual(['UNAUTHENTICATED']);
    expect([...new Set(answers.map(shapeOf))]).toHaveLength(1);
    dataOf(SignInByPasskeyDocument, await byPasskey(key.get(await options())));
    const failed = await look(
      app,
      `select 1 from audit_events where action = 'login.failed' and details->>'reason' = 'bad passkey'`,
    );
    expect(failed).toHaveLength(answers.length);
  });

  it('an invalid second factor gets one answer, and the login can still be completed', async () => {
    const { key } = await enrol((await signIn(app, 'sales')).headers);
    const { key: anothers } = await enrol((await signIn(app, 'manager')).headers);
    const first = await tryToSignIn(app, 'sales');
    const challenge = challengeIn(first);
    const other = await tryToSignIn(app, 'manager');
    const complete = (passkey: unknown, of = challenge) =>
      send(app, {}, CompleteLoginByPasskeyDocument, { challenge: of, passkey });
    const answers = [
      await complete(anothers.get(passkeyIn(other))),
      await complete(anothers.get(passkeyIn(first))),
      await complete(key.get(passkeyIn(first))), // the challenge was used up by the one before
      await complete(key.get(await options())),
      await complete({}),
      await complete(key.get(passkeyIn(await tryToSignIn(app, 'sales')))), // of another login of the same user
      await send(app, {}, CompleteLoginDocument, { challenge, code: '000000' }),
    ];
    expect(codesOf(answers[0] ?? { body: {} })).toEqual(['UNAUTHENTICATED']);
    expect([...new Set(answers.map(shapeOf))]).toHaveLength(1);
  });

  it('an invalid registration gets one answer, also if the passkey is known, and adds no passkey', async () => {
    const { headers } = await signIn(app, 'sales');
    const { headers: second } = await signIn(app, 'sales');
    const { headers: other } = await signIn(app, 'manager');
    const { key: anothers } = await enrol(other);
    const begin = async (as: Headers = headers) => (await ask(app, as, StartPasskeyDocument)).startPasskey;
    const certificate = Buffer.from('http://127.0.0.1:1/revoked');
    const responses: unknown[] = [];
    for (const [, tweaks] of DISHONEST) {
      responses.push(new Authenticator().create(await begin(), tweaks));
    }
    responses.push(...mangled(new Authenticator().create(await begin())));
    responses.push(anothers.create(await begin()));
    responses.push(new Authenticator().create(await begin(other)), new Authenticator().create(await begin(second)));
    responses.push(new Authenticator().create(await options()));
    for (const format of ['packed', 'fido-u2f', 'tpm', 'android-key', 'apple', 'android-safetynet', 'none']) {
      const statement = { alg: -7, sig: Buffer.alloc(8), x5c: [certificate] };
      responses.push(new Authenticator().create(await begin(), { format, statement }));
    }
    const answers: HttpAnswer[] = [];
    for (const response of responses) {
      answers.push(await send(app, headers, AddPasskeyDocument, { name: 'x', response }));
    }
    expect(codesOf(answers[0] ?? { body: {} })).toEqual(['UNAUTHENTICATED']);
    expect([...new Set(answers.map(shapeOf))]).toHaveLength(1);
    expect((await ask(app, headers, PasskeysDocument)).secondFactor?.passkeys).toEqual([]);
  });

  it('a response whose counter does not rise is refused, and the user is warned of a copied authenticator', async () => {
    const { key } = await enrol((await signIn(app, 'sales')).headers);
    dataOf(SignInByPasskeyDocument, await byPasskey(key.get(await options(), { counter: 7 })));
    for (const counter of [7, 6, 0]) {
      expect(codesOf(await byPasskey(key.get(await options(), { counter })))).toEqual(['UNAUTHENTICATED']);
    }
    expect(app.mails.at(-1)?.subject).toMatch(/^One of your passkeys may have been copied/);
    const copies = await look(app, `select 1 from audit_events where action = 'factor.passkeyCopied'`);
    expect(copies).toHaveLength(3);
    dataOf(SignInByPasskeyDocument, await byPasskey(key.get(await options(), { counter: 8 })));
  });

  it('a response of an authenticator without a counter is valid once', async () => {
    const { headers } = await signIn(app, 'sales');
    const key = new Authenticator();
    const { startPasskey } = await ask(app, headers, StartPasskeyDocument);
    await ask(app, headers, AddPasskeyDocument, { name: 'x', response: key.create(startPasskey, { counter: 0 }) });
    const response = key.get(await options(), { counter: 0 });
    const answers = await Promise.all([1, 2, 3, 4].map(() => byPasskey(response)));
    expect(answers.filter((answer) => codesOf(answer).length === 0)).toHaveLength(1);
    dataOf(SignInByPasskeyDocument, await byPasskey(key.get(await options(), { counter: 0 })));
  });

  it('sign-ins with passkeys are throttled by address, as those with passwords are', async () => {
    const codes = new Set<unknown>();
    for (let attempt = 0; attempt < 61; attempt += 1) {
      codes.add(codesOf(await byPasskey({}))[0]);
    }
    expect([...codes]).toEqual(['UNAUTHENTICATED', 'RATE_LIMITED']);
  });
});

it('a server without a domain has no passkeys, and says so', async () => {
  const address = await createTestApp({ environment: { PUBLIC_URL: 'http://127.0.0.1:4000' } });
  const { headers } = await signIn(address, 'sales');
  expect((await address.post({ query: '{ passkeyDomain }' })).body.data).toEqual({ passkeyDomain: null });
  const answers = [
    await send(address, {}, StartPasskeySignInDocument),
    await send(address, {}, SignInByPasskeyDocument, { response: {} }),
    await send(address, headers, StartPasskeyDocument),
    await send(address, headers, AddPasskeyDocument, { name: 'x', response: {} }),
  ];
  expect(answers.flatMap(codesOf)).toEqual(Array<string>(4).fill('FORBIDDEN'));
  await address.close();
});
