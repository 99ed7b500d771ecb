import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ApiKeysDocument,
  CreateApiKeyDocument,
  type CreateApiKeyInput,
  RevokeApiKeyDocument,
} from '../../generated/graphql.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { change, changeAccess, look, userId } from '../../support/rows.ts';
import {
  ask,
  basic,
  bearer,
  codesOf,
  type Headers,
  allowedQueries,
  send,
  signIn,
  type SignedIn,
  whoAmI,
} from '../../support/signed-in.ts';

let app: TestApp;
let admin: SignedIn;
beforeAll(async () => {
  app = await createTestApp();
  admin = await signIn(app, 'admin');
});
afterAll(() => app.close());

interface MadeKey {
  readonly id: string;
  readonly key: string;
  readonly headers: Headers;
}

async function makeKey(input: Partial<CreateApiKeyInput>, by: Headers = admin.headers): Promise<MadeKey> {
  const { createApiKey } = await ask(app, by, CreateApiKeyDocument, { input: { name: 'machine', ...input } });
  const key = createApiKey?.key ?? '';
  return { id: createApiKey?.apiKey?.id ?? '', key, headers: bearer(key) };
}

describe('an API key', () => {
  it('an API key is shown once: only its hash is stored, and no list shows it', async () => {
    const { key } = await makeKey({});
    expect(key).toMatch(/^rg_key_[\w-]{43}$/);
    const stored = JSON.stringify(await look(app, 'select * from api_keys'));
    expect(stored).not.toContain(key.slice(7));
    expect((await send(app, admin.headers, ApiKeysDocument)).text).not.toContain(key.slice(7));
    expect(JSON.stringify(app.logged)).not.toContain(key.slice(7));
  });

  it.each<[string, string[] | undefined, string[]]>([
    ['none', undefined, ['me']],
    ['DEVELOPER', ['DEVELOPER'], ['accounts', 'standard', 'me']],
    ['STANDARD', ['STANDARD'], ['standard', 'me']],
    ['ADMIN', ['ADMIN'], ['users', 'accounts', 'standard', 'me']],
  ])('a key of an ADMIN with roles %s has their access, and no other', async (_, roles, allowed) => {
    const { headers } = await makeKey(roles === undefined ? {} : { roles });
    expect(await allowedQueries(app, headers)).toEqual(allowed);
  });

  it('a key holds permissions without the roles that hold them', async () => {
    const without = await makeKey({ roles: ['STANDARD'] });
    const { headers } = await makeKey({ roles: ['STANDARD'], permissions: ['accounts:read'] });
    expect(await allowedQueries(app, without.headers)).toEqual(['standard', 'me']);
    expect(await allowedQueries(app, headers)).toEqual(['accounts', 'standard', 'me']);
  });

  it.each<[string, Partial<CreateApiKeyInput>]>([
    ['roles', { roles: ['DEVELOPER', 'STANDARD'] }],
    ['permissions', { roles: ['STANDARD'], permissions: ['accounts:read'] }],
  ])('a key is limited to the %s that its owner holds now', async (_, input) => {
    const id = await userId(app, 'accountadmin');
    const hold = (role: string) =>
      changeAccess(app, 'update role_assignments set role = ? where user_id = ?', role, id);
    await hold('ADMIN');
    const { headers: by } = await signIn(app, 'accountadmin');
    const { headers } = await makeKey(input, by);
    expect(await allowedQueries(app, headers)).toEqual(['accounts', 'standard', 'me']);
    await hold('STANDARD');
    expect(await allowedQueries(app, headers)).toEqual(['standard', 'me']);
    await hold('GUEST');
    expect(await allowedQueries(app, headers)).toEqual(['me']);
    await hold('SUPER_ADMIN');
    expect(await allowedQueries(app, headers)).toEqual(['accounts', 'standard', 'me']);
  });

  it('a key of a disabled owner is invalid, and valid again when the owner is enabled', async () => {
    const { headers: by } = await signIn(app, 'sales');
    const { headers } = await makeKey({}, by);
    const id = await userId(app, 'sales');
    await changeAccess(app, 'update users set active = false where id = ?', id);
    expect(await whoAmI(app, headers)).toBe('401 UNAUTHENTICATED');
    await changeAccess(app, 'update users set active = true where id = ?', id);
    expect(await whoAmI(app, headers)).toBe('sales');
  });

  it('a key expires on the second', async () => {
    const { headers } = await makeKey({ expiresAt: new Date(app.clock.now().getTime() + 60_000) });
    app.clock.advance(59);
    expect(await whoAmI(app, headers)).toBe('admin');
    app.clock.advance(1);
    expect(await whoAmI(app, headers)).toBe('401 UNAUTHENTICATED');
  });

  it('a key is revoked at once, once, and by its owner only', async () => {
    const { headers, id } = await makeKey({});
    expect(await whoAmI(app, headers)).toBe('admin');
    const other = await signIn(app, 'superadmin');
    expect(codesOf(await send(app, other.headers, RevokeApiKeyDocument, { id }))).toEqual(['NOT_FOUND']);
    expect(await ask(app, admin.headers, RevokeApiKeyDocument, { id })).toEqual({ revokeApiKey: { id } });
    expect(await whoAmI(app, headers)).toBe('401 UNAUTHENTICATED');
    const again = await send(app, admin.headers, RevokeApiKeyDocument, { id });
    expect(codesOf(again)).toEqual(['NOT_FOUND']);
    const nothing = await send(app, admin.headers, RevokeApiKeyDocument, { id: 'x' });
    expect(nothing.text).toBe(again.text);
  });

  it('the last use of a key is recorded to the minute, also while no access changes', async () => {
    const { headers, id } = await makeKey({});
    const lastUsed = async (): Promise<unknown> => {
      const { apiKeys } = await ask(app, admin.headers, ApiKeysDocument);
      return apiKeys?.nodes?.find((key) => key?.id === id)?.lastUsedAt ?? null;
    };
    expect(await lastUsed()).toBeNull();
    await whoAmI(app, headers);
    const first = app.clock.now().toISOString();
    expect(await lastUsed()).toBe(first);
    app.clock.advance(59);
    await whoAmI(app, headers);
    expect(await lastUsed()).toBe(first);
    app.clock.advance(2);
    await whoAmI(app, headers);
    expect(await lastUsed()).toBe(app.clock.now().toISOString());
  });

  it('a key outlives the session that created it', async () => {
    const { headers: by } = await signIn(app, 'manager');
    const { headers } = await makeKey({}, by);
    await app.post({ query: 'mutation { logoutEverywhere }' }, by);
    expect(await whoAmI(app, headers)).toBe('manager');
  });
});

describe('making a key', () => {
  it.each<[string, Partial<CreateApiKeyInput>, string]>([
    ['a role that does not exist', { roles: ['ASTRONAUT'] }, 'BAD_USER_INPUT'],
    ['a role above the own', { roles: ['SUPER_ADMIN'] }, 'FORBIDDEN'],
    ['a permission that does not exist', { permissions: ['fly:rockets'] }, 'BAD_USER_INPUT'],
    ['a permission that objects have', { permissions: ['constructor'] }, 'BAD_USER_INPUT'],
    ['an empty name', { name: ' \t ' }, 'BAD_USER_INPUT'],
    ['a long name', { name: 'n'.repeat(101) }, 'BAD_USER_INPUT'],
    ['an expiry in the past', { expiresAt: new Date('2020-01-01T00:00:00Z') }, 'BAD_USER_INPUT'],
  ])('a key is refused for %s', async (_, input, code) => {
    const answer = await send(app, admin.headers, CreateApiKeyDocument, { input: { name: 'machine', ...input } });
    expect([answer.status, codesOf(answer)]).toEqual([200, [code]]);
  });

  it('a key has at most the roles that the session has activated', async () => {
    const { headers } = await signIn(app, 'admin', { roles: ['DEVELOPER'] });
    const input = { name: 'machine', roles: ['ADMIN'] };
    expect(codesOf(await send(app, headers, CreateApiKeyDocument, { input }))).toEqual(['FORBIDDEN']);
    expect((await makeKey({ roles: ['DEVELOPER'] }, headers)).key).toMatch(/^rg_key_/);
  });

  it('an anonymous viewer creates no key', async () => {
    const input = { name: 'machine' };
    expect(codesOf(await send(app, {}, CreateApiKeyDocument, { input }))).toEqual(['UNAUTHENTICATED']);
  });

  it('a user has at most a hundred keys', async () => {
    const id = await userId(app, 'guest');
    await change(
      app,
      `insert into api_keys (id, user_id, name, key_hash, roles, permissions, created_at)
       select gen_random_uuid(), ?, 'k', 'hash ' || n, '{}', '{}', now() from generate_series(1, 100) n`,
      id,
    );
    const { headers } = await signIn(app, 'guest');
    const answer = await send(app, headers, CreateApiKeyDocument, { input: { name: 'one more' } });
    expect(codesOf(answer)).toEqual(['BAD_USER_INPUT']);
  });

  it('keys are listed to their owner alone, the newest first, with what they may do', async () => {
    const { headers } = await signIn(app, 'warehouse');
    await makeKey({ name: 'first' }, headers);
    app.clock.advance(1);
    const expiresAt = new Date(app.clock.now().getTime() + 60_000);
    await makeKey({ name: ' second ', roles: ['SALES', 'SALES'], expiresAt }, headers);
    const { apiKeys } = await ask(app, headers, ApiKeysDocument);
    expect(apiKeys?.totalCount).toBe(2);
    expect(apiKeys?.nodes).toMatchObject([
      { name: 'second', roles: ['SALES'], permissions: [], expiresAt: expiresAt.toISOString() },
      { name: 'first', roles: [], expiresAt: null },
    ]);
  });
});

describe('operations that machines are denied', () => {
  const personal = [
    'mutation { logout }',
    'mutation { logoutEverywhere }',
    `mutation { endSession(id: "${crypto.randomUUID()}") }`,
    'mutation { changePassword(current: "rolegate-demo-developer", next: "quite another passphrase 7") }',
    'mutation { createApiKey(input: { name: "child" }) { key } }',
    `mutation { revokeApiKey(id: "${crypto.randomUUID()}") { id } }`,
  ];

  it.each(personal)('a machine is denied %s', async (query) => {
    const { headers } = await signIn(app, 'developer');
    const { createApiKey } = await ask(app, headers, CreateApiKeyDocument, {
      input: { name: 'machine', roles: ['DEVELOPER'] },
    });
    for (const credential of [bearer(createApiKey?.key ?? ''), basic('developer')]) {
      const answer = await app.post({ query }, credential);
      expect([answer.status, codesOf(answer)]).toEqual([200, ['FORBIDDEN']]);
    }
    expect(await whoAmI(app, headers)).toBe('developer');
  });
});
