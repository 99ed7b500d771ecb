import { execFileSync } from 'node:child_process';
import { appendFileSync, chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openServer } from '../src/database/database.ts';
import { demoLogins } from '../src/database/seed/demo-data.ts';
import { createTestApp, type HttpAnswer, type TestApp } from '../test/support/app.ts';
import { createServerDatabase, type ServerDatabase } from '../test/support/database.ts';
import { onServer } from '../test/support/environment.ts';
import { type Headers, signIn } from '../test/support/signed-in.ts';
import { freePort } from './faults/server.ts';
import { report } from './report.ts';

// A standby of the server of TEST_DATABASE_URL, by pg_basebackup and streaming replication, that replays 300 ms late.

const DELAY = 300;
const PRIMARY = process.env['TEST_DATABASE_URL'] ?? '';
const BIN = join('/usr/lib/postgresql', readdirSync('/usr/lib/postgresql').sort().at(-1) ?? '', 'bin');

/** Runs a program of PostgreSQL, which refuses to run as root. */
function run(program: string, ...args: string[]): void {
  const command = [join(BIN, program), ...args];
  const [first = '', ...rest] = process.getuid?.() === 0 ? ['runuser', '-u', 'postgres', '--', ...command] : command;
  execFileSync(first, rest, { stdio: 'ignore' });
}

/** Returns the settings that a standby must not have lower than its primary, which may have them from its command line. */
async function settingsOfPrimary(): Promise<string> {
  const client = new Client({ connectionString: PRIMARY });
  await client.connect();
  const names = ['max_connections', 'max_worker_processes', 'max_wal_senders', 'max_locks_per_transaction'];
  const { rows } = await client.query<{ line: string }>(
    `select name || ' = ' || setting as line from pg_settings where name = any ($1)`,
    [[...names, 'max_prepared_transactions']],
  );
  await client.end();
  return rows.map(({ line }) => `${line}\n`).join('');
}

class Standby {
  readonly #folder: string;
  readonly #data: string;
  readonly url: string;

  constructor(port: number, settingsOfPrimary: string) {
    this.#folder = mkdtempSync(join(tmpdir(), 'rolegate-standby-'));
    chmodSync(this.#folder, 0o777);
    this.#data = join(this.#folder, 'data');
    const { hostname, port: primary, username } = new URL(PRIMARY);
    const primaryArgs = ['-h', hostname, '-p', primary, '-U', username];
    run('pg_basebackup', ...primaryArgs, '-D', this.#data, '-R', '-X', 'stream', '-c', 'fast');
    const settings = `port = ${port}\nunix_socket_directories = '${this.#folder}'\nrecovery_min_apply_delay = ${DELAY}ms\n${settingsOfPrimary}`;
    appendFileSync(join(this.#data, 'postgresql.auto.conf'), settings);
    const url = new URL(PRIMARY);
    url.port = String(port);
    this.url = url.href;
  }

  start(): void {
    run('pg_ctl', '-D', this.#data, '-w', '-l', join(this.#folder, 'log'), 'start');
  }

  promote(): void {
    run('pg_ctl', '-D', this.#data, '-w', 'promote');
  }

  stop(): void {
    run('pg_ctl', '-D', this.#data, '-m', 'immediate', 'stop');
  }

  /** The same for the children of its postmaster, which hold the connections. */
  freeze(): void {
    this.#each('-STOP');
  }

  thaw(): void {
    this.#each('-CONT');
  }

  #each(signal: string): void {
    const [pid = ''] = execFileSync('head', ['-1', join(this.#data, 'postmaster.pid')])
      .toString()
      .split('\n');
    execFileSync('bash', ['-c', `kill ${signal} ${pid} $(pgrep -P ${pid})`]);
  }

  kill(): void {
    this.#each('-KILL');
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }
}

let database: ServerDatabase;
let standby: Standby;
let apps: [TestApp, TestApp];
const changes: { readonly isUsed: boolean; readonly reason: string | null }[] = [];

beforeAll(async () => {
  database = await createServerDatabase();
  standby = new Standby(await freePort(), await settingsOfPrimary());
  standby.start();
  apps = [await start([...changes]), await start(changes)];
  await untilUsed(apps[0]);
  await untilUsed(apps[1]);
});
afterAll(async () => {
  await Promise.all(apps.map((app) => app.close()));
  standby.stop();
  standby.remove();
  await database.drop();
});

function start(told: typeof changes): Promise<TestApp> {
  const replica = new URL(database.url);
  replica.port = new URL(standby.url).port;
  return createTestApp({
    openDatabase: (hooks) =>
      openServer(
        {
          url: database.url,
          adminUrl: null,
          production: true,
          poolSize: 8,
          replicaUrls: [replica.href],
          replicaMaxLagSeconds: 2,
        },
        { ...hooks, onReplica: (change) => void told.push(change) },
      ),
  });
}

const figuresOf = (app: TestApp) => app.database.replicas?.figures()[0] ?? { isUsed: false, lag: null, reads: 0 };
const untilUsed = (app: TestApp) =>
  vi.waitFor(() => expect(figuresOf(app).isUsed).toBe(true), { timeout: 20_000, interval: 20 });
const untilLeftOut = (app: TestApp) =>
  vi.waitFor(() => expect(figuresOf(app).isUsed).toBe(false), { timeout: 20_000, interval: 20 });

const rename = (app: TestApp, headers: Headers, displayName: string): Promise<HttpAnswer> =>
  app.post(
    {
      query: 'mutation ($input: UpdateMeInput!) { updateMe(input: $input) { version } }',
      variables: { input: { displayName } },
    },
    headers,
  );
const nameAt = async (app: TestApp, headers: Headers): Promise<unknown> => {
  const { body } = await app.post({ query: '{ me { displayName } }' }, headers);
  return (body.data as { me?: { displayName: string } } | undefined)?.me?.displayName ?? body;
};
/** Errors of fields that are read at once come in any order. */
const withoutOrder = ({ body }: HttpAnswer): string =>
  JSON.stringify([body.data, (body.errors ?? []).map((error) => JSON.stringify(error)).sort()]);
const positionOf = ({ headers }: HttpAnswer): string => String(headers['rolegate-position']);

/** Reads without a pause until the promise is settled. Returns how many reads failed, and the longest. */
async function readingWhile(
  app: TestApp,
  headers: Headers,
  work: () => Promise<unknown>,
): Promise<{ reads: number; failed: number; longest: number }> {
  const over = new AbortController();
  const found = { reads: 0, failed: 0, longest: 0 };
  const reader = async (): Promise<void> => {
    while (!over.signal.aborted) {
      const since = performance.now();
      const { body } = await app.post({ query: '{ accounts(first: 3) { totalCount } me { username } }' }, headers);
      found.reads += 1;
      found.failed += body.errors === undefined ? 0 : 1;
      found.longest = Math.max(found.longest, Math.round(performance.now() - since));
      await sleep(1);
    }
  };
  const readers = Array.from({ length: 8 }, reader);
  await work();
  over.abort();
  await Promise.all(readers);
  return found;
}

describe('a replica that replays 300 ms late', () => {
  it('the replica answers as the primary does, to every role', async () => {
    const questions = [
      '{ users(first: 50) { totalCount nodes { username email } } }',
      '{ accounts(first: 50) { totalCount nodes { name iban users(first: 3) { totalCount } } } }',
      '{ documents(first: 20) { nodes { title author { username } } } me { username account { name } } }',
      '{ inventoryItems(first: 50) { totalCount nodes { name data } } }',
    ];
    let [same, different] = [0, 0];
    const before = figuresOf(apps[0]).reads;
    for (const { username } of demoLogins) {
      const { headers } = await signIn(apps[0], username);
      await sleep(2 * DELAY);
      for (const query of questions) {
        const replica = await apps[0].post({ query }, headers);
        // No replica reaches this position.
        const primary = await apps[0].post({ query }, { ...headers, 'rolegate-position': 'FFFFFFFF/0' });
        expect(replica.text).not.toContain('GRAPHQL_VALIDATION_FAILED');
        const isSame = withoutOrder(replica) === withoutOrder(primary);
        same += Number(isSame);
        different += Number(!isSame);
      }
    }
    const onReplica = figuresOf(apps[0]).reads - before;
    report('the same answers from replica and primary, all roles', { same, different, onReplica });
    expect(different).toBe(0);
    expect(onReplica).toBeGreaterThanOrEqual(demoLogins.length);
  });

  it('the replica never shows a viewer less than they have written: at this process, and at another by header or cookie', async () => {
    const { headers } = await signIn(apps[0], 'standard');
    let [stale, here, byHeader, byCookie] = [0, 0, 0, 0];
    for (let n = 1; n <= 100; n += 1) {
      const answer = await rename(apps[0], headers, `Name ${n}`);
      const position = positionOf(answer);
      here += Number((await nameAt(apps[0], headers)) === `Name ${n}`);
      byHeader += Number((await nameAt(apps[1], { ...headers, 'rolegate-position': position })) === `Name ${n}`);
      const cookie = `rolegate_position=${encodeURIComponent(position)}`;
      byCookie += Number((await nameAt(apps[1], { ...headers, cookie })) === `Name ${n}`);
      stale += Number((await nameAt(apps[1], headers)) !== `Name ${n}`);
    }
    report('100 writes, each read back', {
      here,
      'elsewhere, by header': byHeader,
      'by cookie': byCookie,
      'without either, older': stale,
    });
    expect({ here, byHeader, byCookie }).toEqual({ here: 100, byHeader: 100, byCookie: 100 });
    // Without a position the replica is used, or the test would prove nothing.
    expect(stale).toBeGreaterThan(90);
  });

  it('the replica is not used while it replays nothing, and used again later', async () => {
    const { headers } = await signIn(apps[0], 'developer');
    const replica = PRIMARY.replace(new URL(PRIMARY).port, new URL(standby.url).port);
    await onServer(replica, 'select pg_wal_replay_pause()');
    const since = performance.now();
    await rename(apps[0], headers, 'While it lags');
    await untilLeftOut(apps[1]);
    const leftOutAfter = Math.round(performance.now() - since);
    const reason = String(changes.at(-1)?.reason);
    await onServer(replica, 'select pg_wal_replay_resume()');
    const resumed = performance.now();
    await untilUsed(apps[1]);
    report('lags by more than 2 s', {
      'left out after, ms': leftOutAfter,
      'used again after, ms': Math.round(performance.now() - resumed),
    });
    expect(reason).toBe('it lags by more than 2 seconds');
  });

  it.each([
    ['frozen', () => standby.freeze(), () => standby.thaw()],
    ['killed', () => standby.kill(), () => standby.start()],
  ])('a replica that is %s fails no read, and is used again', async (state, harm, repair) => {
    const { headers } = await signIn(apps[0], 'developer');
    await untilUsed(apps[0]);
    const found = await readingWhile(apps[0], headers, async () => {
      await sleep(300);
      harm();
      await sleep(3_000);
    });
    expect(figuresOf(apps[0]).isUsed).toBe(false);
    await sleep(state === 'killed' ? 500 : 0);
    repair();
    await untilUsed(apps[0]);
    report(`the replica is ${state} under load`, {
      reads: found.reads,
      failed: found.failed,
      'longest, ms': found.longest,
    });
    expect(found.failed).toBe(0);
    expect(found.longest).toBeLessThan(3_000);
  });

  it('the replica is never used again once it is promoted', async () => {
    standby.promote();
    await untilLeftOut(apps[1]);
    expect(changes.at(-1)?.reason).toBe('it is not a standby: it was promoted, or is the primary');
    const { headers } = await signIn(apps[1], 'standard');
    const answer = await rename(apps[1], headers, 'After the promotion');
    expect(await nameAt(apps[0], { ...headers, 'rolegate-position': positionOf(answer) })).toBe('After the promotion');
    report('promoted: left out', { used: Number(figuresOf(apps[1]).isUsed) });
  });
});
