import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';
import { createExternalIssuer, type ExternalIssuer, type ExternalIssuerOptions } from '../../src/auth/oidc/issuer.ts';
import type { Fetch } from '../../src/auth/oidc/key-set.ts';

/** A key of the issuer: its private half signs, its public half is what the key set may hold. */
export type IssuerKey = {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
};

export async function buildIssuerKey(kid: string, alg = 'ES256'): Promise<IssuerKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return { kid, alg, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } };
}

/** An issuer without a network: a key set that is changed at will, and a `fetch` that counts and can be broken. */
export type FakeIssuer = {
  jwks: unknown;
  /** The response instead of the key set, for an issuer that fails. */
  failure: (() => Promise<Response>) | null;
  readonly fetched: string[];
  readonly fetch: Fetch;
};

export function buildIssuer(jwks: unknown): FakeIssuer {
  const issuer: FakeIssuer = {
    jwks,
    failure: null,
    fetched: [],
    fetch: async (url) => {
      issuer.fetched.push(url);
      return issuer.failure === null ? Response.json(issuer.jwks) : issuer.failure();
    },
  };
  return issuer;
}

/** Signs claims with a key of the issuer; `undefined` leaves a claim or a header parameter out. */
export async function signExternal(
  key: IssuerKey,
  claims: Record<string, unknown>,
  header: Record<string, unknown> = {},
): Promise<string> {
  const { kid, alg } = key;
  return new SignJWT(JSON.parse(JSON.stringify(claims)))
    .setProtectedHeader({ alg, kid, typ: 'at+jwt', ...header })
    .sign(key.privateKey);
}

/** Roles and permissions of a server that trusts the issuer. */
export type Role = 'ADMIN' | 'DEVELOPER' | 'STANDARD';
export type Permission = 'accounts:read' | 'read:admin-messages';
export type Trust = ExternalIssuerOptions<Role, Permission>;

export const NOW = new Date('2026-03-01T12:00:00Z');
/** {@link NOW} in seconds since 1970. */
export const SECONDS = NOW.getTime() / 1000;

/** The configuration of the server for this issuer. */
export const trust: Omit<Trust, 'now' | 'fetch'> = {
  issuer: 'https://login.example.com/',
  audience: 'https://api.example.com',
  jwksUrl: 'https://login.example.com/jwks.json',
  rolesClaim: 'roles',
  roles: [
    { theirs: 'idp-admin', ours: 'ADMIN' },
    { theirs: 'dev', ours: 'DEVELOPER' },
    { theirs: 'dev', ours: 'STANDARD' },
  ],
  permissions: new Set<Permission>(['accounts:read', 'read:admin-messages']),
};

/** Claims of a token that is accepted. */
export const honest = {
  iss: trust.issuer,
  aud: trust.audience,
  sub: 'auth0|alice',
  iat: SECONDS - 60,
  exp: SECONDS + 3600,
  roles: ['dev'],
};

export type External = ExternalIssuer<Role, Permission> & {
  readonly server: FakeIssuer;
  /** Lets so many seconds pass. */
  readonly wait: (seconds: number) => void;
};

/** The verifier under test, its issuer, and its clock. */
export function buildExternal(server: FakeIssuer, change: Partial<Trust> = {}): External {
  const clock = { now: NOW };
  const external = createExternalIssuer({ ...trust, now: () => clock.now, fetch: server.fetch, ...change });
  const wait = (seconds: number): void => {
    clock.now = new Date(clock.now.getTime() + seconds * 1000);
  };
  return { ...external, server, wait };
}
