import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { openServer } from '../../src/database/database.ts';
import { createTestApp, type HttpAnswer, type TestApp } from '../support/app.ts';
import { type DatabaseProxy, startDatabaseProxy } from '../support/database-proxy.ts';
import { createServerDatabase, type ServerDatabase } from '../support/database.ts';
import { bearer, codesOf, signIn, tryToSignIn } from '../support/signed-in.ts';

let database: ServerDatabase;
let proxy: DatabaseProxy;
let app: TestApp;
let token: Record<string, string>;

beforeAll(async () => {
  database = await createServerDatabase();
  proxy = await startDatabaseProxy(database.url);
  const patience = { connection: 500, statement: 800, answer: 1_000 };
  const options = { url: proxy.url, adminUrl: null, production: true, poolSize: 4, patience };
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
  it('reads, writes, logins and sessions are 503 in time, the process lives, and is back by itself', async () => {
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
  it('fail what ran on them, and nothing else', async () => {
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
  ])('is 503, and the process lives: %s', async (_, work) => {
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
  it('is not gone on with by whoever comes next', async () => {
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
  it('is cut by the database: the answer is 503', async () => {
    const slow = app.database.run({ role: 'rolegate_system', viewerId: null, accountId: null }, async (em) => {
      await em.execute(`select set_config('statement_timeout', '50', true)`);
      await em.execute('select pg_sleep(5)');
    });
    await expect(slow).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  });
});
