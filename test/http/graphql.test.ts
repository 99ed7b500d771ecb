import { getIntrospectionQuery } from 'graphql';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LoginDocument, UsersBetweenDocument } from '../generated/graphql.ts';
import { createTestApp, type HttpAnswer, TEST_SECRET, type TestApp } from '../support/app.ts';
import { honestToken, type HostileTokenOptions } from '../support/forged-tokens.ts';
import { hostileTokens } from '../support/hostile-tokens.ts';
import { userId } from '../support/rows.ts';

let app: TestApp;
beforeAll(async () => {
  const plenty = '100000';
  app = await createTestApp({
    environment: {
      LOGIN_FAILURES_PER_ADDRESS: plenty,
      LOGIN_FAILURES_PER_ACCOUNT: plenty,
      LOGIN_FAILURES_PER_ACCOUNT_AND_ADDRESS: plenty,
    },
  });
});
afterAll(() => app.close());

const codesOf = ({ body }: HttpAnswer): unknown[] => (body.errors ?? []).map(({ extensions }) => extensions?.['code']);
const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });
const me = (token: string): Promise<HttpAnswer> => app.post({ query: '{ me { username roles } }' }, bearer(token));

function login(login: string, password: string, roles?: string[]): Promise<HttpAnswer> {
  return app.as('ANONYMOUS').request(LoginDocument, { login, password, ...(roles && { roles }) });
}

function tokenOf({ body, text }: HttpAnswer): string {
  const { login } = (body.data ?? {}) as { login?: { accessToken: string } | null };
  if (!login) {
    throw new Error(`No user was signed in: ${text}`);
  }
  return login.accessToken;
}

describe('login', () => {
  const PASSWORD = 'rolegate-demo-developer';

  it.each(['developer', 'DEVELOPER', 'developer@example.com', 'Developer@Example.COM', ' developer@example.com '])(
    'login finds a user by name or by e-mail address, in any case: "%s"',
    async (name) => {
      const answer = await me(tokenOf(await login(name, PASSWORD)));
      expect(answer.body).toEqual({ data: { me: { username: 'developer', roles: ['DEVELOPER'] } } });
    },
  );

  it('login returns when the token expires', async () => {
    const { body } = await login('developer', PASSWORD);
    const inMinutes = new Date(app.clock.now().getTime() + 15 * 60_000);
    expect(body.data).toMatchObject({ login: { expiresAt: inMinutes.toISOString() } });
  });

  it('login gives the same answer to an unknown user, a wrong password and a disabled user', async () => {
    await administer('sales', 'deactivateUser');
    const answers = await Promise.all([
      login('developer', 'rolegate-demo-developes'),
      login('developer', 'Rolegate-demo-developer'),
      login('developer', `${PASSWORD} `),
      login('developer', ''),
      login('developer', 'x'.repeat(128)),
      login('developer', 'x'.repeat(10_000)),
      login('nobody', PASSWORD),
      login('nobody@example.com', PASSWORD),
      login('', PASSWORD),
      login('@', PASSWORD),
      login('constructor', PASSWORD),
      login("' or true --", PASSWORD),
      login('x'.repeat(10_000), PASSWORD),
      login('ada.abara', PASSWORD), // has no password
      login('sales', 'rolegate-demo-sales'), // is disabled
      login('sales', 'wrong'),
    ]);
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers[0]).toMatchObject({ status: 200, body: { data: { login: null } } });
    expect(answers[0] && codesOf(answers[0])).toEqual(['UNAUTHENTICATED']);
  });

  it('login activates some of the roles that a user holds, directly or by inheritance', async () => {
    const developer = tokenOf(await login('admin', 'rolegate-demo-admin', ['DEVELOPER']));
    const query = '{ users { totalCount } accounts { totalCount } }';
    const answer = await app.post({ query }, bearer(developer));
    expect(answer.body.data).toEqual({ users: null, accounts: { totalCount: 1000 } });
    expect(codesOf(answer)).toEqual(['FORBIDDEN']);
  });

  it.each([
    ['a role that one does not hold', 'ADMIN', 'FORBIDDEN'],
    ['a role that there is not', 'NO_SUCH_ROLE', 'BAD_USER_INPUT'],
    ['a role by the name of a method', 'constructor', 'BAD_USER_INPUT'],
    ['a role in another case', 'developer', 'BAD_USER_INPUT'],
  ])('login does not activate %s', async (_, role, code) => {
    const answer = await login('developer', PASSWORD, ['DEVELOPER', role]);
    expect([answer.status, answer.body.data, codesOf(answer)]).toEqual([200, { login: null }, [code]]);
  });
});

/** Requests of every kind, each with a credential of its own. */
const requests: readonly (readonly [string, (headers: Record<string, string>) => Promise<HttpAnswer>])[] = [
  ['a query', (headers) => app.post({ query: '{ me { id } }' }, headers)],
  ['a query of public data', (headers) => app.post({ query: '{ __typename }' }, headers)],
  [
    'a mutation',
    (headers) => app.post({ query: 'mutation { login(login: "a", password: "b") { expiresAt } }' }, headers),
  ],
  ['an introspection', (headers) => app.post({ query: getIntrospectionQuery() }, headers)],
  ['a document that does not parse', (headers) => app.post({ query: '{' }, headers)],
  ['a document that is not valid', (headers) => app.post({ query: '{ nothing }' }, headers)],
  ['a request without a document', (headers) => app.post({}, headers)],
  ['a GET', (headers) => get('/graphql?query=%7B__typename%7D', headers)],
];

async function get(url: string, headers: Record<string, string>): Promise<HttpAnswer> {
  const { statusCode, headers: sent, body } = await app.http.inject({ url, headers });
  return { status: statusCode, headers: sent, body: JSON.parse(body), text: body };
}

/** A refusal of the whole request: a challenge, one error, no data. */
function expectUnauthorized({ status, headers, body }: HttpAnswer): void {
  expect([status, headers['www-authenticate'], body.errors?.length, 'data' in body]).toEqual([
    401,
    expect.stringMatching(/^Bearer /),
    1,
    false,
  ]);
  expect(body.errors?.[0]?.extensions).toEqual({ code: 'UNAUTHENTICATED' });
}

describe('a token that is not valid', () => {
  const tokens: [string, () => Promise<string>][] = [
    ['garbage', async () => 'garbage'],
    ['nothing', async () => ''],
    ['a token with a changed signature', async () => `${(await app.as('ADMIN').token()).slice(0, -4)}AAAA`],
    ['a token that another secret signed', async () => honestToken({ ...trusted(), secret: 'x'.repeat(48) })],
    ['a token of a session that there is not', async () => honestToken(trusted())],
    ['a token of a user who was disabled', () => tokenThen('guest', 'deactivateUser')],
    ['a token of a user who was removed', () => tokenThen('warehouse', 'removeUser')],
    ['a token of a session that was ended', () => endedToken('standard')],
  ];

  describe.each(tokens)('%s', (_, token) => {
    let spoilt: string;
    beforeAll(async () => {
      spoilt = await token();
    });

    it.each(requests)('every request with such a token gets a 401: %s', async (_, send) => {
      expectUnauthorized(await send(bearer(spoilt)));
    });
  });

  it('an expired token gets a 401, to the second', async () => {
    const token = await app.as('MANAGER').token();
    app.clock.advance(15 * 60 - 1);
    expect((await me(token)).status).toBe(200);
    app.clock.advance(1);
    expectUnauthorized(await me(token));
  });

  it('every invalid token gets the same answer', async () => {
    const answers = await Promise.all(['garbage', honestToken(trusted())].map(me));
    expect(answers[0]?.text).toBe(answers[1]?.text);
  });
});

/** Runs a mutation of an administrator on a user. */
async function administer(username: string, mutation: 'deactivateUser' | 'removeUser'): Promise<void> {
  const id = await userId(app, username);
  const document = `mutation ($id: ID!) { ${mutation}(id: $id) { id } }`;
  expect((await app.as('SUPER_ADMIN').request(document, { id })).body.errors).toBeUndefined();
}

/** Signs a user in, then lets an administrator act. */
async function tokenThen(username: string, mutation: 'deactivateUser' | 'removeUser'): Promise<string> {
  const token = tokenOf(await login(username, `rolegate-demo-${username}`));
  expect((await me(token)).status).toBe(200);
  await administer(username, mutation);
  return token;
}

async function endedToken(username: string): Promise<string> {
  const token = tokenOf(await login(username, `rolegate-demo-${username}`));
  await app.post({ query: 'mutation { logout }' }, bearer(token));
  return token;
}

/** Returns the options with which the server accepts tokens. */
function trusted(claims: Record<string, unknown> = {}): HostileTokenOptions {
  const { issuer, audience } = app.config.jwt;
  return { secret: TEST_SECRET, issuer, audience, now: app.clock.now(), claims };
}

describe('hostile tokens', () => {
  it('hostile tokens get a 401 each, while the honest one is accepted', async () => {
    const { sub, sid } = decodeJwt(await app.as('ADMIN').token());
    const options = trusted({ sub, sid, roles: ['ADMIN'], account: null });
    expect((await me(honestToken(options))).body.data).toMatchObject({ me: { username: 'admin' } });
    const tokens = hostileTokens(options);
    expect(tokens.length).toBeGreaterThan(100);
    const accepted: string[] = [];
    for (const { name, token } of tokens) {
      const { status, headers, body } = await me(token);
      const isRefused = status === 401 && 'www-authenticate' in headers && !('data' in body);
      accepted.push(...(isRefused ? [] : [`${name}: ${status}`]));
    }
    expect(accepted).toEqual([]);
  });

  it('hostile tokens leave no part of themselves in answer or log', async () => {
    app.logged.length = 0;
    const { text } = await me('marker.marker.marker');
    expect(text + JSON.stringify(app.logged)).not.toContain('marker');
  });
});

describe('a valid token', () => {
  it('a token is read from the Authorization header only', async () => {
    const token = await app.as('ADMIN').token();
    const query = '{ me { username } }';
    const answers = await Promise.all([
      app.post({ query, authorization: `Bearer ${token}`, access_token: token, token }),
      app.post({ query, extensions: { authorization: `Bearer ${token}` } }),
      app.post({ query }, { 'x-authorization': `Bearer ${token}`, 'x-access-token': token }),
      get(`/graphql?query=${encodeURIComponent(query)}&access_token=${token}&authorization=Bearer%20${token}`, {
        'apollo-require-preflight': '1',
      }),
    ]);
    expect(answers.map(codesOf)).toEqual(answers.map(() => ['UNAUTHENTICATED']));
  });

  it.each(['bearer', 'BEARER', 'Bearer'])('a token is read from the scheme "%s"', async (scheme) => {
    const authorization = `${scheme} ${await app.as('ADMIN').token()}`;
    const { body } = await app.post({ query: '{ me { username } }' }, { authorization });
    expect(body.data).toEqual({ me: { username: 'admin' } });
  });

  it('a token holds no more than the database says: a revoked role does not count', async () => {
    const admin = app.as('ADMIN');
    expect(codesOf(await admin.request(UsersBetweenDocument))).toEqual([]);
    const revoke = 'mutation ($userId: ID!) { revokeRole(userId: $userId, role: ADMIN) { roles } }';
    const revoked = await app.as('SUPER_ADMIN').request(revoke, { userId: await userId(app, 'admin') });
    expect(revoked.body).toEqual({ data: { revokeRole: { roles: [] } } });
    expect(codesOf(await admin.request(UsersBetweenDocument))).toEqual(['FORBIDDEN']);
  });
});
