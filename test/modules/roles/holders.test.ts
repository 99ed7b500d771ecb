import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  CreateRoleDocument,
  DeleteRoleDocument,
  RolesAndHoldersDocument,
  type RolesAndHoldersQueryVariables,
  UsersDocument,
  type UserFilter,
} from '../../generated/graphql.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { addPeople } from '../../support/people.ts';
import { accountIdOf, change, look } from '../../support/rows.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
  await addPeople(app);
  await makeUser('reader', 'READER', ['users:read']);
  await makeUser('helper', 'HELPER', ['users:roles']);
  await makeUser('maker', 'MAKER', ['roles:write']);
});
afterAll(() => app.close());

/** Adds a user of no account whose only role has these permissions. */
async function makeUser(username: string, role: string, permissions: string[]): Promise<void> {
  await app
    .as('ADMIN')
    .query(CreateRoleDocument, { input: { name: role, permissions } })
    .data();
  await change(
    app,
    `insert into users (id, username, email, email_key, display_name, created_at, updated_at)
     select gen_random_uuid(), name, name || '@example.org', name || '@example.org', name, now(), now() from (select ?::text as name) as given`,
    username,
  );
  await change(app, 'insert into role_assignments select id, ? from users where username = ?', role, username);
}

async function listed(who: string, filter: UserFilter): Promise<(string | undefined)[]> {
  const { users } = await app.as(who).query(UsersDocument, { filter, first: 200 }).data();
  expect(users?.totalCount).toBe(users?.nodes?.length);
  return (users?.nodes ?? []).map((user) => user?.username);
}

async function holders(who: string, variables: RolesAndHoldersQueryVariables = {}) {
  const { roles } = await app
    .as(who)
    .query(RolesAndHoldersDocument, { first: 50, ...variables })
    .data();
  return new Map((roles?.nodes ?? []).map((role) => [role?.name ?? '', role]));
}

describe('users(filter: { role, accountId })', () => {
  it('users are filtered by a role that is assigned to them directly', async () => {
    expect(await listed('ADMIN', { role: 'DEVELOPER' })).toEqual(['developer']);
    expect(await listed('ADMIN', { role: 'READER' })).toEqual(['reader']);
    expect(await listed('reader', { role: 'HELPER' })).toEqual(['helper']);
    expect(await listed('ADMIN', { role: 'NOTHING_SUCH' })).toEqual([]);
  });

  it('users are filtered by account, and by both together with the other filters', async () => {
    const accountId = await accountIdOf(app, 'accountadmin');
    const own = await look<{ username: string }>(
      app,
      'select username from users where account_id = ? order by username',
      accountId,
    );
    expect(await listed('ADMIN', { accountId })).toEqual(own.map(({ username }) => username));
    expect(await listed('ADMIN', { accountId, role: 'ACCOUNT_MANAGER' })).toEqual(['accountmanager']);
    expect(await listed('ADMIN', { accountId, role: 'DEVELOPER' })).toEqual([]);
    expect(await listed('ADMIN', { role: 'DEVELOPER', search: 'devel', active: true })).toEqual(['developer']);
    expect(await listed('ADMIN', { role: 'DEVELOPER', active: false })).toEqual([]);
    for (const missing of ['', 'x', '00000000-0000-4000-8000-000000000000', "' or true --"]) {
      expect(await listed('ADMIN', { accountId: missing })).toEqual([]);
    }
  });

  it.each([
    ['role', { role: 'DEVELOPER' }, 'FORBIDDEN'],
    ['accountId', { accountId: 'x' }, 'FORBIDDEN'],
  ] as const)('the filter by %s is refused to viewers who may not list users', async (_name, filter, code) => {
    for (const who of ['GUEST', 'DEVELOPER', 'ACCOUNT_ADMIN']) {
      expect(await app.as(who).query(UsersDocument, { filter }).codes()).toEqual([code]);
    }
  });

  it('the filter by account is for viewers who may read the account', async () => {
    const [error] = await app
      .as('reader')
      .query(UsersDocument, { filter: { accountId: 'x' } })
      .errors();
    expect(error?.extensions).toEqual({ code: 'FORBIDDEN', coordinate: 'UserFilter.accountId' });
  });
});

describe('RoleDefinition.users', () => {
  it('RoleDefinition.users lists the holders whom the viewer may see, a page each in one statement', async () => {
    const all = await holders('ADMIN', { users: 1 });
    expect(all.get('DEVELOPER')?.users).toEqual({
      totalCount: 1,
      nodes: [{ username: 'developer' }],
      pageInfo: { hasNextPage: false },
    });
    expect(all.get('STANDARD')?.users?.totalCount).toBeGreaterThan(100);
    expect(all.get('STANDARD')?.users?.pageInfo.hasNextPage).toBe(true);
    const statements = app.statements.filter((sql) => sql.includes('role_assignments'));
    expect(statements.filter((sql) => sql.includes('lateral'))).toHaveLength(1);
  });

  it('an ACCOUNT_ADMIN sees the holders of their account', async () => {
    const own = await holders('ACCOUNT_ADMIN');
    expect(own.get('ACCOUNT_ADMIN')?.users?.nodes).toEqual([{ username: 'accountadmin' }]);
    expect(own.get('DEVELOPER')?.users).toMatchObject({ totalCount: 0, nodes: [] });
  });

  it('RoleDefinition.users takes the filters of users', async () => {
    const found = await holders('ADMIN', { filter: { search: 'accountm' } });
    expect(found.get('ACCOUNT_MANAGER')?.users?.nodes).toEqual([{ username: 'accountmanager' }]);
    expect(found.get('DEVELOPER')?.users?.nodes).toEqual([]);
  });

  it('RoleDefinition.users is denied to viewers who see no users', async () => {
    const { data, errors } = await app.as('maker').query(RolesAndHoldersDocument, { first: 1 }).partial();
    expect(errors[0]?.extensions).toEqual({ code: 'FORBIDDEN', coordinate: 'RoleDefinition.users' });
    expect(data?.roles?.nodes?.[0]).toMatchObject({ users: null });
  });
});

describe('RoleDefinition.assignable', () => {
  it.each([
    ['ACCOUNT_ADMIN', 'ACCOUNT_MANAGER GUEST STANDARD'],
    [
      'ADMIN',
      'ACCOUNT_ADMIN ACCOUNT_MANAGER ADMIN DEVELOPER GUEST HELPER MAKER MANAGER READER SALES STANDARD WAREHOUSE',
    ],
    [
      'SUPER_ADMIN',
      'ACCOUNT_ADMIN ACCOUNT_MANAGER ADMIN DEVELOPER GUEST HELPER MAKER MANAGER READER SALES STANDARD SUPER_ADMIN WAREHOUSE',
    ],
    ['helper', 'GUEST HELPER'],
  ])('RoleDefinition.assignable shows %s which roles they may assign', async (who, roles) => {
    const found = [...(await holders(who))].filter(([, role]) => role?.assignable).map(([name]) => name);
    expect(found.toSorted()).toEqual(roles.split(' '));
  });

  it('RoleDefinition.assignable is false for viewers who assign no roles', async () => {
    const { roles } = (await app.as('maker').query('{ roles { nodes { assignable } } }').data()) as {
      roles: { nodes: { assignable: boolean }[] };
    };
    expect(new Set(roles.nodes.map(({ assignable }) => assignable))).toEqual(new Set([false]));
  });
});

describe('a role in use', () => {
  it('the error of deleting a role in use names its holders, as far as the viewer sees them', async () => {
    await app
      .as('ADMIN')
      .query(CreateRoleDocument, { input: { name: 'USED' } })
      .data();
    await app
      .as('ADMIN')
      .query(CreateRoleDocument, { input: { name: 'HEIR', inherits: ['USED'] } })
      .data();
    await change(
      app,
      `insert into role_assignments select id, 'USED' from users where username in ('author', 'sales', 'guest')`,
    );
    const [error] = await app.as('ADMIN').query(DeleteRoleDocument, { name: 'USED' }).errors();
    expect(error?.message).toBe(
      'The role is in use. Users who hold it: 3. Roles that inherit it: 1. Users: author, guest, sales. Roles: HEIR.',
    );
    const [other] = await app.as('maker').query(DeleteRoleDocument, { name: 'USED' }).errors();
    expect(other?.message).toBe('The role is in use. Users who hold it: 3. Roles that inherit it: 1. Roles: HEIR.');
  });
});
