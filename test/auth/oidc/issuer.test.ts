import { generateKeyPairSync, sign as signWith } from 'node:crypto';
import { exportJWK, generateKeyPair } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { InvalidTokenError } from '../../../src/lib/errors.ts';
import { createExternalIssuer, type ExternalIssuerOptions } from '../../../src/auth/oidc/issuer.ts';
import {
  buildExternal,
  buildIssuer,
  buildIssuerKey,
  honest,
  NOW,
  SECONDS,
  signExternal,
  trust,
  type External,
  type FakeIssuer,
  type IssuerKey,
  type Permission,
  type Role,
  type Trust,
} from '../../support/local-issuer.ts';

const { issuer, audience } = trust;

let key: IssuerKey;
let other: IssuerKey;
let stranger: IssuerKey;

beforeAll(async () => {
  key = await buildIssuerKey('one');
  other = await buildIssuerKey('two');
  stranger = await buildIssuerKey('one');
});

function build(change: Partial<Trust> = {}, server: FakeIssuer = buildIssuer({ keys: [key.jwk] })): External {
  return buildExternal(server, change);
}

/** Returns the principal of a token, or the error that refuses it. */
async function outcome(token: string, server?: FakeIssuer): Promise<unknown> {
  return build({}, server)
    .verify(token)
    .catch((error: unknown) => error);
}

/** Reports if a server whose issuer has these keys accepts a token that a key signed. */
async function verifies(keys: readonly unknown[], signer = key): Promise<boolean> {
  const result = await outcome(await signExternal(signer, honest), buildIssuer({ keys }));
  if (result instanceof Error && !(result instanceof InvalidTokenError)) {
    throw result;
  }
  return !(result instanceof Error);
}

/** Returns the grants of claims, beside those that every token has. */
async function rolesOf(claims: Record<string, unknown>, change: Partial<Trust> = {}) {
  const { roles, permissions } = await build(change).verify(await signExternal(key, { ...honest, ...claims }));
  return { roles, permissions };
}

describe('a valid token', () => {
  test('a token is read as a principal of its issuer', async () => {
    const claims = { ...honest, permissions: ['accounts:read'], email: 'alice@example.com', name: 'Alice' };
    expect(await build().verify(await signExternal(key, claims))).toEqual({
      issuer,
      subject: 'auth0|alice',
      roles: ['DEVELOPER', 'STANDARD'],
      permissions: ['accounts:read'],
      email: 'alice@example.com',
      name: 'Alice',
      expiresAt: new Date(NOW.getTime() + 3_600_000),
      authenticatedAt: new Date((SECONDS - 60) * 1_000),
    });
  });

  test.each(['RS256', 'PS256', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'])(
    'a token signed with %s is accepted',
    async (alg) => {
      const signer = await buildIssuerKey('k', alg);
      const server = buildIssuer({ keys: [signer.jwk] });
      await expect(build({}, server).verify(await signExternal(signer, honest))).resolves.toMatchObject({
        issuer: trust.issuer,
      });
    },
  );

  test.each([undefined, 'JWT', 'jwt', 'at+jwt', 'application/at+jwt'])(
    'a token of the type %s is accepted',
    async (typ) => {
      const token = await signExternal(key, honest, { typ });
      await expect(build().verify(token)).resolves.toMatchObject({ issuer: trust.issuer });
    },
  );

  test.each<[string, Record<string, unknown>]>([
    ['is for others as well', { aud: ['https://userinfo.example.com', audience] }],
    ['has no iat', { iat: undefined }],
    ['is five seconds ahead', { iat: SECONDS + 5, nbf: SECONDS + 5 }],
    ['lives for a day', { exp: SECONDS + 86_400 }],
    ["is Keycloak's", { typ: 'Bearer', azp: 'spa', realm_access: { roles: [] } }],
  ])('a token is accepted that %s', async (_, change) => {
    const token = await signExternal(key, { ...honest, ...change });
    await expect(build().verify(token)).resolves.toMatchObject({ subject: 'auth0|alice' });
  });

  test('a token needs no kid when one key, or one of several, fits', async () => {
    const token = await signExternal(other, honest, { kid: undefined });
    await expect(build({}, buildIssuer({ keys: [other.jwk] })).verify(token)).resolves.toMatchObject({
      issuer: trust.issuer,
    });
    await expect(build({}, buildIssuer({ keys: [key.jwk, other.jwk] })).verify(token)).resolves.toMatchObject({
      issuer,
    });
  });
});

describe('the grants of a token', () => {
  test.each<[string, unknown, Role[]]>([
    ['what the map says', ['idp-admin', 'dev'], ['ADMIN', 'DEVELOPER', 'STANDARD']],
    ['each role once', ['dev', 'dev'], ['DEVELOPER', 'STANDARD']],
    ['nothing for roles outside the map', ['ADMIN', 'SUPER_ADMIN', 'root'], []],
    ['nothing for another case', ['DEV', 'Idp-Admin', ' dev'], []],
    ['nothing for names of the prototype', ['constructor', '__proto__', 'toString'], []],
    ['nothing for what is no text', [['dev'], { theirs: 'dev' }, 1, null], []],
    ['nothing for an object', { dev: true }, []],
    ['what words stand for', 'dev', ['DEVELOPER', 'STANDARD']],
    ['nothing for null', null, []],
    ['nothing without the claim', undefined, []],
  ])('the roles of a token are %s', async (_, roles, expected) => {
    expect(await rolesOf({ roles })).toEqual({ roles: expected, permissions: [] });
  });

  test('roles are read where Keycloak and Auth0 put them', async () => {
    const keycloak = { roles: undefined, realm_access: { roles: ['dev'] } };
    expect((await rolesOf(keycloak, { rolesClaim: 'realm_access.roles' })).roles).toEqual(['DEVELOPER', 'STANDARD']);
    const auth0 = { roles: undefined, 'https://example.com/roles': ['idp-admin'] };
    expect((await rolesOf(auth0, { rolesClaim: 'https://example.com/roles' })).roles).toEqual(['ADMIN']);
  });

  test.each<[string, unknown, Permission[]]>([
    ['those that exist', ['read:admin-messages', 'accounts:read', 'made:up'], ['accounts:read', 'read:admin-messages']],
    ['none that do not', ['*', 'constructor', 'ACCOUNTS:READ'], []],
    ['words', 'openid accounts:read', ['accounts:read']],
    ['no object', { 'accounts:read': true }, []],
  ])('permissions are %s', async (_, permissions, expected) => {
    expect((await rolesOf({ permissions })).permissions).toEqual(expected);
    expect((await rolesOf({ scope: permissions }, { permissionsClaim: 'scope' })).permissions).toEqual(expected);
  });

  test('a name or address that cannot be stored is left out', async () => {
    const odd = await build().verify(await signExternal(key, { ...honest, email: 5, name: 'A\u0000B' }));
    expect(odd).toMatchObject({ email: null, name: null });
    const long = await build().verify(await signExternal(key, { ...honest, email: 'a'.repeat(400), name: '' }));
    expect(long).toMatchObject({ email: null, name: null });
  });
});

describe('a key set', () => {
  test('keys that are not for signatures verify no token', async () => {
    expect(await verifies([{ ...key.jwk, use: 'enc' }])).toBe(false);
    expect(await verifies([{ ...key.jwk, use: undefined, key_ops: ['sign'] }])).toBe(false);
    expect(await verifies([{ ...key.jwk, use: undefined, key_ops: [] }])).toBe(false);
    expect(await verifies([{ ...key.jwk, use: undefined, key_ops: ['verify'] }])).toBe(true);
    expect(await verifies([{ ...key.jwk, alg: 'ES384' }])).toBe(false);
    expect(await verifies([{ ...key.jwk, use: 'enc' }, key.jwk])).toBe(true);
  });

  test('short RSA keys verify no token', async () => {
    const short = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const jwk = { ...short.publicKey.export({ format: 'jwk' }), kid: 'short', alg: 'RS256' };
    const input = [{ alg: 'RS256', kid: 'short' }, honest]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    const token = `${input}.${signWith('sha256', Buffer.from(input), short.privateKey).toString('base64url')}`;
    await expect(build({}, buildIssuer({ keys: [jwk] })).verify(token)).rejects.toThrow(InvalidTokenError);
  });

  test('of two keys under one kid, only the one that signed verifies a token', async () => {
    const twin = { ...other.jwk, kid: 'one' };
    expect(await verifies([key.jwk, twin])).toBe(true);
    expect(await verifies([twin, key.jwk])).toBe(true);
    expect(await verifies([twin, twin])).toBe(false);
    expect(await verifies([key.jwk, key.jwk, twin])).toBe(true);
    expect(await verifies([key.jwk, twin], stranger)).toBe(false);
    expect(await verifies([{ ...key.jwk, x: 'AAAA' }, key.jwk])).toBe(true);
    expect(
      await verifies([
        { ...key.jwk, x: 'AAAA' },
        { ...key.jwk, y: 'AAAA' },
      ]),
    ).toBe(false);
  });

  test('unknown members of a key set are ignored', async () => {
    expect(await verifies([{}, { kty: 'new', kid: 'one' }, { kty: 'EC', kid: 'one', crv: 'P-9' }, key.jwk])).toBe(true);
    expect(await verifies([])).toBe(false);
    expect(await verifies([{ ...key.jwk, x: 'AAAA' }])).toBe(false);
  });

  test('a key with its private part is not trusted', async () => {
    const { privateKey } = await generateKeyPair('ES256', { extractable: true });
    const leaked = { ...(await exportJWK(privateKey)), kid: 'leaked', alg: 'ES256' };
    expect(await verifies([leaked], { kid: 'leaked', alg: 'ES256', privateKey, jwk: {} })).toBe(false);
    expect(await verifies([leaked, key.jwk])).toBe(true);
  });
});

describe('the configuration of an issuer', () => {
  test.each<[string, Partial<ExternalIssuerOptions<string, string>>]>([
    ['without an issuer', { issuer: '' }],
    ['without an audience', { audience: '' }],
    ['that maps to SUPER_ADMIN', { roles: [{ theirs: 'root', ours: 'SUPER_ADMIN' }] }],
    ['that trusts a secret that is too short', { secrets: ['x'.repeat(31)] }],
    ['that trusts a shared secret', { algorithms: JSON.parse('["RS256","HS256"]') }],
    ['that trusts no signature', { algorithms: JSON.parse('["none"]') }],
  ])('a configuration is refused %s', (_, change) => {
    expect(() => createExternalIssuer({ ...trust, now: () => NOW, ...change })).toThrow(RangeError);
  });

  test('a configuration narrows the accepted algorithms', async () => {
    const external = build({ algorithms: ['RS256'] });
    await expect(external.verify(await signExternal(key, honest))).rejects.toThrow(InvalidTokenError);
  });
});
