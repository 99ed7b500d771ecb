/**
 * Goodput under overload: more and more clients ask one process over their own connections, each again as soon as it
 * is answered. What is served is compared with what 64 clients are served in the same round.
 *
 *   npm ci && npm run overload -- [--rounds 3] [--seconds 4] [--counts 64,640,2000,4000] [--main ../src/main.ts] [--patience 0]
 *
 * With DATABASE_URL (a superuser's) on that PostgreSQL server, otherwise on one that is started for this run. Writes
 * RESULTS-overload.md, unless --main names another server to compare with.
 */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import type { Crowd, Outcome } from './lib/crowd.ts';
import { createDatabase, dropDatabase, LEAST_PRIVILEGE, openPostgres, urlOf } from './lib/postgres.ts';
import { machine } from './lib/report.ts';
import { ROLEGATE, seed } from './lib/rolegate.ts';
import { startServer } from './lib/server.ts';
import { fixed, median, range } from './lib/statistics.ts';
import { writeResult } from './lib/write.ts';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '4' },
    counts: { type: 'string', default: '64,640,2000,4000' },
    main: { type: 'string', default: '../src/main.ts' },
    patience: { type: 'string', default: '0' },
  },
});
const COUNTS = options.counts.split(',').map(Number);
const DATABASE = 'rolegate_bench_overload';
const QUERY = '{ documents(first: 20) { nodes { id title author { displayName } } totalCount } }';
const NOTE =
  'The server, PostgreSQL and all clients share these processors. Each client asks again as soon as it is answered or refused. Compare within a round: other work on the machine shows in the absolute figures.';
const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** Megabytes of memory that the process has held at most. */
function peakMemory(pid: number): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024;
}

async function run(crowd: Crowd): Promise<Outcome> {
  const file = fileURLToPath(new URL('lib/crowd.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [file, JSON.stringify(crowd)]);
  return JSON.parse(stdout) as Outcome;
}

const postgres = await openPostgres();
await createDatabase(postgres, DATABASE);
try {
  await seed(postgres, DATABASE);
  const server = await startServer(options.main, {
    ...ROLEGATE,
    DATABASE_URL: urlOf(postgres, DATABASE, LEAST_PRIVILEGE),
  });
  const rounds: { readonly outcomes: readonly Outcome[]; readonly memory: readonly number[] }[] = [];
  const crowdOf = (connections: number, seconds: number): Crowd => ({
    port: Number(new URL(server.origin).port),
    query: QUERY,
    connections,
    warmUp: 1.5,
    seconds,
    patience: Number(options.patience),
  });
  await run(crowdOf(64, 3));
  for (let round = 0; round < Number(options.rounds); round += 1) {
    const [outcomes, memory]: [Outcome[], number[]] = [[], []];
    for (const count of COUNTS) {
      const outcome = await run(crowdOf(count, Number(options.seconds)));
      outcomes.push(outcome);
      memory.push(peakMemory(server.pid));
      say(`${count} connections: ${JSON.stringify(outcome)}, ${fixed(memory.at(-1) ?? 0, 0)} MB`);
    }
    rounds.push({ outcomes, memory });
  }
  await server.stop();
  const row = (at: number): string => {
    const of = (key: keyof Outcome): number[] => rounds.map(({ outcomes }) => outcomes[at]?.[key] ?? 0);
    const ratios = rounds.map(({ outcomes }) => (outcomes[at]?.perSecond ?? 0) / (outcomes[0]?.perSecond ?? 1));
    const cells = [
      COUNTS[at],
      fixed(median(of('perSecond')), 0),
      `${fixed(median(ratios), 2)} (${range(ratios, 2)})`,
      fixed(median(of('acceptedP50')), 0),
      fixed(median(of('acceptedP99')), 0),
      fixed(median(of('refused')) / Number(options.seconds), 0),
      fixed(median(of('refusedP50')), 0),
      fixed(median(of('refusedP99')), 0),
      fixed(median(of('failed')), 0),
      fixed(median(rounds.map(({ memory }) => memory[at] ?? 0)), 0),
    ];
    return `| ${cells.join(' | ')} |`;
  };
  const table = [
    '| clients | answers a second | of those of the first row, same round | p50 ms | p99 ms | refusals a second | p50 ms | p99 ms | broken | peak MB |',
    '| --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |',
    ...COUNTS.map((_, at) => row(at)),
  ].join('\n');
  say(table);
  if (options.main === '../src/main.ts') {
    await writeResult(
      'RESULTS-overload.md',
      `# Overload\n\n${machine()}, PostgreSQL ${postgres.version}\n\n${NOTE}\n\n${table}\n`,
    );
  }
} finally {
  await dropDatabase(postgres, DATABASE);
  postgres.stop();
}
