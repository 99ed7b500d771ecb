/**
 * How long a start of the built server takes on PostgreSQL, and how much memory it holds: idle, and over 200,000
 * requests.
 *
 *   npm ci && npm run memory -- [--requests 200000] [--starts 9]
 *
 * With DATABASE_URL (a superuser's) on that PostgreSQL server, otherwise on one that is started for this run. Writes
 * RESULTS-memory.md. (Starts on the embedded database: start.ts.)
 */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { BUILT, buildServer } from './lib/build.ts';
import { pageOf } from './lib/compare.ts';
import { cpuOf } from './lib/cpu.ts';
import { measure } from './lib/measure.ts';
import { createDatabase, dropDatabase, LEAST_PRIVILEGE, openPostgres, type Postgres, urlOf } from './lib/postgres.ts';
import { machine } from './lib/report.ts';
import { ROLEGATE, seed, signIn } from './lib/rolegate.ts';
import { ask, type Server, startServer } from './lib/server.ts';
import { fixed, median, range } from './lib/statistics.ts';
import { writeResult } from './lib/write.ts';

const { values: options } = parseArgs({
  options: { requests: { type: 'string', default: '200000' }, starts: { type: 'string', default: '9' } },
});
const requests = Number(options.requests);
const starts = Number(options.starts);
const DATABASE = 'rolegate_bench_memory';
const BATCHES = 20;
const IDLE_MS = 10_000;
const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** A list, a single row, a refusal, and a long list: each connection asks them in turn. */
const QUERIES = [pageOf(20), '{ me { id username roles } }', '{ users { totalCount } }', pageOf(200)];

function start(postgres: Postgres): Promise<Server> {
  return startServer(BUILT, { ...ROLEGATE, DATABASE_URL: urlOf(postgres, DATABASE, LEAST_PRIVILEGE) });
}

/** Milliseconds from the start of the process to its first answer, by the clock and of processor time. */
async function timeToAnswer(postgres: Postgres): Promise<{ clock: number; cpu: number }> {
  const started = performance.now();
  const server = await start(postgres);
  await ask(server.origin, '{ __typename }');
  const [clock, cpu] = [performance.now() - started, cpuOf(server.pid) * 1_000];
  await server.stop();
  return { clock, cpu };
}

/** MB that the process holds in memory (its resident set). */
function residentOf({ pid }: Server): number {
  const [, kilobytes] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return (Number(kilobytes) * 1024) / 1e6;
}

/** Memory after the first answer, and after each batch of requests. */
async function watch(server: Server): Promise<{ idle: number; after: number[] }> {
  await ask(server.origin, '{ __typename }');
  await sleep(IDLE_MS);
  const idle = residentOf(server);
  const token = await signIn(server.origin, 'developer');
  const after: number[] = [];
  for (let batch = 0; batch < BATCHES; batch += 1) {
    const pids = { server: server.pid, postgres: null };
    const amount = Math.ceil(requests / BATCHES);
    await measure({
      url: `${server.origin}/graphql`,
      token,
      queries: QUERIES,
      connections: 32,
      seconds: 0,
      amount,
      warmUp: 0,
      pids,
    });
    after.push(residentOf(server));
    say(`${(batch + 1) * amount} requests: ${fixed(after.at(-1) ?? Number.NaN, 1)} MB`);
  }
  return { idle, after };
}

function report(
  times: Awaited<ReturnType<typeof timeToAnswer>>[],
  { idle, after }: Awaited<ReturnType<typeof watch>>,
  version: string,
): string {
  const clocks = times.map(({ clock }) => clock);
  const quarter = BATCHES / 4;
  const settled = median(after.slice(quarter, 2 * quarter));
  const last = median(after.slice(-quarter));
  const lines = after.map(
    (resident, batch) => `| ${Math.ceil(requests / BATCHES) * (batch + 1)} | ${fixed(resident, 1)} |`,
  );
  return [
    '# Start and memory on PostgreSQL',
    '',
    `The built server, Node ${process.versions.node}, PostgreSQL ${version}, ${machine()}, NODE_ENV=production, on a database that is migrated.`,
    '',
    '| what | found | target |',
    '| --- | --- | --- |',
    `| start to first answer, median of ${times.length} | ${fixed(median(clocks), 0)} ms (${range(clocks, 0)}) | 800 ms |`,
    `| of that, processor time, the least | ${fixed(Math.min(...times.map(({ cpu }) => cpu)), 0)} ms | |`,
    `| resident ${IDLE_MS / 1_000} s after the first answer | ${fixed(idle, 1)} MB | 140 MB |`,
    `| last quarter of the requests against the second | ${fixed((last / settled - 1) * 100, 1)} % | 5 % |`,
    '',
    'Lists, one row, and refusals, in turn; 32 connections:',
    '',
    '| requests | resident MB |',
    '| --- | --- |',
    ...lines,
    '',
    'Made by `npm run memory` in `bench/`.',
    '',
  ].join('\n');
}

buildServer();
const postgres = await openPostgres();
try {
  await createDatabase(postgres, DATABASE);
  await seed(postgres, DATABASE);
  const times: Awaited<ReturnType<typeof timeToAnswer>>[] = [];
  await timeToAnswer(postgres); // compiled code is kept for the next start
  for (let count = 0; count < starts; count += 1) {
    times.push(await timeToAnswer(postgres));
  }
  const server = await start(postgres);
  try {
    const text = report(times, await watch(server), postgres.version);
    say(text);
    await writeResult('RESULTS-memory.md', text);
  } finally {
    await server.stop();
  }
} finally {
  await dropDatabase(postgres, DATABASE);
  postgres.stop();
}
