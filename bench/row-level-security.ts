/**
 * The cost of row-level security: the complete server with policies, one transaction and one context an operation, against
 * the same server whose statements are sent as they are, by a superuser whom no policy binds.
 *
 *   DATABASE_URL=postgres://postgres:…@127.0.0.1:5432/postgres node row-level-security.ts
 *
 * The login must be a superuser: a database is made, and dropped at the end. Writes RESULTS-row-level-security.md.
 */
import { writeFileSync } from 'node:fs';
import { Client } from 'pg';
import { pino } from 'pino';
import { type App, createApp } from '../src/app.ts';
import { readConfig } from '../src/config/config.ts';
import { type Database, openServer } from '../src/database/database.ts';
import { openWithoutPolicies } from './lib/without-policies.ts';

const server = process.env['DATABASE_URL'];
if (server === undefined) {
  throw new Error('Set DATABASE_URL to a PostgreSQL server (its superuser)');
}
const NAME = 'rolegate_bench_rls';
const LOGIN = { name: 'rolegate_bench', password: 'rolegate-bench' };
const ROUNDS = 7;
const SECONDS = 3;
const CONCURRENCY = 16;

function urlOf(database: string, login?: typeof LOGIN): string {
  const url = new URL(server ?? '');
  url.pathname = `/${database}`;
  if (login !== undefined) {
    url.username = login.name;
    url.password = login.password;
  }
  return url.href;
}

function startApp(openDatabase: () => Promise<Database>): Promise<App> {
  const config = readConfig({
    DATABASE_URL: urlOf(NAME),
    JWT_SECRET: 'bench-only-9f8e7d6c5b4a39281706f5e4d3c2b1a0',
    JWT_ISSUER: 'bench',
    JWT_AUDIENCE: 'bench',
    DEMO_DATA: 'true',
    LOG_LEVEL: 'silent',
  });
  const log = pino({ level: 'silent' });
  return createApp(config, { log, now: () => new Date(), progress: () => undefined, openDatabase });
}

const QUERIES = {
  '20 accounts, 7 fields':
    '{ accounts(first: 20) { nodes { id name status billingEmail createdAt updatedAt version } } }',
  '200 accounts, 7 fields':
    '{ accounts(first: 200) { nodes { id name status billingEmail createdAt updatedAt version } } }',
  'own profile': '{ me { id username roles } }',
} as const;

async function ask(app: App, token: string, query: string): Promise<string> {
  const headers = { authorization: `Bearer ${token}` };
  const response = await app.http.inject({ method: 'POST', url: '/graphql', headers, payload: { query } });
  return response.body;
}

async function tokenOf(app: App): Promise<string> {
  const query = 'mutation { login(login: "developer", password: "rolegate-demo-developer") { accessToken } }';
  const response = await app.http.inject({ method: 'POST', url: '/graphql', payload: { query } });
  return response.json<{ data: { login: { accessToken: string } } }>().data.login.accessToken;
}

/** Requests per second with so many in flight. */
async function throughput(app: App, token: string, query: string): Promise<number> {
  const started = performance.now();
  const until = started + SECONDS * 1_000;
  let done = 0;
  const client = async (): Promise<void> => {
    while (performance.now() < until) {
      await ask(app, token, query);
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, client));
  return (done * 1_000) / (performance.now() - started);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

const admin = new Client({ connectionString: server });
await admin.connect();
const apps: App[] = [];
try {
  const role = `role ${LOGIN.name} login noinherit password '${LOGIN.password}'`;
  await admin.query(`do $$ begin create ${role}; exception when duplicate_object then alter ${role}; end $$`);
  await admin.query(`drop database if exists ${NAME} with (force)`);
  await admin.query(`create database ${NAME}`);
  const options = { url: urlOf(NAME, LOGIN), adminUrl: urlOf(NAME), production: true };
  const guarded = await startApp(() => openServer(options, { progress: () => undefined }));
  const bare = await startApp(() => openWithoutPolicies(urlOf(NAME)));
  apps.push(guarded, bare);
  const tokens = new Map([
    [guarded, await tokenOf(guarded)],
    [bare, await tokenOf(bare)],
  ]);
  const lines: string[] = [];
  for (const [name, query] of Object.entries(QUERIES)) {
    const answers = await Promise.all(apps.map((app) => ask(app, tokens.get(app) ?? '', query)));
    if (answers[0] !== answers[1] || answers[0]?.includes('errors')) {
      throw new Error(`The answers differ, or are no good: ${answers.join('\n')}`);
    }
    const rates = new Map<App, number[]>(apps.map((app) => [app, []]));
    for (let round = 0; round < ROUNDS; round++) {
      for (const app of apps) {
        rates.get(app)?.push(await throughput(app, tokens.get(app) ?? '', query));
      }
      console.log(`${name}: round ${round + 1} of ${ROUNDS}`);
    }
    const on = median(rates.get(guarded) ?? []);
    const off = median(rates.get(bare) ?? []);
    lines.push(`| ${name} | ${on.toFixed(0)} | ${off.toFixed(0)} | ${((1 - on / off) * 100).toFixed(0)} % |`);
  }
  const report = [
    '# What row-level security costs',
    '',
    `Requests per second of the whole server without a socket, ${CONCURRENCY} in flight, Bearer token, PostgreSQL on the same`,
    `machine (2 cores): medians of ${ROUNDS} rounds of ${SECONDS} s, in turn. "Without": the same statements, sent by a superuser`,
    'with no transaction, role or context around them. Answers are compared before they are timed. Target: at most 25 %.',
    '',
    '| operation | with | without | cost |',
    '| --- | --- | --- | --- |',
    ...lines,
    '',
    'Made by `DATABASE_URL=… node row-level-security.ts` in `bench/`.',
    '',
  ].join('\n');
  writeFileSync(new URL('RESULTS-row-level-security.md', import.meta.url), report);
  console.log(report);
} finally {
  for (const app of apps) {
    await app.close();
  }
  await admin.query(`drop database if exists ${NAME} with (force)`);
  await admin.end();
}
