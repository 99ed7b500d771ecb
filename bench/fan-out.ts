/**
 * An event to many subscribers of one process: how long until all of them have it, beside Mercurius and graphql-ws by hand.
 *
 *   npm ci && npm run fan-out -- [--rounds 3] [--events 20] [--subscribers 1000] [--only rolegate,graphql-ws]
 *
 * With DATABASE_URL (a superuser's) on that PostgreSQL server, otherwise on one that is started for this run. A run with
 * all contestants writes RESULTS-fan-out.md.
 */
import { execFile } from 'node:child_process';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { dropDatabase, openPostgres } from './lib/postgres.ts';
import { machine } from './lib/report.ts';
import { COMMON, prepare, ROLEGATE, signIn } from './lib/rolegate.ts';
import { ask, type Server, startServer } from './lib/server.ts';
import { listenIn } from './lib/statements.ts';
import { fixed, median } from './lib/statistics.ts';
import type { Received, Subscribers } from './lib/subscribers.ts';
import { writeResult } from './lib/write.ts';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    events: { type: 'string', default: '20' },
    subscribers: { type: 'string', default: '1000' },
    only: { type: 'string' },
    main: { type: 'string', default: '../src/main.ts' },
  },
});
const DATABASE = 'rolegate_bench_fan_out';
const COUNT = Number(options.subscribers);
const QUERY = 'subscription { inventoryChanged { kind name item { name data updatedAt version } } }';
const PASSWORD = 'tidal-orchard-velvet-91';
const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** Ten sets of permissions beside the role SALES, each of which makes a row scope of its own. */
const PERMISSIONS: readonly (readonly string[])[] = [
  [],
  ['audit:read'],
  ['documents:write'],
  ['accounts:read'],
  ['inventory:count'],
  ['audit:read', 'documents:write'],
  ['audit:read', 'accounts:read'],
  ['audit:read', 'inventory:count'],
  ['documents:write', 'accounts:read'],
  ['documents:write', 'inventory:count'],
];

interface Contestant {
  readonly name: string;
  readonly title: string;
  readonly file: string;
  readonly scopes: 'one' | 'ten';
}

const contestants: readonly Contestant[] = [
  { name: 'rolegate', title: '**Rolegate**', file: options.main, scopes: 'one' },
  { name: 'rolegate-ten', title: '**Rolegate**', file: options.main, scopes: 'ten' },
  { name: 'graphql-ws', title: 'graphql-ws by hand, graphql-js', file: 'peers/fan-out/graphql-ws.ts', scopes: 'one' },
  { name: 'mercurius', title: 'Mercurius, JIT', file: 'peers/fan-out/mercurius.ts', scopes: 'one' },
];
const chosen = contestants.filter(({ name }) => options.only === undefined || options.only.split(',').includes(name));

/** Adds users: ten of one scope, and one for each of ten scopes. Returns their tokens. */
async function addUsers(origin: string, token: string): Promise<Record<Contestant['scopes'], string[]>> {
  const change = async (query: string): Promise<void> => {
    const { answer, body } = await ask(origin, `mutation { ${query} }`, token);
    if (answer.errors !== undefined) {
      throw new Error(`The users cannot be made: ${body}`);
    }
  };
  const tokens: Record<Contestant['scopes'], string[]> = { one: [], ten: [] };
  const addUser = async (name: string, role: string): Promise<string> => {
    const input = `username: "${name}", email: "${name}@example.com", displayName: "${name}", password: "${PASSWORD}", roles: [${role}]`;
    await change(`createUser(input: { ${input} }) { id }`);
    return signIn(origin, name, PASSWORD);
  };
  for (const [number, permissions] of PERMISSIONS.entries()) {
    const role = `SCOPE_${number}`;
    await change(
      `createRole(input: { name: ${role}, description: "${role}", inherits: [SALES], permissions: ${JSON.stringify(permissions)} }) { name }`,
    );
    tokens.one.push(await addUser(`one${number}`, 'SALES'));
    tokens.ten.push(await addUser(`ten${number}`, role));
  }
  return tokens;
}

async function subscribe(subscribers: Subscribers): Promise<Received> {
  const file = fileURLToPath(new URL('lib/subscribers.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [file, JSON.stringify(subscribers)]);
  return JSON.parse(stdout) as Received;
}

const postgres = await openPostgres();
const servers = new Map<string, Server>();

function start(file: string, url: string): Promise<Server> {
  return startServer(file, {
    ...(file === options.main ? ROLEGATE : COMMON),
    DATABASE_URL: url,
    ROW_LEVEL_SECURITY: 'true',
    NOTIFY: 'after the commit',
  });
}

try {
  say('making the database');
  const {
    url,
    token: causeToken,
    made,
  } = await prepare(postgres, DATABASE, options.main, async (origin, token) => ({
    tokens: await addUsers(origin, token),
    answer: (await ask(origin, '{ inventoryItems(first: 1) { nodes { name } } }', token)).answer,
  }));
  const { tokens, answer } = made;
  const [{ name } = { name: '' }] = (answer.data as { inventoryItems: { nodes: { name: string }[] } }).inventoryItems
    .nodes;
  const cause = {
    query: 'mutation Adjust($name: String!) { adjustInventoryCount(name: $name, by: 1) { name } }',
    variables: { name },
  };
  const toldTo = ({ scopes }: Contestant, { origin, pid }: Server, count: number, events: number): Promise<Received> =>
    subscribe({ origin, pid, count, tokens: tokens[scopes], query: QUERY, cause, causeToken, events });

  /** The statements that read the row of one event, and those of all else that an event costs, for 100 subscribers. */
  const readsOf = async (contestant: Contestant): Promise<string> => {
    const listening = await listenIn(postgres.url);
    const server = await start(contestant.file, listening.through(url));
    try {
      listening.take();
      await toldTo(contestant, server, 100, 10);
      const heard = listening.take().flatMap(({ text }) => text.split(/; ?/));
      const reads = heard.filter((text) => /from inventory_items where/.test(text)).length;
      return fixed(reads / 20, 1);
    } finally {
      await server.stop();
      listening.close();
    }
  };
  const reads = new Map<string, string>();
  for (const contestant of chosen.filter(({ file }) => file === options.main)) {
    reads.set(contestant.name, await readsOf(contestant));
    say(`${contestant.name}: ${reads.get(contestant.name)} reads of the row an event`);
  }
  for (const file of new Set(chosen.map((contestant) => contestant.file))) {
    servers.set(file, await start(file, url));
  }
  const series = chosen.map((contestant) => ({ contestant, rounds: [] as Received[] }));
  const loads: number[] = [];
  for (let round = 0; round < Number(options.rounds); round += 1) {
    loads.push(loadavg()[0] ?? 0);
    for (const { contestant, rounds } of series) {
      const received = await toldTo(contestant, servers.get(contestant.file) as Server, COUNT, Number(options.events));
      rounds.push(received);
      const worst = Math.max(...received.last);
      say(
        `round ${round + 1}: ${contestant.name} all within ${fixed(median(received.last), 0)} ms (worst ${fixed(worst, 0)} ms), ${fixed(received.cpu, 0)} µs each`,
      );
    }
  }
  const rows = series.map(({ contestant, rounds }) => {
    const all = (of: 'p50' | 'last' | 'answered'): number[] => rounds.flatMap((received) => received[of]);
    const cells = [
      contestant.title,
      contestant.scopes === 'one' ? 'one' : 'ten',
      reads.get(contestant.name) ?? 'by the mutation',
      fixed(median(all('answered')), 0),
      fixed(median(all('p50')), 0),
      `**${fixed(median(all('last')), 0)}**`,
      fixed(Math.max(...all('last')), 0),
      fixed(median(rounds.map(({ cpu }) => cpu)), 0),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  const text = [
    '# Fan-out',
    '',
    `${machine()}, PostgreSQL ${postgres.version}, Node ${process.versions.node}`,
    '',
    `${COUNT} WebSocket connections to one process, each with one subscription (\`${QUERY}\`), by ten users of one row scope or of`,
    `ten; an event is a mutation over HTTP. Times are from sending the mutation until a subscriber has the event, in ms: the`,
    `subscriber in the middle and the last one, median of ${options.rounds} times ${options.events} events; and the last one of the worst event.`,
    `µs are the processor time of the server for each event that a subscriber received. The subscribers are a process on the`,
    `same machine. Load average before the rounds: ${loads.map((load) => fixed(load, 1)).join(', ')}.`,
    '',
    '| server | row scopes | reads of the row | mutation answered | p50 | **all have it** | worst event | µs each |',
    '| --- | --- | --: | --: | --: | --: | --: | --: |',
    ...rows,
    '',
    'Rolegate reads events from the audit trail, so that they come from every process, authenticates again when rights change, and',
    'checks every subscriber at every event. The peers publish, within their process, the row that the mutation has at hand;',
    'they check the role that the subscriber had when it connected.',
    '',
    'Made by `npm run fan-out` in `bench/`.',
    '',
  ].join('\n');
  say(text);
  if (chosen.length === contestants.length && options.main === '../src/main.ts') {
    await writeResult('RESULTS-fan-out.md', text);
  }
} finally {
  await Promise.all([...servers.values()].map((server) => server.stop()));
  await dropDatabase(postgres, DATABASE);
  postgres.stop();
}
