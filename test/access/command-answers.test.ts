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
});
