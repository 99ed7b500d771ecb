/**
 * How latency grows: with rows on a page, users in the table, roles, nesting, types in the schema, and connections. The
 * complete server on PostgreSQL, as `npm start` runs it, over HTTP.
 *
 *   npm ci && npm run growth -- [--quick] [--rounds 5] [--seconds 2] [--only rows,connections,users,nesting,roles,types]
 *
 * With DATABASE_URL (a superuser's) on that PostgreSQL server, otherwise on one that is started for this run. Databases are
 * made, and dropped at the end. A run of everything writes RESULTS-growth.md, RESULTS-growth.json and plots/.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type Curve, describe, plotOf } from './lib/growth.ts';
import {
  BASE,
  connectionsCurves,
  nestingCurve,
  onSites,
  onUsers,
  rolesCurve,
  rowsCurve,
  usersCurve,
} from './lib/growth-curves.ts';
import { createDatabase, dropDatabase, openPostgres } from './lib/postgres.ts';
import type { Effort } from './lib/probes.ts';
import { machine } from './lib/report.ts';
import { seed } from './lib/rolegate.ts';
import { schemaCurve } from './lib/schema-growth.ts';
import { jsonOf, writeResult } from './lib/write.ts';

const ALL = ['rows', 'connections', 'users', 'nesting', 'roles', 'types'];

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    only: { type: 'string', default: ALL.join() },
  },
});
const only = options.only.split(',');
const rounds = Number(options.rounds ?? (options.quick ? 1 : 5));
const seconds = Number(options.seconds ?? (options.quick ? 1 : 2));
const say = (text: string): void => void process.stdout.write(`${text}\n`);

const SIZES = {
  rows: [1, 2, 5, 10, 20, 50, 100, 200],
  connections: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512],
  users: options.quick ? [1_000, 10_000] : [1_000, 10_000, 100_000, 1_000_000],
  roles: [10, 100, 1_000, 10_000],
  types: [10, 30, 100, 300, 1_000],
};

function wants(...names: readonly string[]): boolean {
  return names.some((name) => only.includes(name));
}

/** On the demo's 1,000 accounts. */
function onDemo(effort: Effort): Promise<Curve[]> {
  return onSites(
    effort,
    [0],
    async () => undefined,
    async ([site]) => {
      const curves: Curve[] = [];
      if (site !== undefined && wants('rows')) {
        curves.push(await rowsCurve(effort, site, SIZES.rows));
      }
      if (site !== undefined && wants('connections')) {
        curves.push(...(await connectionsCurves(effort, site, SIZES.connections)));
      }
      return curves;
    },
  );
}

function onMany(effort: Effort): Promise<Curve[]> {
  return onUsers(effort, wants('users') ? SIZES.users : SIZES.users.slice(0, 1), async (sites) => {
    const [smallest] = sites;
    const curves: Curve[] = [];
    if (wants('users')) {
      curves.push(await usersCurve(effort, sites));
    }
    if (smallest !== undefined && wants('nesting')) {
      curves.push(await nestingCurve(effort, smallest));
    }
    return curves;
  });
}

async function measureAll(effort: Effort): Promise<Curve[]> {
  return [
    ...(wants('rows', 'connections') ? await onDemo(effort) : []),
    ...(wants('users', 'nesting') ? await onMany(effort) : []),
    ...(wants('roles') ? [await rolesCurve(effort, SIZES.roles)] : []),
    ...(wants('types') ? [await schemaCurve(SIZES.types, rounds)] : []),
  ];
}

function report(curves: readonly Curve[], version: string): string {
  const isQuick = options.quick || rounds < 5;
  return [
    '# What grows with what',
    '',
    ...(isQuick ? ['**A quick run, or a run on a busy machine: preliminary.**', ''] : []),
    `The whole product on PostgreSQL ${version}, over HTTP, Node ${process.versions.node}, ${machine()}, client and database on the`,
    `same machine: medians of rounds (${rounds}) of ${seconds} s, the points of a curve in turn. \`x^k\` is the line through the logarithms;`,
    'the upper half counts for more, since there what is constant weighs least.',
    '',
    ...curves.flatMap(describe),
    'Made by `npm run growth` in `bench/`; every round is in [RESULTS-growth.json](RESULTS-growth.json).',
    '',
  ].join('\n');
}

async function write(curves: readonly Curve[], version: string): Promise<void> {
  const text = report(curves, version);
  say(text);
  if (only.length === ALL.length) {
    const folder = new URL('plots/', import.meta.url);
    mkdirSync(folder, { recursive: true });
    for (const curve of curves) {
      writeFileSync(new URL(`${curve.name}.svg`, folder), plotOf(curve));
    }
    await writeResult('RESULTS-growth.md', text);
    await writeResult('RESULTS-growth.json', jsonOf({ rounds, seconds, machine: machine(), curves }));
  }
}

const postgres = await openPostgres();
try {
  await createDatabase(postgres, BASE);
  await seed(postgres, BASE);
  await write(await measureAll({ postgres, rounds, seconds, say }), postgres.version);
} finally {
  await dropDatabase(postgres, BASE);
  postgres.stop();
}
