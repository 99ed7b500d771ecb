import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Environment } from '../../../src/config/config.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { type OidcServer, startOidcServer } from '../../support/oidc-server.ts';
import { changeAccess, look, somethingElseChanges } from '../../support/rows.ts';
import { bearer, codesOf, type Headers, allowedQueries, signIn, whoAmI } from '../../support/signed-in.ts';

const AUDIENCE = 'https://api.example.com';

/** The claims of the provider's tokens; a test may change them. */
const claims: Record<string, unknown> = {};

let provider: OidcServer;
let app: TestApp;

beforeAll(async () => {
  provider = await startOidcServer(claims);
  app = await startApp();
});
afterAll(async () => {
  await app.close();
  await provider.goDown();
});
beforeEach(() => {
  Object.keys(claims).forEach((name) => delete claims[name]);
});

/** A server that trusts the provider. */
async function startApp(environment: Environment = {}): Promise<TestApp> {
  const trusting = await createTestApp({
    environment: {
      IDP_ISSUER: provider.issuer,
      IDP_AUDIENCE: AUDIENCE,
      IDP_ROLES_CLAIM: 'realm_access.roles',
      IDP_ROLES: 'staff=ADMIN, dev=DEVELOPER, dev=SALES, all=STANDARD',
      ...environment,
    },
  });
  followTheProvidersClock(trusting);
  return trusting;
}

/** The provider's tokens are of this very moment. */
function followTheProvidersClock({ clock }: TestApp): void {
  clock.advance((Date.now() - clock.now().getTime()) / 1_000);
}

async function externalToken(given: Record<string, unknown> = {}): Promise<Headers> {
  Object.assign(claims, given);
  const token = await provider.token(AUDIENCE);
  followTheProvidersClock(app);
  return bearer(token);
}

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const realm = (...roles: string[]) => ({ realm_access: { roles } });
const linked = () =>
  look<{ id: string; username: string; email: string; subject: string; issuer: string }>(
    app,
    'select id, username, email, issuer, subject from external_identities join users on id = user_id',
  );

describe('the first valid token', () => {
  it('the first valid token creates a user, once, however many come at once', async () => {
    const tokens = await Promise.all(Array.from({ length: 10 }, () => externalToken(realm('all'))));
    const names = await Promise.all(tokens.map((headers) => whoAmI(app, headers)));
    expect(new Set(names).size).toBe(1);
    expect(names[0]).toMatch(/^ext-[\da-f-]{36}$/);
    expect(await linked()).toMatchObject([{ issuer: provider.issuer, subject: 'machine', username: names[0] }]);
  });

  it('no token is matched to a user by address or name', async () => {
    const before = await linked();
    const headers = await externalToken({
      ...realm('all'),
      email: 'admin@example.com',
      email_verified: true,
      preferred_username: 'admin',
      name: 'admin',
    });
    expect(await whoAmI(app, headers)).toBe(before[0]?.username);
    expect(await linked()).toEqual(before);
    expect(before[0]?.email).toMatch(/@users\.invalid$/);
    expect(await whoAmI(app, (await signIn(app, 'admin')).headers)).toBe('admin');
  });

  it('a user of an issuer has no password: neither login nor Basic accepts the user', async () => {
    const [user] = await linked();
    const credentials = await look(app, 'select 1 from credentials where user_id = ?', user?.id);
    expect(credentials).toEqual([]);
  });
});

describe('the claims', () => {
  it.each<[string, Record<string, unknown>, string[]]>([
    ['no roles', {}, ['me']],
    ['a role that is mapped', realm('dev'), ['accounts', 'standard', 'me']],
    ['several', realm('dev', 'all', 'offline_access'), ['accounts', 'standard', 'me']],
    ['the highest that is mapped', realm('staff'), ['users', 'accounts', 'standard', 'me']],
    ['one that is not', realm('root', 'offline_access'), ['me']],
    ['our own names', realm('ADMIN', 'SUPER_ADMIN', 'DEVELOPER'), ['me']],
    ['names that objects have', realm('constructor', '__proto__'), ['me']],
    ['a claim elsewhere', { roles: ['staff'] }, ['me']],
    ['a string for a list', { realm_access: { roles: 'staff' } }, ['users', 'accounts', 'standard', 'me']],
    ['an object for a list', { realm_access: { roles: { staff: true } } }, ['me']],
    ['permissions', { ...realm('all'), permissions: ['accounts:read'] }, ['accounts', 'standard', 'me']],
    ['unknown permissions', { ...realm('all'), permissions: ['fly:rockets', 'all', '*'] }, ['standard', 'me']],
  ])('a token grants by its claims: %s', async (_, given, allowed) => {
    expect(await allowedQueries(app, await externalToken(given))).toEqual(allowed);
  });

  it('permissions are read from the configured claim, and only those of this server count', async () => {
    const elsewhere = await startApp({ IDP_PERMISSIONS_CLAIM: 'grants.api' });
    const given = { ...realm('all'), grants: { api: ['accounts:read', 'fly:rockets'] } };
    expect(await allowedQueries(elsewhere, await externalToken(given))).toContain('accounts');
    const other = await externalToken({ grants: { api: [] }, permissions: ['accounts:read'] });
    expect(await allowedQueries(elsewhere, other)).not.toContain('accounts');
    await elsewhere.close();
  });

  it('roles of the token are added to those assigned in the database', async () => {
    const [user] = await linked();
    await changeAccess(app, `insert into role_assignments (user_id, role) values (?, 'DEVELOPER')`, user?.id);
    const headers = await externalToken();
    expect(await allowedQueries(app, headers)).toEqual(['accounts', 'standard', 'me']);
    await changeAccess(app, 'delete from role_assignments where user_id = ?', user?.id);
    expect(await allowedQueries(app, headers)).toEqual(['me']);
  });

  it('no token grants SUPER_ADMIN: neither by the map, nor by a role that has come to inherit it', async () => {
    await expect(startApp({ IDP_ROLES: 'root=SUPER_ADMIN' })).rejects.toThrow(/SUPER_ADMIN/);
    await expect(startApp({ IDP_ROLES: 'root=OWNER' })).rejects.toThrow(/IDP_ROLES/);
    const headers = await externalToken(realm('dev'));
    expect(await allowedQueries(app, headers)).toContain('accounts');
    await changeAccess(app, `insert into role_inheritance (role, inherits) values ('DEVELOPER', 'SUPER_ADMIN')`);
    expect(await allowedQueries(app, headers)).not.toContain('users');
    await changeAccess(app, `delete from role_inheritance where role = 'DEVELOPER' and inherits = 'SUPER_ADMIN'`);
  });
});

describe('a linked user', () => {
  it('a disabled linked user gets 401 on the next request, and is accepted again when enabled', async () => {
    const headers = await externalToken(realm('staff'));
    const [user] = await linked();
    expect(await whoAmI(app, headers)).toBe(user?.username);
    await changeAccess(app, 'update users set active = false where id = ?', user?.id);
    const answer = await app.post({ query: '{ __typename }' }, headers);
    expect([answer.status, answer.headers['www-authenticate']]).toEqual([
      401,
      'Bearer realm="rolegate", error="invalid_token"',
    ]);
    await changeAccess(app, 'update users set active = true where id = ?', user?.id);
    expect(await whoAmI(app, headers)).toBe(user?.username);
  });

  it('a linked user has no session here to end', async () => {
    const answer = await app.post({ query: 'mutation { logout }' }, await externalToken());
    expect(codesOf(answer)).toEqual(['BAD_USER_INPUT']);
  });

  it('a request runs no statement while no access changes, and one after a change', async () => {
    const headers = await externalToken(realm('all'));
    const ask = () => app.post({ query: '{ __typename }' }, headers);
    await ask();
    app.statements.length = 0;
    await ask();
    expect(app.statements).toEqual([]);
    await somethingElseChanges(app);
    app.statements.length = 0;
    await ask();
    expect(app.statements.filter((sql) => sql.includes('external_identities'))).toHaveLength(1);
  });

  it('a removed linked user is created again, as a new user', async () => {
    const headers = await externalToken(realm('all'));
    const name = await whoAmI(app, headers);
    await changeAccess(app, 'delete from users where username = ?', name);
    const again = await whoAmI(app, headers);
    expect(again).toMatch(/^ext-/);
    expect(again).not.toBe(name);
  });
});

describe('a token that is not for us', () => {
  it('a token of the issuer for another audience gets 401', async () => {
    expect(await whoAmI(app, bearer(await provider.token('https://another.example.com')))).toBe('401 UNAUTHENTICATED');
  });

  it('a token of the issuer gets 401 where no issuer is trusted', async () => {
    const distrustful = await createTestApp();
    expect(await whoAmI(distrustful, await externalToken(realm('staff')))).toBe('401 UNAUTHENTICATED');
    await distrustful.close();
  });

  it('an unsigned token that names the issuer gets 401', async () => {
    const forged = `${part({ alg: 'RS256', typ: 'at+jwt' })}.${part({ iss: provider.issuer, sub: 'x' })}.AAAA`;
    expect(await whoAmI(app, bearer(forged))).toBe('401 UNAUTHENTICATED');
  });
});

describe('while the issuer is down', () => {
  it('known keys stay in use while the issuer is down; a server without keys answers 503, and recovers', async () => {
    const token = await externalToken(realm('all'));
    const fresh = await startApp();
    await whoAmI(app, token);
    await provider.goDown();
    try {
      expect(await whoAmI(app, token)).toMatch(/^ext-/);
      const answer = await fresh.post({ query: '{ __typename }' }, token);
      expect([answer.status, codesOf(answer)]).toEqual([503, ['SERVICE_UNAVAILABLE']]);
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
      expect(await whoAmI(fresh, (await signIn(fresh, 'admin')).headers)).toBe('admin');
    } finally {
      await provider.comeBack();
    }
    fresh.clock.advance(6);
    expect(await whoAmI(fresh, token)).toMatch(/^ext-/);
    await fresh.close();
  });
});

describe('an issuer whose tokens are accepted', () => {
  it('an issuer whose tokens are accepted is not offered for signing in', async () => {
    const { statusCode } = await app.http.inject({ method: 'GET', url: '/auth/callback/staff?state=x&code=x' });
    expect(statusCode).toBe(404);
    const { body } = await app.post({ query: '{ signInIssuers { id } }' });
    expect(body.data).toEqual({ signInIssuers: [] });
  });
});
