import { globSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { parseSync, Visitor } from 'rolldown/utils';
import { describe, expect, it } from 'vitest';

const SOURCES = new URL('../src/', import.meta.url).pathname;

interface Source {
  /** Below `src/`. */
  readonly path: string;
  readonly text: string;
  /** The modules that it imports, types included: a path below `src/`, or the name of a package. */
  readonly imports: readonly string[];
  /** Those that are loaded with it. */
  readonly loads: readonly string[];
}

/** Stands for the module of an import whose path is computed. */
const COMPUTED = 'a computed path';

function sourceOf(path: string, text = readFileSync(`${SOURCES}${path}`, 'utf8')): Source {
  const imports: string[] = [];
  const loads: string[] = [];
  const named = (name: string): string => (name.startsWith('.') ? posix.join(posix.dirname(path), name) : name);
  const note = (name: string | undefined, isLoaded: boolean): void => {
    if (name !== undefined) {
      imports.push(named(name));
      loads.push(...(isLoaded ? [named(name)] : []));
    }
  };
  new Visitor({
    ImportDeclaration: ({ source, importKind }) => note(source.value, importKind !== 'type'),
    ExportNamedDeclaration: ({ source, exportKind }) => note(source?.value, exportKind !== 'type'),
    ExportAllDeclaration: ({ source, exportKind }) => note(source.value, exportKind !== 'type'),
    TSImportType: ({ source }) => note(source.value, false),
    TSExternalModuleReference: ({ expression }) => note(expression.value, true),
    ImportExpression: ({ source }) => note(source.type === 'Literal' ? String(source.value) : COMPUTED, false),
  }).visit(parseSync(path, text).program);
  return { path, text, imports, loads };
}

const sources: readonly Source[] = globSync('**/*.{ts,tsx,mts,cts}', { cwd: SOURCES }).map((path) => sourceOf(path));

/** The layers, from the bottom up: folders and top-level files. A file imports from its own folder and the layers below. */
const LAYERS: readonly (readonly string[])[] = [
  ['access', 'lib'],
  ['testing', 'config'],
  ['database'],
  ['paging'],
  ['auth'],
  ['context.ts'],
  ['modules', 'graphql', 'plugins.ts'],
  ['sockets'],
  ['http'],
  ['schema.ts'],
  ['wiring'],
  ['app.ts'],
  ['cli'],
  ['main.ts', 'cli.ts'],
];

/** Written by codegen: the vocabulary of the schema, which every layer uses, and the types of the resolvers. */
const GENERATED: ReadonlySet<string> = new Set(['generated/access.ts', 'generated/resolvers.ts']);

/** The imports that point upwards all the same, each with a reason beside the import. */
const UPWARD: readonly string[] = [];

const roomOf = (path: string): string => path.split('/', 1)[0] ?? '';

function rank(path: string): number {
  const room = roomOf(path);
  const index = LAYERS.findIndex((rooms) => rooms.includes(room));
  if (index === -1) {
    throw new Error(`src/${path} is in no layer: add its folder to LAYERS`);
  }
  return index;
}

const isOurs = (name: string): boolean => name.endsWith('.ts');
const isGenerated = (name: string): boolean => GENERATED.has(name);

/** Returns `file → import` for each import that is forbidden. */
function offences(isForbidden: (path: string, name: string) => boolean): string[] {
  return sources.flatMap(({ path, imports }) =>
    imports.filter((name) => isForbidden(path, name)).map((name) => `${path} → ${name}`),
  );
}

/** Returns the circles of a graph of imports. */
function circlesOf(imports: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) {
      circles.push([...trail.slice(trail.indexOf(path)), path].join(' → '));
    } else if (!done.has(path)) {
      imports.get(path)?.forEach((next) => visit(next, [...trail, path]));
      done.add(path);
    }
  };
  [...imports.keys()].forEach((path) => visit(path, []));
  return circles;
}

describe('imports', () => {
  it('this test sees every form of import', () => {
    const text = `import './a.ts'; import type { B } from './b.ts'; const x = 1; import { type C } from './c.ts';
      export { d } from './d.ts'; export type { E } from './e.ts'; export * from './f.ts'; import G = require('./g.ts');
      type H = import('./h.ts').H; let i: typeof import('./i.ts'); const j = () => import('./j.ts');
      const k = () => import(x); const l = "import m from './m.ts'"; // import n from './n.ts'`;
    const { imports, loads } = sourceOf('this.ts', text);
    const names = 'a.ts b.ts c.ts d.ts e.ts f.ts g.ts h.ts i.ts j.ts';
    expect(imports.toSorted()).toEqual([COMPUTED, ...names.split(' ')].sort());
    expect(loads.toSorted()).toEqual(['a.ts', 'c.ts', 'd.ts', 'f.ts', 'g.ts']);
    const graph = { a: ['b'], b: ['c', 'd'], c: [], d: ['a'] };
    expect(circlesOf(new Map(Object.entries(graph)))).toEqual(['a → b → d → a']);
    expect(sources.length).toBeGreaterThan(100);
  });

  it('imports point downwards, types included', () => {
    const upward = offences((path, name) => {
      const isWithin = !isOurs(name) || isGenerated(path) || isGenerated(name) || roomOf(path) === roomOf(name);
      return !isWithin && rank(name) >= rank(path);
    });
    expect(upward.toSorted()).toEqual(UPWARD.toSorted());
    expect(UPWARD.length).toBeLessThanOrEqual(4);
  });

  it('only the command that reads a module of its user computes the path of an import', () => {
    expect(offences((_, name) => name === COMPUTED || name === 'node:module')).toEqual([
      `cli/access/load-schema.ts → ${COMPUTED}`,
    ]);
  });

  it('imports lead to existing files by their full names', () => {
    const paths = new Set(sources.map(({ path }) => path));
    expect(offences((_, name) => /\.ts$|^\.\./.test(name) && !paths.has(name))).toEqual([]);
  });

  it('imports form no circle, types included', () => {
    const circles = circlesOf(new Map(sources.map(({ path, imports }) => [path, imports.filter(isOurs)])));
    expect(circles).toEqual([]);
  });
});

describe('boundaries', () => {
  it('access/ imports graphql and graphql-tools, and nothing of ours', () => {
    const known = /^(access\/|graphql$|graphql\/|@graphql-tools\/)/;
    expect(offences((path, name) => path.startsWith('access/') && !known.test(name))).toEqual([]);
  });

  it('testing/ imports these, the entry point of access/, and its check of options', () => {
    const known = /^(testing\/|access\/(?:index|options)\.ts$|graphql$|@graphql-tools\/utils$)/;
    expect(offences((path, name) => path.startsWith('testing/') && !known.test(name))).toEqual([]);
  });

  it('a start loads no library that it does not need', () => {
    const later = [
      '@electric-sql/pglite',
      '@mikro-orm/pglite',
      '@opentelemetry/sdk-trace',
      '@opentelemetry/sdk-metrics',
      '@simplewebauthn/server',
      '@zxcvbn-ts/core',
      'nodemailer',
      'openid-client',
      'prom-client',
    ];
    const loaded = new Set<string>();
    const load = (name: string): void => {
      if (!loaded.has(name)) {
        loaded.add(name);
        sources.find(({ path }) => path === name)?.loads.forEach(load);
      }
    };
    load('main.ts');
    expect(loaded).toContain('fastify');
    expect(later.filter((name) => loaded.has(name))).toEqual([]);
  });

  it('only config/ reads the environment', () => {
    const readers = sources.filter(({ text }) => /process\s*\.\s*env|from 'node:process'/.test(text));
    expect(readers.map(({ path }) => path)).toEqual(['config/config.ts']);
  });

  it('only resolvers know GraphQL: services, rules, authentication and the database do not', () => {
    const withoutGraphQL = new Set(['lib', 'config', 'database', 'auth', 'context.ts', 'modules']);
    const exceptions = /\/resolvers\.ts$/;
    const graphql = /^(graphql|@graphql-tools|@apollo|@as-integrations|generated\/resolvers)\b/;
    expect(
      offences((path, name) => withoutGraphQL.has(roomOf(path)) && !exceptions.test(path) && graphql.test(name)),
    ).toEqual([]);
  });

  it('only the schema imports resolvers: a module calls the services of others', () => {
    const resolvers = /^(?!generated).*\/resolvers\.ts$/;
    expect(offences((path, name) => resolvers.test(name) && path !== 'schema.ts')).toEqual([]);
  });

  it('modules hold no SQL text: they use the entity manager and the typed query builder', () => {
    const sql =
      /['"`]\s*(?:select|insert into|update|delete from|with|lock table)\s[^'"`]*\b(?:from|set|values|where|as|in)\b/i;
    const calls = /\.execute(?:<[^>]*>)?\(\s*[^)\s]|\bsql`/;
    const offenders = sources.filter(
      ({ path, text }) => roomOf(path) === 'modules' && (sql.test(text) || calls.test(text)),
    );
    expect(sql.test("em.run('select id from users')") && calls.test("em.execute('x')")).toBe(true);
    expect(offenders.map(({ path }) => path)).toEqual([]);
  });

  it('modules touch no disk, no network and no process', () => {
    const outside = /^node:(fs|net|dns|http|https|child_process|worker_threads)\b/;
    expect(offences((path, name) => roomOf(path) === 'modules' && outside.test(name))).toEqual([]);
  });
});
