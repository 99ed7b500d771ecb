import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { StartSignInDocument } from '../../generated/graphql.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { IssuerBrowser, PUBLIC_URL } from '../../support/issuer-browser.ts';
import { change, look, userId } from '../../support/rows.ts';
import { codesOf, send, signIn, whoAmI } from '../../support/signed-in.ts';
import { startToyStage, type ToyIssuer, type ToyStage, type ToyToken } from '../../support/toy-issuer.ts';

let stage: ToyStage;
let toy: ToyIssuer;
let other: ToyIssuer;
let app: TestApp;

beforeAll(async () => {
  stage = await startToyStage();
  ({ app, toy, other } = stage);
});
beforeEach(() => stage.followTheClock());
afterAll(() => stage.close());

const issuer = 'toy';
const begun = () => stage.begin();
const now = (): number => Math.floor(Date.now() / 1_000);
const sessions = () => look(app, 'select id from sessions');

/** Signs in an unknown person at the issuer that makes users of them. */
const visit = async (): Promise<string> => {
  const browser = new IssuerBrowser(app);
  const url = await browser.begin(StartSignInDocument, { issuer: 'other' });
  const claims = { sub: 'new', name: 'New Person', email: 'sales@example.com', roles: ['ADMIN'] };
  expect(await browser.comeBack(other.approve(url, claims).href)).toMatchObject({ error: null });
  const { body } = await app.post(
    { query: '{ viewer { id effectiveRoles } me { email displayName } }' },
    browser.headers,
  );
  return JSON.stringify(body.data);
};

const elsewhere = (back: URL): URL => Object.assign(back, { pathname: '/auth/callback/other' });

const failed = () => look(app, `select details->>'reason' as reason from audit_events where action = 'login.failed'`);

/** Returns the number of failed logins that a response of the issuer leaves in the audit trail. */
const recorded = async (respond: (url: string) => URL, roles: string[] | null = null) => {
  const before = await failed();
  const browser = new IssuerBrowser(app);
  await browser.comeBack(respond(await browser.begin(StartSignInDocument, { issuer, roles })).href);
  return (await failed()).length - before.length;
};

describe('a sign-in at an issuer', () => {
  it('a sign-in without an attack works', async () => {
    const { browser, url } = await begun();
    expect(await browser.comeBack(toy.approve(url).href)).toMatchObject({ error: null });
    expect(await whoAmI(app, browser.headers)).toBe('sales');
  });

  it.each<[string, Record<string, unknown>, ToyToken?]>([
    ['another nonce', { nonce: 'x' }],
    ['no nonce', { nonce: undefined }],
    ['another issuer', { iss: 'https://other.example' }],
    ['another audience', { aud: 'another' }],
    ['several audiences, for another party', { aud: ['rolegate', 'another'], azp: 'another' }],
    ['no audience', { aud: undefined }],
    ['a time that is over', { exp: now() - 60 }],
    ['no expiry', { exp: undefined }],
    ['no time of issue', { iat: undefined }],
    ['no subject', { sub: undefined }],
    ['an empty subject', { sub: '' }],
    ['a subject that is no text', { sub: 7 }],
    ['a subject that no database takes', { sub: 'alice\0' }],
    ['a subject that is too long', { sub: 'a'.repeat(256) }],
    ['a time of sign-in that is no number', { auth_time: 'now' }],
    ['a foreign signature', {}, { signedBy: 'another key' }],
    ['a signature by the secret of the client', {}, { signedBy: 'the client secret' }],
    ['no signature', {}, { signedBy: 'nothing' }],
    ['nothing', {}, { isMissing: true }],
  ])('an ID token with %s is refused', async (_, claims, token) => {
    const before = await sessions();
    const { browser, url } = await begun();
    expect(await browser.comeBack(toy.approve(url, claims, token).href)).toMatchObject({ error: 'REFUSED' });
    expect(browser.headers).toEqual({});
    expect(await sessions()).toEqual(before);
    expect(JSON.stringify(app.logged)).not.toContain('text of the issuer');
  });

  it.each<[string, (back: URL) => void, string]>([
    ['another state', (back) => back.searchParams.set('state', 'x'), 'EXPIRED'],
    ['no state', (back) => back.searchParams.delete('state'), 'EXPIRED'],
    ['two states', (back) => back.searchParams.append('state', 'x'), 'REFUSED'],
    ['the iss of another issuer', (back) => back.searchParams.set('iss', other.issuer), 'REFUSED'],
    ['no iss, though the issuer announces it', (back) => back.searchParams.delete('iss'), 'REFUSED'],
    ['the redirect URI of another issuer', (back) => void (back.pathname = '/auth/callback/other'), 'REFUSED'],
    ['an unknown redirect URI', (back) => void (back.pathname = '/auth/callback/__proto__'), 'REFUSED'],
    ['no code', (back) => back.searchParams.delete('code'), 'REFUSED'],
    ['a code that was never issued', (back) => back.searchParams.set('code', 'x'), 'REFUSED'],
    ['a token in the query', (back) => back.searchParams.set('id_token', 'x'), 'REFUSED'],
    ['an error of no known kind', (back) => back.searchParams.set('error', '<script>'), 'REFUSED'],
    [
      'an outage of the issuer',
      (back) => back.searchParams.set('error', 'temporarily_unavailable'),
      'ISSUER_UNAVAILABLE',
    ],
  ])('a response with %s is refused', async (_, change, error) => {
    const { browser, url } = await begun();
    const back = toy.approve(url);
    change(back);
    expect(await browser.comeBack(back.href)).toMatchObject({ error });
    expect(await whoAmI(app, browser.headers)).toBe('200 UNAUTHENTICATED');
  });

  it('a sign-in that was begun at one issuer and finished at the other is refused', async () => {
    const { browser, url } = await begun();
    const mixed = other.approve(url);
    expect(await browser.comeBack(mixed.href)).toMatchObject({ error: 'REFUSED' });
    const again = await begun();
    const silent = other.approve(again.url);
    silent.searchParams.set('iss', toy.issuer);
    expect(await again.browser.comeBack(silent.href)).toMatchObject({ error: 'REFUSED' });
  });

  it('a refused or declined sign-in is recorded in the trail, and one that could not be tried is not', async () => {
    expect(await recorded((url) => elsewhere(toy.approve(url)))).toBe(1);
    expect(await recorded((url) => toy.approve(url, { nonce: 'x' }))).toBe(1);
    expect(await recorded((url) => toy.approve(url, {}, { status: 500 }))).toBe(0);
    expect(await recorded((url) => toy.approve(url), ['ADMIN'])).toBe(0);
  });

  it('an issuer that answers with 500 is reported as unavailable', async () => {
    const { browser, url } = await begun();
    expect(await browser.comeBack(toy.approve(url, {}, { status: 500 }).href)).toMatchObject({
      error: 'ISSUER_UNAVAILABLE',
    });
  });

  it('a sign-in finishes once, also under concurrent requests, and within ten minutes', async () => {
    const { browser, url } = await begun();
    const back = toy.approve(url).href;
    const thief = browser.copy();
    const results = await Promise.all([browser.comeBack(back), thief.comeBack(back), browser.copy().comeBack(back)]);
    expect(results.filter(({ error }) => error === null)).toHaveLength(1);
    expect(results.filter(({ error }) => error === 'EXPIRED')).toHaveLength(2);
    const late = await begun();
    app.clock.advance(600);
    expect(await late.browser.comeBack(toy.approve(late.url).href)).toMatchObject({ error: 'EXPIRED' });
  });

  it('a sign-in is finished by the browser that began it, and others do not disturb it', async () => {
    const attacker = await begun();
    const attackersBack = toy.approve(attacker.url).href;
    expect(await new IssuerBrowser(app).comeBack(attackersBack)).toMatchObject({
      path: '/console/sign-in',
      error: 'EXPIRED',
      cookies: [],
    });
    const own = await begun();
    expect(await own.browser.comeBack(attackersBack)).toMatchObject({ error: 'EXPIRED', cookies: [] });
    expect(await own.browser.comeBack(toy.approve(own.url).href)).toMatchObject({ error: null });
  });

  it('a sign-in does not take the code of another sign-in', async () => {
    const [own, attacker] = [await begun(), await begun()];
    const back = toy.approve(own.url);
    back.searchParams.set('code', toy.approve(attacker.url, { sub: 'mallory' }).searchParams.get('code') ?? '');
    expect(await own.browser.comeBack(back.href)).toMatchObject({ error: 'REFUSED' });
  });

  it.each(['rg_signin_x', `rg_session_${'a'.repeat(43)}`, 'x'.repeat(5_000), ''])(
    'a sign-in does not take a cookie that this server has not set (%#)',
    async (token) => {
      const { url } = await begun();
      const { pathname, search } = toy.approve(url);
      const headers = { cookie: `rolegate_sign_in=${token}` };
      const response = await app.http.inject({ method: 'GET', url: pathname + search, headers });
      expect(response.headers).toMatchObject({
        location: `${PUBLIC_URL}/console/sign-in?sign_in_error=EXPIRED`,
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
      });
    },
  );

  it('a page of another origin cannot begin a sign-in', async () => {
    const query = 'mutation { startSignIn(issuer: "toy") { url } }';
    for (const request of [
      { method: 'GET', url: `/graphql?query=${encodeURIComponent(query)}` },
      {
        method: 'POST',
        url: '/graphql',
        headers: { 'content-type': 'text/plain' },
        payload: JSON.stringify({ query }),
      },
      { method: 'HEAD', url: '/auth/callback/toy' },
    ] as const) {
      const response = await app.http.inject(request);
      expect(response.statusCode).toBeGreaterThanOrEqual(400);
      expect(response.headers['set-cookie']).toBeUndefined();
    }
  });

  it.each([
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    'javascript:alert(1)',
    'console',
    '',
    '/console#challenge=x',
    ' /console',
    '/console\r\nset-cookie: a=b',
    `/${'a'.repeat(500)}`,
  ])('a sign-in does not lead to %j', async (returnTo) => {
    const answer = await send(app, {}, StartSignInDocument, { issuer, returnTo });
    expect(codesOf(answer)).toEqual(['BAD_USER_INPUT']);
    expect(answer.headers['set-cookie']).toBeUndefined();
  });

  it.each(['/..//evil.example', '/%2f/evil.example', '/@evil.example', '/.evil.example', '/console?sign_in_error=x'])(
    'a sign-in leads to %j of this server only',
    async (returnTo) => {
      const browser = new IssuerBrowser(app);
      const url = await browser.begin(StartSignInDocument, { issuer, returnTo });
      expect(await browser.comeBack(toy.approve(url).href)).toMatchObject({ challenge: null }); // checks the origin
    },
  );

  it('no sign-in is possible with metadata of another issuer or address, and only a few are begun without an end', async () => {
    const issuers = JSON.stringify([{ id: 'toy', issuer: toy.issuer, clientId: 'rolegate' }]);
    const fresh = await createTestApp({
      environment: { PUBLIC_URL, SIGN_IN_ISSUERS: issuers, LOGIN_FAILURES_PER_ADDRESS: '2' },
    });
    const start = async () => codesOf(await send(fresh, {}, StartSignInDocument, { issuer }));
    for (const metadata of [{ issuer: 'https://other.example' }, { authorization_endpoint: 'javascript:alert(1)' }]) {
      Object.assign(toy.metadata, metadata);
      expect(await start()).toEqual(['SERVICE_UNAVAILABLE']);
      Object.keys(toy.metadata).forEach((name) => delete toy.metadata[name]);
      expect(await start()).toEqual(['SERVICE_UNAVAILABLE']); // It is not asked again at once.
      fresh.clock.advance(5);
    }
    expect([await start(), await start(), await start()]).toEqual([[], [], ['RATE_LIMITED']]);
    await fresh.close();
  });

  it('a sign-in with more roles than a user can activate is refused', async () => {
    const roles = Array.from({ length: 101 }, (_, index) => `ROLE_${index}`);
    expect(codesOf(await send(app, {}, StartSignInDocument, { issuer, roles }))).toEqual(['BAD_USER_INPUT']);
  });

  it('an unknown person becomes a GUEST where that is configured, once', async () => {
    const first = await visit();
    expect(JSON.parse(first)).toEqual({
      viewer: { id: expect.any(String), effectiveRoles: ['GUEST'] },
      me: { email: expect.stringMatching(/@users\.invalid$/), displayName: 'New Person' },
    });
    expect(await visit()).toBe(first);
  });

  it('a code with any character of a query is taken', async () => {
    const { browser, url } = await begun();
    const back = toy.approve(url, {}, { code: 'a?b/c@d:e' }).href.replaceAll('%3F', '?').replaceAll('%2F', '/');
    expect(back).toContain('code=a?b/c');
    expect(await browser.comeBack(back)).toMatchObject({ error: null });
  });

  it('the claim of an issuer about a second factor is trusted', async () => {
    const { headers } = await signIn(app, 'sales');
    const id = await userId(app, 'sales');
    await change(app, `insert into totp_secrets values (?, 'JBSWY3DPEHPK3PXP', now(), now(), 1)`, id);
    for (const [claims, isShown] of [
      [{ amr: ['pwd', 'mfa'] }, true],
      [{ acr: 'mfa' }, true],
      [{ amr: ['pwd'] }, false],
      [{ amr: 'mfa' }, false],
      [{ acr: ['mfa'], name: 7 }, false],
    ] as const) {
      const { browser, url } = await begun();
      const landing = await browser.comeBack(toy.approve(url, claims).href);
      expect([claims, landing.challenge === null]).toEqual([claims, isShown]);
    }
    await change(app, 'delete from totp_secrets where user_id = ?', id);
    expect(await whoAmI(app, headers)).toBe('sales');
  });

  it('the session holds GUEST while a role of the user waits for a second factor', async () => {
    const manager = await userId(app, 'manager');
    await change(app, `insert into external_identities values (?, 'manager', ?)`, toy.issuer, manager);
    const roles = async (claims: object) => {
      const { browser, url } = await begun();
      await browser.comeBack(toy.approve(url, { sub: 'manager', ...claims }).href);
      return (await app.post({ query: '{ viewer { effectiveRoles secondFactorRequired } }' }, browser.headers)).body
        .data;
    };
    expect(await roles({})).toEqual({ viewer: { effectiveRoles: ['GUEST'], secondFactorRequired: true } });
    expect(await roles({ amr: ['mfa'] })).toMatchObject({ viewer: { secondFactorRequired: false } });
  });
});
