import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openServer } from '../src/database/database.ts';
import { connect, untilOpen, addressOf, closingOf } from '../test/sockets/client.ts';
import { InventoryChangedDocument } from '../test/generated/graphql.ts';
import { createTestApp, type TestApp, type Who } from '../test/support/app.ts';
import { createServerDatabase, type ServerDatabase } from '../test/support/database.ts';
import { TEST_LOGIN } from '../test/support/environment.ts';
import { signIn } from '../test/support/signed-in.ts';
import { report } from './report.ts';

// PgBouncer of Debian in transaction mode, with three connections for everything: `apt-get install -y pgbouncer`.

const WHO_AM_I =
  '{ me { username } accounts(first: 3) { totalCount } users(first: 3) { totalCount } myAccount { id } }';

let database: ServerDatabase;
let pooler: Pooler;

beforeAll(async () => {
  database = await createServerDatabase();
  pooler = await startPooler(database.url);
});
afterAll(async () => {
  await pooler.close();
  await database.drop();
});

interface Pooler {
  readonly url: string;
  readonly process: ChildProcess;
  readonly close: () => Promise<void>;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function startPooler(databaseUrl: string): Promise<Pooler> {
  const target = new URL(databaseUrl);
  const folder = mkdtempSync(join(tmpdir(), 'rolegate-pooler-'));
  chmodSync(folder, 0o755);
  const port = await freePort();
  writeFileSync(join(folder, 'users'), `"${TEST_LOGIN.name}" "${TEST_LOGIN.password}"\n`);
  const settings = [
    '[databases]',
    `* = host=${target.hostname} port=${target.port}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'auth_type = trust',
    `auth_file = ${join(folder, 'users')}`,
    'pool_mode = transaction',
    'default_pool_size = 3',
    'max_client_conn = 200',
  ];
  writeFileSync(join(folder, 'pgbouncer.ini'), `${settings.join('\n')}\n`);
  const isRoot = process.getuid?.() === 0;
  const args = [...(isRoot ? ['-u', 'postgres'] : []), join(folder, 'pgbouncer.ini')];
  const child = spawn('pgbouncer', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
  for (let tries = 0; !log.includes('process up'); tries += 1) {
    if (tries > 100) {
      throw new Error(`PgBouncer does not start: ${log}`);
    }
    await sleep(50);
  }
  target.port = String(port);
  return {
    url: target.href,
    process: child,
    close: async () => {
      child.kill('SIGCONT');
      child.kill('SIGKILL');
      await once(child, 'exit');
      rmSync(folder, { recursive: true });
    },
  };
}

const start = (listenUrl: string | null): Promise<TestApp> =>
  createTestApp({
    openDatabase: (hooks) =>
      openServer({ url: pooler.url, listenUrl, adminUrl: null, production: true, poolSize: 10 }, hooks),
  });

describe('behind PgBouncer in transaction mode', () => {
  it('viewers never get the row scope of another: 2,000 operations on three connections', async () => {
    const app = await start(database.url);
    const people: readonly Who[] = ['ADMIN', 'DEVELOPER', 'STANDARD', 'SALES', 'ACCOUNT_ADMIN', 'ANONYMOUS'];
    const ask = async (who: Who): Promise<string> => JSON.stringify((await app.as(who).request(WHO_AM_I)).body);
    const expected = new Map<Who, string>();
    for (const who of people) {
      expected.set(who, await ask(who));
    }
    expect(new Set(expected.values()).size).toBe(people.length);
    let [right, wrong] = [0, 0];
    for (let round = 0; round < 20; round += 1) {
      const asked = Array.from({ length: 100 }, (_, at) => people[(at * 7 + round) % people.length] ?? 'ADMIN');
      const answers = await Promise.all(asked.map(ask));
      answers.forEach((answer, at) => (answer === expected.get(asked[at] ?? 'ADMIN') ? (right += 1) : (wrong += 1)));
    }
    report('PgBouncer, transaction mode, 3 connections: answers of six viewers at once', { right, wrong });
    expect({ right, wrong }).toEqual({ right: 2_000, wrong: 0 });
    await app.close();
  });

  it('subscriptions are refused when the pooler is listened to, also after half a minute', async () => {
    const app = await start(null);
    const { headers } = await signIn(app, 'sales');
    const refusals: string[] = [];
    for (const wait of [0, 10_000, 20_000]) {
      await sleep(wait);
      const socket = await connect(await addressOf(app), { parameters: { authorization: headers['authorization'] } });
      const { errors } = await socket.subscribe(InventoryChangedDocument).outcome();
      refusals.push(String(errors?.[0]?.extensions?.['code']));
      await socket.close();
    }
    report('PgBouncer, listened to: subscriptions', { asked: 3, refused: refusals.length });
    expect(refusals).toEqual(Array(3).fill('SERVICE_UNAVAILABLE'));
    await app.close();
  });

  it('subscriptions work with DATABASE_LISTEN_URL, and are closed within 10 s when the pooler stops', async () => {
    const app = await start(database.url);
    const { headers } = await signIn(app, 'sales');
    const socket = await connect(await addressOf(app), { parameters: { authorization: headers['authorization'] } });
    socket.subscribe(InventoryChangedDocument);
    await untilOpen(app, 1);
    pooler.process.kill('SIGSTOP');
    const { code, after } = await closingOf(socket);
    pooler.process.kill('SIGCONT');
    report('PgBouncer stops answering: an open subscription is closed', { code, milliseconds: Math.round(after) });
    expect(code).toBe(1013);
    expect(after).toBeLessThan(10_000);
    await app.close();
  });
});
