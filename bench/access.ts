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
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { getDirective, mapSchema, MapperKind } from '@graphql-tools/utils';
import { defaultFieldResolver, execute, type GraphQLSchema, parse } from 'graphql';
import type * as Middleware from 'graphql-middleware';
import type * as Shield from 'graphql-shield';
import { type AccessViewer, authTypeDefs, guardSchema, readPolicy } from '../src/access/index.ts';
import { compareDenied, DENIED_ROWS } from './lib/denied-rows.ts';
import { FIELDS, largeSchema, ROLES } from './lib/large-schema.ts';
import { spent } from './lib/cpu.ts';
import { fixed, median } from './lib/statistics.ts';

// graphql-shield 7 imports a function that Node 23 removed from `util`; only its CommonJS build survives its absence.
const require = createRequire(import.meta.url);
Object.assign(require('node:util') as object, { isUndefined: (value: unknown) => value === undefined });
const { applyMiddleware } = require('graphql-middleware') as typeof Middleware;
const { rule, shield } = require('graphql-shield') as typeof Shield;

const ROUNDS = 31;
const EXECUTIONS = 25;
const ROWS = 1_000;

const LIST = `${ROLES}
  type Row @public { ${FIELDS.map((name) => `${name}: String @auth(requires: USER)`).join(' ')} }
  type Query @public { rows: [Row] }`;
const document = parse(`{ rows { ${FIELDS.join(' ')} } }`);
const rows = Array.from({ length: ROWS }, (_, row) =>
  Object.fromEntries(FIELDS.map((name) => [name, `${name} ${row}`])),
);
const contextValue: AccessViewer = { id: 'me', roles: ['ADMIN'], permissions: [] };
const viewer = (context: AccessViewer): AccessViewer => context;

/** The source of field values: properties, or resolvers. */
type Data = 'properties' | 'resolvers';

const resolver = (name: string) => (row: Readonly<Record<string, string>>) => row[name];

function plainSchema(data: Data): GraphQLSchema {
  const Row = Object.fromEntries(FIELDS.map((name) => [name, resolver(name)]));
  const resolvers = { Query: { rows: () => rows }, ...(data === 'resolvers' ? { Row } : {}) };
  return makeExecutableSchema({ typeDefs: [authTypeDefs, LIST], resolvers });
}

const RANKS = ['UNKNOWN', 'USER', 'ADMIN'];

const getUser = ({ roles: [role = ''] }: AccessViewer) => ({
  hasRole: (wanted: string) => RANKS.indexOf(role) >= RANKS.indexOf(wanted),
});

/** Guards a schema as graphql-tools documents it ("Enforcing Access Permissions"), with the user of each field. */
function textbook(schema: GraphQLSchema, isAsync: boolean): GraphQLSchema {
  return mapSchema(schema, {
    [MapperKind.OBJECT_FIELD]: (config) => {
      const [directive] = getDirective(schema, config, 'auth') ?? [];
      if (directive === undefined) {
        return config;
      }
      const [requires = ''] = [directive['requires'] as string | string[]].flat();
      const { resolve = defaultFieldResolver } = config;
      const check = (context: AccessViewer): void => {
        if (!getUser(context).hasRole(requires)) {
          throw new Error('not authorized');
        }
      };
      const inTurn: typeof resolve = (source, args, context, info) => {
        check(context as AccessViewer);
        return resolve(source, args, context, info);
      };
      const later: typeof resolve = async (source, args, context, info) => {
        check(context as AccessViewer);
        return resolve(source, args, context, info);
      };
      return { ...config, resolve: isAsync ? later : inTurn };
    },
  });
}

function shielded(schema: GraphQLSchema): GraphQLSchema {
  const isUser = rule({ cache: 'contextual' })((_source, _args, context: { roles: string[] }) =>
    context.roles.includes('ADMIN'),
  );
  return applyMiddleware(schema, shield({ Row: Object.fromEntries(FIELDS.map((name) => [name, isUser])) }));
}

interface Case {
  readonly name: string;
  readonly schema: GraphQLSchema;
}

/** Milliseconds for one execution, on average. */
async function time({ schema }: Case, executions: number): Promise<number> {
  const start = spent();
  for (let count = 0; count < executions; count += 1) {
    const { errors } = await execute({ schema, document, contextValue: { ...contextValue } });
    if (errors !== undefined) {
      throw errors[0] ?? new Error('no answer');
    }
  }
  return (spent() - start) / executions;
}

/** The cases in turn, round after round, each round beginning with another case; compared with the first of its round. */
async function compare(cases: readonly Case[]): Promise<string[]> {
  const times = cases.map((): number[] => []);
  for (const one of cases) {
    await time(one, EXECUTIONS * 4);
  }
  for (let round = 0; round < ROUNDS; round += 1) {
    for (let turn = 0; turn < cases.length; turn += 1) {
      const index = (round + turn) % cases.length;
      const one = cases[index];
      times[index]?.push(one === undefined ? NaN : await time(one, EXECUTIONS));
    }
  }
  const [base = []] = times;
  return cases.map(({ name }, index) => {
    const own = times[index] ?? [];
    const ratios = own.map((value, round) => value / (base[round] ?? NaN)).toSorted((a, b) => a - b);
    const range = `${fixed(ratios[0] ?? NaN)}–${fixed(ratios.at(-1) ?? NaN)}`;
    return `| ${name} | ${fixed(median(own), 3)} | ${fixed(median(ratios))} | ${range} |`;
  });
}

const guard = (schema: GraphQLSchema): GraphQLSchema => guardSchema(schema, { viewer });

function casesFor(data: Data): Case[] {
  return [
    { name: 'plain', schema: plainSchema(data) },
    { name: 'plain again: the noise', schema: plainSchema(data) },
    { name: '**guarded by Rolegate**', schema: guard(plainSchema(data)) },
    { name: 'directive as graphql-tools documents it', schema: textbook(plainSchema(data), false) },
    { name: 'the same, its resolver `async`', schema: textbook(plainSchema(data), true) },
    { name: 'graphql-shield, cached by context', schema: shielded(plainSchema(data)) },
  ];
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
  let kept = largeSchema(1_000);
  const [start, started] = [spent(), performance.now()];
  const policy = isGuarded ? readPolicy(kept) : null;
  const read = spent() - start;
  kept = policy ? guardSchema(kept, { policy, viewer }) : kept;
  const [guard, policies] = [spent() - start - read, performance.now() - started];
  const after = await heap();
  return { read, guard, policies, heap: kept.getQueryType() ? after - before : NaN };
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
const properties = await compare(casesFor('properties'));
const resolvers = await compare(casesFor('resolvers'));
const denied = await compareDenied();
const startups = Array.from({ length: 7 }, () => ({ plain: inChild('plain'), guarded: inChild('guarded') }));
const of = (pick: (one: (typeof startups)[number]) => number): number => median(startups.map(pick));
const text = `# What the guard costs

Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}. Made by
\`npm ci && node --expose-gc access.ts\` in \`bench/\`.

## A list of ${ROWS} rows with 10 guarded fields

Milliseconds for one execution by graphql-js (parsed beforehand): medians of ${ROUNDS} rounds of
${EXECUTIONS} executions, the cases in turn. Processor time, all threads. Ratios are to the plain schema in the same round. Target: at most 1.05.

The values are properties of the rows:

${[...head, ...properties].join('\n')}

Each field has a resolver of its own:

${[...head, ...resolvers].join('\n')}

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
