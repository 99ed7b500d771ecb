/**
 * Shows that lists do not depend on the size of the table: the first page, the thousandth and a search on a million
 * users in a hundred thousand accounts, against the first page on a thousand users. Over HTTP, as ADMIN, on PostgreSQL.
 *
 *   DATABASE_URL=postgres://postgres:…@127.0.0.1:5432/postgres node scale.ts
 *
 * The login must be a superuser: two databases are made, and dropped at the end. Writes RESULTS-scale.md.
 */
import { writeFileSync } from 'node:fs';
import { pino } from 'pino';
import { Client } from 'pg';
import { createApp, type App } from '../src/app.ts';
import { readConfig } from '../src/config/config.ts';
import { generateUsers } from './lib/generate.ts';

const server = process.env['DATABASE_URL'];
if (server === undefined) {
  throw new Error('Set DATABASE_URL to a PostgreSQL server (its superuser)');
}
const ROUNDS = 7;
const REQUESTS = 60;

const sizes = [
  { name: 'rolegate_scale_small', users: 1_000, accounts: 100 },
  { name: 'rolegate_scale_large', users: 1_000_000, accounts: 100_000 },
];

function urlOf(database: string): string {
  const url = new URL(server ?? '');
  url.pathname = `/${database}`;
  return url.href;
}

async function onDatabase<T>(database: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: urlOf(database) });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

const quietConfig = (url: string) =>
  readConfig({
    DATABASE_URL: url,
    JWT_SECRET: 'bench-only-9f8e7d6c5b4a39281706f5e4d3c2b1a0',
    JWT_ISSUER: 'bench',
    JWT_AUDIENCE: 'bench',
    DEMO_DATA: 'true',
    LOG_LEVEL: 'silent',
  });

function startApp(url: string): Promise<App> {
  const log = pino({ level: 'silent' });
  return createApp(quietConfig(url), { log, now: () => new Date(), progress: (step) => console.log(`  ${step}`) });
}

const PAGE = `query ($after: String, $search: String) {
  users(first: 20, after: $after, filter: { search: $search }) {
    nodes { id username email displayName active createdAt } pageInfo { endCursor } } }`;

async function ask(
  app: App,
  token: string,
  variables: object,
): Promise<{ ms: number; endCursor: string; rows: number }> {
  const started = performance.now();
  const response = await app.http.inject({
    method: 'POST',
    url: '/graphql',
    headers: { authorization: `Bearer ${token}` },
    payload: { query: PAGE, variables },
  });
  const ms = performance.now() - started;
  const { users } = response.json<{ data: { users: { nodes: unknown[]; pageInfo: { endCursor: string } } } }>().data;
  return { ms, endCursor: users.pageInfo.endCursor, rows: users.nodes.length };
}

async function tokenOf(app: App): Promise<string> {
  const query = 'mutation { login(login: "admin", password: "rolegate-demo-admin") { accessToken } }';
  const response = await app.http.inject({ method: 'POST', url: '/graphql', payload: { query } });
  return response.json<{ data: { login: { accessToken: string } } }>().data.login.accessToken;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

async function timed(app: App, token: string, variables: object): Promise<number> {
  const times: number[] = [];
  for (let count = 0; count < REQUESTS; count++) {
    times.push((await ask(app, token, variables)).ms);
  }
  return median(times);
}

const admin = new Client({ connectionString: server });
await admin.connect();
const apps: { app: App; token: string }[] = [];
try {
  for (const { name, users, accounts } of sizes) {
    await admin.query(`drop database if exists ${name} with (force)`);
    await admin.query(`create database ${name}`);
    const app = await startApp(urlOf(name));
    console.log(name);
    await generateUsers(urlOf(name), { users, accounts }, console.log);
    apps.push({ app, token: await tokenOf(app) });
  }
  const [small, large] = apps;
  if (small === undefined || large === undefined) {
    throw new Error('unreachable');
  }
  let thousandth = '';
  for (let page = 1; page < 1_000; page++) {
    thousandth = (await ask(large.app, large.token, { after: thousandth || null })).endCursor;
  }
  // first.last.777777
  const [first = '', last = ''] = await onDatabase(sizes[1]?.name ?? '', async (client) => {
    const { rows } = await client.query<{ username: string }>(
      `select username from users where username like '%.777777'`,
    );
    return rows[0]?.username.split('.') ?? [];
  });
  const cases = [
    { name: 'first page, 1,000 users', on: small, variables: {} },
    { name: 'first page, 1,000,000 users', on: large, variables: {} },
    { name: 'thousandth page, 1,000,000 users', on: large, variables: { after: thousandth } },
    ...[`${first}.${last}`, `${first} ${last}`, last, last.slice(0, 5)].map((search) => ({
      name: `search for "${search}", 1,000,000 users`,
      on: large,
      variables: { search },
    })),
  ];
  const found = new Map(cases.map(({ name }) => [name, [] as number[]]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const { name, on, variables } of cases) {
      found.get(name)?.push(await timed(on.app, on.token, variables));
    }
    console.log(`round ${round + 1} of ${ROUNDS}`);
  }
  const base = median(found.get(cases[0]?.name ?? '') ?? []);
  const lines: string[] = [];
  for (const { name, on, variables } of cases) {
    const times = found.get(name) ?? [];
    const { rows } = await ask(on.app, on.token, variables);
    const range = `${Math.min(...times).toFixed(2)}–${Math.max(...times).toFixed(2)}`;
    lines.push(`| ${name} | ${rows} | ${median(times).toFixed(2)} | ${range} | ${(median(times) / base).toFixed(2)} |`);
  }
  const report = [
    '# Lists and the size of the table',
    '',
    'Pages of 20 users with 6 fields as ADMIN, through the whole server without a socket, on PostgreSQL on the same machine',
    `(2 cores): medians of ${ROUNDS} rounds of ${REQUESTS} requests, the cases in turn.`,
    '`totalCount` is not asked for. Target: at most 1.5.',
    '',
    '| case | rows | ms | range | ratio |',
    '| --- | --- | --- | --- | --- |',
    ...lines,
    '',
    'Made by `DATABASE_URL=… node scale.ts` in `bench/`.',
    '',
  ].join('\n');
  writeFileSync(new URL('RESULTS-scale.md', import.meta.url), report);
  console.log(report);
} finally {
  for (const { app } of apps) {
    await app.close();
  }
  for (const { name } of sizes) {
    await admin.query(`drop database if exists ${name} with (force)`);
  }
  await admin.end();
}
