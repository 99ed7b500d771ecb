import { accessSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { createServerDatabase, type ServerDatabase } from '../test/support/database.ts';
import { startSink, type WebhookSink } from '../test/support/webhook-sink.ts';
import { SECRET, Server, verifyAudit } from './faults/server.ts';
import { report } from './report.ts';

// Two servers on one database, of which one has another clock: libfaketime of Debian, `apt-get install -y faketime`.

const FAKETIME = '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1';

let database: ServerDatabase;
let exact: Server;
let skewed: Server;
let sink: WebhookSink;

beforeAll(() => accessSync(FAKETIME)); // without it the proof would fail with clocks that agree
afterEach(async () => {
  await Promise.all([exact.stop(), skewed.stop()]);
  await sink.close();
  await database.drop();
});

async function start(seconds: number): Promise<void> {
  database = await createServerDatabase();
  sink = await startSink();
  const environment = {
    NODE_ENV: 'production',
    JWT_SECRET: SECRET,
    JWT_ISSUER: 'https://api.example.com',
    JWT_AUDIENCE: 'https://api.example.com/graphql',
    DATABASE_URL: database.url,
    PUBLIC_URL: 'https://api.example.com',
    LOGIN_FAILURES_PER_ACCOUNT_AND_ADDRESS: '3',
    WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8',
  };
  exact = await Server.start(environment);
  skewed = await Server.start({
    ...environment,
    LD_PRELOAD: FAKETIME,
    FAKETIME: `${seconds < 0 ? '' : '+'}${seconds}s`,
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    DONT_FAKE_MONOTONIC: '1',
  });
}

const tokensOf = async (server: Server, username: string): Promise<{ access: string; refresh: string }> => {
  const { text } = await server.login(username);
  return { access: text('login', 'accessToken'), refresh: text('login', 'refreshToken') };
};

const outcome = ({ code }: { readonly code: string | null }): string => code ?? 'accepted';

const refresh = async (server: Server, token: string): Promise<string> =>
  outcome(await server.ask(`mutation { refreshSession(refreshToken: "${token}") { accessToken } }`));

const ME = '{ me { username } }';

/** Sends wrong passwords until the server throttles. Returns what the other server says then. */
async function throttled(first: Server, second: Server, username: string): Promise<string> {
  for (let tries = 0; tries < 4; tries += 1) {
    await first.login(username, 'a wrong password of the proof');
  }
  return outcome(await second.login(username));
}

/** Lets one server alone post an audit event. Returns the seconds by which its signature's time differs. */
async function webhookOffset(server: Server, admin: string): Promise<number | string> {
  const since = sink.received.length;
  const fields = `url: "${sink.url}", actions: ["inventory.added"]`;
  const created = await server.ask(`mutation { createWebhook(input: { ${fields} }) { webhook { id } } }`, {
    token: admin,
  });
  if (created.code !== null) {
    return created.code;
  }
  await server.ask('mutation { addInventoryItem(input: { name: "Item of the proof", data: { count: 1 } }) { name } }', {
    token: admin,
  });
  for (let tries = 0; tries < 100 && sink.received.length === since; tries += 1) {
    await sleep(100);
  }
  const [message] = sink.received.slice(since);
  return message === undefined
    ? 'nothing posted'
    : Math.round(Number(message.headers['webhook-timestamp']) - Date.now() / 1_000);
}

it.each([
  ['2 minutes ahead', 120],
  ['2 minutes behind', -120],
  ['an hour ahead', 3_600],
  ['an hour behind', -3_600],
  ['a day ahead', 86_400],
  ['a day behind', -86_400],
])('a server whose clock is %s behaves as documented', async (name, seconds) => {
  await start(seconds);
  const [here, there] = [await tokensOf(exact, 'developer'), await tokensOf(skewed, 'sales')];
  const figures: Record<string, string | number> = {
    ownToken: outcome(await skewed.ask(ME, { token: there.access })),
    itsTokenElsewhere: outcome(await exact.ask(ME, { token: there.access })),
    tokenOfOthersThere: outcome(await skewed.ask(ME, { token: here.access })),
    refreshThere: await refresh(skewed, here.refresh),
    retryElsewhere: await refresh(exact, here.refresh),
    refreshElsewhere: await refresh(exact, there.refresh),
    retryThere: await refresh(skewed, there.refresh),
    throttledThereLoginElsewhere: await throttled(skewed, exact, 'manager'),
    throttledElsewhereLoginThere: await throttled(exact, skewed, 'warehouse'),
  };
  await sleep(11_000);
  figures['warned'] = String(/The clock differs from that of the database/.test(skewed.output));
  figures['othersWarned'] = String(/The clock differs/.test(exact.output));
  const offset = Math.round((await skewed.figure('clock_offset_seconds')) ?? Number.NaN);
  figures['offset'] = offset;
  figures['ready'] =
    (await skewed.status('/readyz')) === 200 && (await exact.status('/readyz')) === 200 ? 'both' : 'no';
  await exact.stop();
  const admin = await tokensOf(skewed, 'admin');
  figures['webhookTimestampOff'] = await webhookOffset(skewed, admin.access);
  await sleep(1_500);
  figures['auditVerified'] = (await verifyAudit(database.url)) === 0 ? 'intact' : 'damaged';
  report(name, figures);
  expect(figures).toMatchObject({ warned: 'true', othersWarned: 'false', ready: 'both', auditVerified: 'intact' });
  expect(Math.abs(offset - seconds)).toBeLessThan(2);
  expect(figures['ownToken']).toBe('accepted');
});
