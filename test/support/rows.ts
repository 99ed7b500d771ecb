import { systemScope } from '../../src/database/scopes.ts';
import type { TestApp } from './app.ts';

/** Changes the database behind the server's back, past row-level security. `?` stands for a parameter. */
export async function change(app: TestApp, sql: string, ...parameters: readonly unknown[]): Promise<void> {
  await app.database.run(systemScope, (em) => em.execute(sql, [...parameters], 'run'));
}

/** Reads the database past row-level security. `?` stands for a parameter. */
export function look<Row>(app: TestApp, sql: string, ...parameters: readonly unknown[]): Promise<Row[]> {
  return app.database.run(systemScope, (em) => em.execute<Row[]>(sql, [...parameters]));
}

/** The id of the user with the name. */
export async function userId(app: TestApp, username: string): Promise<string> {
  const [user] = await look<{ id: string }>(app, 'select id from users where username = ?', username);
  if (user === undefined) {
    throw new Error(`There is no user ${username}`);
  }
  return user.id;
}

/** The id of the account of the user with the name. */
export async function accountIdOf(app: TestApp, username: string): Promise<string> {
  const [user] = await look<{ id: string | null }>(
    app,
    'select account_id as id from users where username = ?',
    username,
  );
  if (user === undefined || user.id === null) {
    throw new Error(`There is no user ${username} with an account`);
  }
  return user.id;
}

/** Changes who may do what behind the server's back, as an administrator's change does: the access version rises. */
export async function changeAccess(app: TestApp, sql: string, ...parameters: readonly unknown[]): Promise<void> {
  await app.auth.version.change(
    (work) => app.database.run(systemScope, work),
    (em) => em.execute(sql, [...parameters], 'run'),
    { roles: true },
  );
}

/** Raises the access version without changing any rights, so that every cache reads again. */
export async function somethingElseChanges(app: TestApp): Promise<void> {
  await app.auth.version.change(
    (work) => app.database.run(systemScope, work),
    async () => undefined,
  );
}

/** Assigns a role to a user. */
export async function grantRole(app: TestApp, username: string, role: string): Promise<void> {
  const id = await userId(app, username);
  await changeAccess(app, 'insert into role_assignments (user_id, role) values (?, ?)', id, role);
}

/** Takes a role from a user. */
export async function revokeRole(app: TestApp, username: string, role: string): Promise<void> {
  const id = await userId(app, username);
  await changeAccess(app, 'delete from role_assignments where user_id = ? and role = ?', id, role);
}
