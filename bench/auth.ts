/**
 * The cost of authentication, on PostgreSQL, with the server in a process of its own:
 *
 * 1. requests per second of `{ __typename }` with a verified access token, against none;
 * 2. the p99 of other requests while 50 logins are in flight, against none.
 *
 *   DATABASE_URL=postgres://postgres:…@127.0.0.1:5432/postgres node auth.ts
 *
 * The login must be a superuser: a database is made, and dropped at the end. The two sides of a comparison take turns
 * (A B A B), so that what else the machine does falls on both; the ratio is the median of the ratios of neighbours. Writes RESULTS-auth.md.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';

const DATABASE = 'rolegate_bench_auth';
const CONNECTIONS = 16;
const ROUNDS = 41;
const ROUND_MS = 500;
const LOGINS = 50;
const PACED_ROUNDS = 11;
const PACED_MS = 3_000;
const REQUESTS_PER_SECOND = 100;
const USERS = ['developer', 'standard', 'manager', 'warehouse', 'sales'];

const server = process.env['DATABASE_URL'];
if (server === undefined) {
  throw new Error('Set DATABASE_URL to a PostgreSQL server (its superuser)');
}
const root = new URL(server);

async function onServer(statement: string): Promise<void> {
  const client = new Client({ connectionString: root.href });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

async function startServer(): Promise<{ child: ChildProcess; port: number }> {
  const url = new URL(root);
  url.pathname = `/${DATABASE}`;
  const child = spawn(process.execPath, [fileURLToPath(new URL('../src/main.ts', import.meta.url))], {
    env: {
      PATH: process.env['PATH'] ?? '',
      DATABASE_URL: url.href,
      JWT_SECRET: randomBytes(48).toString('base64url'),
      JWT_ISSUER: 'https://bench.example.com',
      JWT_AUDIENCE: 'https://bench.example.com/graphql',
      DEMO_DATA: 'true',
      LOG_LEVEL: 'silent',
      PORT: '0',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  // All that it says is read to the end: a server whose terminal is gone would die of it.
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    const port = /http:\/\/127\.0\.0\.1:(\d+)/.exec(line)?.[1];
    if (port !== undefined) {
      resolve(Number(port));
    }
  });
  child.once('exit', () => reject(new Error('The server did not start')));
  return { child, port: await promise };
}

type Send = (query: string, token?: string) => Promise<{ status: number; text: string }>;

function createClient(port: number): Send {
  const agent = new Agent({ keepAlive: true, maxSockets: 200 });
  return (query, token) =>
    new Promise((resolve, reject) => {
      const body = JSON.stringify({ query });
      const headers = {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      };
      const sent = request({ agent, port, host: '127.0.0.1', path: '/graphql', method: 'POST', headers }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
      });
      sent.on('error', reject).end(body);
    });
}

const login = (user: string): string =>
  `mutation { login(login: "${user}", password: "rolegate-demo-${user}") { accessToken } }`;

async function requireOk(answer: Promise<{ status: number; text: string }>): Promise<string> {
  const { status, text } = await answer;
  if (status !== 200 || text.includes('"errors"')) {
    throw new Error(`${status} ${text}`);
  }
  return text;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

const number = (value: number): string => value.toFixed(1);

/** Requests per second of some connections that ask one after the other. */
async function throughput(ask: () => Promise<unknown>): Promise<number> {
  const until = performance.now() + ROUND_MS;
  let done = 0;
  const work = async (): Promise<void> => {
    while (performance.now() < until) {
      await ask();
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, work));
  return (done * 1_000) / ROUND_MS;
}

/** Measures requests that are sent at an even rate, without waiting for earlier ones: p50 and p99 in ms. */
async function latency(ask: () => Promise<unknown>): Promise<{ p50: number; p99: number }> {
  const times: number[] = [];
  const running: Promise<void>[] = [];
  const since = performance.now();
  for (let n = 0; n < (PACED_MS * REQUESTS_PER_SECOND) / 1_000; n++) {
    const due = since + (n * 1_000) / REQUESTS_PER_SECOND;
    await new Promise((resolve) => {
      setTimeout(resolve, Math.max(0, due - performance.now()));
    });
    running.push(ask().then(() => void times.push(performance.now() - due)));
  }
  await Promise.all(running);
  times.sort((a, b) => a - b);
  const at = (share: number): number => times[Math.ceil(times.length * share) - 1] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99) };
}

/** Keeps so many logins in flight. Returns what ends that, and tells how many were answered. */
function keepLoggingIn(send: Send): () => Promise<number> {
  const over = new AbortController();
  let done = 0;
  const loops = Array.from({ length: LOGINS }, async (_, n) => {
    while (!over.signal.aborted) {
      await requireOk(send(login(USERS[n % USERS.length] ?? '')));
      done += 1;
    }
  });
  return async () => {
    over.abort();
    await Promise.all(loops);
    return done;
  };
}

async function compareThroughput(send: Send, token: string) {
  const without: number[] = [];
  const withToken: number[] = [];
  const ask = (given?: string) => () => requireOk(send('{ __typename }', given));
  await throughput(ask());
  await throughput(ask(token));
  for (let round = 0; round < ROUNDS; round++) {
    without.push(await throughput(ask()));
    withToken.push(await throughput(ask(token)));
  }
  const ratios = withToken.map((rate, round) => rate / (without[round] ?? Number.NaN));
  return { without: median(without), withToken: median(withToken), ratio: median(ratios) };
}

async function compareLatency(send: Send, token: string) {
  const quiet: { p50: number; p99: number }[] = [];
  const busy: { p50: number; p99: number }[] = [];
  let logins = 0;
  const ask = () => requireOk(send('{ me { username } }', token));
  await latency(ask);
  for (let round = 0; round < PACED_ROUNDS; round++) {
    quiet.push(await latency(ask));
    const stop = keepLoggingIn(send);
    busy.push(await latency(ask));
    logins += await stop();
  }
  const of = (all: typeof quiet) => ({
    p50: median(all.map((each) => each.p50)),
    p99: median(all.map((each) => each.p99)),
  });
  const ratio = (of: 'p50' | 'p99') => median(busy.map((each, round) => each[of] / (quiet[round]?.[of] ?? Number.NaN)));
  return {
    quiet: of(quiet),
    busy: of(busy),
    p50: ratio('p50'),
    p99: ratio('p99'),
    loginsPerSecond: logins / ((PACED_ROUNDS * PACED_MS) / 1_000),
  };
}

await onServer(`drop database if exists ${DATABASE} with (force)`);
await onServer(`create database ${DATABASE}`);
const { child, port } = await startServer();
try {
  const send = createClient(port);
  const answer = JSON.parse(await requireOk(send(login('admin'))));
  const token: string = answer.data.login.accessToken;
  const rate = await compareThroughput(send, token);
  const wait = await compareLatency(send, token);
  const report = `# What authentication costs

\`DATABASE_URL=postgres://… node auth.ts\` in \`bench/\`: Node ${process.versions.node}, ${availableParallelism()} cores that
client, server and PostgreSQL share with other work; medians of ${ROUNDS} and ${PACED_ROUNDS} turns, side by side (A B A B),
ratios as the median of the ratios of neighbours.

| \`{ __typename }\`, ${CONNECTIONS} connections | requests per second |
| --- | --- |
| without a credential | ${rate.without.toFixed(0)} |
| with an access token, verified on each request | ${rate.withToken.toFixed(0)} |
| **ratio** | **${rate.ratio.toFixed(2)}** |

| \`{ me { username } }\`, ${REQUESTS_PER_SECOND} a second | p50 (ms) | p99 (ms) |
| --- | --- | --- |
| nothing else | ${number(wait.quiet.p50)} | ${number(wait.quiet.p99)} |
| ${LOGINS} logins in flight (${wait.loginsPerSecond.toFixed(0)} a second are answered) | ${number(wait.busy.p50)} | ${number(wait.busy.p99)} |
| **ratio** | **${wait.p50.toFixed(2)}** | **${wait.p99.toFixed(2)}** |
`;
  writeFileSync(new URL('RESULTS-auth.md', import.meta.url), report);
  process.stdout.write(report);
} finally {
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
  await onServer(`drop database if exists ${DATABASE} with (force)`);
}
process.exit(0);
