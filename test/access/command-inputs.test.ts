import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCommand as run } from './command.ts';

const TYPES = `
  enum Role { ADMIN EDITOR }
  type Query { open: Int @public shut: Int @auth(requires: ADMIN, permissions: "stats:read") }
`;

let folder: string;
const path = (name: string): string => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rolegate-inputs-'));
  writeFileSync(path('schema.graphql'), TYPES);
  writeFileSync(path('operations.graphql'), 'query Open { open } query Shut { shut }');
  writeFileSync(path('nameless.graphql'), '{ open }');
  writeFileSync(path('empty.graphql'), '# nothing yet\n');
  writeFileSync(path('request.json'), '{ "query": "{ open }" }');
  writeFileSync(path('list.json'), '[1]');
  writeFileSync(path('binary.graphql'), Buffer.from([0x89, 0x50, 0x4e, 0x47, 0xff, 0, 0xfe]));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('a file that the command line did not write', () => {
  test.each(['schema.graphql', 'operations.graphql', 'request.json', 'binary.graphql'])(
    'is not overwritten: %s',
    async (name) => {
      const present = readFileSync(path(name));
      for (const args of [
        ['matrix', path('schema.graphql'), '--write', '--matrix-file', path(name)],
        ['types', path('schema.graphql'), '--out', path(name)],
      ]) {
        const { code, err } = await run(...args);
        expect({ code, err }).toEqual({
          code: 1,
          err: expect.stringContaining(`${name}" was not written by this command`),
        });
        expect(readFileSync(path(name))).toEqual(present);
      }
    },
  );

  test('is not a reviewed file, and check does not advise to overwrite it', async () => {
    const { code, err } = await run('check', path('schema.graphql'), '--matrix-file', path('schema.graphql'));
    expect(code).toBe(1);
    expect(err).toContain('holds no access matrix: name the file');
    expect(err).not.toContain('matrix --write --');
  });

  test('is overwritten if it is empty, if it was generated, and if it is a matrix with conflicts', async () => {
    const [matrix, types] = [path('ACCESS.md'), path('access.ts')];
    const write = ['matrix', path('schema.graphql'), '--write', '--matrix-file', matrix];
    const out = ['types', path('schema.graphql'), '--out', types];
    writeFileSync(matrix, '\n');
    writeFileSync(types, '');
    expect(await run(...write)).toMatchObject({ code: 0 });
    expect(await run(...out)).toMatchObject({ code: 0 });
    const text = readFileSync(matrix, 'utf8');
    writeFileSync(matrix, text.replace('| `Query.open`', '<<<<<<< HEAD\n| half\n=======\n| `Query.open`'));
    const check = await run('check', path('schema.graphql'), '--matrix-file', matrix);
    expect(check.err).toContain('Write it again with: npx rolegate matrix');
    expect(await run(...write)).toMatchObject({ code: 0 });
    expect(readFileSync(matrix, 'utf8')).toBe(text);
    writeFileSync(types, `// eslint-disable\n${readFileSync(types, 'utf8')}`);
    expect(await run(...out)).toMatchObject({ code: 0 });
  });

  test.each(['', '-'])('has a name: --matrix-file=%s', async (name) => {
    const { code, err } = await run('matrix', path('schema.graphql'), '--write', `--matrix-file=${name}`);
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining('--matrix-file takes the name of a file') });
    expect(existsSync('-')).toBe(false);
  });
});

const explained = (file: string, ...args: string[]): string[] => [
  'explain',
  'schema.graphql',
  file,
  '--as=ADMIN',
  ...args,
];

describe('the message about a wrong input', () => {
  test.each([
    [['matrix', 'schemas.graphql'], 1, 'There is no schema at ', 'schema.graphql meant?'],
    [['matrix', 'binary.graphql'], 1, 'binary.graphql is not text in UTF-8.', ''],
    [['matrix', 'list.json'], 1, 'list.json is JSON, and no SDL.', ''],
    [['schema.graphql', 'matrix'], 2, 'Name the command first: rolegate matrix ', ''],
    [explained('operation.graphql'), 1, 'there is no such file or folder. Is ', 'operations.graphql meant?'],
    [explained('operations.graphql'), 1, 'Name the operation to explain; the document holds Open, Shut.', ''],
    [
      explained('operations.graphql', '--operation=C'),
      1,
      'No operation is named "C"; the document holds Open, Shut.',
      '',
    ],
    [explained('operations.graphql', '--operation=open'), 1, 'No operation is named "open"', 'Is Open meant?'],
    [explained('nameless.graphql', '--operation=C'), 1, 'is named "C"; the operation of the document has no name.', ''],
    [explained('empty.graphql'), 1, 'empty.graphql holds no operation: it is empty.', ''],
    [explained('request.json'), 1, 'request.json is JSON, and not the text of an operation', ''],
    [explained('binary.graphql'), 1, 'binary.graphql is not text in UTF-8.', ''],
    [explained('schema.graphql'), 1, 'holds type definitions, and no operation', ''],
    [explained('{ open }'), 1, 'Name a file that holds the operation, or "-"', ''],
    [
      explained('nameless.graphql', '--as=EDITOR'),
      2,
      'The option --as is there twice.',
      'separate the items by commas',
    ],
    [['matrix', 'schema.graphql', '--format=md', '--format=csv'], 2, 'The option --format is there twice.', ''],
  ])('%j', async (args, code, start, end) => {
    const result = await run(...args.map((arg) => (/^\w+\.(?:graphql|json)$/.test(arg) ? path(arg) : arg)));
    expect(result.code).toBe(code);
    expect(result.err).toContain(start);
    expect(result.err).toContain(end);
  });
});
