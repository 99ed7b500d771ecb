import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AccessCommandInput, accessCommand } from '../../src/cli/access.ts';
import { executable, guarded } from './support.ts';

const SDL = `
  type Note @auth(requires: EDITOR, owner: "by") { by: ID text: String @auth(permissions: "x:y") }
  type Query @public { note: Note me: Int @auth editor: Int @auth(requires: EDITOR) z: Int }
`;

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'access-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function run(args: string, options: Partial<AccessCommandInput> = {}): Promise<Run> {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await accessCommand(
    args.split(' ').filter((word) => word !== ''),
    {
      schema: executable(SDL),
      matrixFile: join(folder, 'ACCESS.md'),
      out: (text) => void out.push(text),
      err: (text) => void err.push(text),
      ...options,
    },
  );
  return { code, out: out.join('\n'), err: err.join('\n') };
}

async function file(text: string): Promise<string> {
  const path = join(folder, 'operation.graphql');
  await writeFile(path, text);
  return path;
}

describe('matrix', () => {
  test.each([
    ['matrix', '| `Query.editor` | denied | allowed | allowed | denied | denied | EDITOR |'],
    ['matrix --format md', '| `Query.editor` | denied | allowed | allowed | denied | denied | EDITOR |'],
    ['matrix --format csv', 'Query.editor,field,denied,allowed,allowed,denied,denied,EDITOR'],
    ['matrix --format json', '"coordinate": "Query.editor"'],
  ])('%s', async (args, line) => {
    const { code, out, err } = await run(args);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain(line);
  });

  test('knows what comes with a role', async () => {
    const { out } = await run('matrix', { rolePermissions: { ADMIN: 'all' } });
    expect(out).toContain(
      '| `Note.text` | denied | allowed | denied | denied | denied | (EDITOR or owner(by)) and "x:y" |',
    );
  });

  test('of a guarded schema is the same', async () => {
    expect(await run('matrix', { schema: guarded(SDL) })).toEqual(await run('matrix'));
  });

  test('is kept with --write, and then checked', async () => {
    expect(await run('matrix --write')).toEqual({ code: 0, out: `Wrote ${join(folder, 'ACCESS.md')}`, err: '' });
    expect(await readFile(join(folder, 'ACCESS.md'), 'utf8')).toBe(`${(await run('matrix')).out}\n`);
    expect(await run('check')).toEqual({ code: 0, out: 'Access is as it was reviewed', err: '' });
  });
});

describe('check', () => {
  beforeAll(async () => {
    await run('matrix --write');
  });

  test.each([
    [
      'widened',
      SDL.replace('editor: Int @auth(requires: EDITOR)', 'editor: Int @auth'),
      'Access has WIDENED since it was reviewed:',
      '  + Query.editor: AUDITOR denied → allowed, USER denied → allowed, requires EDITOR → signed-in',
    ],
    [
      'narrowed',
      SDL.replace('z: Int', 'z: Int @auth'),
      'Access has narrowed since it was reviewed:',
      '  - Query.z: anonymous allowed → denied, requires anyone → signed-in',
    ],
    [
      'both',
      SDL.replace('z: Int', 'z: Int @auth').replace('me: Int @auth', 'me: Int'),
      'Access has WIDENED and narrowed since it was reviewed:',
      '  + Query.me: anonymous denied → allowed, requires signed-in → anyone',
    ],
    [
      'widened for a permission',
      SDL.replace('"x:y"', '["x:y", "z"]'),
      'Access has WIDENED since it was reviewed:',
      '  + Note.text: requires (EDITOR or owner(by)) and "x:y" → (EDITOR or owner(by)) and ("x:y" or "z")',
    ],
  ])('%s', async (_name, sdl, headline, line) => {
    const { code, err } = await run('check', { schema: executable(sdl) });
    expect(code).toBe(1);
    expect(err.split('\n')[0]).toBe(headline);
    expect(err.split('\n')).toContain(line);
    expect(err).toContain('npm run access -- matrix --write');
  });

  test('fails on a file that is missing or broken', async () => {
    const matrixFile = join(folder, 'NONE.md');
    expect(await run('check', { matrixFile })).toMatchObject({
      code: 1,
      err: expect.stringContaining('does not exist'),
    });
    await writeFile(matrixFile, 'nothing');
    expect(await run('check', { matrixFile })).toMatchObject({
      code: 1,
      err: expect.stringContaining('holds no access matrix: name the file'),
    });
  });
});

describe('explain', () => {
  test('names what is allowed, what is denied, and what would satisfy it', async () => {
    const path = await file('{ me editor note { by text } }');
    expect((await run(`explain ${path} --as USER`)).out.split('\n')).toEqual([
      '4 of 5 coordinates are denied, or allowed only on objects that the viewer owns',
      '  allowed  Query.me',
      '  denied   Query.editor  needs (EDITOR) at Query.editor; satisfied by role EDITOR',
      '  own      Query.note  needs (EDITOR or owner(by)) at Note; satisfied by role EDITOR',
      '  own      Note.by  needs (EDITOR or owner(by)) at Note; satisfied by role EDITOR',
      '  denied   Note.text  needs (EDITOR or owner(by)) at Note, ("x:y") at Note.text; satisfied by role EDITOR and permission x:y',
    ]);
    expect((await run(`explain ${path} --as EDITOR --permissions x:y`)).out.split('\n')[0]).toBe(
      'Everything is allowed',
    );
    expect((await run(`explain ${path} --as USER,EDITOR --permissions a,x:y`)).out.split('\n')[0]).toBe(
      'Everything is allowed',
    );
    expect((await run(`explain ${path} --as anonymous`)).out).toContain(
      '  denied   Query.me  needs (signed-in) at Query.me; satisfied by signing in',
    );
  });

  test('knows what comes with a role', async () => {
    const path = await file('{ note { text } }');
    expect((await run(`explain ${path} --as ADMIN`, { rolePermissions: { EDITOR: ['x:y'] } })).out.split('\n')[0]).toBe(
      'Everything is allowed',
    );
  });

  test('prints JSON', async () => {
    const { code, out } = await run(`explain ${await file('{ editor }')} --as USER --format json`);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      allowed: false,
      coordinates: [{ coordinate: 'Query.editor', verdict: 'denied', remedies: [[{ kind: 'role', name: 'EDITOR' }]] }],
    });
  });

  test('explains one of several operations', async () => {
    const path = await file('query A { me } query B { z }');
    expect((await run(`explain ${path} --as USER --operation B`)).out.split('\n')).toEqual([
      'Everything is allowed',
      '  allowed  Query.z',
    ]);
    expect(await run(`explain ${path} --as USER`)).toMatchObject({
      code: 1,
      err: expect.stringContaining('Name the operation to explain; the document holds A, B.'),
    });
  });

  test.each([
    ['{ nope }', 'Cannot query field "nope" on type "Query".'],
    ['{ me(x: 1) }', 'Unknown argument "x" on field "Query.me".'],
    ['{', 'Syntax Error'],
  ])('%s prints the errors', async (text, message) => {
    const { code, out, err } = await run(`explain ${await file(text)} --as USER`);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain(message);
  });
});

describe('schema', () => {
  test('prints what a role could reach', async () => {
    expect((await run('schema --as USER')).out).toContain('type Query {\n  note: Note\n  me: Int\n  z: Int\n}');
    expect((await run('schema --as anonymous')).out).toContain('type Query {\n  z: Int\n}');
    expect((await run('schema --as EDITOR --permissions x:y')).out).toContain('text: String');
  });
});

describe('a command line that is not understood', () => {
  test.each([
    ['', 'Name a command.'],
    ['fly', 'There is no command "fly".'],
    ['matrix --format xml', 'There is no format "xml"; there are md, json, csv.'],
    ['matrix --format', "'--format <value>' argument missing"],
    ['matrix --color', "Unknown option '--color'"],
    ['matrix --write --format json', '--write goes with --format md only'],
    ['matrix twice', 'Unexpected argument "twice".'],
    ['check --as USER', "Unknown option '--as'"],
    ['schema', 'Name a role: --as ROLE. The roles are ADMIN, EDITOR, AUDITOR, USER; "signed-in" is a viewer'],
    ['schema --as BOSS', 'There is no role BOSS. The roles are ADMIN, EDITOR, AUDITOR, USER; "signed-in" is a viewer'],
    ['schema --as user', 'There is no role user.'],
    ['schema --as USER,constructor', 'There is no role constructor.'],
    ['schema --as USER,anonymous', 'An anonymous viewer holds no roles and no permissions.'],
    ['schema --as anonymous --permissions x', 'An anonymous viewer holds no roles and no permissions.'],
    ['explain --as USER', 'Name the file that holds the operation.'],
    ['explain file --as USER --format xml', 'There is no format "xml"; there are text, json.'],
    ['matrix --fromat json', "Unknown option '--fromat'. Is --format meant?"],
  ])('"%s"', async (args, message) => {
    const { code, out, err } = await run(args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(message);
    expect(err).toContain('Usage: access <command>');
  });

  test('names an operation that cannot be read', async () => {
    expect(await run('explain /nowhere/at.all --as USER')).toEqual({
      code: 1,
      out: '',
      err: 'The file "/nowhere/at.all" cannot be read: there is no such file or folder.',
    });
  });

  test('prints all mistakes of a policy', async () => {
    const { code, err } = await run('matrix', { schema: executable('type Query { a: Int b: Int! @auth }') });
    expect(code).toBe(1);
    expect(err).toContain('The access policy has 2 problems:\n  Query.a: is undecided');
    expect(err).toContain('Query.b: may be denied');
  });
});
