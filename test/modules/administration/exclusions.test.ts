import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemScope } from '../../../src/database/scopes.ts';
import {
  AllowRolesDocument,
  AssignRoleDocument,
  CreateRoleDocument,
  CreateUserDocument,
  ExcludeRolesDocument,
  MeDocument,
  PermissionsDocument,
  RevokeRoleDocument,
  UpdateRoleDocument,
} from '../../generated/graphql.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';

let app: TestApp;
let guest: string;
beforeAll(async () => {
  app = await createTestApp();
  guest = await app.database.run(systemScope, async (em) => {
    const [user] = await em.execute<{ id: string }[]>(`select id from users where username = 'guest'`);
    return user?.id ?? '';
  });
});
afterAll(() => app.close());

const admin = () => app.as('ADMIN');
const give = (role: string) => admin().query(AssignRoleDocument, { userId: guest, role });
const take = (role: string) => admin().query(RevokeRoleDocument, { userId: guest, role }).data();

describe('roles that exclude each other', () => {
  beforeAll(async () => {
    await admin().query(ExcludeRolesDocument, { a: 'WAREHOUSE', b: 'DEVELOPER' }).data();
  });

  it('exclusions are listed in a stable order', async () => {
    const { roleExclusions } = await admin().query(PermissionsDocument).data();
    expect(roleExclusions).toEqual([{ a: 'DEVELOPER', b: 'WAREHOUSE', kind: 'STATIC' }]);
  });

  it('excluded roles are not held together: in either order, by inheritance, by a new user', async () => {
    await give('DEVELOPER').data();
    expect(await give('WAREHOUSE').codes()).toEqual(['CONFLICT']);
    expect(await give('MANAGER').codes()).toEqual(['CONFLICT']);
    await give('SALES').data();
    await take('DEVELOPER');
    await give('MANAGER').data();
    expect(await give('DEVELOPER').codes()).toEqual(['CONFLICT']);
    await take('MANAGER');
    await take('SALES');
    const input = { username: 'both', email: 'both@example.org', displayName: 'B', roles: ['MANAGER', 'DEVELOPER'] };
    expect(await admin().query(CreateUserDocument, { input }).codes()).toEqual(['CONFLICT']);
  });

  it('excluded roles are not given by one role, nor by a role that changes while users hold it', async () => {
    const both = { name: 'BOTH', inherits: ['WAREHOUSE', 'DEVELOPER'] };
    expect(await admin().query(CreateRoleDocument, { input: both }).codes()).toEqual(['CONFLICT']);
    await admin()
      .query(CreateRoleDocument, { input: { name: 'EXTRA' } })
      .data();
    await give('EXTRA').data();
    await give('DEVELOPER').data();
    const change = { name: 'EXTRA', input: { inherits: ['MANAGER'] } };
    const [error] = await admin().query(UpdateRoleDocument, change).errors();
    expect(error).toMatchObject({ message: expect.stringContaining('1 user holds'), extensions: { code: 'CONFLICT' } });
    await take('EXTRA');
    await admin().query(UpdateRoleDocument, change).data();
    expect(await give('EXTRA').codes()).toEqual(['CONFLICT']);
    await take('DEVELOPER');
  });

  it('ADMIN and SUPER_ADMIN, who hold everything, cannot be excluded', async () => {
    const { me } = await app.as('ADMIN').query(MeDocument).data();
    expect(me?.roles).toEqual(['ADMIN']);
    expect(await app.as('SUPER_ADMIN').query(ExcludeRolesDocument, { a: 'ADMIN', b: 'SALES' }).codes()).toEqual([
      'BAD_USER_INPUT',
    ]);
  });

  it('a role excludes neither itself, nor an unknown role, nor a role that it inherits', async () => {
    for (const [a, b, code] of [
      ['SALES', 'SALES', 'BAD_USER_INPUT'],
      ['SALES', 'NOTHING', 'BAD_USER_INPUT'],
      ['STANDARD', 'SALES', 'CONFLICT'],
      ['WAREHOUSE', 'SALES', 'CONFLICT'],
    ] as const) {
      expect(await admin().query(ExcludeRolesDocument, { a, b }).codes()).toEqual([code]);
    }
  });

  it('an exclusion is removed', async () => {
    await admin().query(AllowRolesDocument, { a: 'DEVELOPER', b: 'WAREHOUSE' }).data();
    expect(await admin().query(AllowRolesDocument, { a: 'DEVELOPER', b: 'WAREHOUSE' }).codes()).toEqual(['NOT_FOUND']);
    await give('DEVELOPER').data();
    await give('WAREHOUSE').data();
    expect(await admin().query(ExcludeRolesDocument, { a: 'WAREHOUSE', b: 'DEVELOPER' }).codes()).toEqual(['CONFLICT']);
    await take('DEVELOPER');
    await take('WAREHOUSE');
  });
});

describe('roles that are not activated together', () => {
  it('both roles are held, one is chosen at login, and a session that has both already has neither', async () => {
    await give('DEVELOPER').data();
    await give('WAREHOUSE').data();
    const before = await app.as('guest').token();
    await admin().query(ExcludeRolesDocument, { a: 'DEVELOPER', b: 'WAREHOUSE', kind: 'DYNAMIC' }).data();
    const login = async (roles: string[] | null) => {
      const { body } = await app.post({
        query: `mutation ($roles: [RoleName!]) {
          login(login: "guest", password: "rolegate-demo-guest", roles: $roles) { accessToken } }`,
        variables: { roles },
      });
      return (
        body.errors?.[0]?.extensions?.['code'] ??
        (body.data?.['login'] as { accessToken: string } | null | undefined)?.accessToken
      );
    };
    expect(await login(null)).toBe('CONFLICT');
    expect(await login(['DEVELOPER', 'WAREHOUSE'])).toBe('CONFLICT');
    const accounts = async (token: unknown) => {
      const query = '{ accounts(first: 1) { nodes { name } } }';
      const { body } = await app.post({ query }, { authorization: `Bearer ${String(token)}` });
      return body.errors?.[0]?.extensions?.['code'] ?? 'done';
    };
    expect(await accounts(await login(['DEVELOPER']))).toBe('done');
    expect(await accounts(await login(['WAREHOUSE']))).toBe('FORBIDDEN');
    expect(await accounts(before)).toBe('FORBIDDEN');
  });
});
