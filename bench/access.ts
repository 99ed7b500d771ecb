/**
 * The cost of the guard: a list of 1,000 rows with 10 guarded fields, beside the same schema without guards, the
 * directive of graphql-tools' documentation, and graphql-shield, all on graphql-js's executor; a list of 10,000 rows, each
 * with a denied value; reading and guarding a schema of 1,000 types; and the memory of the guarded schema.
 *
 *   npm ci && node --expose-gc access.ts
 *
 * Writes RESULTS-access.md.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import type { GraphQLSchema } from 'graphql';
import { type AccessViewer, guardSchema, readPolicy } from '../src/access/index.ts';
import { compareDenied, DENIED_ROWS } from './lib/denied-rows.ts';
import { largeSchema } from './lib/large-schema.ts';
import { spent } from './lib/cpu.ts';
import { fixed, median } from './lib/statistics.ts';
import { type Case, compareCases, EXECUTIONS, GROUPS, ROWS, TURNS } from './lib/turns.ts';

const viewer = (context: AccessViewer): AccessViewer => context;

const CASES: readonly Case[] = [
  ['plain', 'plain'],
  ['plain again: the noise', 'plain'],
  ['**guarded by Rolegate**', 'guarded'],
  ['directive as graphql-tools documents it', 'textbook'],
];

/** Cases that cost several times as much, so that a few groups tell enough. graphql-shield does not run on graphql 17. */
const FAR_CASES: readonly Case[] = [
  ['plain', 'plain'],
  ['the same, its resolver `async`', 'async textbook'],
  ['graphql-shield, cached by context', 'shield'],
];

async function compareOn16(data: 'properties' | 'resolvers'): Promise<string[]> {
  const [, ...far] = await compareCases(FAR_CASES, data, GROUPS.far);
  return [...(await compareCases(CASES, data, GROUPS.near)), ...far];
}

/** The time and memory that a new process needs for a schema, in milliseconds and MiB. */
interface Startup {
  readonly read: number;
  readonly guard: number;
  readonly policies: number;
  readonly heap: number;
}

/** Builds the large schema, guards it or not, and weighs what is left of that. */
async function startUp(isGuarded: boolean): Promise<Startup> {
  const before = await heap();
  const { schema, ...times } = buildLarge(isGuarded);
  const after = await heap();
  return { ...times, heap: schema.getQueryType() ? after - before : NaN };
}

/** Returns the schema and what it took. The unguarded schema and its policy go out of scope, as they do in a server. */
function buildLarge(isGuarded: boolean): Omit<Startup, 'heap'> & { readonly schema: GraphQLSchema } {
  const plain = largeSchema(1_000);
  const [start, started] = [spent(), performance.now()];
  const policy = isGuarded ? readPolicy(plain) : null;
  const read = spent() - start;
  const schema = policy ? guardSchema(plain, { policy, viewer }) : plain;
  return { schema, read, guard: spent() - start - read, policies: performance.now() - started };
}

/** MiB, after garbage has been collected. */
async function heap(): Promise<number> {
  for (let times = 0; times < 4; times += 1) {
    globalThis.gc?.();
    await setImmediate();
  }
  return process.memoryUsage().heapUsed / 2 ** 20;
}

/** Measures in a process of its own. */
function inChild(kind: 'plain' | 'guarded'): Startup {
  const file = import.meta.filename;
  const { stdout } = spawnSync(process.execPath, ['--expose-gc', file, kind], { encoding: 'utf8' });
  return JSON.parse(stdout) as Startup;
}

const [kind] = process.argv.slice(2);
if (globalThis.gc === undefined) {
  throw new Error('Run with --expose-gc');
}
if (kind !== undefined) {
  process.stdout.write(JSON.stringify(await startUp(kind === 'guarded')));
  process.exit();
}
const head = ['| case | ms | ratio | range |', '| --- | --- | --- | --- |'];
const GRAPHQL_17 = ['--import', `${import.meta.dirname}/lib/graphql-17.ts`];
const [properties, resolvers] = [await compareOn16('properties'), await compareOn16('resolvers')];
const properties17 = await compareCases(CASES, 'properties', GROUPS.near, GRAPHQL_17);
const resolvers17 = await compareCases(CASES, 'resolvers', GROUPS.near, GRAPHQL_17);
const denied = await compareDenied();
const startups = Array.from({ length: 7 }, () => ({ plain: inChild('plain'), guarded: inChild('guarded') }));
const of = (pick: (one: (typeof startups)[number]) => number): number => median(startups.map(pick));
const text = `# What the guard costs

Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}. Made by
\`npm ci && node --expose-gc access.ts\` in \`bench/\`.

## A list of ${ROWS} rows with 10 guarded fields

Milliseconds for one execution by graphql-js (parsed beforehand), processor time of all threads. Each schema has a process of its
own, since V8 compiles an executor for what it has seen; the processes take turns of ${EXECUTIONS} executions. Ratios are to the
plain schema in the same turn: the median of ${TURNS} turns in a group of processes, then the median and the range of ${GROUPS.near} groups, or of ${GROUPS.far} for the last two cases.
Target: at most 1.05.

graphql 16, the values are properties of the rows:

${[...head, ...properties].join('\n')}

graphql 16, each field has a resolver of its own:

${[...head, ...resolvers].join('\n')}

graphql 17, properties:

${[...head, ...properties17].join('\n')}

graphql 17, resolvers:

${[...head, ...resolvers17].join('\n')}

## A list of ${DENIED_ROWS} rows, each with one denied value

Milliseconds for one execution by graphql-js, beside the plain schema, where nothing is denied: medians of 11 rounds of 5
executions, in turn. Every row has its error. Target: at most 3.

${['| denied | plain | denied | ratio |', '| --- | --- | --- | --- |', ...denied].join('\n')}

## A schema of 1,000 types with 10 fields, each with an argument

Medians of ${startups.length} new processes each. Targets: at most 1,000 ms, and 1.3 times the memory.

| what | |
| --- | --- |
| \`readPolicy\`, processor time | ${fixed(
  of(({ guarded }) => guarded.read),
  0,
)} ms |
| \`guardSchema\` with that policy, processor time | ${fixed(
  of(({ guarded }) => guarded.guard),
  0,
)} ms |
| both, by the clock | ${fixed(
  of(({ guarded }) => guarded.policies),
  0,
)} ms |
| heap of the plain schema | ${fixed(
  of(({ plain }) => plain.heap),
  1,
)} MiB |
| heap of the guarded one, its policy included | ${fixed(
  of(({ guarded }) => guarded.heap),
  1,
)} MiB |
| ratio | ${fixed(of(({ plain, guarded }) => guarded.heap / plain.heap))} |
`;
writeFileSync(new URL('RESULTS-access.md', import.meta.url), text);
process.stdout.write(text);
