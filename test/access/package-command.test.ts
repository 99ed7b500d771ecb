import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageCommand } from '../../src/cli/access/package-command.ts';

const TYPES = `
  enum Role { ADMIN @inherits(roles: ["USER"]) USER }
  type Query { mine: Int @auth(requires: USER) all: Int @auth(requires: ADMIN, permissions: "all:read") open: Int @public }
`;

let folder: string;
const path = (name: string): string => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rolegate-command-'));
  writeFileSync(path('schema.graphql'), TYPES);
  writeFileSync(path('ranks.graphql'), TYPES.replace('enum Role', 'enum Rank'));
  writeFileSync(path('operation.graphql'), '{ mine all open }');
  mkdirSync(path('parts'));
  writeFileSync(path('parts/a.graphql'), TYPES);
  writeFileSync(path('parts/b.graphql'), 'extend type Query { more: Int @auth }');
  writeFileSync(path('undecided.graphql'), `${TYPES} extend type Query { forgotten: Int }`);
  const root = new URL('../..', import.meta.url).pathname;
  const module = `import { buildSchema } from '${root}node_modules/graphql/index.js';
    import { authTypeDefs } from '${root}src/access/type-defs.ts';
    export const schema = buildSchema(authTypeDefs + ${JSON.stringify(TYPES)});`;
  writeFileSync(path('schema.ts'), module);
  writeFileSync(path('nothing.mjs'), 'export const other = 1;');
});
afterAll(() => rmSync(folder, { recursive: true }));

async function run(...args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await packageCommand(args, { out: (text) => void out.push(text), err: (text) => void err.push(text) });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

const ROW = '| `Query.mine` | denied | allowed | allowed | USER |';

describe('rolegate', () => {
  test.each(['schema.graphql', 'schema.ts', 'parts', 'parts/*.graphql'])('matrix %s', async (name) => {
    expect(await run('matrix', path(name))).toMatchObject({ code: 0, out: expect.stringContaining(ROW), err: '' });
  });

  test('takes the name of the enum of roles', async () => {
    expect((await run('matrix', path('ranks.graphql'), '--role-enum', 'Rank')).out).toContain(ROW);
    expect((await run('matrix', path('ranks.graphql'), '--role-enum=Rank')).out).toContain(ROW);
    expect((await run('matrix', path('ranks.graphql'))).code).toBe(1);
  });

  test.each([
    ['permissions', 'type Query { a: Int @auth(permissions: "x") b: Int @public }', 0, '| `Query.a` | denied | "x" |'],
    ['nothing yet', 'type Query { a: Int }', 1, 'Query.a: is undecided'],
    ['roles', 'type Query { a: Int @auth(requires: ADMIN) }', 1, 'no enum "Role" of them: declare one'],
  ])('reads a schema without an enum of roles that requires %s', async (_, text, code, told) => {
    writeFileSync(path('no-roles.graphql'), text);
    const ran = await run('matrix', path('no-roles.graphql'));
    expect(ran.code).toBe(code);
    expect(ran.out + ran.err).toContain(told);
  });

  test('checks the schema against the reviewed matrix', async () => {
    const file = ['--matrix-file', path('REVIEWED.md')];
    const missing = await run('check', path('schema.graphql'), ...file);
    expect(missing.code).toBe(1);
    expect(missing.err).toContain(`rolegate matrix ${path('schema.graphql')} --write`);
    expect(await run('matrix', path('schema.graphql'), '--write', ...file)).toMatchObject({ code: 0, err: '' });
    expect(await run('check', path('schema.graphql'), ...file)).toMatchObject({ code: 0, err: '' });
    expect((await run('check', path('parts'), ...file)).err).toContain('Query.more');
  });

  test('explains an operation', async () => {
    const { out } = await run('explain', path('schema.graphql'), path('operation.graphql'), '--as', 'USER');
    expect(out).toContain('Query.all');
    expect(out).toContain('permission all:read');
  });

  test('prints the visible schema', async () => {
    expect((await run('schema', path('schema.graphql'), '--as', 'anonymous')).out).toContain('open: Int');
  });

  test('writes types', async () => {
    const file = path('types.ts');
    expect(await run('types', path('schema.graphql'), '--out', file)).toMatchObject({ code: 0, out: `Wrote ${file}` });
    expect(readFileSync(file, 'utf8')).toContain("export type Permission =\n  | 'all:read';");
    expect((await run('types', path('schema.graphql'))).out).toContain("  | 'USER';");
  });

  test('fails on a schema with undecided fields', async () => {
    const { code, err } = await run('matrix', path('undecided.graphql'));
    expect(code).toBe(1);
    expect(err).toContain('Query.forgotten');
  });

  test.each([
    [['matrix', 'nowhere.graphql'], 1, 'There is no schema at nowhere.graphql.'],
    [['matrix', 'nothing.mjs'], 1, 'exports no GraphQLSchema'],
    [['matrix'], 2, 'Name the schema.'],
    [[], 2, 'Usage: rolegate'],
    [['--help'], 0, 'Usage: rolegate'],
    [['fly', 'schema.graphql'], 2, 'There is no command "fly".'],
    [['explain', 'schema.graphql', '--as', 'USER'], 2, 'Name the file'],
  ])('%j', async (args, code, message) => {
    const given = args.map((arg) => (/^(?:schema|nothing)\./.test(arg) ? path(arg) : arg));
    const result = await run(...given);
    expect(result.code).toBe(code);
    expect(result.err).toContain(message);
  });
});
