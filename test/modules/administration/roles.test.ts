import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  AccountsDocument,
  AssignRoleDocument,
  CreateRoleDocument,
  DeleteRoleDocument,
  PermissionsDocument,
  RevokeRoleDocument,
  RolesDocument,
  UpdateRoleDocument,
  UsersDocument,
} from '../../generated/graphql.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
});
afterAll(() => app.close());

async function idOf(username: string): Promise<string> {
  const { users } = await app
    .as('SUPER_ADMIN')
    .query(UsersDocument, { filter: { search: username } })
    .data();
  const user = users?.nodes?.find((node) => node?.username === username);
  if (!user) {
    throw new Error(`There is no user ${username}`);
  }
  return user.id;
}

describe('a role that is added', () => {
  it('a new role allows what the roles it inherits allow, from the next request on, without a restart', async () => {
    const admin = app.as('ADMIN');
    const userId = await idOf('guest');
    expect(await app.as('guest').query(AccountsDocument).codes()).toContain('FORBIDDEN');
    const { createRole } = await admin
      .query(CreateRoleDocument, { input: { name: 'SUPPORT', description: 'Helps', inherits: ['DEVELOPER'] } })
      .data();
    expect(createRole).toEqual({
      name: 'SUPPORT',
      description: 'Helps',
      inherits: ['DEVELOPER'],
      permissions: [],
      builtIn: false,
      version: 1,
    });
    const token = await app.as('guest').token();
    const ask = () =>
      app.post(
        { query: '{ accounts(first: 1) { nodes { name iban } } users { totalCount } }' },
        { authorization: `Bearer ${token}` },
      );
    expect((await ask()).body.data).toEqual({ accounts: null, users: null });
    const { assignRole } = await admin.query(AssignRoleDocument, { userId, role: 'SUPPORT' }).data();
    expect(assignRole?.roles).toEqual(['GUEST', 'SUPPORT']);
    const { body } = await ask();
    expect(body.data).toEqual({
      accounts: { nodes: [{ name: 'Alder Analytics', iban: expect.any(String) }] },
      users: null,
    });
    await admin.query(RevokeRoleDocument, { userId, role: 'SUPPORT' }).data();
    expect((await ask()).body.data).toEqual({ accounts: null, users: null });
    await admin.query(DeleteRoleDocument, { name: 'SUPPORT' }).data();
  });

  it('a new role allows what its permission allows, and nothing else', async () => {
    const admin = app.as('ADMIN');
    const userId = await idOf('standard');
    await admin.query(CreateRoleDocument, { input: { name: 'Auditor', permissions: ['accounts:read'] } }).data();
    await admin.query(AssignRoleDocument, { userId, role: 'Auditor' }).data();
    const { accounts } = await app.as('standard').query(AccountsDocument, { first: 2 }).data();
    expect(accounts?.nodes).toHaveLength(2);
    expect(accounts?.totalCount).toBe(1000);
    await admin.query(UpdateRoleDocument, { name: 'Auditor', input: { permissions: [] } }).data();
    expect(await app.as('standard').query(AccountsDocument, { first: 2 }).codes()).toEqual(['FORBIDDEN']);
    await admin.query(RevokeRoleDocument, { userId, role: 'Auditor' }).data();
    await admin.query(DeleteRoleDocument, { name: 'Auditor' }).data();
  });
});

describe('roles', () => {
  it('roles lists permissions and the coordinates that they allow', async () => {
    const { permissions } = await app.as('ADMIN').query(PermissionsDocument).data();
    const accounts = permissions?.find(({ name }) => name === 'accounts:read');
    expect(accounts?.coordinates).toContain('Query.accounts');
    expect(accounts?.opens).toEqual(accounts?.coordinates);
  });

  it.each([
    ['a built-in name', { name: 'ADMIN' }, 'CONFLICT'],
    ['a built-in name in another case', { name: 'admin' }, 'CONFLICT'],
    ['an unknown role to inherit', { name: 'X', inherits: ['NOBODY'] }, 'BAD_USER_INPUT'],
    ['a role called like a property', { name: 'X', inherits: ['constructor'] }, 'BAD_USER_INPUT'],
    ['an unknown permission', { name: 'X', permissions: ['do:anything'] }, 'BAD_USER_INPUT'],
    ['what the actor does not hold', { name: 'X', inherits: ['SUPER_ADMIN'] }, 'FORBIDDEN'],
  ])('createRole refuses %s', async (_case, input, code) => {
    expect(await app.as('ADMIN').query(CreateRoleDocument, { input }).codes()).toEqual([code]);
  });

  it('edits of built-in roles, cycles, stale versions, and deleting a role in use are refused', async () => {
    const admin = app.as('ADMIN');
    expect(await admin.query(UpdateRoleDocument, { name: 'STANDARD', input: { inherits: ['ADMIN'] } }).codes()).toEqual(
      ['FORBIDDEN'],
    );
    expect(await admin.query(DeleteRoleDocument, { name: 'GUEST' }).codes()).toEqual(['FORBIDDEN']);
    expect(await admin.query(DeleteRoleDocument, { name: 'NOTHING' }).codes()).toEqual(['NOT_FOUND']);
    await admin.query(CreateRoleDocument, { input: { name: 'ONE' } }).data();
    await admin.query(CreateRoleDocument, { input: { name: 'TWO', inherits: ['ONE'] } }).data();
    const cycle = { name: 'ONE', input: { inherits: ['TWO'] } };
    expect(await admin.query(UpdateRoleDocument, cycle).codes()).toEqual(['BAD_USER_INPUT']);
    expect(await admin.query(UpdateRoleDocument, { name: 'ONE', input: { inherits: ['ONE'] } }).codes()).toEqual([
      'BAD_USER_INPUT',
    ]);
    const [error] = await admin.query(DeleteRoleDocument, { name: 'ONE' }).errors();
    expect(error).toMatchObject({
      extensions: { code: 'CONFLICT' },
      message: expect.stringContaining('Roles that inherit it: 1. Roles: TWO.'),
    });
    const { updateRole } = await admin
      .query(UpdateRoleDocument, { name: 'ONE', input: { description: 'First', version: 1 } })
      .data();
    expect(updateRole?.version).toBe(2);
    expect(
      await admin.query(UpdateRoleDocument, { name: 'ONE', input: { description: 'Late', version: 1 } }).codes(),
    ).toEqual(['CONFLICT']);
    const { roles } = await admin.query(RolesDocument, { filter: { builtIn: false } }).data();
    expect(roles?.nodes?.map((role) => [role?.name, role?.description])).toEqual([
      ['ONE', 'First'],
      ['TWO', ''],
    ]);
  });
});
