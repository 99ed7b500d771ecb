import { spawnSync } from 'node:child_process';
import { globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addPackage, buildPackage, compileFiles, createProject, run } from '../support/package-project.ts';

// Every block of code on the pages of docs/guard is compiled and run with the package that is published, or fails here.

const PAGES = new URL('../../docs/guard/', import.meta.url).pathname;

/** A block of code, without the indentation of the list that it stands in. */
interface Block {
  readonly page: string;
  readonly line: number;
  readonly language: string;
  readonly code: string;
}

function blocksOf(page: string): Block[] {
  const text = readFileSync(join(PAGES, page), 'utf8');
  return Array.from(
    text.matchAll(/^( *)```(.*)\n([^]*?)^\1```$/gm),
    ({ 1: indent = '', 2: language = '', 3: code = '', index }) => ({
      page,
      line: text.slice(0, index).split('\n').length,
      language,
      code: code.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    }),
  );
}

const blocks = globSync('*.md', { cwd: PAGES }).toSorted().flatMap(blocksOf);

/** The lines before a fragment of a page: what the text around it says that its reader has. */
const PREAMBLES: Readonly<Record<string, string>> = {
  'adopting.md': `import { guardSchema } from 'rolegate/access';
    import { schema, viewer } from './plain.ts';
    const log = { info: (...words: unknown[]) => console.log(...words) };`,
  'model.md': `import { guardSchema } from 'rolegate/access';
    import { schema, viewer } from './plain.ts';
    interface Person { readonly country: string }`,
  'testing.md': `import { accessMatrix, type AccessViewer, explainAccess, verdictOn, visibleSchema } from 'rolegate/access';
    import { schema } from './schema.ts';
    import { yoga } from './yoga.ts';
    import type { Coordinate, Permission, Role } from './access-types.ts';
    const viewer = { id: '7', roles: ['EDITOR'], permissions: [] } satisfies AccessViewer<Role, Permission>;
    const operation = '{ articles { draft } }';
    const rolePermissions = { ADMIN: 'all' } as const;
    const columns = [{ name: 'EDITOR', roles: ['EDITOR'], permissions: [] }];
    const headersOf = (name: string): Record<string, string> => ({ 'x-user': name.toLowerCase() });
    const fetch = async (url: string, init: RequestInit): Promise<Response> => yoga.fetch(url, init);
    void [accessMatrix, explainAccess, verdictOn, visibleSchema, schema, viewer, operation, rolePermissions, columns, headersOf, fetch];
    const coordinate: Coordinate = 'Article.draft'; void coordinate;`,
};

/** A schema that is not guarded, and a viewer. */
const PLAIN = `import { makeExecutableSchema } from '@graphql-tools/schema';
  import { authTypeDefs, type AccessViewer } from 'rolegate/access';
  const typeDefs = 'enum Role { USER } type Person { name: String @auth(policy: "sameCountry") } type Query { me: Person @public }';
  const open = 'enum Role { USER } type Query { me: Int! @auth(requires: USER) other: Int }';
  export const schema = makeExecutableSchema({ typeDefs: [authTypeDefs, MODEL ? typeDefs : open] });
  export interface Context { readonly country: string }
  export const viewer = (_context: Context): AccessViewer => ({ id: null, roles: [], permissions: [] });`;

/** The definitions that complete a block of SDL, by its first line. */
const COMPLETIONS: Readonly<Record<string, string>> = {
  'type Account @auth(requires: USER) {': 'enum Role { USER ACCOUNTANT } type Query { accounts: [Account] @public }',
  'enum Role {': 'type Query @public { a: Int }',
  'input AccountFilter {': `enum Role { ACCOUNTANT } type Account @public { name: String iban: String @auth(requires: ACCOUNTANT) }
    type Query { accounts(filter: AccountFilter, orderBy: AccountOrder): [Account] @public }`,
};

/** Blocks that `compat/` runs: recipes, and the header of a subgraph. */
const isElsewhere = ({ code }: Block): boolean => /^(?:\/\/ recipes\/|extend schema)/.test(code);

/** The examples on the first page are complete files. */
const fileOf = ({ code }: Block): string | null => /^\/\/ ([\w-]+\.ts)\n/.exec(code)?.[1] ?? null;

const here = blocks.filter((block) => !isElsewhere(block));
const isTypeScript = ({ language }: Block): boolean => language === 'ts';
const files = here.filter((block) => isTypeScript(block) && fileOf(block) !== null);
const fragments = here.filter((block) => isTypeScript(block) && fileOf(block) === null);
const nameOf = ({ page, line }: Block): string => `${page.replace('.md', '')}-${line}`;

/** Returns a fragment as a module that can run. An attack has to fail nowhere. */
function moduleOf({ page, code }: Block): string {
  const attack = /^await attackSchema/m.test(code) ? `import { attackSchema } from 'rolegate/testing';\n` : '';
  const check = code.includes('{ tried, failures }') || code.includes('{ failures, cutOff }');
  const end = check ? 'if (failures.length > 0) { throw new Error(JSON.stringify(failures[0])); }' : '';
  return `${attack}${PREAMBLES[page] ?? ''}\n${code}\n${end}\nexport {};`;
}

let folder: string;
let project: string;
beforeAll(() => {
  folder = buildPackage();
  const linked = ['graphql', '@graphql-tools/utils', '@graphql-tools/schema', '@apollo/server', 'graphql-yoga'];
  project = createProject(folder, 'pages', [...linked, '@types/node']);
  addPackage(folder, project);
  const write = (name: string, text: string): void => writeFileSync(join(project, name), text);
  write('plain.ts', PLAIN.replace('MODEL', "process.argv[1]?.includes('model-')"));
  files.forEach((block) => write(fileOf(block) ?? '', block.code));
  fragments.forEach((block) => write(`${nameOf(block)}.ts`, moduleOf(block)));
  const [, typeDefs = ''] = /const typeDefs = `(.*?)`/s.exec(readFileSync(join(project, 'schema.ts'), 'utf8')) ?? [];
  write('schema.graphql', typeDefs);
  run(project, 'node_modules/.bin/rolegate', 'types', 'schema.graphql', '--out', 'access-types.ts');
  write('operation.graphql', '{ articles { title draft views } }');
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('the blocks of docs/guard', { timeout: 60_000 }, () => {
  it('every block is of a language that is run here or in compat/', () => {
    const known = new Set(['ts', 'graphql', 'sh', 'json', '']);
    expect(blocks.filter(({ language }) => !known.has(language))).toEqual([]);
    expect(fragments.length).toBeGreaterThan(3);
  });

  it('every TypeScript block compiles', () => {
    const names = [...files.map((block) => fileOf(block) ?? ''), ...fragments.map((block) => `${nameOf(block)}.ts`)];
    expect(() => compileFiles(project, names, '--types', 'node', '--skipLibCheck')).not.toThrow();
  });

  it.each(fragments.map(nameOf))('the TypeScript block runs: %s', (name) => {
    expect(() => run(project, process.execPath, `${name}.ts`)).not.toThrow();
  });

  it.each(here.filter(({ language }) => language === 'graphql').map((block) => [nameOf(block), block] as const))(
    'the SDL block is a schema in which everything is decided: %s',
    (name, { code }) => {
      const completion = COMPLETIONS[code.split('\n', 1)[0] ?? ''];
      expect(completion, 'COMPLETIONS lacks the definitions that complete the block').toBeDefined();
      writeFileSync(join(project, `${name}.graphql`), `${code}${completion}`);
      expect(run(project, 'node_modules/.bin/rolegate', 'matrix', `${name}.graphql`)).toContain('# Access matrix');
    },
  );

  it.each(here.filter(({ language }) => language === 'sh').map((block) => [nameOf(block), block] as const))(
    'the shell block installs packages, or runs: %s',
    (_, { code }) => {
      for (const line of code.trimEnd().split('\n')) {
        const [, command = ''] = /^npx (rolegate .*)$/.exec(line) ?? [];
        expect(command !== '' || line.startsWith('npm install '), line).toBe(true);
        expect(() => run(project, 'sh', '-c', `PATH=node_modules/.bin:$PATH; ${command}`)).not.toThrow();
      }
    },
  );

  it('the answers that are shown are those of a server', () => {
    const shown = here.filter(({ language }) => language === 'json');
    const asked = ['{ articles { title draft views } }', '{ articles { title draft } }'];
    const roles = [['EDITOR'], []];
    expect(shown.map(({ page }) => page)).toEqual(['README.md', 'errors.md']);
    const ask = `import { ask } from './apollo.ts';
      const answers = ${JSON.stringify(asked)}.map((query, index) =>
        ask(query, { id: '7', roles: ${JSON.stringify(roles)}[index] ?? [], permissions: [] }));
      console.log(JSON.stringify(await Promise.all(answers)));`;
    writeFileSync(join(project, 'ask.ts'), ask);
    const answers = JSON.parse(run(project, process.execPath, 'ask.ts')) as unknown[];
    expect(answers).toMatchObject(shown.map(({ code }) => JSON.parse(code) as object));
  });

  it('the output that is shown is that of the command', () => {
    const shown = here.filter(({ language }) => language === '');
    expect(shown.map(({ page }) => page)).toEqual(['README.md', 'README.md', 'testing.md']);
    const types = readFileSync(join(project, 'schema.graphql'), 'utf8');
    writeFileSync(join(project, 'undecided.graphql'), `${types} extend type Query { drafts: [String] }`);
    const refused = spawnSync('node_modules/.bin/rolegate', ['matrix', 'undecided.graphql'], {
      cwd: project,
      encoding: 'utf8',
    });
    const printed =
      refused.stderr.replace(' (undecided.graphql:4)', '') +
      run(project, 'node_modules/.bin/rolegate', 'matrix', 'schema.ts') +
      run(project, 'node_modules/.bin/rolegate', 'explain', 'schema.graphql', 'operation.graphql', '--as', 'EDITOR');
    const lines = shown.flatMap(({ code }) => code.trimEnd().split('\n'));
    expect(lines.filter((line) => !printed.includes(line.replace('PolicyError: ', '')))).toEqual([]);
  });
});
