import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFirstAdmin, type FirstAdmin, FirstAdminRefused } from '../../src/auth/operator.ts';
import { createPasswordCheck } from '../../src/auth/passwords/policy.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { change, look } from '../support/rows.ts';
import { allowedQueries, passwordOf, signIn, tryToSignIn } from '../support/signed-in.ts';

const password = 'correct horse battery staple lamp';
const checkPassword = createPasswordCheck({ serviceName: 'Rolegate' });

let app: TestApp;
beforeEach(async () => {
  app = await createTestApp();
  await change(app, `delete from role_assignments where role = 'SUPER_ADMIN'`);
});
afterEach(() => app.close());

const make = (admin: Partial<FirstAdmin> = {}): Promise<boolean> =>
  createFirstAdmin(
    app.database.run,
    { hasher: app.hasher, checkPassword },
    { login: 'founder', password, ...admin },
    app.clock.now(),
  );
const people = () => look<{ username: string; email: string }>(app, 'select username, email from users order by 1');

describe('the first administrator', () => {
  it.each([
    ['founder', 'founder', 'founder@users.invalid'],
    ['Jane.Doe+x@Example.com', 'jane.doe-x', 'Jane.Doe+x@Example.com'],
    ['ö@example.com', 'admin-of', 'ö@example.com'],
  ])('the first administrator, called %s, can sign in, and is a SUPER_ADMIN', async (login, username, email) => {
    await change(app, `update users set username = 'former' where username = 'admin'`);
    expect(await make({ login })).toBe(true);
    const made = (await people()).find((user) => user.email === email);
    expect(made?.username).toBe(username === 'admin-of' ? 'admin' : username);
    const { headers } = await signIn(app, login, { password });
    expect(await allowedQueries(app, headers)).toEqual(['users', 'accounts', 'standard', 'me']);
  });

  it('the first administrator is created once', async () => {
    expect(await make()).toBe(true);
    const before = await people();
    const { computed } = app.hasher;
    expect(await make({ login: 'second' })).toBe(false);
    expect(await make()).toBe(false);
    expect(await people()).toEqual(before);
    expect(app.hasher.computed).toBe(computed);
  });

  it('no first administrator is created while a SUPER_ADMIN exists, though disabled', async () => {
    await change(
      app,
      `insert into role_assignments (user_id, role) select id, 'SUPER_ADMIN' from users where username = 'sales'`,
    );
    await change(app, `update users set active = false where username = 'sales'`);
    expect(await make()).toBe(false);
  });

  it.each<[string, Partial<FirstAdmin>]>([
    ['a short password', { password: 'short' }],
    ['a common one', { password: 'passwordpassword' }],
    ['one made of the login', { password: 'founder-founder-1' }],
    ['the login of another user', { login: 'developer' }],
    ['the address of another user', { login: 'Developer@Example.com' }],
  ])('%s is refused, and no user is created', async (_, admin) => {
    const before = await people();
    await expect(make(admin)).rejects.toThrow(FirstAdminRefused);
    expect(await people()).toEqual(before);
    expect(await make()).toBe(true);
  });

  it('the password of another user stays as it is', async () => {
    await expect(make({ login: 'developer' })).rejects.toThrow(FirstAdminRefused);
    expect((await tryToSignIn(app, 'developer', { password })).body.errors).toHaveLength(1);
    expect((await tryToSignIn(app, 'developer', { password: passwordOf('developer') })).body.errors).toBeUndefined();
  });
});
