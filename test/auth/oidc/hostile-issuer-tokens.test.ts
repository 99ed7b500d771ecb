import { generateKeyPairSync, sign as signWith } from 'node:crypto';
import { exportJWK, generateKeyPair } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { InvalidTokenError } from '../../../src/lib/errors.ts';
import { forge } from '../../support/forged-tokens.ts';
import {
  buildExternal,
  buildIssuer,
  buildIssuerKey,
  honest,
  SECONDS,
  signExternal,
  trust,
  type FakeIssuer,
  type IssuerKey,
} from '../../support/local-issuer.ts';

const { issuer, audience } = trust;

let key: IssuerKey;
let stranger: IssuerKey;

beforeAll(async () => {
  key = await buildIssuerKey('one');
  stranger = await buildIssuerKey('one');
});

/** The claims that a token is read as, or the reason why it is not read. */
async function outcome(token: string, server: FakeIssuer = buildIssuer({ keys: [key.jwk] })): Promise<unknown> {
  return buildExternal(server)
    .verify(token)
    .catch((error: unknown) => error);
}

describe('a hostile token', () => {
  test.each<[string, Record<string, unknown>]>([
    ['expired', { exp: SECONDS - 3600 }],
    ['expired in this very second', { exp: SECONDS }],
    ['without exp', { exp: undefined }],
    ['exp null', { exp: null }],
    ['exp a string', { exp: String(SECONDS + 60) }],
    ['exp in two days', { exp: SECONDS + 2 * 86_400 }],
    ['exp in milliseconds', { exp: (SECONDS + 60) * 1000 }],
    ['exp a list', { exp: [SECONDS + 60] }],
    ['iat in a minute', { iat: SECONDS + 60 }],
    ['iat a string', { iat: String(SECONDS) }],
    ['iat null', { iat: null }],
    ['nbf in a minute', { nbf: SECONDS + 60 }],
    ['nbf a string', { nbf: String(SECONDS) }],
    ['without iss', { iss: undefined }],
    ['iss without its slash', { iss: issuer.slice(0, -1) }],
    ['iss of another', { iss: 'https://login.attacker.example/' }],
    ['iss in upper case', { iss: issuer.toUpperCase() }],
    ['iss a list', { iss: [issuer] }],
    ['without aud', { aud: undefined }],
    ['aud of another service', { aud: 'https://other.example.com' }],
    ['aud a part of ours', { aud: 'https://api.example' }],
    ['aud a list without ours', { aud: ['a', 'b'] }],
    ['aud an empty list', { aud: [] }],
    ['aud nested', { aud: [[audience]] }],
    ['aud an object', { aud: { [audience]: true } }],
    ['without sub', { sub: undefined }],
    ['sub empty', { sub: '' }],
    ['sub null', { sub: null }],
    ['sub a number', { sub: 1 }],
    ['sub a list', { sub: ['auth0|alice'] }],
    ['sub with a NUL', { sub: 'alice\u0000' }],
    ['sub with a line break', { sub: 'alice\nbob' }],
    ['sub of 256 characters', { sub: 'a'.repeat(256) }],
    ['an identity token (nonce)', { nonce: 'n' }],
    ['an identity token (at_hash)', { at_hash: 'h' }],
    ['a logout token', { events: { 'http://schemas.openid.net/event/backchannel-logout': {} } }],
    ["Keycloak's identity token", { typ: 'ID' }],
    ["Keycloak's refresh token", { typ: 'Refresh' }],
    ['longer than 8 KiB', { filler: 'x'.repeat(9000) }],
  ])('a token with these claims is refused: %s', async (_, change) => {
    expect(await outcome(await signExternal(key, { ...honest, ...change }))).toBeInstanceOf(InvalidTokenError);
  });

  test.each<[string, Record<string, unknown>]>([
    ['typ of a refresh token', { typ: 'refresh+jwt' }],
    ['typ of a logout token', { typ: 'logout+jwt' }],
    ['typ of a proof', { typ: 'dpop+jwt' }],
    ['typ a number', { typ: 1 }],
    ['kid unknown', { kid: 'three' }],
    ['kid a path', { kid: '../../dev/null' }],
    ['kid empty', { kid: '' }],
    ['kid __proto__', { kid: '__proto__' }],
  ])('a token with this header is refused: %s', async (_, header) => {
    expect(await outcome(await signExternal(key, honest, header))).toBeInstanceOf(InvalidTokenError);
  });

  /** Signs any header over honest claims with the issuer's key, which SignJWT would refuse. */
  function signRaw(header: Record<string, unknown>, payload: unknown = honest): string {
    const parts = [{ alg: 'ES256', kid: 'raw', typ: 'JWT', ...header }, payload];
    const input = parts.map((part) =>
      Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url'),
    );
    const signature = signWith('sha256', Buffer.from(input.join('.')), {
      key: raw.privateKey,
      dsaEncoding: 'ieee-p1363',
    });
    return `${input.join('.')}.${signature.toString('base64url')}`;
  }
  const raw = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const rawSet = { keys: [{ ...raw.publicKey.export({ format: 'jwk' }), kid: 'raw' }] };

  test('the same token with an honest header is accepted', async () => {
    await expect(buildExternal(buildIssuer(rawSet)).verify(signRaw({}))).resolves.toMatchObject({
      issuer: trust.issuer,
    });
  });

  test.each<[string, Record<string, unknown>, unknown?]>([
    ['crit unknown', { crit: ['x'], x: 1 }],
    ['crit exp', { crit: ['exp'], exp: 1 }],
    ['crit empty', { crit: [] }],
    ['crit a string', { crit: 'x' }],
    ['b64 false', { crit: ['b64'], b64: false }],
    ['alg none', { alg: 'none' }],
    ['alg NONE', { alg: 'NONE' }],
    ['alg a list', { alg: ['ES256'] }],
    ['alg missing', { alg: undefined }],
    ['alg es256', { alg: 'es256' }],
    ['alg ES384 on this curve', { alg: 'ES384' }],
    ['alg RS256 over this signature', { alg: 'RS256' }],
    ['payload a string', {}, '"text"'],
    ['payload null', {}, 'null'],
    ['payload a list', {}, [honest]],
    ['payload not JSON', {}, '{{{'],
    ['payload empty', {}, {}],
    ['exp an infinity', {}, `${JSON.stringify({ ...honest, exp: undefined }).slice(0, -1)},"exp":1e999}`],
  ])('a token that no library would write is refused: %s', async (_, header, payload) => {
    expect(await outcome(signRaw(header, payload), buildIssuer(rawSet))).toBeInstanceOf(InvalidTokenError);
  });

  test('a token that another key has signed is refused, whatever the header offers', async () => {
    const { publicKey } = await generateKeyPair('ES256');
    const jwk = await exportJWK(publicKey);
    const offers = [
      {},
      { jwk: stranger.jwk },
      { jwk },
      { jku: 'https://attacker.example/jwks.json' },
      { x5u: 'https://attacker.example' },
    ];
    const server = buildIssuer({ keys: [key.jwk] });
    for (const offer of offers) {
      expect(await outcome(await signExternal(stranger, honest, offer), server)).toBeInstanceOf(InvalidTokenError);
    }
    expect(new Set(server.fetched)).toEqual(new Set([trust.jwksUrl]));
  });

  test.each(['HS256', 'HS384', 'HS512'])(
    'a token signed by %s with a public key as the secret is refused',
    async (alg) => {
      const pem = raw.publicKey.export({ type: 'spki', format: 'pem' }).toString();
      const secrets = [pem, JSON.stringify(rawSet.keys[0]), rawSet.keys[0]?.x ?? '', ''];
      for (const secret of secrets) {
        expect(
          await outcome(
            forge({ alg, kid: 'raw', typ: 'JWT' }, honest, secret, `sha${alg.slice(2)}`),
            buildIssuer(rawSet),
          ),
        ).toBeInstanceOf(InvalidTokenError);
      }
    },
  );

  test('a token signed by HS256 with a secret that the key set gives away is refused', async () => {
    const oct = { kty: 'oct', k: Buffer.from('a secret that anyone can read').toString('base64url'), kid: 'oct' };
    expect(
      await outcome(
        forge({ alg: 'HS256', kid: 'oct' }, honest, 'a secret that anyone can read'),
        buildIssuer({ keys: [oct] }),
      ),
    ).toBeInstanceOf(InvalidTokenError);
  });

  test('a garbled token is refused', async () => {
    const token = await signExternal(key, honest);
    const [head = '', body = '', signature = ''] = token.split('.');
    const garbled = [
      '',
      'a',
      'a.b',
      'a.b.c',
      '..',
      `${head}.${body}`,
      `${head}.${body}.`,
      `${token}.x`,
      `${token}=`,
      ` ${token}`,
    ];
    const changed = [
      `${head}.${body}.${signature.slice(2)}`,
      `${head}.${body}.${'A'.repeat(signature.length)}`,
      'ä.ö.ü',
      '\u0000',
    ];
    for (const bad of [...garbled, ...changed]) {
      expect(await outcome(bad)).toBeInstanceOf(InvalidTokenError);
    }
  });
});
