/**
 * The gain of a second process: the complete server with WORKERS=1 and WORKERS=2, in turn, with the processor time of
 * server, PostgreSQL and load generator told apart, since on this machine they share the processors.
 *
 *   npm ci && npm run cores -- [--rounds 7] [--seconds 5]
 *
 * With DATABASE_URL (a superuser's) on that PostgreSQL server, otherwise on one that is started for this run. Writes
 * RESULTS-cores.md.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { pageOf } from './lib/compare.ts';
import { measure } from './lib/measure.ts';
import { createDatabase, dropDatabase, LEAST_PRIVILEGE, openPostgres, type Postgres, urlOf } from './lib/postgres.ts';
import { machine } from './lib/report.ts';
import { ROLEGATE, seed, signIn } from './lib/rolegate.ts';
import { type Server, startServer } from './lib/server.ts';
import { fixed, median, range } from './lib/statistics.ts';
import { writeResult } from './lib/write.ts';
import type { Measured } from './load.ts';

const { values: options } = parseArgs({
  options: { rounds: { type: 'string', default: '7' }, seconds: { type: 'string', default: '5' } },
});
const rounds = Number(options.rounds);
const seconds = Number(options.seconds);
const DATABASE = 'rolegate_bench_cores';
const CORES = availableParallelism();
const COUNTS = [1, 2];
const say = (text: string): void => void process.stdout.write(`${text}\n`);

interface Candidate {
  readonly workers: number;
  readonly server: Server;
  readonly measured: Measured[];
}

/** Microseconds of processor time for each request. */
function cost({ measured }: Candidate, of: keyof Measured['cpu']): number {
  return median(measured.map(({ cpu, requests }) => ((cpu[of] ?? 0) * 1e6) / requests));
}

function rate({ measured }: Candidate): number {
  return median(measured.map(({ perSecond }) => perSecond));
}

/** Returns the rate that a number of workers could reach at the cost of one, until all processors are busy. */
function ideal(workers: number, one: Candidate): number {
  const server = cost(one, 'server');
  const all = server + cost(one, 'postgres') + cost(one, 'load');
  return Math.min((workers * 1e6) / server, (CORES * 1e6) / all);
}

function line(candidate: Candidate, one: Candidate): string {
  const { workers, measured } = candidate;
  const cells = [
    workers,
    fixed(rate(candidate), 0),
    range(
      measured.map(({ perSecond }) => perSecond),
      0,
    ),
    fixed(rate(candidate) / rate(one)),
    fixed(rate(candidate) / ideal(workers, one)),
    ...(['server', 'postgres', 'load'] as const).map((of) => fixed(cost(candidate, of), 0)),
    fixed((workers * 1e6) / cost(candidate, 'server'), 0),
    fixed((workers * cost(one, 'server')) / cost(candidate, 'server')),
  ];
  return `| ${cells.join(' | ')} |`;
}

function report(candidates: readonly Candidate[], { version }: Postgres): string {
  const [one] = candidates;
  return [
    '# One process and two',
    '',
    `A page of 20 accounts with 7 fields, 32 connections, PostgreSQL ${version} and load generator on the same machine`,
    `(${machine()}): medians of rounds (${rounds}) of ${seconds} s, in turn. µs are processor time for each request.`,
    '',
    '"Of the ideal" compares with what so many workers could do if each request cost what it costs with one of them, until',
    'the workers, or all processors together with PostgreSQL and the load generator, are busy. The last two columns leave',
    'PostgreSQL and load generator out: what workers would answer that had a processor each to themselves.',
    '',
    '| workers | req/s | range | against one | of the ideal | µs server | µs PostgreSQL | µs load | req/s, workers alone | against one |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    ...candidates.map((candidate) => line(candidate, one ?? candidate)),
    '',
    'Made by `npm run cores` in `bench/`.',
    '',
  ].join('\n');
}

async function startWorkers(workers: number, postgres: Postgres): Promise<Candidate> {
  const environment = {
    ...ROLEGATE,
    WORKERS: String(workers),
    DATABASE_URL: urlOf(postgres, DATABASE, LEAST_PRIVILEGE),
  };
  return { workers, server: await startServer('../src/main.ts', environment), measured: [] };
}

async function play(candidates: readonly Candidate[], token: string, postgres: Postgres): Promise<void> {
  for (let round = 1; round <= rounds; round += 1) {
    for (const { workers, server, measured } of candidates) {
      const url = `${server.origin}/graphql`;
      const pids = { server: server.pid, postgres: postgres.pid };
      const load = { url, token, queries: [pageOf(20)], connections: 32, seconds, warmUp: 2, pids };
      measured.push(await measure(load));
      say(`round ${round} of ${rounds}, ${workers} workers: ${fixed(measured.at(-1)?.perSecond ?? Number.NaN, 0)}/s`);
    }
  }
}

const postgres = await openPostgres();
const candidates: Candidate[] = [];
try {
  await createDatabase(postgres, DATABASE);
  await seed(postgres, DATABASE);
  for (const workers of COUNTS) {
    candidates.push(await startWorkers(workers, postgres));
  }
  const token = await signIn(candidates[0]?.server.origin ?? '', 'developer');
  await play(candidates, token, postgres);
  const text = report(candidates, postgres);
  say(text);
  await writeResult('RESULTS-cores.md', text);
} finally {
  await Promise.all(candidates.map(({ server }) => server.stop()));
  await dropDatabase(postgres, DATABASE);
  postgres.stop();
}
