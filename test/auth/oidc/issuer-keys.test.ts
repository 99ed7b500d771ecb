import { beforeAll, describe, expect, test } from 'vitest';
import { InvalidTokenError, IssuerUnavailableError } from '../../../src/lib/errors.ts';
import {
  buildExternal,
  buildIssuer,
  buildIssuerKey,
  honest,
  SECONDS,
  signExternal,
  trust,
  type External,
  type FakeIssuer,
  type IssuerKey,
  type Trust,
} from '../../support/local-issuer.ts';

const { issuer } = trust;

let key: IssuerKey;
let other: IssuerKey;
let stranger: IssuerKey;

beforeAll(async () => {
  key = await buildIssuerKey('one');
  other = await buildIssuerKey('two');
  stranger = await buildIssuerKey('one');
});

function build(change: Partial<Trust> = {}): External {
  return buildExternal(buildIssuer({ keys: [key.jwk] }), change);
}

/** Presents tokens with keys that do not exist, all at once. */
async function flood(external: External, count: number): Promise<void> {
  const kids = Array.from({ length: count }, (_, index) => `made-up-${index}`);
  const tokens = await Promise.all(kids.map(async (kid) => signExternal(stranger, honest, { kid })));
  const answers = await Promise.allSettled(tokens.map(async (token) => external.verify(token)));
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: count }, () => 'rejected'));
}

function metadata(change: Record<string, unknown> = {}): Record<string, unknown> {
  return { issuer, jwks_uri: 'https://keys.example.com/set', ...change };
}

/** A server that is told the issuer only, which publishes the document as its metadata. */
function discovered(document: unknown): External {
  const server = buildIssuer({ keys: [key.jwk] });
  const fetch: FakeIssuer['fetch'] = async (url, init) => {
    const answer = await server.fetch(url, init);
    return url.endsWith('/openid-configuration') ? Response.json(document) : answer;
  };
  return buildExternal(server, { jwksUrl: null, fetch });
}

describe('keys are fetched', () => {
  test('keys are fetched once for all tokens that come first at the same time', async () => {
    const external = build();
    expect(external.server.fetched).toHaveLength(0);
    const token = await signExternal(key, honest);
    await Promise.all(Array.from({ length: 50 }, async () => external.verify(token)));
    expect(external.server.fetched).toEqual([trust.jwksUrl]);
  });

  test('keys are fetched once in a cool-down under a flood of unknown kids, while valid tokens are accepted', async () => {
    const external = build();
    const token = await signExternal(key, honest);
    await external.verify(token);
    for (const cooldown of [1, 2, 3]) {
      await flood(external, 100);
      await expect(external.verify(token)).resolves.toMatchObject({ issuer: trust.issuer });
      await flood(external, 100);
      expect(external.server.fetched).toHaveLength(1 + cooldown);
      external.wait(29);
      await flood(external, 10);
      expect(external.server.fetched).toHaveLength(1 + cooldown);
      external.wait(1);
    }
  });

  test('keys are fetched once under a flood that is the first to come', async () => {
    const external = build();
    await flood(external, 100);
    await flood(external, 100);
    expect(external.server.fetched).toHaveLength(1);
  });

  test('keys are fetched again when the issuer rotates them, also right after the first fetch', async () => {
    const external = build();
    const token = await signExternal(key, honest);
    await external.verify(token);
    external.server.jwks = { keys: [key.jwk, other.jwk] };
    const rotated = await signExternal(other, honest);
    await Promise.all([rotated, token, rotated].map(async (each) => external.verify(each)));
    expect(external.server.fetched).toHaveLength(2);
  });

  test('keys are fetched every ten minutes, so that a withdrawn key is no longer trusted', async () => {
    const external = build();
    const token = await signExternal(key, { ...honest, exp: SECONDS + 80_000 });
    await external.verify(token);
    external.server.jwks = { keys: [other.jwk] };
    external.wait(599);
    await external.verify(token);
    expect(external.server.fetched).toHaveLength(1);
    external.wait(1);
    await external.verify(token); // The keys are renewed beside this request.
    await expect
      .poll(async () => external.verify(token).catch((error: unknown) => error))
      .toBeInstanceOf(InvalidTokenError);
    expect(external.server.fetched.length).toBeLessThanOrEqual(3);
  });
});

describe('an issuer that is unavailable', () => {
  const away: Record<string, () => Promise<Response>> = {
    unreachable: async () => Promise.reject(new TypeError('fetch failed')),
    'answering 500': async () => new Response('oops', { status: 500 }),
    'sending elsewhere': async () =>
      new Response(null, { status: 302, headers: { location: 'https://attacker.example' } }),
    'answering HTML': async () => new Response('<html>'),
    'answering another JSON': async () => Response.json({ hello: 'world' }),
    'answering a list': async () => Response.json([]),
  };

  test.each(Object.entries(away))(
    'an issuer that is unavailable from the start (%s) causes 503 with few attempts, and works within five seconds after',
    async (_, failure) => {
      const failures: unknown[] = [];
      const external = build({ onFetchFailed: (error) => failures.push(error) });
      external.server.failure = failure;
      const token = await signExternal(key, honest);
      const attempts = await Promise.allSettled(Array.from({ length: 20 }, async () => external.verify(token)));
      const reasons = attempts.map((attempt) => (attempt.status === 'rejected' ? attempt.reason : null));
      expect(reasons.every((reason) => reason instanceof IssuerUnavailableError)).toBe(true);
      await expect(external.verify(token)).rejects.toThrow(IssuerUnavailableError);
      expect(external.server.fetched).toHaveLength(1);
      expect(failures).toHaveLength(1);
      external.server.failure = null;
      external.wait(5);
      await expect(external.verify(token)).resolves.toMatchObject({ issuer: trust.issuer });
    },
  );

  test('a server without keys gives up after three seconds; one that has keys does not wait', async () => {
    let isFrozen = true;
    const thaw = buildIssuer({ keys: [key.jwk] });
    const fetch: FakeIssuer['fetch'] = async (url, init) =>
      isFrozen
        ? new Promise((_, reject) => init.signal?.addEventListener('abort', () => reject(init.signal?.reason)))
        : thaw.fetch(url, init);
    const external = build({ fetch });
    const token = await signExternal(key, honest);
    const start = performance.now();
    await expect(external.verify(token)).rejects.toThrow(IssuerUnavailableError);
    expect(performance.now() - start).toBeLessThan(4000);
    isFrozen = false;
    external.wait(5);
    await external.verify(token);
    isFrozen = true;
    external.wait(700);
    const startOfStale = performance.now();
    await expect(external.verify(token)).resolves.toMatchObject({ issuer });
    expect(performance.now() - startOfStale).toBeLessThan(1000);
  });

  test('a text that is not a token gets 401 while the issuer is unavailable', async () => {
    const external = build();
    external.server.failure = async () => Promise.reject(new TypeError('fetch failed'));
    await expect(external.verify('nonsense')).rejects.toThrow(InvalidTokenError);
    expect(external.server.fetched).toHaveLength(0);
  });

  test.each(Object.entries(away))(
    'known keys are used for a day while the issuer is unavailable (%s)',
    async (_, failure) => {
      const external = build();
      await external.verify(await signExternal(key, honest));
      external.server.failure = failure;
      external.wait(86_399);
      const fresh = { ...honest, iat: SECONDS + 86_000, exp: SECONDS + 90_000 };
      const token = await signExternal(key, fresh);
      await expect(external.verify(token)).resolves.toMatchObject({ issuer: trust.issuer });
      await expect(external.verify(await signExternal(other, fresh))).rejects.toThrow(InvalidTokenError);
      external.wait(1);
      await expect(external.verify(token)).rejects.toThrow(IssuerUnavailableError);
    },
  );

  test('an unavailable issuer is asked every five seconds at most, and its new keys are found when it is back', async () => {
    const external = build();
    const token = await signExternal(key, honest);
    await external.verify(token);
    external.wait(600);
    external.server.failure = async () => Promise.reject(new TypeError('fetch failed'));
    for (let second = 0; second < 10; second += 1) {
      await Promise.all(Array.from({ length: 10 }, async () => external.verify(token)));
      external.wait(1);
    }
    await flood(external, 20);
    expect(external.server.fetched).toHaveLength(4);
    await flood(external, 20);
    expect(external.server.fetched).toHaveLength(4);
    external.server.failure = null;
    external.wait(5);
    external.server.jwks = { keys: [other.jwk] };
    const rotated = await signExternal(other, honest);
    await expect(external.verify(rotated)).resolves.toMatchObject({ issuer: trust.issuer });
  });
});

describe('the metadata of an issuer', () => {
  test('the metadata of an issuer say where its keys are', async () => {
    const external = discovered(metadata());
    await external.verify(await signExternal(key, honest));
    const expected = ['https://login.example.com/.well-known/openid-configuration', 'https://keys.example.com/set'];
    expect(external.server.fetched).toEqual(expected);
  });

  test.each<[string, unknown]>([
    ["another issuer's", metadata({ issuer: 'https://login.attacker.example/' })],
    ['without keys', { issuer }],
    ['with no address of keys', metadata({ jwks_uri: 'nowhere' })],
    ['with keys in the clear', metadata({ jwks_uri: 'http://keys.example.com/set' })],
    ['with keys in a file', metadata({ jwks_uri: 'file:///etc/passwd' })],
    ['nonsense', 'nonsense'],
  ])('metadata are not followed when they are %s', async (_, document) => {
    const external = discovered(document);
    await expect(external.verify(await signExternal(key, honest))).rejects.toThrow(IssuerUnavailableError);
    expect(external.server.fetched).toHaveLength(1);
  });
});
