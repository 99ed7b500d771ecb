import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { buildIssuerKey, type IssuerKey, signExternal } from '../test/support/local-issuer.ts';
import { startSink, type WebhookSink } from '../test/support/webhook-sink.ts';
import { Load } from './faults/load.ts';
import { type Behaviour, NameServer } from './faults/names.ts';
import { Postgres } from './faults/postgres.ts';
import { environmentOn, Server } from './faults/server.ts';
import { report } from './report.ts';

// A server whose names are resolved by a name server that fails: those of the database, a webhook, an issuer's keys and a
// collector. It needs root, Linux and Debian's PostgreSQL: the server has a mount namespace with its own /etc/resolv.conf.

const DATABASE = 'database.proof.test';
const HOOKS = 'hooks.proof.test';
const KEYS = 'keys.proof.test';
const COLLECTOR = 'collector.proof.test';
const OUTSIDE = [HOOKS, KEYS, COLLECTOR];
const HERE: Behaviour = { address: '127.0.0.1' };
const ISSUER = 'https://login.example.com/';

let folder: string;
let names: NameServer;
let postgres: Postgres;
let sink: WebhookSink;
let server: Server;
let load: Load;
let key: IssuerKey;
let collected = 0;
const webhooks: string[] = [];
const closing: (() => unknown)[] = [];

/** Starts a server that answers every request with the text. Returns its port. */
async function serve(body: string, onRequest: () => void = () => undefined): Promise<number> {
  const http = createServer((request, response) => {
    onRequest();
    request.resume();
    response.writeHead(200, { 'content-type': 'application/json' }).end(body);
  }).listen(0, '127.0.0.1');
  await once(http, 'listening');
  closing.push(() => http.close());
  return (http.address() as AddressInfo).port;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rolegate-names-'));
  chmodSync(folder, 0o777);
  names = await NameServer.start();
  names.set(HERE, DATABASE, ...OUTSIDE);
  postgres = await Postgres.create(folder);
  sink = await startSink();
  key = await buildIssuerKey('one');
  const keysPort = await serve(JSON.stringify({ keys: [key.jwk] }));
  const collectorPort = await serve('{}', () => (collected += 1));
  server = await Server.start(
    {
      ...environmentOn(postgres, DATABASE),
      IDP_ISSUER: ISSUER,
      IDP_AUDIENCE: 'https://api.example.com',
      IDP_JWKS_URL: `http://${KEYS}:${keysPort}/keys`,
      IDP_ROLES: 'staff=STANDARD',
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://${COLLECTOR}:${collectorPort}`,
      WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8',
      // As in the Dockerfile. With Node's own 4 the last proof fails.
      UV_THREADPOOL_SIZE: '16',
    },
    names.prefix,
  );
  const admin = await tokenOf('admin');
  for (const path of ['one', 'two', 'three', 'four']) {
    const url = `http://${HOOKS}:${new URL(sink.url).port}/${path}`;
    const create = `mutation { createWebhook(input: { url: "${url}" }) { webhook { id } } }`;
    const created = await server.ask(create, { token: admin });
    webhooks.push(created.text('createWebhook', 'webhook', 'id'));
  }
  load = new Load(server, await tokenOf('sales'), 800);
}, 120_000);
beforeEach(() => names.set(HERE, DATABASE, ...OUTSIDE));
afterAll(async () => {
  await server.stop();
  postgres.stop('immediate');
  await sink.close();
  names.close();
  closing.forEach((close) => close());
  rmSync(folder, { recursive: true });
});

async function tokenOf(username: string): Promise<string> {
  return (await server.login(username)).text('login', 'accessToken');
}

/** Asks with a token of the external issuer. */
async function askAsExternal(): Promise<string> {
  const now = Math.floor(Date.now() / 1_000);
  const claims = {
    iss: ISSUER,
    aud: 'https://api.example.com',
    sub: 'one',
    iat: now,
    exp: now + 600,
    roles: ['staff'],
  };
  const { code, status } = await server.ask('{ viewer { roles } }', { token: await signExternal(key, claims) });
  return code === null ? 'ok' : `${status} ${code}`;
}

/** Ends the connections of the server, so that it has to look the name up again. */
function endConnections(): Promise<object[]> {
  return postgres.execute(`select pg_terminate_backend(pid) from pg_stat_activity where usename = 'rolegate'`);
}

const FAILURES: readonly (Behaviour & string)[] = ['NXDOMAIN', 'SERVFAIL', 'REFUSED', 'silent'];

it.each(FAILURES)(
  "the server survives %s of the database's name, for 15 seconds in which connections are lost",
  async (behaviour) => {
    load.start();
    await sleep(1_000);
    load.reset();
    names.set(behaviour, DATABASE);
    await sleep(4_000);
    const before = String(load.reads);
    const refusedBefore = load.reads.count('503 SERVICE_UNAVAILABLE');
    await endConnections();
    await sleep(10_000);
    const [live, ready] = [await server.status('/livez'), await server.status('/readyz')];
    const figures = { before, writes: String(load.writes), reads: String(load.reads), logins: String(load.logins) };
    const others = load.writes.others + load.reads.others + load.logins.others;
    const longest = Math.max(load.writes.longest, load.reads.longest, load.logins.longest);
    names.set(HERE, DATABASE);
    const recovery = await load.recovery();
    await load.stop();
    report(`the name of the database: ${behaviour}`, { ...figures, live, ready, recoveryMs: recovery });
    expect({ live, ready, others, refusedBefore }).toEqual({ live: 200, ready: 503, others: 0, refusedBefore: 0 });
    expect(longest).toBeLessThan(15_000);
    expect(recovery).toBeLessThan(10_000);
    expect(await load.lost()).toBe(0);
  },
);

it('the server survives a name of the database that leads to a dead address every other time', async () => {
  load.start();
  await sleep(1_000);
  load.reset();
  names.set('flips', DATABASE);
  for (let times = 0; times < 5; times += 1) {
    await endConnections();
    await sleep(2_000);
  }
  names.set(HERE, DATABASE);
  const recovery = await load.recovery();
  await load.stop();
  report('the name of the database flips', {
    writes: String(load.writes),
    reads: String(load.reads),
    recoveryMs: recovery,
  });
  expect(load.writes.others + load.reads.others + load.logins.others).toBe(0);
  expect(load.reads.count('ok')).toBeGreaterThan(50);
});

it('the server survives a name of the database that takes 2 seconds', async () => {
  load.start();
  await sleep(1_000);
  load.reset();
  names.set({ address: '127.0.0.1', afterMs: 2_000 }, DATABASE);
  await endConnections();
  await sleep(15_000);
  names.set(HERE, DATABASE);
  const recovery = await load.recovery();
  await load.stop();
  report('the name of the database takes 2 s', {
    writes: String(load.writes),
    reads: String(load.reads),
    recoveryMs: recovery,
  });
  expect(load.writes.others + load.reads.others + load.logins.others).toBe(0);
  expect(load.reads.count('ok')).toBeGreaterThan(50);
});

it.each<Behaviour & string>(['NXDOMAIN', 'silent'])(
  'the server and its database work while the names of a webhook, an issuer and a collector answer with %s',
  async (behaviour) => {
    expect(await askAsExternal()).toBe('ok');
    names.set(behaviour, ...OUTSIDE);
    load.start();
    await sleep(12_000);
    load.reset();
    // The database's name is asked for while the others are.
    for (let times = 0; times < 4; times += 1) {
      await endConnections();
      await sleep(5_000);
    }
    const ready = await server.status('/readyz');
    const external = await askAsExternal();
    const during = { writes: String(load.writes), reads: String(load.reads), logins: String(load.logins) };
    const refused = load.reads.count('503 SERVICE_UNAVAILABLE') + load.writes.count('503 SERVICE_UNAVAILABLE');
    const others = load.writes.others + load.reads.others + load.logins.others;
    await load.stop();
    names.set(HERE, ...OUTSIDE);
    const [received, spans] = [sink.received.length, collected];
    const admin = await tokenOf('admin');
    await server.ask(`mutation { testWebhook(id: "${webhooks[0] ?? ''}") { id } }`, { token: admin });
    report(`the names outside: ${behaviour}`, { ...during, ready, external, refused });
    expect({ ready, others, external }).toEqual({ ready: 200, others: 0, external: 'ok' });
    const arrived = async (): Promise<void> => {
      expect(sink.received.length).toBeGreaterThan(received);
      expect(collected).toBeGreaterThan(spans);
    };
    await vi.waitFor(arrived, { timeout: 30_000, interval: 100 });
    expect(load.reads.longest).toBeLessThan(5_000);
  },
);
