import { decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { InvalidTokenError, IssuerUnavailableError } from '../../../src/lib/errors.ts';
import { startOidcServer, type OidcServer } from '../../support/oidc-server.ts';
import { trust, type External } from '../../support/local-issuer.ts';
import { createExternalIssuer } from '../../../src/auth/oidc/issuer.ts';

const { audience } = trust;

let server: OidcServer;

beforeAll(async () => {
  server = await startOidcServer({
    realm_access: { roles: ['idp-admin', 'offline_access'] },
    permissions: ['accounts:read'],
  });
});

afterAll(async () => {
  await server.goDown();
});

/** A server that trusts the provider; it is asked over the network, and its clock may be moved. */
function build(): Omit<External, 'server'> {
  let offset = 0;
  const now = (): Date => new Date(Date.now() + offset);
  const change = { issuer: server.issuer, jwksUrl: null, rolesClaim: 'realm_access.roles' };
  const external = createExternalIssuer({ ...trust, ...change, now });
  return { ...external, wait: (seconds) => (offset += seconds * 1000) };
}

describe('a real OpenID provider', () => {
  test('tokens of a real provider are accepted', async () => {
    const token = await server.token(audience);
    expect(decodeProtectedHeader(token)).toMatchObject({ typ: 'at+jwt', alg: 'RS256', kid: 'key-0' });
    expect(await build().verify(token)).toMatchObject({
      issuer: server.issuer,
      subject: 'machine',
      roles: ['ADMIN'],
      permissions: ['accounts:read'],
    });
  });

  test('tokens that it issues for another audience are refused', async () => {
    const token = await server.token('https://another.example.com');
    await expect(build().verify(token)).rejects.toThrow(InvalidTokenError);
  });

  test('tokens of its old and its new key are accepted after a rotation, with one more fetch', async () => {
    const external = build();
    const before = await server.token(audience);
    await external.verify(before);
    const requests = server.keySetRequests();
    await server.rotate('stays');
    const after = await server.token(audience);
    expect(decodeProtectedHeader(after).kid).not.toBe(decodeProtectedHeader(before).kid);
    await Promise.all([after, before, after, before].map(async (token) => external.verify(token)));
    expect(server.keySetRequests()).toBe(requests + 1);
  });

  test('tokens of a withdrawn key are refused within ten minutes', async () => {
    const external = build();
    const before = await server.token(audience);
    await external.verify(before);
    await server.rotate('is withdrawn');
    external.wait(595);
    await expect(external.verify(before)).resolves.toMatchObject({ subject: 'machine' });
    await external.verify(await server.token(audience));
    await expect(external.verify(before)).rejects.toThrow(InvalidTokenError);
  });

  test('known keys stay in use while it is down, a server without keys says so, and both recover', async () => {
    const known = build();
    const token = await server.token(audience);
    await known.verify(token);
    await server.goDown();
    const fresh = build();
    try {
      known.wait(300);
      await expect(known.verify(token)).resolves.toMatchObject({ subject: 'machine' });
      await expect(fresh.verify(token)).rejects.toThrow(IssuerUnavailableError);
    } finally {
      await server.comeBack();
    }
    fresh.wait(5);
    await expect(fresh.verify(token)).resolves.toMatchObject({ subject: 'machine' });
    await server.rotate('is withdrawn');
    await expect(known.verify(await server.token(audience))).resolves.toMatchObject({ subject: 'machine' });
  });
});
