import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemScope } from '../../../src/database/scopes.ts';
import {
  ActivateUserDocument,
  AssignRoleDocument,
  CreateUserDocument,
  DeactivateUserDocument,
  MeDocument,
  RemoveUserDocument,
  RevokeRoleDocument,
  UpdateMeDocument,
  UpdateUserDocument,
  UserDocument,
  UsersDocument,
} from '../../generated/graphql.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { look } from '../../support/rows.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
});
afterAll(() => app.close());

async function idOf(username: string): Promise<string> {
  return app.database.run(systemScope, async (em) => {
    const [user] = await em.execute<{ id: string }[]>('select id from users where username = ?', [username]);
    return user?.id ?? '';
  });
}

const someone = (username: string, more: object = {}) => ({
  input: { username, email: `${username}@example.org`, displayName: 'Some One', ...more },
});

describe('createUser', () => {
  it('createUser creates a user who can sign in at once', async () => {
    const password = 'paper lantern over seven rivers';
    const { createUser } = await app
      .as('ADMIN')
      .query(CreateUserDocument, someone('new.one', { password, roles: ['DEVELOPER'] }))
      .data();
    expect(createUser).toMatchObject({ username: 'new.one', email: 'new.one@example.org', active: true, version: 1 });
    const login = {
      query: 'mutation ($p: String!) { login(login: "NEW.ONE@example.org", password: $p) { accessToken } }',
    };
    const { body } = await app.post({ ...login, variables: { p: password } });
    expect(body.errors).toBeUndefined();
  });

  it.each([
    ['a taken user name', someone('admin'), 'CONFLICT'],
    ['a user name that is taken in another case', someone('AdMiN'), 'CONFLICT'],
    ['a taken address', someone('other', { email: 'admin@example.com' }), 'CONFLICT'],
    ['an address that is taken in another case', someone('other', { email: 'ADMIN@Example.COM' }), 'CONFLICT'],
    ['a user name with an @', someone('a@b'), 'BAD_USER_INPUT'],
    ['a user name of one letter', someone('a'), 'BAD_USER_INPUT'],
    ['an empty display name', someone('other', { displayName: '  ' }), 'BAD_USER_INPUT'],
    ['a display name with a line break', someone('other', { displayName: 'a\nb' }), 'BAD_USER_INPUT'],
    ['a weak password', someone('other', { password: 'password' }), 'BAD_USER_INPUT'],
    [
      'a password made of the name',
      someone('other.person', { password: 'other.person.other.person' }),
      'BAD_USER_INPUT',
    ],
    ['an unknown role', someone('other', { roles: ['NOTHING'] }), 'BAD_USER_INPUT'],
    ['an unknown account', someone('other', { accountId: '11111111-1111-4111-8111-111111111111' }), 'NOT_FOUND'],
    ['an account that is no id', someone('other', { accountId: 'x' }), 'NOT_FOUND'],
  ])('createUser refuses %s, and creates no user', async (_case, variables, code) => {
    expect(await app.as('ADMIN').query(CreateUserDocument, variables).codes()).toEqual([code]);
    expect(await idOf('other')).toBe('');
  });

  it('an ACCOUNT_ADMIN does not learn if an address is taken, and its owner is mailed', async () => {
    const admin = app.as('ACCOUNT_ADMIN');
    const free = await admin.query(CreateUserDocument, someone('free.one')).data();
    app.mails.length = 0;
    const taken = await admin
      .query(CreateUserDocument, someone('taken.one', { email: 'Developer@example.com' }))
      .data();
    expect(Object.keys(taken.createUser ?? {})).toEqual(Object.keys(free.createUser ?? {}));
    expect(taken.createUser).toMatchObject({ username: 'taken.one', active: true, version: 1 });
    await expect.poll(() => app.mails.map(({ to }) => to)).toEqual(['Developer@example.com']);
    expect(await idOf('taken.one')).toBe('');
    const attempts = `select actor_id as actor, target_id as target from audit_events where action = 'user.addressTaken'`;
    expect(await look(app, attempts)).toEqual([{ actor: await idOf('accountadmin'), target: await idOf('developer') }]);
  });
});

describe('updateUser and updateMe', () => {
  it('updateUser and updateMe change the named fields, and count versions', async () => {
    const id = await idOf('sales');
    const admin = app.as('ADMIN');
    const first = await admin.query(UpdateUserDocument, { id, input: { displayName: 'Sally', version: 1 } }).data();
    expect(first.updateUser).toMatchObject({ username: 'sales', displayName: 'Sally', version: 2 });
    const stale = admin.query(UpdateUserDocument, { id, input: { displayName: 'Late', version: 1 } });
    expect(await stale.codes()).toEqual(['CONFLICT']);
    const unchanged = await admin.query(UpdateUserDocument, { id, input: {} }).data();
    expect(unchanged.updateUser).toMatchObject({ displayName: 'Sally', version: 2 });
    const mine = await app
      .as('SALES')
      .query(UpdateMeDocument, { input: { displayName: 'Sal', version: 2 } })
      .data();
    expect(mine.updateMe).toMatchObject({ id, displayName: 'Sal', version: 3 });
    expect(
      await app
        .as('SALES')
        .query(UpdateMeDocument, { input: { username: 'admin' } })
        .codes(),
    ).toEqual(['CONFLICT']);
  });

  it('of concurrent changes of one version one succeeds, and the others get CONFLICT', async () => {
    const id = await idOf('warehouse');
    const codes = await Promise.all(
      Array.from({ length: 10 }, async (_, index) => {
        const input = { displayName: `Name ${index}`, version: 1 };
        const { body } = await app.as('ADMIN').request(UpdateUserDocument, { id, input });
        return body.errors?.[0]?.extensions?.['code'] ?? 'done';
      }),
    );
    expect(codes.map(String).toSorted()).toEqual([...Array<string>(9).fill('CONFLICT'), 'done']);
  });

  it('only administrators change addresses', async () => {
    const id = await idOf('standard');
    const input = { email: 'elsewhere@example.org' };
    expect(await app.as('ACCOUNT_ADMIN').query(UpdateUserDocument, { id, input }).codes()).toEqual(['FORBIDDEN']);
    const { updateUser } = await app.as('ADMIN').query(UpdateUserDocument, { id, input }).data();
    expect(updateUser?.email).toBe('elsewhere@example.org');
  });
});

describe('deactivateUser', () => {
  it('deactivateUser ends sessions at once, and activateUser restores none', async () => {
    const id = await idOf('manager');
    const token = await app.as('MANAGER').token();
    const ask = () => app.post({ query: '{ me { username } }' }, { authorization: `Bearer ${token}` });
    expect((await ask()).status).toBe(200);
    const { deactivateUser } = await app.as('ADMIN').query(DeactivateUserDocument, { id }).data();
    expect(deactivateUser).toEqual({ id, active: false });
    expect((await ask()).status).toBe(401);
    await app.as('ADMIN').query(ActivateUserDocument, { id }).data();
    expect((await ask()).status).toBe(401);
    await expect(app.as('MANAGER').query(MeDocument).data()).resolves.toMatchObject({ me: { id } });
  });
});

describe('removeUser', () => {
  it('removeUser clears names, credentials and roles, keeps the row, and frees name and address', async () => {
    const made = await app
      .as('ADMIN')
      .query(CreateUserDocument, someone('gone.one', { roles: ['STANDARD'] }))
      .data();
    const id = made.createUser?.id ?? '';
    const { removeUser } = await app.as('ADMIN').query(RemoveUserDocument, { id }).data();
    expect(removeUser).toEqual({ id, username: 'gone.one', displayName: 'Some One' });
    const { user } = await app.as('ADMIN').query(UserDocument, { id }).data();
    expect(user?.username).toMatch(/^removed-/);
    expect(user?.roles).toEqual([]);
    const { users } = await app
      .as('ADMIN')
      .query(UsersDocument, { filter: { search: 'gone.one' } })
      .data();
    expect(users?.totalCount).toBe(0);
    await app.as('ADMIN').query(CreateUserDocument, someone('gone.one')).data();
  });
});

describe('the last active SUPER_ADMIN', () => {
  it('the last active SUPER_ADMIN stays, on every path', async () => {
    const id = await idOf('superadmin');
    const boss = app.as('SUPER_ADMIN');
    expect(await boss.query(RevokeRoleDocument, { userId: id, role: 'SUPER_ADMIN' }).codes()).toEqual(['CONFLICT']);
    expect(await boss.query(DeactivateUserDocument, { id }).codes()).toEqual(['CONFLICT']);
    expect(await boss.query(RemoveUserDocument, { id }).codes()).toEqual(['CONFLICT']);
  });

  it('of two who demote each other at the same time one stays, again and again', async () => {
    const boss = await idOf('superadmin');
    for (let round = 0; round < 10; round++) {
      const made = await app
        .as('SUPER_ADMIN')
        .query(CreateUserDocument, someone(`boss.${round}`, { roles: ['SUPER_ADMIN'] }))
        .data();
      const other = made.createUser?.id ?? '';
      const outcomes = await Promise.all([
        app
          .as('superadmin')
          .query(RevokeRoleDocument, { userId: other, role: 'SUPER_ADMIN' })
          .partial()
          .catch(() => 'done'),
        app
          .as(`boss.${round}`)
          .query(RevokeRoleDocument, { userId: boss, role: 'SUPER_ADMIN' })
          .partial()
          .catch(() => 'done'),
      ]);
      const left = await app.database.run(systemScope, (em) =>
        em.execute<{ id: string }[]>(
          `select u.id from role_assignments r join users u on u.id = r.user_id where r.role = 'SUPER_ADMIN' and u.active`,
        ),
      );
      expect([left.length, outcomes.filter((outcome) => outcome === 'done').length]).toEqual([1, 1]);
      if (left[0]?.id === other) {
        await app.as(`boss.${round}`).query(AssignRoleDocument, { userId: boss, role: 'SUPER_ADMIN' }).data();
        await app.as('superadmin').query(RemoveUserDocument, { id: other }).data();
      } else {
        await app.as('superadmin').query(RemoveUserDocument, { id: other }).data();
      }
    }
  });
});
