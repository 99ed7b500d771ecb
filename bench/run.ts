/**
 * The whole product against a handler by hand and its peers: the same question, data, token and statements, in turn.
 *
 *   npm ci && npm run bench -- [--quick] [--rounds 7] [--seconds 3] [--rows 20,200] [--policies with,without] [--only rolegate,bare]
 *
 * With DATABASE_URL (a superuser's) on that PostgreSQL server, otherwise on one that is started for this run. Databases are
 * made, and dropped at the end. A run with all contestants writes RESULTS.md and RESULTS.json.
 */
import { parseArgs } from 'node:util';
import { type Contestant, contestants, databaseUrlFor, start, SUBJECT, type Policies } from './contestants.ts';
import { compareStatements, issueTokens, pageOf, requireSameAnswers, type Tokens } from './lib/compare.ts';
import { measure } from './lib/measure.ts';
import { createDatabase, dropDatabase, openPostgres, type Postgres, dropPolicies } from './lib/postgres.ts';
import { reserveProcessor } from './lib/processors.ts';
import { machine, type Outcome, report, type Series, strangers } from './lib/report.ts';
import { seed } from './lib/rolegate.ts';
import type { Server } from './lib/server.ts';
import { fixed } from './lib/statistics.ts';
import { jsonOf, writeResult } from './lib/write.ts';
import type { Measured } from './load.ts';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    rows: { type: 'string', default: '20,200' },
    policies: { type: 'string', default: 'with,without' },
    only: { type: 'string' },
  },
});
const CONNECTIONS = 32;
/** The seconds of load before a server is measured. In the first ones its code is compiled, which costs twice the time. */
const [FIRST_WARM_UP, WARM_UP] = [8, 2];
const rounds = Number(options.rounds ?? (options.quick ? 2 : 7));
const seconds = Number(options.seconds ?? (options.quick ? 1 : 3));
const pages = options.rows.split(',').map(Number);
const variants = options.policies.split(',') as Policies[];
const chosen = contestants.filter(({ name }) => options.only === undefined || options.only.split(',').includes(name));
const subject = contestants.find(({ name }) => name === SUBJECT) as Contestant;
const databases: Record<Policies, string> = { with: 'rolegate_bench_with', without: 'rolegate_bench_without' };

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function turn(
  server: Server,
  postgres: Postgres,
  token: string,
  rows: number,
  isFirst: boolean,
): Promise<Measured> {
  return measure({
    url: `${server.origin}/graphql`,
    token,
    queries: [pageOf(rows)],
    connections: CONNECTIONS,
    seconds,
    warmUp: isFirst ? FIRST_WARM_UP : WARM_UP,
    pids: { server: server.pid, postgres: postgres.pid },
  });
}

/** Round after round, one server after the other. */
async function play(
  servers: ReadonlyMap<string, Server>,
  { developer }: Tokens,
  policies: Policies,
  postgres: Postgres,
): Promise<Series[]> {
  const series = pages.flatMap((rows) =>
    [...servers.keys()].map((name) => ({ name, policies, rows, rounds: [] as Measured[] })),
  );
  for (let round = 1; round <= rounds; round += 1) {
    for (const { name, rows, rounds: done } of series) {
      const server = servers.get(name);
      if (server !== undefined) {
        const measured = await turn(server, postgres, developer, rows, round === 1);
        done.push(measured);
        say(
          `${policies} policies, round ${round} of ${rounds}, ${rows} rows: ${name} ${fixed(measured.perSecond, 0)}/s`,
        );
      }
    }
  }
  return series;
}

type Statements = Record<string, readonly string[]>;

async function contest(policies: Policies, postgres: Postgres): Promise<{ series: Series[]; statements: Statements }> {
  const database = databases[policies];
  const tokens = await issueTokens(subject, policies, postgres, database);
  const heard = await compareStatements(chosen, policies, postgres, database, tokens.developer);
  const statements = Object.fromEntries(heard);
  for (const name of strangers(statements)) {
    say(`Other statements than Rolegate's: ${name}\n  ${statements[name]?.join('\n  ')}`);
  }
  const servers = new Map<string, Server>();
  try {
    for (const contestant of chosen) {
      const url = databaseUrlFor(policies, postgres, database);
      servers.set(contestant.name, await start(contestant, policies, url, processor));
    }
    await requireSameAnswers(servers, tokens, pages);
    say(`${policies} policies: all answer alike`);
    return { series: await play(servers, tokens, policies, postgres), statements };
  } finally {
    await Promise.all([...servers.values()].map((server) => server.stop()));
  }
}

async function prepare(postgres: Postgres): Promise<void> {
  say('making the databases');
  await createDatabase(postgres, databases.with);
  await seed(postgres, databases.with);
  if (variants.includes('without')) {
    await createDatabase(postgres, databases.without, databases.with);
    await dropPolicies(postgres, databases.without);
  }
}

async function write(outcome: Outcome): Promise<void> {
  const text = report(outcome, contestants);
  say(text);
  if (chosen.length === contestants.length && pages.length > 1 && variants.length > 1) {
    await writeResult('RESULTS.md', text);
    await writeResult('RESULTS.json', jsonOf(outcome));
  }
}

const runsOn = machine();
const processor = reserveProcessor();
const postgres = await openPostgres();
try {
  await prepare(postgres);
  const found: Record<Policies, Awaited<ReturnType<typeof contest>>> = {
    with: { series: [], statements: {} },
    without: { series: [], statements: {} },
  };
  for (const policies of variants) {
    found[policies] = await contest(policies, postgres);
  }
  await write({
    at: new Date().toISOString(),
    isQuick: rounds * seconds < 15,
    rounds,
    seconds,
    connections: CONNECTIONS,
    node: process.versions.node,
    postgres: postgres.version,
    machine: runsOn,
    serversAlone: processor !== null,
    statements: { with: found.with.statements, without: found.without.statements },
    series: [...found.with.series, ...found.without.series],
  });
} finally {
  await dropDatabase(postgres, databases.with);
  await dropDatabase(postgres, databases.without);
  postgres.stop();
}
