import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { resetByOperator } from '../../../src/auth/operator.ts';
import {
  DeletePasskeyDocument,
  IdentitiesDocument,
  LinkIdentityDocument,
  StartReauthenticationDocument,
  StartSignInDocument,
  UnlinkIdentityDocument,
} from '../../generated/graphql.ts';
import type { TestApp } from '../../support/app.ts';
import { IssuerBrowser } from '../../support/issuer-browser.ts';
import { everyViewer } from '../../support/outcomes.ts';
import { change, look, userId } from '../../support/rows.ts';
import { ask, basic, codesOf, type Headers, send, signIn } from '../../support/signed-in.ts';
import { startToyStage, type ToyIssuer, type ToyStage } from '../../support/toy-issuer.ts';

let stage: ToyStage;
let toy: ToyIssuer;
let app: TestApp;

beforeAll(async () => {
  stage = await startToyStage();
  ({ app, toy } = stage);
});
beforeEach(() => stage.followTheClock());
afterAll(() => stage.close());

const issuer = 'toy';
const begun = () => stage.begin();
const now = (): number => Math.floor(Date.now() / 1_000);
const links = () => look(app, 'select user_id, subject from external_identities order by 2');

describe('a link', () => {
  it('a link is finished by the browser of the session, with the code of its own request', async () => {
    const before = await links();
    const attacker = await signIn(app, 'guest');
    const url = await new IssuerBrowser(app).begin(LinkIdentityDocument, { issuer }, attacker.headers);
    const back = toy.approve(url, { sub: 'victim-there' }).href;
    const browser = new IssuerBrowser(app);
    expect(await browser.comeBack(back)).toMatchObject({ error: 'EXPIRED' });
    const { headers } = await signIn(app, 'sales');
    const own = await browser.begin(LinkIdentityDocument, { issuer }, headers);
    expect(await browser.comeBack(back)).toMatchObject({ error: 'EXPIRED' });
    const injected = toy.approve(own);
    injected.searchParams.set('code', toy.approve(url, { sub: 'mallory' }).searchParams.get('code') ?? '');
    expect(await browser.comeBack(injected.href)).toMatchObject({ error: 'REFUSED' });
    expect(await links()).toEqual(before);
  });

  it('an e-mail address links no identity', async () => {
    const { browser, url } = await begun();
    const claims = { sub: 'mallory', email: 'admin@example.com', email_verified: true, preferred_username: 'admin' };
    expect(await browser.comeBack(toy.approve(url, claims).href)).toMatchObject({ error: 'NO_USER' });
  });

  it.each<[string, () => Promise<Headers>]>([
    ['Basic', async () => basic('sales')],
    [
      'an API key',
      async () => {
        const { body } = await app.post(
          { query: 'mutation { createApiKey(input: { name: "k" }) { key } }' },
          (await signIn(app, 'sales')).headers,
        );
        return { authorization: `Bearer ${(body.data as { createApiKey: { key: string } }).createApiKey.key}` };
      },
    ],
  ])('a link is not begun with %s', async (_, credential) => {
    const headers = await credential();
    expect(codesOf(await send(app, headers, LinkIdentityDocument, { issuer }))).toEqual(['FORBIDDEN']);
    expect(codesOf(await send(app, headers, StartReauthenticationDocument, { issuer }))).toEqual(['FORBIDDEN']);
    expect(codesOf(await send(app, headers, UnlinkIdentityDocument, { id: 'x' }))).toEqual(['FORBIDDEN']);
  });
});

describe('a repeated sign-in', () => {
  it.each<[string, () => Record<string, unknown>, string | null]>([
    ['of the same person, now', () => ({ auth_time: now() }), null],
    ['by a clock that is ahead', () => ({ auth_time: now() + 3_600 }), null],
    ['of long ago', () => ({ auth_time: now() - 60 }), 'NOT_RECENT'],
    ['at an unknown time', () => ({}), 'NOT_RECENT'],
    ['of another person', () => ({ auth_time: now(), sub: 'mallory' }), 'NO_USER'],
  ])('a repeated sign-in counts, or not: %s', async (_, claims, error) => {
    const browser = new IssuerBrowser(app);
    const { headers } = await signIn(app, 'sales');
    const url = await browser.begin(StartReauthenticationDocument, { issuer }, headers);
    expect(await browser.comeBack(toy.approve(url, claims()).href)).toMatchObject({ error });
    const { body } = await app.post({ query: '{ viewer { authenticatedAt } }' }, headers);
    const { viewer } = body.data as { viewer: { authenticatedAt: string } };
    expect(new Date(viewer.authenticatedAt).getTime()).toBeLessThanOrEqual(app.clock.now().getTime());
  });

  it('a repeated sign-in is not begun where the issuer cannot ask for it', async () => {
    const { headers } = await signIn(app, 'sales');
    const answer = await send(app, headers, StartReauthenticationDocument, { issuer: 'other' });
    expect(codesOf(answer)).toEqual(['BAD_USER_INPUT']);
  });
});

const codes = async (answer: ReturnType<typeof send>) => codesOf(await answer);

describe.each(everyViewer)('the fields of identities, for %s', (who) => {
  it('the fields of identities need a sign-in, and no role', async () => {
    const isAnonymous = who === 'ANONYMOUS';
    const login = who.toLowerCase().replaceAll('_', '');
    const headers = isAnonymous ? {} : (await signIn(app, login)).headers;
    const expected = isAnonymous ? ['UNAUTHENTICATED'] : [];
    expect(await codes(send(app, headers, IdentitiesDocument))).toEqual(expected);
    expect(await codes(send(app, headers, LinkIdentityDocument, { issuer }))).toEqual(expected);
    expect(await codes(send(app, headers, StartReauthenticationDocument, { issuer }))).toEqual(expected);
    expect(await codes(send(app, headers, UnlinkIdentityDocument, { id: 'x' }))).toEqual(
      isAnonymous ? expected : ['NOT_FOUND'],
    );
    expect(await ask(app, headers, StartSignInDocument, { issuer })).toMatchObject({ startSignIn: {} });
  });
});

describe('the last credential', () => {
  it('the last credential is not removed, be it an identity or a passkey', async () => {
    const id = await userId(app, 'warehouse');
    const { headers } = await signIn(app, 'warehouse');
    const browser = new IssuerBrowser(app);
    const url = await browser.begin(LinkIdentityDocument, { issuer }, headers);
    expect(await browser.comeBack(toy.approve(url, { sub: 'warehouse-there' }).href)).toMatchObject({ error: null });
    await change(app, 'delete from credentials where user_id = ?', id);
    const [identity] = (await ask(app, headers, IdentitiesDocument)).identities ?? [];
    const unlink = () => send(app, headers, UnlinkIdentityDocument, { id: identity?.id ?? '' });
    expect(codesOf(await unlink())).toEqual(['CONFLICT']);
    const passkey = randomUUID();
    await change(
      app,
      `insert into passkeys (id, user_id, name, credential_id, public_key, counter, created_at)
       values (?, ?, 'Phone', 'c', 'k', 0, now())`,
      passkey,
      id,
    );
    expect(codesOf(await unlink())).toEqual([]);
    expect(codesOf(await send(app, headers, DeletePasskeyDocument, { id: passkey }))).toEqual(['CONFLICT']);
    expect(await look(app, 'select name from passkeys where user_id = ?', id)).toEqual([{ name: 'Phone' }]);
  });

  it('the password is the last credential after a reset by the operator', async () => {
    const [login, password] = ['sales', 'correct horse battery staple 7'];
    const edges = { hasher: app.hasher, checkPassword: app.auth.checkPassword };
    await resetByOperator(app.database.run, edges, { login, password }, app.clock.now());
    const { headers } = await signIn(app, login, { password });
    expect((await ask(app, headers, IdentitiesDocument)).identities).toEqual([]);
  });
});
