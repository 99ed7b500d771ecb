import { cpSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addPackage, buildPackage, compileFiles, createProject, modulePath, run } from './support/package-project.ts';

const ROOT = new URL('..', import.meta.url).pathname;

/** The pages of the documentation that the package has in its folder `docs`. */
const PAGES = globSync('*.md', { cwd: join(ROOT, 'docs', 'guard') }).filter(
  (name) => !/^(README|CHANGELOG)/.test(name),
);

let folder: string;
beforeAll(() => {
  folder = buildPackage();
  run(folder, 'npm', 'pack', join(folder, 'built'), '--silent');
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The examples of the documentation, by the name in their first line. */
function examples(): Map<string, string> {
  const text = readFileSync(join(ROOT, 'docs', 'guard', 'README.md'), 'utf8');
  return new Map([...text.matchAll(/```ts\n\/\/ (\S+)\n(.*?)```/gs)].map(([, name = '', code = '']) => [name, code]));
}

const TOLD = `import { ask } from './apollo.ts';
import { yoga } from './yoga.ts';
import './attack.ts';

const query = '{ articles { title draft views } }';
const editor = { id: '7', roles: ['EDITOR'], permissions: [] };
const headers = { 'content-type': 'application/json', 'x-user': 'editor' };
const asked = { method: 'POST', headers, body: JSON.stringify({ query }) };
const answers: unknown[] = [await ask(query, editor), await (await yoga.fetch('http://test/graphql', asked)).json()];
console.log(JSON.stringify([...answers, await ask(query)]));
`;

describe('the package', { timeout: 60_000 }, () => {
  it('the package installs in an empty project together with what it needs, and nothing else', () => {
    const root = createProject(folder, 'empty', []);
    const { version } = JSON.parse(readFileSync(join(modulePath('graphql'), 'package.json'), 'utf8')) as {
      version: string;
    };
    const tarball = join(folder, 'rolegate-0.1.0.tgz');
    run(root, 'npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', tarball, `graphql@${version}`);
    const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { packages: object };
    const installed = Object.keys(lock.packages).filter((path) => path !== '');
    const names = installed.map((path) => path.replace('node_modules/', ''));
    const utils = ['@graphql-tools/utils', '@graphql-typed-document-node/core', '@whatwg-node/promise-helpers'];
    const known = new Set(['rolegate', 'graphql', ...utils, 'cross-inspect', 'tslib']);
    expect(names.filter((name) => !known.has(name))).toEqual([]);
    expect(names).toContain('@graphql-tools/utils');
    writeFileSync(join(root, 'use.ts'), `import { readPolicy } from 'rolegate/access';\n${USE}`);
    writeFileSync(join(root, 'schema.graphql'), TYPED_SDL);
    const command = join(root, 'node_modules', 'rolegate', 'cli', 'rolegate.js');
    run(root, process.execPath, command, 'types', 'schema.graphql', '--out', 'access-types.ts');
    writeFileSync(join(root, 'pending.mjs'), 'export const schema = new Promise(() => {});');
    const matrix = (): string => run(root, process.execPath, command, 'matrix', 'pending.mjs');
    expect(matrix).toThrow('a promise that never settles');
    writeFileSync(join(root, 'typed.ts'), TYPED);
    compileFiles(root, ['use.ts', 'typed.ts']);
    expect(run(root, process.execPath, 'use.ts').trim()).toBe('Query.open,Query.shut,Role.USER 20');
  });

  it('the package guards as its documentation shows: Apollo Server, GraphQL Yoga, and the attack suite', () => {
    const servers = ['@apollo/server', 'graphql-yoga', '@graphql-tools/schema', '@types/node'];
    const root = createProject(folder, 'servers', ['graphql', '@graphql-tools/utils', ...servers]);
    addPackage(folder, root);
    const files = [...examples(), ['told.ts', TOLD] as const];
    files.forEach(([name, code]) => writeFileSync(join(root, name), code));
    expect(files.map(([name]) => name)).toEqual(['schema.ts', 'apollo.ts', 'yoga.ts', 'attack.ts', 'told.ts']);
    compileFiles(root, ['told.ts'], '--types', 'node', '--skipLibCheck');
    const printed = run(root, process.execPath, 'told.ts').trimEnd().split('\n');
    expect(printed[0]).toMatch(/^\d{3,} attacks, none of which succeeded$/);
    const [apollo, yoga, anonymous] = JSON.parse(printed[1] ?? '') as object[];
    expect(apollo).toMatchObject(answer('Roles and permissions', [['FORBIDDEN', 'Article.views']]));
    expect(yoga).toMatchObject(answer('Roles and permissions', [['FORBIDDEN', 'Article.views']]));
    expect(anonymous).toMatchObject(
      answer(null, [
        ['UNAUTHENTICATED', 'Article.draft'],
        ['UNAUTHENTICATED', 'Article.views'],
      ]),
    );
  });

  it('the package contains the compiled sources, their declarations, and nothing else', () => {
    const built = join(folder, 'built');
    const [{ files }] = JSON.parse(run(built, 'npm', 'pack', '--dry-run', '--json')) as [{ files: { path: string }[] }];
    const library = globSync('{access,testing}/**/*.ts', { cwd: join(ROOT, 'src') });
    const command = globSync('cli/{access/*,access,files,output,rolegate}.ts', { cwd: join(ROOT, 'src') });
    const expected = [
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'package.json',
      ...PAGES.map((name) => `docs/${name}`),
      ...[...library, ...command].map((name) => name.replace(/ts$/, 'js')),
      ...library.flatMap((name) => [name.replace(/ts$/, 'd.ts'), name.replace(/ts$/, 'd.mts')]),
      ...['access', 'testing'].map((entry) => `${entry}/index.mjs`),
    ];
    expect(files.map(({ path }) => path).toSorted()).toEqual(expected.toSorted());
  });

  it('the manifest says what the package is and what it needs', () => {
    const text = readFileSync(join(folder, 'built', 'package.json'), 'utf8');
    const manifest = JSON.parse(text) as Record<string, unknown>;
    expect(Object.keys(manifest)).toEqual(expect.arrayContaining(['description', 'keywords', 'license']));
    expect(manifest).toMatchObject({
      repository: { type: 'git', url: expect.stringMatching(/^git\+https:\/\/.+\.git$/) },
      homepage: expect.stringMatching(/^https:/),
      bugs: { url: expect.stringMatching(/^https:/) },
      engines: { node: '>=22.18' },
      peerDependencies: { graphql: '^16.11.0 || ^17.0.0' },
    });
    expect(manifest).not.toHaveProperty('private');
  });

  it('the manifest is published as it is: npm finds nothing to correct', () => {
    const copy = mkdtempSync(join(folder, 'manifest-'));
    const manifest = join(copy, 'package.json');
    cpSync(join(folder, 'built'), copy, { recursive: true });
    const text = readFileSync(manifest, 'utf8');
    run(copy, 'npm', 'pkg', 'fix');
    expect(JSON.parse(readFileSync(manifest, 'utf8'))).toEqual(JSON.parse(text));
  });

  it('the README has an install line, and pages whose links lead to files of the package', () => {
    const built = join(folder, 'built');
    expect(readFileSync(join(built, 'README.md'), 'utf8')).toContain('npm install rolegate graphql');
    const links = ['README.md', 'CHANGELOG.md', ...PAGES.map((name) => join('docs', name))].flatMap((page) => {
      const text = readFileSync(join(built, page), 'utf8');
      return Array.from(text.matchAll(/\]\(([^)#]+)/g), ([, target = '']) => [page, target] as const);
    });
    const internal = links.filter(([, target]) => !target.startsWith('https://'));
    expect(internal.length).toBeGreaterThan(5);
    expect(internal.filter(([page, target]) => !existsSync(join(built, dirname(page), target)))).toEqual([]);
  });
});

const USE = `import { attackSchema, type AttackReport } from 'rolegate/testing';
import { authTypeDefs, type Policy } from 'rolegate/access';
import { buildSchema } from 'graphql';

const sdl = authTypeDefs + 'enum Role { USER } type Query { open: Int @public shut: Int @auth(requires: USER) }';
const policy: Policy = readPolicy(sdl);
const report: AttackReport = await attackSchema({ schema: buildSchema(sdl), oneIn: 10 });
console.log([...policy.rules.keys()].join(), report.failures.length === 0 ? report.tried : report.failures);
`;

const TYPED_SDL = `enum Role { ADMIN USER }
type Query { open: Int @public stats: Int @auth(requires: ADMIN, permissions: "stats:read") }`;

/** Compiles only if the unions that the command writes are closed, and every function takes them. */
const TYPED = `import { accessMatrix, type AccessViewer, explainAccess, guardSchema, verdictOn, visibleSchema } from 'rolegate/access';
import type { GraphQLSchema } from 'graphql';
import type { Coordinate, Permission, Role } from './access-types.ts';

interface Context { readonly viewer: AccessViewer<Role, Permission> }
const coordinate: Coordinate = 'Query.stats';
// @ts-expect-error -- no coordinate has this name
const typo: Coordinate = 'Query.statistics';

export function guard(schema: GraphQLSchema): unknown[] {
  const guarded = guardSchema<Context, Role, Permission>(schema, { viewer: (context) => context.viewer });
  const viewer: AccessViewer<Role, Permission> = { id: 'me', roles: ['ADMIN'], permissions: ['stats:read'] };
  // @ts-expect-error -- no role has this name
  guardSchema<Context, Role, Permission>(schema, { viewer: () => ({ id: 'me', roles: ['ADMN'], permissions: [] }) });
  // @ts-expect-error -- no permission has this name
  guardSchema<Context, Role, Permission>(schema, { viewer: () => ({ id: 'me', roles: [], permissions: ['stats'] }) });
  // @ts-expect-error -- the viewer is an option
  visibleSchema(guarded, viewer);
  return [
    accessMatrix(guarded, { rolePermissions: { ADMIN: 'all' } }),
    explainAccess(guarded, { viewer, operation: '{ stats }' }),
    verdictOn(guarded, { viewer, coordinate }),
    visibleSchema(guarded, { viewer }),
    typo,
  ];
}
`;

function answer(draft: string | null, denied: readonly (readonly [code: string, coordinate: string])[]): object {
  return {
    data: { articles: [{ title: 'Roles', draft, views: null }] },
    errors: denied.map(([code, coordinate]) => ({ extensions: { code, coordinate } })),
  };
}
