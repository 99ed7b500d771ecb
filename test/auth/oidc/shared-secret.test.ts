import { createSecretKey } from 'node:crypto';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { look } from '../../support/rows.ts';
import { bearer, codesOf, allowedQueries } from '../../support/signed-in.ts';

const SECRET = 'Zq7vT2mK9xLw4RfY8pBn3HdJ6sGc5VaE';
const OLD_SECRET = 'b8Xn2QwE7rTy5UiP1oLk4JhGf6DsAz9C';
const OTHER_SECRET = 'mN3bV6cX9zL1kJ4hG7fD0sA2pO5iU8yT';
const AUDIENCE = 'https://api.example.com';
const ONE = 'https://one.example.com';
const TWO = 'https://two.example.com';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({
    environment: {
      IDP_ISSUER: ONE,
      IDP_AUDIENCE: AUDIENCE,
      IDP_SECRET: `${SECRET}, ${OLD_SECRET}`,
      IDP_ROLES: 'dev=DEVELOPER, all=STANDARD, messages-admin=messages:admin, root=ADMIN',
      IDP_ISSUERS: JSON.stringify([{ issuer: TWO, audience: 'two', secret: OTHER_SECRET, roles: 'dev=SALES' }]),
    },
  });
});
afterAll(() => app.close());

interface Token {
  readonly secret?: string;
  readonly alg?: string;
  readonly typ?: string;
  /** In place of the usual claims; undefined leaves one out. */
  readonly claims?: Record<string, unknown>;
}

/** A token of the first issuer, but for what is given. */
function token({ secret = SECRET, alg = 'HS256', typ = 'JWT', claims = {} }: Token = {}): Promise<string> {
  const seconds = Math.floor(app.clock.now().getTime() / 1_000);
  const usual = { iss: ONE, aud: AUDIENCE, sub: 'alice', iat: seconds, exp: seconds + 900, roles: ['all'] };
  return new SignJWT(JSON.parse(JSON.stringify({ ...usual, ...claims })))
    .setProtectedHeader({ alg, typ })
    .sign(createSecretKey(Buffer.from(secret)));
}

const rolesOf = async (given: Token) => {
  const answer = await app.post({ query: '{ viewer { roles permissions } }' }, bearer(await token(given)));
  return answer.body.data?.['viewer'];
};

describe('a token that an issuer signs with its secret', () => {
  it.each<[string, Token]>([
    ['by the first secret', {}],
    ['by the one that is rotated out', { secret: OLD_SECRET }],
    ['of the type of RFC 9068', { typ: 'at+jwt' }],
    ['for several audiences', { claims: { aud: ['elsewhere', AUDIENCE] } }],
  ])('a token that an issuer signs with its secret is accepted: %s', async (_, given) => {
    expect(await rolesOf(given)).toEqual({ roles: ['STANDARD'], permissions: [] });
  });

  it('a token grants what its roles map to, and nothing else', async () => {
    const roles = ['dev', 'messages-admin', 'SUPER_ADMIN', 'ADMIN', 'constructor'];
    const claims = { roles, permissions: ['audit:read', 'no:such'] };
    expect(await rolesOf({ claims })).toEqual({ roles: ['DEVELOPER'], permissions: ['audit:read', 'messages:admin'] });
    expect(await allowedQueries(app, bearer(await token({ claims })))).not.toContain('users');
    const answer = await app.post({ query: '{ adminMessage { text } }' }, bearer(await token({ claims })));
    expect(answer.body).toEqual({ data: { adminMessage: { text: 'This is an admin message.' } } });
  });

  it('each token decides by itself: the next one of the same person has its own grants', async () => {
    const before = await look(app, 'select 1 from role_assignments');
    expect(await rolesOf({ claims: { roles: ['root'] } })).toMatchObject({ roles: ['ADMIN'] });
    expect(await rolesOf({ claims: { roles: [] } })).toEqual({ roles: [], permissions: [] });
    expect(await look(app, 'select 1 from role_assignments')).toHaveLength(before.length);
  });

  it('one subject of two issuers is two people, with mappings of their own', async () => {
    const other = { secret: OTHER_SECRET, claims: { iss: TWO, aud: 'two', roles: ['dev', 'root'] } };
    expect(await rolesOf(other)).toEqual({ roles: ['SALES'], permissions: [] });
    const users = await look(app, `select user_id from external_identities where subject = 'alice'`);
    expect(users).toHaveLength(2);
  });
});

/** Returns a second ago, in seconds. */
function past(): number {
  return Math.floor(app.clock.now().getTime() / 1_000) - 1;
}

function unsigned(signed: string): string {
  const head = Buffer.from(JSON.stringify({ alg: 'none', typ: 'JWT' })).toString('base64url');
  return `${head}.${signed.split('.')[1]}.`;
}

describe('any other token', () => {
  const bad: readonly (readonly [string, () => Promise<string>])[] = [
    ['by a secret of the other issuer', () => token({ secret: OTHER_SECRET })],
    ['of the other issuer by the secret of the first', () => token({ claims: { iss: TWO, aud: 'two' } })],
    ['for the audience of the other issuer', () => token({ claims: { aud: 'two' } })],
    ['by a longer algorithm', () => token({ secret: SECRET.repeat(2), alg: 'HS512' })],
    ['by our own secret', () => token({ secret: 'only-the-tests-sign-with-this-9f8e7d6c5b4a' })],
    ['expired', () => token({ claims: { exp: past() } })],
    ['without an end', () => token({ claims: { exp: undefined } })],
    ['with an end far away', () => token({ claims: { exp: past() + 10 * 86_400 } })],
    ['of the future', () => token({ claims: { iat: past() + 600 } })],
    ['without an audience', () => token({ claims: { aud: undefined } })],
    ['without a subject', () => token({ claims: { sub: undefined } })],
    ['of no issuer', () => token({ claims: { iss: undefined } })],
    ['of an issuer with a slash more', () => token({ claims: { iss: `${ONE}/` } })],
    ['an ID token', () => token({ claims: { nonce: 'n' } })],
    ['a refresh token', () => token({ claims: { typ: 'Refresh' } })],
    ['of another type', () => token({ typ: 'logout+jwt' })],
    ['truncated', async () => (await token()).slice(0, -1)],
    ['without its signature', async () => `${(await token()).split('.').slice(0, 2).join('.')}.`],
    ['unsigned', async () => unsigned(await token())],
  ];

  it('every other token gets the same answer, whatever is wrong with it', async () => {
    const answers = new Map<string, string[]>();
    for (const [name, build] of bad) {
      const { status, body, headers } = await app.post({ query: '{ me { id } }' }, bearer(await build()));
      const said = JSON.stringify([status, body.errors?.[0]?.message, codesOf({ body }), headers['www-authenticate']]);
      answers.set(said, [...(answers.get(said) ?? []), name]);
    }
    expect([...answers.values()]).toEqual([bad.map(([name]) => name)]);
    expect([...answers.keys()][0]).toContain('[401,');
  });
});

it('a mapping to a permission that the schema does not use stops the start', async () => {
  const environment = { IDP_ISSUER: ONE, IDP_AUDIENCE: AUDIENCE, IDP_SECRET: SECRET, IDP_ROLES: 'a=messages:amdin' };
  await expect(createTestApp({ environment })).rejects.toThrow(/IDP_ROLES maps to a permission/);
});
