import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCommand as run } from './command.ts';

let folder: string;
const path = (name: string): string => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rolegate-answers-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Writes a file with the permissions that come with roles. @returns the option that names it */
function grant(name: string, text: string): string {
  writeFileSync(path(name), text);
  return `--role-permissions=${path(name)}`;
}

describe('rolegate', () => {
  test.each(['{"data":{"__schema":{"types":[]}}}', '{"__schema":{"types":[]}}', '{\r\n  "name": "no schema" }'])(
    'rolegate refuses JSON, which holds no directives: %s',
    async (text) => {
      writeFileSync(path('schema.json'), text);
      const { code, err } = await run('matrix', path('schema.json'));
      expect(code).toBe(1);
      expect(err).toContain('schema.json is JSON, and no SDL. The result of an introspection holds no directives');
    },
  );

  test('rolegate lists all problems with --all, also those of a module that guards its schema', async () => {
    const fields = Array.from({ length: 30 }, (_, index) => `f${index}: Int`).join(' ');
    writeFileSync(path('many.graphql'), `type Query { ${fields} }`);
    const access = `${new URL('../..', import.meta.url).pathname}src/access/index.ts`;
    const module = `import { authTypeDefs, guardSchema, readPolicy } from '${access}';
      readPolicy([authTypeDefs, 'enum Role { A }', 'type Query { ${fields} }']);`;
    writeFileSync(path('many.ts'), module);
    for (const name of ['many.graphql', 'many.ts']) {
      const some = await run('matrix', path(name));
      expect(some).toMatchObject({ code: 1, err: expect.stringContaining('(The option --all lists all of them.)') });
      const every = await run('matrix', path(name), '--all');
      expect(every.err.match(/Query\.f\d+: is undecided/g)).toHaveLength(30);
      expect(every.err).not.toMatch(/more, by type|cannot be loaded/);
    }
  });

  test('rolegate explains for a viewer without a role, and in a schema without roles', async () => {
    writeFileSync(path('no-roles.graphql'), 'type Query { a: Int @auth(permissions: "x:read") b: Int @auth }');
    writeFileSync(path('both.graphql'), '{ a b }');
    const files = ['explain', path('no-roles.graphql'), path('both.graphql')];
    expect((await run(...files, '--as', 'signed-in')).out).toContain('1 of 2 coordinates is denied');
    expect((await run(...files, '--as', 'signed-in', '--permissions', 'x:read')).out).toBe(
      'Everything is allowed\n  allowed  Query.a\n  allowed  Query.b',
    );
    expect(await run(...files)).toMatchObject({
      code: 2,
      err: expect.stringContaining('The schema has no roles; "signed-in"'),
    });
    const misspelt = await run(...files, '--as', 'signed-in', '--permissions', 'x:raed');
    expect(misspelt).toMatchObject({
      code: 0,
      err: 'No requirement names the permission "x:raed". Is "x:read" meant?',
    });
  });

  describe('the permissions that come with roles', () => {
    const SDL = `enum Role { ADMIN @inherits(roles: ["EDITOR"]) EDITOR }
      type Query { open: Int @public stats: Int @auth(permissions: "stats:read") }`;
    beforeAll(() => {
      writeFileSync(path('granted.graphql'), SDL);
      writeFileSync(path('operation.graphql'), '{ stats }');
    });

    test.each([
      ['grants.json', '\uFEFF{ "EDITOR": ["stats:read"] }'],
      ['grants.mjs', 'export const rolePermissions = { EDITOR: ["stats:read"] };'],
      ['grants.ts', 'const grants: object = { EDITOR: ["stats:read"] };\nexport default grants;'],
    ])('%s gives them to each command', async (name, text) => {
      const granted = grant(name, text);
      const matrix = await run('matrix', path('granted.graphql'), granted);
      expect(matrix).toMatchObject({ code: 0, err: '' });
      expect(matrix.out).toContain('| `Query.stats` | denied | allowed | allowed | "stats:read" |');
      const explain = ['explain', path('granted.graphql'), path('operation.graphql')];
      expect((await run(...explain, '--as', 'ADMIN', granted)).out).toContain('Everything is allowed');
      expect((await run(...explain, '--as', 'anonymous', granted)).out).toContain('satisfied by role EDITOR');
      expect((await run('schema', path('granted.graphql'), '--as', 'EDITOR', granted)).out).toContain('stats: Int');
    });

    test('the reviewed file is compared with the same permissions, which the advice repeats', async () => {
      const file = `--matrix-file=${path('GRANTS.md')}`;
      const granted = grant('all.json', '{ "ADMIN": "all" }');
      expect((await run('matrix', path('granted.graphql'), file, granted, '--write')).code).toBe(0);
      expect((await run('check', path('granted.graphql'), file, granted)).code).toBe(0);
      const less = await run('check', path('granted.graphql'), file, grant('none.json', '{}'));
      expect(less.code).toBe(1);
      expect(less.err).toContain('- Query.stats: ADMIN allowed → denied');
      expect(less.err).toMatch(/update the reviewed file with: npx rolegate matrix .*--role-permissions=.*none\.json/);
    });

    test.each([
      [
        'a misspelt role',
        '{ "EDITRO": [] }',
        'name "EDITRO", which is not a role; is "EDITOR" meant? The roles are ADMIN,',
      ],
      ['an unknown role', '{ "GUEST": "all" }', 'name "GUEST", which is not a role; the roles are ADMIN, EDITOR.'],
      ['a list', '["ADMIN"]', 'must hold an object that holds a list of permissions, or "all", for each role'],
      ['a text', '{ "ADMIN": "stats:read" }', 'must hold an object that holds a list of permissions'],
      ['half a file', '{ "ADMIN": ', 'is not JSON. It must hold an object'],
    ])('%s is refused', async (_name, text, message) => {
      const wrong = await run('matrix', path('granted.graphql'), grant('wrong.json', text));
      expect(wrong).toMatchObject({ code: 1, out: '', err: expect.stringContaining(message) });
    });

    test('a permission that no requirement names is reported, and changes nothing', async () => {
      const granted = grant('unknown.json', '{ "ADMIN": ["stats:raed"], "EDITOR": ["stats:raed"] }');
      const { code, err } = await run('matrix', path('granted.graphql'), granted);
      expect(code).toBe(0);
      expect(err).toBe('No requirement names the permission "stats:raed". Is "stats:read" meant?');
    });

    test.each(['missing.json', 'missing.mjs', 'missing.ts'])('%s, which is missing, is named', async (name) => {
      const wrong = await run('matrix', path('granted.graphql'), '--role-permissions', path(name));
      expect(wrong).toMatchObject({ code: 1, err: expect.stringContaining(name) });
    });
  });

  test('roles that are strings are named with --inherits', async () => {
    writeFileSync(
      path('strings.graphql'),
      'type Query { a: Int @auth(requires: "USER") b: Int @auth(requires: "GUEST") }',
    );
    const { code, out } = await run('matrix', path('strings.graphql'), '--inherits', 'ADMIN=USER, GUEST');
    expect(code).toBe(0);
    expect(out).toContain('| coordinate | anonymous | ADMIN | USER | GUEST | requirements |');
    expect(out).toContain('| `Query.a` | denied | allowed | allowed | denied | USER |');
    expect((await run('matrix', path('strings.graphql'))).err).toContain(
      'Roles that are strings are named with --inherits.',
    );
    for (const wrong of ['=USER', 'ADMIN=', 'A=B=C']) {
      expect(await run('matrix', path('strings.graphql'), '--inherits', wrong)).toMatchObject({
        code: 2,
        err: expect.stringContaining('--inherits is a list of roles and the roles that they inherit'),
      });
    }
    writeFileSync(path('roles.graphql'), 'enum Role { ADMIN } type Query { a: Int @auth(requires: ADMIN) }');
    expect((await run('matrix', path('roles.graphql'), '--inherits', 'ADMN=ADMIN')).err).toContain(
      'the option inherits names ADMN, which is not a role; is "ADMIN" meant? The roles are ADMIN',
    );
  });

  test('--enforcement observe lists what is refused when the guard enforces', async () => {
    writeFileSync(path('observed.graphql'), 'type Query {\n a: Int! @auth }');
    expect((await run('matrix', path('observed.graphql'))).code).toBe(1);
    const observed = await run('matrix', path('observed.graphql'), '--enforcement', 'observe');
    expect(observed.code).toBe(0);
    expect(observed.err).toMatch(/^Refused when the guard enforces \(1\):\n {2}Query\.a: .*observed\.graphql:2\)/);
    expect(await run('matrix', path('observed.graphql'), '--enforcement', 'observed')).toMatchObject({
      code: 2,
      err: expect.stringContaining('--enforcement is enforce or observe.'),
    });
  });

  test('undecided fields are listed in short, and in full with --all', async () => {
    const fields = Array.from({ length: 30 }, (_, n) => `f${n}: Int`).join(' ');
    writeFileSync(path('undecided.graphql'), `type A { ${fields} } type Query { ${fields} }`);
    const some = await run('matrix', path('undecided.graphql'), '--undecided', 'report');
    expect(some.err).toMatch(/^Undecided \(60\):\n {2}A\.f0\n/);
    expect(some.err).toContain('… and 40 more, by type: Query 30, A 10\n  (The option --all lists all of them.)');
    const every = await run('matrix', path('undecided.graphql'), '--undecided', 'report', '--all');
    expect(every.err.match(/^ {2}(A|Query)\.f\d+$/gm)).toHaveLength(60);
  });

  test('a module with a guarded schema refuses options of a policy, which would have no effect', async () => {
    const root = new URL('../..', import.meta.url).pathname;
    const module = `import { buildSchema } from '${root}node_modules/graphql/index.js';
      import { authTypeDefsFor, guardSchema } from '${root}src/access/index.ts';
      const schema = buildSchema(authTypeDefsFor('String') + 'type Query { a: Int @auth }');
      export default guardSchema(schema, { viewer: () => ({ id: null, roles: [], permissions: [] }) });`;
    writeFileSync(path('guarded.ts'), module);
    expect((await run('matrix', path('guarded.ts'))).code).toBe(0);
    expect(await run('matrix', path('guarded.ts'), '--undecided', 'report')).toMatchObject({
      code: 2,
      err: expect.stringContaining('exports a guarded schema, which has options of its own: leave out --undecided.'),
    });
  });

  test('a mistake in a large file is located in a time that grows with its length', async () => {
    const types = Array.from({ length: 2_000 }, (_, n) => `type T${n} {\n  a: Int\n  b: Int\n}`);
    writeFileSync(
      path('large.graphql'),
      `type Query @public { a: Int }\n${types.join('\n')}\ntype T {\n a: Int\n a: Int\n}`,
    );
    const { code, err } = await run('matrix', path('large.graphql'));
    expect(code).toBe(1);
    expect(err).toMatch(/"T\.a" can only be defined once\. \(.*large\.graphql:8003, .*large\.graphql:8004\)/);
  });
});
