import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CreateApiKeyDocument, SessionsDocument } from '../../generated/graphql.ts';
import { createTestApp, TEST_SECRET, type TestApp } from '../../support/app.ts';
import { honestToken } from '../../support/forged-tokens.ts';
import { hostileTokens } from '../../support/hostile-tokens.ts';
import { sendRaw as sendRawTo } from '../../support/raw-request.ts';
import { changeAccess, userId } from '../../support/rows.ts';
import {
  ask,
  basic,
  bearer,
  claimsIn,
  codesOf,
  type Headers,
  passwordOf,
  signIn,
  type SignedIn,
  whoAmI,
} from '../../support/signed-in.ts';

let app: TestApp;
let developer: SignedIn;
let admin: SignedIn;
let browser: SignedIn;
let apiKey: string;

beforeAll(async () => {
  app = await createTestApp();
  developer = await signIn(app, 'developer');
  admin = await signIn(app, 'admin');
  browser = await signIn(app, 'developer', { cookie: true });
  const input = { name: 'ci', roles: ['DEVELOPER'] };
  apiKey = (await ask(app, developer.headers, CreateApiKeyDocument, { input })).createApiKey?.key ?? '';
});
afterAll(() => app.close());

const WHO = { query: '{ me { username } }' };
const rg = (kind: string): string => `rg_${kind}_${Buffer.alloc(32, 7).toString('base64url')}`;

const raw = (text: string): Headers => ({ authorization: text });

let address: Promise<string> | null = null;
const listening = (): Promise<string> => (address ??= app.http.listen({ port: 0, host: '127.0.0.1' }));
const sendRaw = async (lines: readonly string[]) => sendRawTo(await listening(), JSON.stringify(WHO), lines);

describe('a valid credential', () => {
  it.each<[string, () => Headers]>([
    ['an access token', () => developer.headers],
    ['an access token, whatever the case of the scheme', () => ({ authorization: `bEARER ${developer.accessToken}` })],
    ['an access token after several spaces', () => ({ authorization: `Bearer   ${developer.accessToken}` })],
    ['an API key', () => bearer(apiKey)],
    ['the session cookie', () => browser.headers],
    ['the session cookie among others', () => ({ cookie: `theme=dark; ${browser.cookie}; rolegate=1` })],
    ['HTTP Basic with a user name', () => basic('developer')],
    ['HTTP Basic with an address', () => basic('Developer@Example.com', passwordOf('developer'))],
    ['header and cookie of one person', () => ({ ...browser.headers, ...developer.headers })],
    ['API key and cookie of one person', () => ({ ...browser.headers, ...bearer(apiKey) })],
  ])('%s authenticates its user', async (_, headers) => {
    expect(await whoAmI(app, headers())).toBe('developer');
  });

  it('a request without a credential is anonymous', async () => {
    const { status, headers, body } = await app.post(WHO);
    expect([status, headers['www-authenticate'], codesOf({ body })]).toEqual([200, undefined, ['UNAUTHENTICATED']]);
  });
});

describe('an invalid credential', () => {
  const BEARER = 'Bearer realm="rolegate", error="invalid_token"';
  const BASIC = 'Basic realm="rolegate", charset="UTF-8"';

  it.each<[string, Headers, string]>([
    ['a word as a token', bearer('nonsense'), BEARER],
    ['no token', raw('Bearer'), BEARER],
    ['no token, and a space', raw('Bearer '), BEARER],
    ['an API key that does not exist', bearer(rg('key')), BEARER],
    ['an API key that is cut', bearer(rg('key').slice(0, -1)), BEARER],
    ['an API key with a tail', bearer(`${rg('key')}A`), BEARER],
    ['the beginning of an API key', bearer('rg_key_'), BEARER],
    ['a refresh token', bearer(rg('refresh')), BEARER],
    ['a session cookie as a token', bearer(rg('session')), BEARER],
    ['a token that calls itself none', bearer('eyJhbGciOiJub25lIn0.e30.'), BEARER],
    ['a huge token', bearer('x'.repeat(9_000)), BEARER],
    ['a wrong password', basic('developer', 'a wrong password'), BASIC],
    ['an unknown user', basic('nobody', 'a wrong password'), BASIC],
    ['Basic without a colon', raw(`Basic ${btoa('developer')}`), BASIC],
    ['Basic that is no base64', raw('Basic !!!'), BASIC],
    ['Basic with nothing', raw('Basic'), BASIC],
    ['Basic with NUL', basic('devel\0oper', 'x'), BASIC],
    ['Basic with an overlong password', basic('developer', 'p'.repeat(2_000)), BASIC],
  ])('%s gets 401 with the challenge of its scheme, and is never anonymous', async (_, headers, challenge) => {
    const answer = await app.post(WHO, headers);
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toBe(challenge);
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect(answer.body).toEqual({
      errors: [{ message: expect.any(String), extensions: { code: 'UNAUTHENTICATED' } }],
    });
  });

  it.each<[string, string]>([
    ['of no session', rg('session')],
    ['that is empty', ''],
    ['that is a word', 'x'],
    ['that is percent-encoded rubbish', '%E0%A4%A'],
    ['that is huge', 'y'.repeat(4_000)],
  ])('a session cookie %s gets 401 with a challenge that opens no dialog, and is cleared', async (_, value) => {
    const answer = await app.post(WHO, { cookie: `rolegate_session=${value}` });
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="rolegate"');
    expect(answer.headers['set-cookie']).toBe('rolegate_session=; Max-Age=0; Path=/; HttpOnly; SameSite=Strict');
  });

  it('two session cookies that differ are refused', async () => {
    const answer = await app.post(WHO, { cookie: `${browser.cookie}; rolegate_session=${rg('session')}` });
    expect(answer.status).toBe(401);
    expect(await whoAmI(app, { cookie: `${browser.cookie}; ${browser.cookie}` })).toBe('developer');
  });

  it.each<[string, () => Headers, number]>([
    ['a bad token beside a good cookie', () => ({ ...browser.headers, ...bearer('nonsense') }), 401],
    [
      'a bad cookie beside a good token',
      () => ({ ...developer.headers, cookie: `rolegate_session=${rg('session')}` }),
      401,
    ],
    ['a wrong password beside a good cookie', () => ({ ...browser.headers, ...basic('developer', 'wrong') }), 401],
  ])('%s is not overlooked', async (_, headers, status) => {
    expect((await app.post(WHO, headers())).status).toBe(status);
  });
});

describe('a request whose credential is ambiguous', () => {
  it.each<[string, () => Headers]>([
    ['an unknown scheme', () => ({ authorization: 'Digest username="developer"' })],
    ['a token without a scheme', () => ({ authorization: developer.accessToken })],
    ['an empty header', () => ({ authorization: '' })],
    ['a blank header', () => ({ authorization: '   ' })],
    ['a tab for a space', () => ({ authorization: `Bearer\t${developer.accessToken}` })],
    ['header and cookie of different people', () => ({ ...browser.headers, ...admin.headers })],
    ['Basic and cookie of different people', () => ({ ...browser.headers, ...basic('admin') })],
  ])('%s gets 400', async (_, headers) => {
    const answer = await app.post(WHO, headers());
    expect([answer.status, codesOf(answer)]).toEqual([400, ['BAD_REQUEST']]);
    expect(answer.body.data).toBeUndefined();
    expect(answer.headers['set-cookie']).toBeUndefined();
  });

  it.each([
    ['of one person', () => [developer.accessToken, developer.accessToken]],
    ['of two', () => [developer.accessToken, admin.accessToken]],
    ['one of them bad', () => [developer.accessToken, 'nonsense']],
  ])('two Authorization headers, %s, get 400', async (_, tokens) => {
    const [one = '', two = ''] = tokens();
    const { status } = await sendRaw([`Authorization: Bearer ${one}`, `authorization: Bearer ${two}`]);
    expect(status).toBe(400);
  });

  it('one header over the same socket is accepted', async () => {
    const { text } = await sendRaw([`Authorization: Bearer ${developer.accessToken}`]);
    expect(text).toContain('"username":"developer"');
  });
});

describe('tokens elsewhere are never read', () => {
  it.each<[string, string]>([
    ['access_token', 'access_token'],
    ['token', 'token'],
    ['authorization', 'authorization'],
    ['Authorization', 'Authorization'],
  ])('a token in the query string, as %s, is not read', async (_, name) => {
    const query = new URLSearchParams({ query: WHO.query, [name]: developer.accessToken });
    const answer = await app.http.inject({
      url: `/graphql?${String(query)}`,
      headers: { 'apollo-require-preflight': '1' },
    });
    expect(answer.json().errors[0].extensions.code).toBe('UNAUTHENTICATED');
  });

  it('a token in the body is not read', async () => {
    const body = { ...WHO, access_token: developer.accessToken, extensions: { authorization: developer.accessToken } };
    expect(codesOf(await app.post(body))).toEqual(['UNAUTHENTICATED']);
  });

  it('a token in a header of another name is not read', async () => {
    const headers = {
      'x-access-token': developer.accessToken,
      'proxy-authorization': `Bearer ${developer.accessToken}`,
    };
    expect(codesOf(await app.post(WHO, headers))).toEqual(['UNAUTHENTICATED']);
  });
});

describe('hostile tokens of a live session', () => {
  it('each hostile token gets a 401, and none a 5xx', async () => {
    const { sub, sid } = claimsIn(developer.accessToken);
    const { issuer, audience } = app.config.jwt;
    const options = { secret: TEST_SECRET, issuer, audience, now: app.clock.now(), claims: { sub, sid } };
    expect(await whoAmI(app, bearer(honestToken(options)))).toBe('developer');
    const tokens = hostileTokens(options).filter(({ token }) => /^[\x20-\x7e]*$/.test(token));
    expect(tokens.length).toBeGreaterThan(100);
    const statuses = await Promise.all(
      tokens.map(async ({ name, token }) => [name, (await app.post(WHO, bearer(token))).status]),
    );
    expect(statuses.filter(([, status]) => status !== 401)).toEqual([]);
  });
});

const fromPage = (headers: Headers) => app.post(WHO, { ...browser.headers, host: 'api.example.com', ...headers });

describe('a cookie from another page', () => {
  it.each<[string, Headers, number]>([
    ['no Origin: no browser', {}, 200],
    ['our own', { origin: 'http://api.example.com' }, 200],
    ['the listed one', { origin: 'https://studio.apollographql.com' }, 200],
    ['a foreign one', { origin: 'https://attacker.example' }, 400],
    ['a subdomain of ours', { origin: 'http://evil.api.example.com' }, 400],
    ['our name with a tail', { origin: 'http://api.example.com.attacker.example' }, 400],
    ['our host, another port', { origin: 'http://api.example.com:8080' }, 400],
    ['null, as from a sandboxed frame', { origin: 'null' }, 400],
    ['a text that is none', { origin: 'api.example.com' }, 400],
    ['the listed one in upper case', { origin: 'HTTPS://STUDIO.APOLLOGRAPHQL.COM' }, 400],
    ['none, and the browser says cross-site', { 'sec-fetch-site': 'cross-site' }, 400],
    ['none, and the browser says same-origin', { 'sec-fetch-site': 'same-origin' }, 200],
  ])('a cookie is accepted or refused by the page it comes from: %s', async (_, headers, status) => {
    expect((await fromPage(headers)).status).toBe(status);
  });

  it('a foreign page may send a token, which no browser sends by itself', async () => {
    const answer = await app.post(WHO, { ...developer.headers, origin: 'https://attacker.example' });
    expect(answer.status).toBe(200);
  });

  it('a cookie changes nothing over GET', async () => {
    const query = new URLSearchParams({ query: 'mutation { logout }' });
    const answer = await app.http.inject({
      url: `/graphql?${String(query)}`,
      headers: { ...browser.headers, 'apollo-require-preflight': '1' },
    });
    expect(answer.statusCode).toBe(405);
    expect(await whoAmI(app, browser.headers)).toBe('developer');
  });

  it.each(['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data'])(
    'a form of another page is not read as an operation: %s',
    async (type) => {
      const answer = await app.http.inject({
        method: 'POST',
        url: '/graphql',
        headers: { ...browser.headers, 'content-type': type },
        payload: JSON.stringify({ query: 'mutation { logout }' }),
      });
      expect(answer.statusCode).toBeGreaterThanOrEqual(400);
      expect(await whoAmI(app, browser.headers)).toBe('developer');
    },
  );
});

describe('HTTP Basic', () => {
  it('the password of Basic is hashed once, and then cached for a minute', async () => {
    const { hasher } = app;
    await whoAmI(app, basic('sales'));
    const before = hasher.computed;
    expect(await Promise.all(Array.from({ length: 20 }, () => whoAmI(app, basic('sales'))))).toContain('sales');
    expect(hasher.computed).toBe(before);
    app.clock.advance(61);
    expect(await whoAmI(app, basic('sales'))).toBe('sales');
    expect(hasher.computed).toBe(before + 1);
  });

  it('another password or login does not use the cached one', async () => {
    await whoAmI(app, basic('manager'));
    expect(await whoAmI(app, basic('manager', passwordOf('sales')))).toBe('401 UNAUTHENTICATED');
    expect(await whoAmI(app, basic('sales', passwordOf('manager')))).toBe('401 UNAUTHENTICATED');
    // Parts that are put together in another place.
    expect(await whoAmI(app, basic('manage', `r:${passwordOf('manager')}`))).toBe('401 UNAUTHENTICATED');
  });

  it('Basic opens no session', async () => {
    const { sessions } = await ask(app, basic('warehouse'), SessionsDocument);
    expect(sessions?.totalCount).toBe(0);
  });

  it('Basic of a disabled user is refused at once by its challenge, though it was cached', async () => {
    expect(await whoAmI(app, basic('guest'))).toBe('guest');
    const id = await userId(app, 'guest');
    await changeAccess(app, 'update users set active = false where id = ?', id);
    const answer = await app.post(WHO, basic('guest'));
    expect([answer.status, answer.headers['www-authenticate']]).toEqual([
      401,
      'Basic realm="rolegate", charset="UTF-8"',
    ]);
    await changeAccess(app, 'update users set active = true where id = ?', id);
  });
});
