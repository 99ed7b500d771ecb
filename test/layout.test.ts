import { globSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';

const SOURCES = new URL('../src/', import.meta.url).pathname;

interface Source {
  /** Below `src/`. */
  readonly path: string;
  readonly text: string;
  /** What it imports, types included: a path below `src/`, or the name of a package. */
  readonly imports: readonly string[];
  /** What is left of that once types are stripped. */
  readonly loads: readonly string[];
}

/** The imports and comments with which a file begins: what follows may speak of others in templates. */
const HEAD =
  /^(?:\s|\/\*[\s\S]*?\*\/|\/\/.*|import '[^']+';|(?:import|export) (?:type )?(?:[\w*{][\w\s,*{}]* )?from '[^']+'[^;]*;)*/;
const STATIC = /(?:^|[\s}])(?:from|import)\s*'([^']+)'/g;
const DYNAMIC = /\bimport\('([^']+)'\)/g;

function importsOf(text: string, path: string): string[] {
  const [head] = HEAD.exec(text) ?? [''];
  const found = [...head.matchAll(STATIC), ...text.matchAll(DYNAMIC)].map(([, specifier = '']) => specifier);
  return found.map((name) => (name.startsWith('.') ? posix.join(posix.dirname(path), name) : name));
}

const sources: readonly Source[] = globSync('**/*.ts', { cwd: SOURCES }).map((path) => {
  const text = readFileSync(`${SOURCES}${path}`, 'utf8');
  return { path, text, imports: importsOf(text, path), loads: importsOf(stripTypeScriptTypes(text), path) };
});

/** From the bottom up. A file loads what is in its own layer or below. The first pattern that matches counts. */
const LAYERS: readonly (readonly [name: string, RegExp])[] = [
  ['access', /^access\//],
  ['testing', /^testing\//],
  ['execution', /^execution\//],
  [
    'foundations',
    /^(errors|secrets|version|within|config|config\/.*|generated\/.*|users\/identity|roles\/role-graph)\.ts$/,
  ],
  ['database', /^(database|paging)\//],
  ['context', /^context\.ts$/],
  ['domains', /^(auth|audit)\/(service|resolvers)\.ts$/],
  ['identity', /^(auth|audit)\//],
  ['edge', /^(schema|scalars)\.ts$|^http\//],
  ['app', /^app\.ts$/],
  ['process', /^(main|cli|banner|workers)\.ts$|^cli\//],
  ['domains', /^(loaders\.ts$|[a-z]+\/)/],
];
const ORDER = [
  'access',
  'testing',
  'execution',
  'foundations',
  'database',
  'identity',
  'context',
  'domains',
  'edge',
  'app',
  'process',
];

function layerOf(path: string): string {
  const [name] = LAYERS.find(([, pattern]) => pattern.test(path)) ?? [];
  if (name === undefined) {
    throw new Error(`src/${path} is in no layer: say where it belongs`);
  }
  return name;
}

const rank = (path: string): number => ORDER.indexOf(layerOf(path));
const isOurs = (name: string): boolean => name.endsWith('.ts');

type Way = 'imports' | 'loads';

/** `file → what it imports`, wherever that is forbidden. */
function offences(way: Way, isForbidden: (path: string, name: string) => boolean): string[] {
  return sources.flatMap(({ path, [way]: names }) =>
    names.filter((name) => isForbidden(path, name)).map((name) => `${path} → ${name}`),
  );
}

/** The ways that lead back to where they came from. */
function cyclesOf(loads: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) {
      cycles.push([...trail.slice(trail.indexOf(path)), path].join(' → '));
    } else if (!done.has(path)) {
      loads.get(path)?.forEach((next) => visit(next, [...trail, path]));
      done.add(path);
    }
  };
  [...loads.keys()].forEach((path) => visit(path, []));
  return cycles;
}

describe('imports', () => {
  it('are seen by this test', () => {
    const of = (path: string): Source | undefined => sources.find((source) => source.path === path);
    expect(sources.length).toBeGreaterThan(100);
    expect(of('context.ts')?.imports).toContain('loaders.ts');
    expect(of('context.ts')?.loads).not.toContain('loaders.ts');
    expect(of('database/orm.ts')?.loads).toContain('@mikro-orm/postgresql');
    expect(
      cyclesOf(
        new Map([
          ['a', ['b']],
          ['b', ['c', 'd']],
          ['c', []],
          ['d', ['a']],
        ]),
      ),
    ).toEqual(['a → b → d → a']);
  });

  it('point downwards', () => {
    expect(offences('loads', (path, name) => isOurs(name) && rank(name) > rank(path))).toEqual([]);
  });

  it('lead to files of this folder, by their whole names', () => {
    const paths = new Set(sources.map(({ path }) => path));
    expect(offences('imports', (_, name) => /\.ts$|^\.\./.test(name) && !paths.has(name))).toEqual([]);
  });

  it('never lead back to where they came from', () => {
    expect(cyclesOf(new Map(sources.map(({ path, loads }) => [path, loads.filter(isOurs)])))).toEqual([]);
  });
});

describe('what stands apart', () => {
  it('access/ knows graphql and graphql-tools, and nothing of ours', () => {
    const known = /^(access\/|graphql$|graphql\/|@graphql-tools\/)/;
    expect(offences('imports', (path, name) => path.startsWith('access/') && !known.test(name))).toEqual([]);
  });

  it('testing/ knows these, and the front of access/', () => {
    const known = /^(testing\/|access\/index\.ts$|graphql$|@graphql-tools\/utils$)/;
    expect(offences('imports', (path, name) => path.startsWith('testing/') && !known.test(name))).toEqual([]);
  });

  it('only config.ts reads the environment', () => {
    const readers = sources.filter(({ text }) => /process\s*\.\s*env|from 'node:process'/.test(text));
    expect(readers.map(({ path }) => path)).toEqual(['config.ts']);
  });

  it('only resolvers know GraphQL: services, rules and the database do not', () => {
    const deaf = new Set(['database', 'identity', 'context', 'domains']);
    const mayHear = /\/(resolvers|built-in-roles|hidden-fields)\.ts$/;
    const graphql = /^(graphql|@graphql-tools|@apollo|@as-integrations|generated\/resolvers)\b/;
    expect(
      offences('imports', (path, name) => deaf.has(layerOf(path)) && !mayHear.test(path) && graphql.test(name)),
    ).toEqual([]);
  });

  it('only the schema imports resolvers: a domain calls the service of another', () => {
    const resolvers = /^(?!generated).*\/resolvers\.ts$/;
    expect(offences('imports', (path, name) => resolvers.test(name) && path !== 'schema.ts')).toEqual([]);
  });

  it('domains touch no disk, no network and no process', () => {
    const outside = /^node:(fs|net|dns|http|https|child_process|worker_threads)\b/;
    expect(offences('imports', (path, name) => layerOf(path) === 'domains' && outside.test(name))).toEqual([]);
  });
});
