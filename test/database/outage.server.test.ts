import { Client, Pool } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { openServer } from '../../src/database/database.ts';
import { ReadingPool } from '../../src/database/reading-pool.ts';
import { createTestApp, type HttpAnswer, type TestApp } from '../support/app.ts';
import { type DatabaseProxy, startDatabaseProxy } from '../support/database-proxy.ts';
import { createServerDatabase, type ServerDatabase } from '../support/database.ts';
import { urlOf } from '../support/environment.ts';
import { bearer, codesOf, signIn, tryToSignIn } from '../support/signed-in.ts';

let database: ServerDatabase;
let proxy: DatabaseProxy;
let app: TestApp;
let token: Record<string, string>;

beforeAll(async () => {
  database = await createServerDatabase();
  proxy = await startDatabaseProxy(database.url);
  const timeouts = { connection: 500, statement: 800, answer: 1_000 };
  const options = { url: proxy.url, adminUrl: null, production: true, poolSize: 4, timeouts };
  app = await createTestApp({ openDatabase: (hooks) => openServer(options, hooks) });
  token = (await signIn(app, 'admin')).headers;
});
afterEach(() => proxy.resume());
afterAll(async () => {
  await proxy.resume();
  await app.close();
  await proxy.close();
  await database.drop();
});

function superuserUrl(): string {
  return urlOf(inject('database').serverUrl ?? '', new URL(database.url).pathname.slice(1));
}

async function onDatabase(statement: string): Promise<unknown[]> {
  const client = new Client({ connectionString: superuserUrl() });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows;
  } finally {
    await client.end();
  }
}

const read = () => app.post({ query: '{ users(first: 1) { totalCount } }' }, token);
const statusOf = async (url: string): Promise<number> => (await app.http.inject({ url })).statusCode;

function expectAway(answer: HttpAnswer): void {
  expect([answer.status, codesOf(answer)]).toEqual([503, ['SERVICE_UNAVAILABLE']]);
  expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
  expect(answer.text).not.toMatch(/ECONN|timeout|127\.0\.0\.1|Connection/);
}

/** Back within five seconds, by itself. */
async function expectRecovery(): Promise<void> {
  const since = performance.now();
  await vi.waitFor(async () => expect((await read()).status).toBe(200), { timeout: 5_000, interval: 100 });
  await vi.waitFor(async () => expect(await statusOf('/readyz')).toBe(200), { timeout: 2_000 });
  expect(performance.now() - since).toBeLessThan(5_000);
}

describe.each<[string, () => unknown]>([
  ['is stopped', () => proxy.stop()],
  ['is frozen', () => proxy.freeze()],
])('while the database %s', (_, fail) => {
  it('reads, writes, logins and sessions get 503 in time, the process lives, and recovers', async () => {
    expect((await read()).status).toBe(200);
    await fail();
    await vi.waitFor(() => expect(app.auth.version.isFresh).toBe(false), { timeout: 3_000 });
    const since = performance.now();
    expectAway(await read());
    expectAway(await tryToSignIn(app, 'developer'));
    expectAway(await app.post({ query: 'mutation { logout }' }, token));
    expectAway(await app.post({ query: '{ __typename }' }, token));
    expectAway(await app.post({ query: '{ __typename }' }, bearer(`rg_key_${'A'.repeat(43)}`)));
    expect(performance.now() - since).toBeLessThan(10_000);
    expect(await statusOf('/healthz')).toBe(200);
    expect(await statusOf('/readyz')).toBe(503);
    expect((await app.post({ query: '{ __typename }' })).status).toBe(200);
    await proxy.resume();
    await expectRecovery();
  });

  it('many requests at once are all answered', async () => {
    await fail();
    const answers = await Promise.all(Array.from({ length: 8 }, () => tryToSignIn(app, 'developer')));
    answers.forEach(expectAway);
    await proxy.resume();
    await expectRecovery();
  });
});

describe('connections that are reset in the middle of work', () => {
  it('resets fail the work on these connections, and nothing else', async () => {
    const running = Array.from({ length: 20 }, () => tryToSignIn(app, 'developer'));
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
    proxy.reset();
    const answers = await Promise.all(running);
    expect(new Set([...answers.map(({ status }) => status), 200, 503])).toEqual(new Set([200, 503]));
    await expectRecovery();
  });
});

describe('statements that took the database too long', () => {
  it('a slow statement is not run again in the same operation, and others are', async () => {
    const scope = { role: 'rolegate_system', viewerId: null, accountId: null } as const;
    const unit = app.database.unitOfWork(scope);
    const ask = (sql: string, ...params: unknown[]) => unit.read((reader) => reader.execute(sql, params));
    app.statements.length = 0;
    const slow = 'select pg_sleep(?)';
    await expect(ask(slow, 3)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    await expect(ask(slow, 3)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    await expect(ask(slow, 0)).resolves.toHaveLength(1);
    await unit.close();
    expect(app.statements.filter((sql) => sql === slow)).toHaveLength(2);
  });
});

describe('a response that is sent before all of its parts have resolved', () => {
  it('no transaction is left open', async () => {
    const name = new URL(database.url).pathname.slice(1);
    const member = `(select id from users where username = 'accountadmin')`;
    // A name that no RoleName can have: the field fails, and takes its user along.
    await onDatabase(`insert into roles (name, description, built_in) values ('bad-name', '', false)`);
    await onDatabase(`insert into role_assignments (user_id, role) values (${member}, 'bad-name')`);
    const users = `users(first: 2) { nodes { id account { users(first: 2) { nodes { id } totalCount } } } totalCount }`;
    const query = `{ users(first: 1, filter: { search: "accountadmin" }) { nodes { roles account { ${users} } } } }`;
    for (let time = 0; time < 6; time++) {
      const { body } = await app.post({ query }, token);
      expect(body.data).toEqual({ users: { nodes: [null] } });
    }
    const idle = `select count(*)::int as count from pg_stat_activity where datname = '${name}' and state like 'idle in%'`;
    await vi.waitFor(async () => expect(await onDatabase(idle)).toEqual([{ count: 0 }]), { timeout: 3_000 });
    expect((await read()).status).toBe(200);
  });
});

it('the database closes also while a unit of work is never closed', async () => {
  const options = { url: database.url, adminUrl: null, production: true, poolSize: 2 };
  const held = await openServer(options, { progress: () => undefined });
  const unit = held.unitOfWork({ role: 'rolegate_system', viewerId: null, accountId: null });
  await unit.read((reader) => reader.execute('select 1')); // and is never closed
  await expect(held.close()).resolves.toBeUndefined();
  await unit.close();
});

describe('a connection for reading', () => {
  it('a connection for reading may do nothing by itself, where its login may do everything', async () => {
    const { options } = new Pool({ connectionString: superuserUrl() });
    const pool = new ReadingPool({ options } as Pool, 1, 'set role rolegate_nobody');
    const connection = await pool.take();
    expect(await connection.query('select current_user as name')).toEqual([{ name: 'rolegate_nobody' }]);
    await expect(connection.query('select count(*) from accounts')).rejects.toThrow('permission denied');
    connection.end();
    await pool.end();
  });
});

describe('a statement whose connection is lost', () => {
  const scope = { role: 'rolegate_system', viewerId: null, accountId: null } as const;
  const sleep = 'select pg_sleep(3)';

  it.each<[string, () => Promise<unknown>]>([
    ['a read', () => app.database.unitOfWork(scope).read((reader) => reader.execute(sleep))],
    [
      'a read behind another',
      () =>
        app.database
          .unitOfWork(scope)
          .read((reader) => Promise.all([reader.execute('select 1'), reader.execute(sleep)])),
    ],
    ['a write', () => app.database.run(scope, (em) => em.execute(sleep))],
  ])('a lost connection causes 503, and the process lives: %s', async (_, work) => {
    for (const lose of [() => proxy.reset(), () => proxy.freeze()]) {
      const outcome = work().then(
        () => 'done',
        (error: unknown) => (error as { code?: unknown }).code,
      );
      await new Promise((resolve) => {
        setTimeout(resolve, 200);
      });
      lose();
      expect(await outcome).toBe('SERVICE_UNAVAILABLE');
      await proxy.resume();
      await expectRecovery();
    }
  });
});

describe('a transaction that a frozen database has left open', () => {
  it('the next operation does not continue a transaction that a frozen database left open', async () => {
    const query = `mutation { login(login: "sales", password: "rolegate-demo-sales") { accessToken } }`;
    for (let round = 0; round < 2; round++) {
      const running = Array.from({ length: 8 }, () => app.post({ query }));
      await new Promise((resolve) => {
        setTimeout(resolve, 3 * round);
      });
      proxy.freeze();
      await Promise.all(running);
      await proxy.resume();
      await expectRecovery();
    }
    const { body } = await app.post({ query: '{ sessions { totalCount } }' }, (await signIn(app, 'sales')).headers);
    expect(body.errors).toBeUndefined();
  });
});

describe('a statement that takes too long', () => {
  it('the database cancels a slow statement, and the answer is 503', async () => {
    const slow = app.database.run({ role: 'rolegate_system', viewerId: null, accountId: null }, async (em) => {
      await em.execute(`select set_config('statement_timeout', '50', true)`);
      await em.execute('select pg_sleep(5)');
    });
    await expect(slow).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  });
});
