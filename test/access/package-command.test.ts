import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { authTypeDefs } from '../../src/access/index.ts';
import { runCommand as run } from './command.ts';

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
  writeFileSync(path('later.ts'), module.replace(/schema = (.*);$/, 'schema = Promise.resolve($1);'));
  writeFileSync(path('nothing.mjs'), 'export const other = 1;');
  writeFileSync(path('fails.mjs'), 'throw new Error("no database");');
  writeFileSync(path('marked.graphql'), `\uFEFF${TYPES}`);
  writeFileSync(path('broken.graphql'), '# half of it\ntype Query { a: Int @auth(requires: ADMIN)');
  writeFileSync(path('empty.graphql'), '# nothing yet');
  writeFileSync(path('printed.graphql'), `${authTypeDefs} enum Role { ADMIN } type Query { a: Int }`);
  writeFileSync(path('wrong.graphql'), '{ mine');
  writeFileSync(path('utf-16.graphql'), `\uFEFF${TYPES}`, 'utf16le');
  const [mark, text] = [Buffer.from([0xfe, 0xff]), Buffer.from(TYPES, 'utf16le').swap16()];
  writeFileSync(path('utf-16-be.graphqls'), Buffer.concat([mark, text]));
  writeFileSync(path('lines.graphql'), TYPES.replaceAll('\n', '\r\n'));
  mkdirSync(path('no-schema'));
  mkdirSync(path('[parts] (1)'));
  writeFileSync(path('[parts] (1)/a.gql'), TYPES);
  mkdirSync(path('parts/node_modules'));
  writeFileSync(path('parts/node_modules/foreign.graphql'), 'type Query { foreign: Int }');
});
afterAll(() => rmSync(folder, { recursive: true }));

const ROW = '| `Query.mine` | denied | allowed | allowed | USER |';

describe('rolegate', () => {
  test.each([
    'schema.graphql',
    'schema.ts',
    'later.ts',
    'parts',
    'parts/*.graphql',
    'marked.graphql',
    'utf-16.graphql',
    'utf-16-be.graphqls',
    'lines.graphql',
    '[parts] (1)',
  ])('matrix %s', async (name) => {
    expect(await run('matrix', path(name))).toMatchObject({ code: 0, out: expect.stringContaining(ROW), err: '' });
  });

  test('reads several files, and options in any place', async () => {
    const files = [path('parts/a.graphql'), path('parts'), path('empty.graphql')];
    const { code, out } = await run('--role-enum', 'Role', 'matrix', '--format=csv', ...files);
    expect(code).toBe(0);
    expect(out).toContain('Query.more,field,denied,allowed,allowed,signed-in');
    const explained = await run('explain', ...files, '--as', 'USER', path('operation.graphql'));
    expect(explained.out).toContain('denied   Query.all');
  });

  test.each([
    [['--undecided', 'report'], '| `Query.forgotten` | allowed |'],
    [['--undecided', 'deny'], '| `Query.forgotten` | denied |'],
  ])('tolerates undecided fields with %j, and lists them', async (options, row) => {
    const { code, out, err } = await run('matrix', path('undecided.graphql'), ...options);
    expect(code).toBe(0);
    expect(out).toContain(row);
    expect(err).toBe('Undecided (1):\n  Query.forgotten\n');
  });

  test('takes the options of guardSchema that decide about SDL', async () => {
    const text =
      'directive @oauth on FIELD_DEFINITION enum Role { A } type Query { a: Int! @access(requires: A) b: Int @public @oauth c: Int @access(permissions: "x") }';
    writeFileSync(path('options.graphql'), text);
    const options = ['--denial', 'reject', '--directives', 'auth=access', '--ignore-directives', 'oauth'];
    expect(await run('matrix', path('options.graphql'), ...options)).toMatchObject({ code: 0, err: '' });
    const { err } = await run('check', path('options.graphql'), ...options, '--matrix-file', 'none at all.md');
    expect(err).toContain(
      `rolegate matrix ${path('options.graphql')} --write --denial=reject --directives=auth=access --ignore-directives=oauth '--matrix-file=none at all.md'`,
    );
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
    ['type Query {\n  a: Int\n}', 'Query.a: is undecided; put @auth or @public on it, or on Query (FILE:2)\n'],
    [
      'type Query {\n  a(\n    b: Int @auht): Int @public\n}',
      'Query.a(b:): @auht is not declared; use @auth (FILE:3)\n',
    ],
    ['type Query @public {\n  a: Int\n  a: Int\n}', '"Query.a" can only be defined once. (FILE:2, FILE:3)'],
    ['type Query @public {\n  a: Nope\n}\ntype Other { b: Int }', 'schema: Unknown type "Nope".\n'],
    ['type Query @public {\n  a: Int }\nextend type Query { b: Int! @auth }', 'null only with an error) (FILE:3)\n'],
  ])('names the file and the line of %j', async (text, message) => {
    writeFileSync(path('located.graphql'), text);
    const { code, err } = await run('matrix', path('located.graphql'));
    expect(code).toBe(1);
    expect(`${err}\n`).toContain(message.replaceAll('FILE', path('located.graphql')));
  });

  test.each([
    [['matrix', 'nowhere.graphql'], 1, 'There is no schema at nowhere.graphql.'],
    [['matrix', 'nowhere.mjs'], 1, 'There is no schema at nowhere.mjs.'],
    [['matrix', 'nothing.mjs'], 1, 'exports no GraphQLSchema'],
    [['matrix', 'fails.mjs'], 1, 'fails.mjs cannot be loaded: Error: no database.'],
    [['matrix', 'broken.graphql'], 1, 'broken.graphql:2:43'],
    [['matrix', 'printed.graphql'], 1, 'declares @auth and uses it nowhere'],
    [['matrix', 'empty.graphql'], 1, 'empty.graphql.'],
    [['matrix', 'schema.graphql', 'schema.ts'], 2, 'is a module, whose schema is complete'],
    [['explain', 'schema.graphql', 'wrong.graphql', '--as', 'USER'], 1, 'wrong.graphql:1:7'],
    [['explain', 'schema.graphql', 'no.graphql', '--as', 'USER'], 1, 'there is no such file'],
    [['matrix', 'schema.graphql', '--wirte'], 2, "Unknown option '--wirte'. Is --write meant?"],
    [['matrx', 'nowhere.graphql'], 2, 'There is no command "matrx". Is matrix meant?'],
    [['matrix', 'schema.graphql', '--out', 'x.ts'], 2, 'Usage: rolegate matrix <schema>'],
    [['types', 'schema.graphql', '--out', 'no/folder/x.ts'], 1, 'cannot be written: there is no such file or folder'],
    [['matrix', 'schema.graphql', '--write', '--matrix-file', 'no/folder/x.md'], 1, 'cannot be written'],
    [['matrix', 'schema.graphql', '--matrix-file'], 2, "'--matrix-file <value>' argument missing"],
    [['matrix', 'schema.graphql', '--colour'], 2, "Unknown option '--colour'"],
    [['matrix', 'schema.graphql', '--as', 'USER'], 2, "Unknown option '--as'. The commands explain, schema have it."],
    [['types', 'schema.graphql', '--write'], 2, "Unknown option '--write'. The command matrix has it."],
    [['types', 'schema.graphql', '--matrix-file=a.md'], 2, 'The commands matrix, check have it.'],
    [['matrix', 'https://api.test/graphql'], 1, 'https://api.test/graphql is the address of a server'],
    [['matrix', 'schema.graphql', '--undecided', 'open'], 2, '--undecided is refuse, report or deny.'],
    [['matrix', 'schema.graphql', '--denial', 'no'], 2, '--denial is null or reject.'],
    [['matrix', 'schema.graphql', '--directives', 'access'], 2, '--directives is a list'],
    [['matrix'], 2, 'Name the schema.'],
    [['matrix', ''], 2, 'Name the schema.'],
    [['matrix', 'schema.graphql', '--json'], 2, "Unknown option '--json'. Is --format json meant?"],
    [['types', 'schema.graphql', '--json'], 2, "Unknown option '--json'."],
    [['explain', '-', '-', '--as', 'USER'], 2, 'Standard input can hold the schema or the operation, not both.'],
    [
      ['explain', 'operation.graphql', 'schema.graphql', '--as', 'USER'],
      1,
      'holds operations, and no type definitions',
    ],
    [['matrix', 'no-schema'], 1, 'There is no file with the ending .graphql, .graphqls or .gql in the folder'],
    [['check', 'schema.graphql', '--matrix-file', 'no-schema'], 1, 'cannot be read: it is a folder.'],
    [
      ['check', 'schema.graphql', '--matrix-file', 'operation.graphql'],
      1,
      'operation.graphql holds no access matrix: name the file',
    ],
    [
      ['check', 'schema.graphql', '--matrix-file', 'none.md'],
      1,
      'none.md does not exist. Write it with: npx rolegate matrix',
    ],
    [['help', 'matrx'], 2, 'There is no command "matrx". Is matrix meant?'],
    [['fly', '--help'], 2, 'There is no command "fly".'],
    [[], 2, 'Usage: rolegate'],
    [['fly', 'schema.graphql'], 2, 'There is no command "fly".'],
    [['explain', 'schema.graphql', '--as', 'USER'], 2, 'Name the file'],
  ])('%j', async (args, code, message) => {
    const given = args.map((arg) =>
      /^(?!nowhere).*(?:\.(?:graphql|[mt]?[jt]s)|no-schema)$/.test(arg) ? path(arg) : arg,
    );
    const result = await run(...given);
    expect(result.code).toBe(code);
    expect(result.err).toContain(message);
  });

  test('reads a file once that is named in two ways', async () => {
    const { code, err } = await run('matrix', path('schema.graphql'), `${path('parts')}/../schema.graphql`);
    expect({ code, err }).toEqual({ code: 0, err: '' });
  });

  test.each(['--version', '-v', 'version'])('prints its version: %s', async (word) => {
    expect(await run(word)).toEqual({ code: 0, out: '1.2.3', err: '' });
  });

  test.each(['matrix', 'check', 'explain', 'schema', 'types'])('prints how %s is used', async (command) => {
    for (const args of [
      [command, '--help'],
      ['help', command],
    ]) {
      const { code, out } = await run(...args);
      expect(code).toBe(0);
      expect(out).toMatch(new RegExp(`^Usage: rolegate ${command} <schema>`));
      expect(out).toContain('--undecided report|deny');
    }
  });

  test('explains an operation on a schema of several files', async () => {
    writeFileSync(path('more.graphql'), '{ more }');
    const files = ['parts/a.graphql', 'parts/b.graphql', 'more.graphql'].map(path);
    expect((await run('explain', ...files, '--as', 'anonymous')).out).toContain('denied   Query.more');
  });

  test.each([['--help'], ['-h'], ['help'], ['matrix', '--help'], ['check', 'nowhere.graphql', '-h']])(
    'prints how it is used: %s %s %s',
    async (...args) => {
      expect(await run(...args)).toEqual({ code: 0, out: expect.stringContaining('Usage: rolegate'), err: '' });
    },
  );
});
