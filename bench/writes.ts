/**
 * Two mutations against handlers by hand with the same statements, and Mercurius: in turn, round after round.
 *
 *   npm ci && npm run writes -- [--rounds 5] [--seconds 3] [--connections 32] [--warm-up 5000] [--only rolegate,bare] [--mutations UpdateAccount]
 *
 * With DATABASE_URL (a superuser's) on that PostgreSQL server, otherwise on one that is started for this run. A run with
 * all contestants writes RESULTS-writes.md.
 */
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { measure } from './lib/measure.ts';
import { dropDatabase, LEAST_PRIVILEGE, openPostgres, urlOf } from './lib/postgres.ts';
import { machine } from './lib/report.ts';
import { COMMON, prepare, ROLEGATE } from './lib/rolegate.ts';
import { ask, type Server, startServer } from './lib/server.ts';
import { fixed, median, range } from './lib/statistics.ts';
import { type Statement, listenIn } from './lib/statements.ts';
import { writeResult } from './lib/write.ts';
import type { GraphQLOperation, Load, Measured } from './load.ts';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    connections: { type: 'string', default: '32' },
    only: { type: 'string' },
    'warm-up': { type: 'string', default: '5000' },
    mutations: { type: 'string', default: 'UpdateAccount,AdjustInventoryCount' },
    main: { type: 'string', default: '../src/main.ts' },
  },
});
const DATABASE = 'rolegate_bench_writes';
/** The rows that are written to: each connection begins at another one, so that they seldom wait for each other's. */
const TARGETS = 64;
const say = (text: string): void => void process.stdout.write(`${text}\n`);

interface Contestant {
  readonly name: string;
  readonly title: string;
  readonly file: string;
  readonly notify: string;
}

const HAND = 'a handler by hand: node:http, pg';
const SUBJECT = 'rolegate';
const LIMIT = 'bare';
const contestants: readonly Contestant[] = [
  { name: SUBJECT, title: '**Rolegate**', file: options.main, notify: 'after the commit' },
  { name: LIMIT, title: HAND, file: 'peers/writes/bare.ts', notify: 'after the commit' },
  { name: 'mercurius', title: 'Mercurius, JIT', file: 'peers/writes/mercurius.ts', notify: 'after the commit' },
  { name: 'bare-never', title: HAND, file: 'peers/writes/bare.ts', notify: 'never' },
  { name: 'bare-within', title: HAND, file: 'peers/writes/bare.ts', notify: 'in the transaction' },
];
const chosen = contestants.filter(({ name }) => options.only === undefined || options.only.split(',').includes(name));

const MUTATIONS: Readonly<Record<string, string>> = {
  UpdateAccount: `mutation UpdateAccount($id: ID!, $text: String!) {
    updateAccount(id: $id, input: { description: $text }) { id name description updatedAt version }
  }`,
  AdjustInventoryCount: `mutation AdjustInventoryCount($name: String!, $by: Int!) {
    adjustInventoryCount(name: $name, by: $by) { name data updatedAt version }
  }`,
};
const mutations = options.mutations.split(',');

function start({ file, notify, name }: Contestant, databaseUrl: string): Promise<Server> {
  return startServer(file, {
    ...(name === SUBJECT ? ROLEGATE : COMMON),
    DATABASE_URL: databaseUrl,
    NOTIFY: notify,
    ROW_LEVEL_SECURITY: 'true',
  });
}

type Nodes = Record<'accounts' | 'inventoryItems', { readonly nodes: readonly { id: string; name: string }[] }>;

function operation(operationName: string, variables: Record<string, unknown>): GraphQLOperation {
  return { query: MUTATIONS[operationName] ?? '', operationName, variables };
}

/** Returns the operations of each mutation, each on a row of its own. */
async function operationsOf(origin: string, token: string): Promise<Record<string, readonly GraphQLOperation[]>> {
  const query = `{ accounts(first: ${TARGETS}) { nodes { id name } } inventoryItems(first: ${TARGETS}) { nodes { name } } }`;
  const { accounts, inventoryItems } = (await ask(origin, query, token)).answer.data as unknown as Nodes;
  return {
    UpdateAccount: ['one', 'two'].flatMap((text) =>
      accounts.nodes.map(({ id }) => operation('UpdateAccount', { id, text: `Description ${text}` })),
    ),
    AdjustInventoryCount: inventoryItems.nodes.map(({ name }) => operation('AdjustInventoryCount', { name, by: 1 })),
  };
}

/** Sends an operation. Returns its data without what differs from one time to the next. */
async function answerOf(origin: string, token: string, operation: GraphQLOperation): Promise<string> {
  const response = await fetch(`${origin}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(operation),
  });
  const { data, errors } = (await response.json()) as { data: Record<string, object>; errors?: unknown };
  if (errors !== undefined) {
    throw new Error(`${operation.operationName} is refused: ${JSON.stringify(errors)}`);
  }
  return JSON.stringify(data, (key, value) => (/^(?:updatedAt|version|count)$/.test(key) ? typeof value : value));
}

/** The statements of one answer, with their values left out. */
function shape(statements: readonly Statement[]): string[] {
  return statements
    .flatMap(({ text }) => text.split(/; ?/))
    .map((text) =>
      text
        .replaceAll(/'(?:[^']|'')*'/g, '?')
        .replaceAll(/\s+/g, ' ')
        .trim(),
    )
    .filter((text) => !/access_version|^begin$|^commit$|set_config|^set local /.test(text));
}

/** Answers of each contestant to the first operations must be the same; returns the messages that each sent. */
async function compare(token: string, operations: Record<string, readonly GraphQLOperation[]>, url: string) {
  const found = new Map<string, { answers: string[]; messages: number[]; statements: string[] }>();
  for (const contestant of chosen) {
    const listening = await listenIn(url);
    const server = await start(contestant, listening.through(urlOf(postgres, DATABASE, LEAST_PRIVILEGE)));
    try {
      const own = { answers: [] as string[], messages: [] as number[], statements: [] as string[] };
      for (const name of mutations) {
        const [operation, other] = operations[name] ?? [];
        if (operation === undefined || other === undefined) {
          throw new Error(`There is no mutation ${name}`);
        }
        await answerOf(server.origin, token, other);
        listening.take();
        own.answers.push(await answerOf(server.origin, token, operation));
        const heard = listening
          .take()
          .filter(({ text }) => !/access_version|pg_notify\('rolegate_events', '/.test(text));
        own.messages.push(heard.length);
        own.statements.push(...shape(heard));
      }
      found.set(contestant.name, own);
    } finally {
      await server.stop();
      listening.close();
    }
  }
  const [[, first] = ['', undefined], ...others] = found;
  for (const [name, { answers }] of others) {
    if (answers.join() !== first?.answers.join()) {
      throw new Error(`${name} answers differently:\n${answers.join('\n')}\n${first?.answers.join('\n')}`);
    }
  }
  return found;
}

interface Series {
  readonly contestant: Contestant;
  readonly mutation: string;
  readonly rounds: Measured[];
}

/** Microseconds of processor time for each write. */
function each(rounds: readonly Measured[], of: 'server' | 'postgres'): string {
  return fixed(median(rounds.map(({ cpu, requests }) => ((cpu[of] ?? Number.NaN) * 1e6) / requests)), 0);
}

function table(all: readonly Series[], mutation: string): string {
  const series = all.filter((one) => one.mutation === mutation);
  const limit = series.find(({ contestant }) => contestant.name === LIMIT);
  const rows = series.map(({ contestant, rounds }) => {
    const rates = rounds.map(({ perSecond }) => perSecond);
    const ratios = rates.map((rate, round) => rate / (limit?.rounds[round]?.perSecond ?? Number.NaN));
    const cells = [
      contestant.title,
      contestant.notify,
      fixed(median(rates), 0),
      `**${fixed(median(ratios))}**`,
      range(ratios),
      fixed(median(rounds.map(({ p50 }) => p50)), 1),
      fixed(median(rounds.map(({ p99 }) => p99)), 1),
      each(rounds, 'server'),
      each(rounds, 'postgres'),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    `## ${mutation}`,
    '',
    '| server | NOTIFY | writes/s | of the handler | range | p50 ms | p99 ms | µs server | µs PostgreSQL |',
    '| --- | --- | --: | --: | --- | --: | --: | --: | --: |',
    ...rows,
    '',
  ].join('\n');
}

const NOTE = (loads: readonly number[]): string =>
  [
    `Each write is a transaction with its role, the ids of its viewer, the row, the event of the audit trail, and its`,
    `notification; the events of all contestants are sealed by the process of Rolegate. ${options.connections} connections over HTTP,`,
    `rounds (${options.rounds}) of ${options.seconds} s in turn, medians; "of the handler" compares within a round with the handler by`,
    'hand that notifies after the commit, as Rolegate does. µs are processor time for each write. Answers were compared',
    `first. Load average of the machine before the rounds: ${loads.map((load) => fixed(load, 1)).join(', ')} (two processes of this run`,
    'and PostgreSQL make some 2 to 3 of it).',
  ].join('\n');

const postgres = await openPostgres();
const servers = new Map<string, Server>();
try {
  say('making the database');
  const { url, token, made: operations } = await prepare(postgres, DATABASE, options.main, operationsOf);
  const compared = await compare(token, operations, postgres.url);
  for (const [name, { messages, statements }] of compared) {
    say(`${name}: ${messages.join(' and ')} messages\n  ${statements.map((text) => text.slice(0, 110)).join('\n  ')}`);
  }
  for (const contestant of chosen) {
    servers.set(contestant.name, await start(contestant, url));
  }
  const series: Series[] = mutations.flatMap((mutation) =>
    chosen.map((contestant) => ({ contestant, mutation, rounds: [] })),
  );
  const loadOn = ({ contestant, mutation }: Series): Load => {
    const server = servers.get(contestant.name) as Server;
    return {
      url: `${server.origin}/graphql`,
      token,
      queries: operations[mutation] ?? [],
      spread: true,
      connections: Number(options.connections),
      seconds: Number(options.seconds),
      warmUp: 1,
      pids: { server: server.pid, postgres: postgres.pid },
    };
  };
  // By number, so that all of them are compiled as well on a slow machine.
  for (const one of series) {
    await measure({ ...loadOn(one), amount: Number(options['warm-up']), warmUp: 0 });
  }
  const loads: number[] = [];
  for (let round = 0; round < Number(options.rounds); round += 1) {
    loads.push(loadavg()[0] ?? 0);
    for (const one of series) {
      const measured = await measure(loadOn(one));
      one.rounds.push(measured);
      say(`round ${round + 1}: ${one.mutation} ${one.contestant.name} ${fixed(measured.perSecond, 0)}/s`);
    }
  }
  const messages = [...compared].map(([name, own]) => `${name} ${own.messages.join(' and ')}`).join('; ');
  const text = [
    '# Writes',
    '',
    `${machine()}, PostgreSQL ${postgres.version}, Node ${process.versions.node}`,
    '',
    NOTE(loads),
    '',
    ...mutations.map((mutation) => table(series, mutation)),
    `Messages to PostgreSQL for a write (${mutations.join(' and ')}): ${messages}.`,
    '',
    'Made by `npm run writes` in `bench/`.',
    '',
  ].join('\n');
  say(text);
  if (chosen.length === contestants.length && mutations.length > 1 && options.main === '../src/main.ts') {
    await writeResult('RESULTS-writes.md', text);
  }
} finally {
  await Promise.all([...servers.values()].map((server) => server.stop()));
  await dropDatabase(postgres, DATABASE);
  postgres.stop();
}
