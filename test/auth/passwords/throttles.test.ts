import { afterEach, describe, expect, it } from 'vitest';
import { networkOf } from '../../../src/lib/network.ts';
import type { Environment } from '../../../src/config/config.ts';
import { createTestApp, type HttpAnswer, type TestApp } from '../../support/app.ts';
import { look } from '../../support/rows.ts';
import { basic, codesOf, passwordOf, signIn, tryToSignIn } from '../../support/signed-in.ts';

let app: TestApp;
async function start(environment: Environment = {}): Promise<void> {
  app = await createTestApp({ environment });
}
afterEach(() => app.close());

const QUARTER = 15 * 60;
const WRONG = 'a wrong password';
/** Fields of a new user. */
const person = (n: number): string => `username: "alias.${n}", email: "alias.${n}@example.com", displayName: "Alias"`;

/** A request that comes from somewhere. */
async function loginFrom(address: string, login: string, password = WRONG): Promise<HttpAnswer> {
  const query =
    'mutation ($login: String!, $password: String!) { login(login: $login, password: $password) { expiresAt } }';
  const response = await app.http.inject({
    method: 'POST',
    url: '/graphql',
    remoteAddress: address,
    payload: { query, variables: { login, password } },
  });
  return { status: response.statusCode, headers: response.headers, body: response.json(), text: response.body };
}

/** The statuses of guesses, one after the other. */
async function guess(times: number, attempt: (n: number) => Promise<HttpAnswer>): Promise<Record<number, number>> {
  const statuses: number[] = [];
  for (let n = 0; n < times; n++) {
    statuses.push((await attempt(n)).status);
  }
  return Object.fromEntries(
    [...Map.groupBy(statuses, (status) => status)].map(([status, all]) => [status, all.length]),
  );
}

/** Guesses through a proxy that writes this header. */
const through = (header: (n: number) => string) => (n: number) =>
  tryToSignIn(app, 'admin', {
    password: WRONG,
    headers: { 'x-forwarded-for': header(n), forwarded: `for=${header(n)}` },
  });

describe('ten failures for an account from one address, within a quarter of an hour', () => {
  it('ten failures for an account from one address cause 429 with a time to retry, without a hash, also for the right password', async () => {
    await start();
    expect(await guess(10, () => tryToSignIn(app, 'admin', { password: WRONG }))).toEqual({ 200: 10 });
    app.clock.advance(100);
    const { computed } = app.hasher;
    const answer = await tryToSignIn(app, 'admin');
    expect([answer.status, codesOf(answer), answer.headers['retry-after']]).toEqual([
      429,
      ['RATE_LIMITED'],
      String(QUARTER - 100),
    ]);
    expect(app.hasher.computed).toBe(computed);
    app.clock.advance(QUARTER - 101);
    expect((await tryToSignIn(app, 'admin')).status).toBe(429);
    app.clock.advance(1);
    expect((await tryToSignIn(app, 'admin')).status).toBe(200);
  });

  it('failures count for an account by whichever login it is named', async () => {
    await start();
    const names = ['admin', 'ADMIN', 'admin@example.com', ' Admin@Example.com', 'ａｄｍｉｎ'];
    expect(await guess(15, (n) => tryToSignIn(app, names[n % names.length] ?? '', { password: WRONG }))).toEqual({
      200: 10,
      429: 5,
    });
  });

  it('failures count whether or not the account exists', async () => {
    await start();
    expect(await guess(15, (n) => tryToSignIn(app, n % 2 ? 'nobody' : ' NOBODY', { password: WRONG }))).toEqual({
      200: 10,
      429: 5,
    });
    const [known, unknown] = await Promise.all([loginFrom('198.51.100.1', 'admin'), tryToSignIn(app, 'nobody')]);
    expect([known.status, unknown.status]).toEqual([200, 429]);
  });

  it('failures of Basic count as those of login', async () => {
    await start();
    const ask = () => app.post({ query: '{ __typename }' }, basic('admin', WRONG));
    expect(await guess(12, ask)).toEqual({ 401: 10, 429: 2 });
    expect((await tryToSignIn(app, 'admin')).status).toBe(429);
    expect((await ask()).headers['retry-after']).toBe(String(QUARTER));
  });

  it('a document checks one password, whatever its aliases', async () => {
    await start();
    const aliases = Array.from(
      { length: 12 },
      (_, n) => `a${n}: login(login: "admin", password: "${WRONG}") { expiresAt }`,
    );
    const { computed } = app.hasher;
    const answer = await app.post({ query: `mutation { ${aliases.join('\n')} }` });
    expect(answer.status).toBe(429);
    const codes = codesOf(answer);
    expect(
      codes.filter((code) => code === 'UNAUTHENTICATED').length +
        codes.filter((code) => code === 'RATE_LIMITED').length,
    ).toBe(12);
    expect(codes[0]).toBe('UNAUTHENTICATED');
    expect(app.hasher.computed - computed).toBe(1);
  });

  it('an operation hashes one password, whichever fields send it', async () => {
    await start({ OPEN_REGISTRATION: 'true' });
    const { headers } = await signIn(app, 'admin');
    const next = 'seven-teal-walnuts-orbit';
    const fields: readonly ((n: number) => string)[] = [
      (n) => `createUser(input: { ${person(n)}, password: "${next}" }) { id }`,
      (n) => `register(input: { ${person(n)}, password: "${next}" })`,
      () => `changePassword(current: "${WRONG}", next: "${next}")`,
      () => `reauthenticate(password: "${WRONG}")`,
      () => `login(login: "admin", password: "${WRONG}") { expiresAt }`,
    ];
    const documents = [
      ...fields.map((field) => Array.from({ length: 6 }, (_, n) => `a${n}: ${field(n)}`)),
      fields.map((field, n) => `a${n}: ${field(n)}`),
    ];
    for (const document of documents) {
      const { computed } = app.hasher;
      const codes = codesOf(await app.post({ query: `mutation { ${document.join(' ')} }` }, headers));
      expect(codes.filter((code) => code === 'RATE_LIMITED').length, document[0]).toBe(document.length - 1);
      expect(app.hasher.computed - computed, document[0]).toBe(1);
    }
  });

  it('concurrent failures count as well as consecutive ones', async () => {
    await start();
    const { computed } = app.hasher;
    const answers = await Promise.all(Array.from({ length: 60 }, () => tryToSignIn(app, 'admin', { password: WRONG })));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(10);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(50);
    expect(app.hasher.computed - computed).toBe(10);
  });

  it('X-Forwarded-For is ignored unless the proxy is trusted', async () => {
    await start();
    expect(
      await guess(
        15,
        through((n) => `203.0.113.${n}`),
      ),
    ).toEqual({ 200: 10, 429: 5 });
  });

  it('the address is what the trusted proxy says, as far as it vouches for it', async () => {
    await start({ TRUST_PROXY: '127.0.0.1' });
    expect(
      await guess(
        12,
        through(() => '203.0.113.1'),
      ),
    ).toEqual({ 200: 10, 429: 2 });
    expect(
      await guess(
        5,
        through(() => '203.0.113.2'),
      ),
    ).toEqual({ 200: 5 });
    // The client's own claim stands left of what the proxy has seen.
    expect(
      await guess(
        5,
        through((n) => `198.51.100.${n}, 203.0.113.1`),
      ),
    ).toEqual({ 429: 5 });
  });

  it('a right password in between gives its own attempt back, and no other', async () => {
    await start();
    expect(await guess(9, () => tryToSignIn(app, 'admin', { password: WRONG }))).toEqual({ 200: 9 });
    expect(await guess(30, () => tryToSignIn(app, 'admin'))).toEqual({ 200: 30 });
    expect(await guess(2, () => tryToSignIn(app, 'admin', { password: WRONG }))).toEqual({ 200: 1, 429: 1 });
  });
});

describe('parallel logins with the right password', () => {
  it('parallel logins with the right password all succeed, fifty at once, of one and of several people', async () => {
    await start();
    const people = ['admin', 'developer', 'standard'];
    const logins = Array.from({ length: 50 }, (_, n) => signIn(app, n < 25 ? 'admin' : (people[n % 3] ?? '')));
    expect(new Set((await Promise.all(logins)).map(({ accessToken }) => accessToken)).size).toBe(50);
    const left = await look<{ attempts: number }>(app, 'select attempts from throttles where attempts > 0');
    expect(left).toEqual([]);
  });
});

describe('a hundred failures for an account from all addresses', () => {
  it('a hundred failures from all addresses throttle strangers, and not addresses that the user has signed in from', async () => {
    await start();
    const home = '198.51.100.7';
    expect((await loginFrom(home, 'admin', passwordOf('admin'))).status).toBe(200);
    const attempt = (n: number) => loginFrom(`203.0.113.${Math.floor(n / 10)}`, 'admin');
    expect(await guess(110, attempt)).toEqual({ 200: 100, 429: 10 });
    expect((await loginFrom('192.0.2.1', 'admin', passwordOf('admin'))).status).toBe(429);
    expect((await loginFrom(home, 'admin', passwordOf('admin'))).status).toBe(200);
    expect(await guess(12, () => loginFrom(home, 'admin'))).toEqual({ 200: 10, 429: 2 });
    app.clock.advance(QUARTER);
    expect((await loginFrom('192.0.2.1', 'admin', passwordOf('admin'))).status).toBe(200);
  });

  it('a network of IPv6 from which the user has signed in is recognised by its /64', async () => {
    await start({ LOGIN_FAILURES_PER_ACCOUNT: '5' });
    expect((await loginFrom('2001:db8:1:2::1', 'admin', passwordOf('admin'))).status).toBe(200);
    expect(await guess(6, (n) => loginFrom(`203.0.113.${n}`, 'admin'))).toEqual({ 200: 5, 429: 1 });
    expect((await loginFrom('2001:db8:1:2:aaaa:bbbb:cccc:dddd', 'admin', passwordOf('admin'))).status).toBe(200);
    expect((await loginFrom('2001:db8:1:3::1', 'admin', passwordOf('admin'))).status).toBe(429);
  });
});

describe('a hundred failures from an address, within an hour', () => {
  it('a hundred failures from an address throttle it for all users, and no other address', async () => {
    await start();
    const attempt = (n: number) => loginFrom('203.0.113.9', `unknown-${n}`);
    expect(await guess(105, attempt)).toEqual({ 200: 100, 429: 5 });
    const answer = await loginFrom('203.0.113.9', 'admin', passwordOf('admin'));
    expect([answer.status, answer.headers['retry-after']]).toEqual([429, '3600']);
    expect((await loginFrom('203.0.113.10', 'admin', passwordOf('admin'))).status).toBe(200);
    app.clock.advance(3_600);
    expect((await loginFrom('203.0.113.9', 'admin', passwordOf('admin'))).status).toBe(200);
  });

  it('addresses of one IPv6 network count together', async () => {
    await start({ LOGIN_FAILURES_PER_ADDRESS: '5' });
    const attempt = (n: number) => loginFrom(`2001:db8:0:1::${n.toString(16)}`, `unknown-${n}`);
    expect(await guess(8, attempt)).toEqual({ 200: 5, 429: 3 });
    expect((await loginFrom('2001:db8:0:2::1', 'nobody')).status).toBe(200);
  });
});

describe('the table of throttles', () => {
  it('the table of throttles holds neither names nor addresses', async () => {
    await start();
    await loginFrom('203.0.113.9', 'admin');
    const text = JSON.stringify(await look(app, 'select * from throttles'));
    expect(text).not.toMatch(/admin|203\.0/);
  });
});

describe('the network of an address', () => {
  it.each([
    ['203.0.113.9', '203.0.113.9'],
    ['::ffff:203.0.113.9', '203.0.113.9'],
    ['::FFFF:203.0.113.9', '203.0.113.9'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:0db8:0001:0002::9', '2001:db8:1:2::/64'],
    ['2001:db8::9', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['1::', '1:0:0:0::/64'],
    ['1:2:3:4:5:6:7::', '1:2:3:4::/64'],
    ['unknown', 'unknown'],
  ])('the network of an address is found: %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});
