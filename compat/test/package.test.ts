import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import * as access from 'rolegate/access';
import * as testing from 'rolegate/testing';
import { schema } from '../recipes/migrated.ts';
import { expectGuarded } from './guarded.ts';
import { askOf } from './in-process.ts';

const require = createRequire(import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'rolegate-cli-'));
after(() => rmSync(folder, { recursive: true }));

test('import and require lead to the same functions', () => {
  for (const [name, imported] of Object.entries({ access, testing })) {
    const required = require(`rolegate/${name}`) as Record<string, unknown>;
    for (const [key, value] of Object.entries(imported)) {
      assert.equal(required[key], value, key);
    }
    assert.deepEqual(
      Object.keys(required).toSorted(),
      Object.keys(imported)
        .filter((key) => key !== 'default')
        .toSorted(),
    );
  }
  const { policyOf } = require('rolegate/access') as typeof access;
  assert.notEqual(policyOf(schema), null);
});

test('a schema of another copy of graphql is refused in words', () => {
  const module = join(folder, 'realm.mjs');
  const graphql = require.resolve('graphql');
  // The ES modules of graphql are another copy than the CommonJS ones; Node loads one of them.
  const file = graphql.endsWith('.mjs') ? 'index.js' : 'index.mjs';
  const other = pathToFileURL(join(graphql, '..', file)).href;
  writeFileSync(
    module,
    `import { createRequire } from 'node:module';
     const loaded = await import(${JSON.stringify(other)});
     const { buildSchema, GraphQLEnumType } = loaded.default ?? loaded;
     const { accessMatrix, authDirectives, authTypeDefs, guardSchema } = createRequire(${JSON.stringify(require.resolve('rolegate/package.json'))})('rolegate/access');
     export const schema = buildSchema(authTypeDefs + 'enum Role { A } type Query { a: Int @auth(requires: A) }');
     const Role = new GraphQLEnumType({ name: 'Role', values: { A: {} } });
     const calls = [() => guardSchema(schema, { viewer: () => null }), () => accessMatrix(schema), () => authDirectives(Role)];
     for (const call of calls) {
       try { call(); } catch (error) { console.log(error.message); }
     }`,
  );
  for (const NODE_ENV of ['development', 'production']) {
    const env = { ...process.env, NODE_ENV };
    const { stdout, stderr } = spawnSync(process.execPath, [module], { encoding: 'utf8', env });
    const lines = stdout.trim().split('\n');
    assert.equal(lines.length, 3, stderr);
    lines.forEach((line) => assert.match(line, /built by another copy of graphql .*"npm ls graphql"/));
    const command = join(require.resolve('rolegate/package.json'), '..', 'cli', 'rolegate.js');
    const ran = spawnSync(process.execPath, [command, 'matrix', module], { encoding: 'utf8', env });
    assert.equal(ran.status, 1);
    assert.match(ran.stderr, /built by another copy of graphql/);
  }
});

test('a guarded schema', () => expectGuarded(askOf(schema)));

test('the command line', () => {
  const sdl = join(folder, 'schema.graphql');
  writeFileSync(sdl, 'enum Role { ADMIN } type Query { closed: Int @auth(requires: ADMIN) open: Int @public }');
  const manifest = require.resolve('rolegate/package.json');
  const { bin } = require('rolegate/package.json') as { bin: { rolegate: string } };
  const command = join(manifest, '..', bin.rolegate);
  const rolegate = (...args: string[]) =>
    spawnSync(process.execPath, [command, ...args], { cwd: folder, encoding: 'utf8' });
  assert.equal(rolegate('check', sdl).status, 1);
  const { version } = require('rolegate/package.json') as { version: string };
  assert.equal(rolegate('--version').stdout, `${version}\n`);
  assert.match(rolegate('matrix', '--help').stdout, /^Usage: rolegate matrix <schema>/);
  assert.equal(rolegate('matrix', sdl, '--write').status, 0);
  assert.equal(rolegate('check', sdl).status, 0);
  assert.match(rolegate('types', sdl).stdout, /export type Role =\n {2}\| 'ADMIN';/);
  const module = join(folder, 'schema.mjs');
  const graphql = require.resolve('graphql');
  writeFileSync(
    module,
    `import { buildSchema } from ${JSON.stringify(graphql)};
     import { createRequire } from 'node:module';
     const { authTypeDefs } = createRequire(${JSON.stringify(manifest)})('rolegate/access');
     export const schema = buildSchema(authTypeDefs + 'enum Role { A } type Query { a: Int @auth(requires: A) }');`,
  );
  for (const held of ['', 'setInterval(() => {}, 1000);']) {
    appendFileSync(module, held);
    const { stdout, stderr, status } = rolegate('matrix', module);
    assert.equal(status, 0, stderr);
    assert.match(stdout, /Query\.a/);
  }
  const input = readFileSync(sdl);
  const piped = spawnSync(process.execPath, [command, 'matrix', '-'], { cwd: folder, encoding: 'utf8', input });
  assert.match(piped.stdout, /Query\.closed/, piped.stderr);
  const args = [command, 'explain', sdl, '-', '--as', 'anonymous'];
  const explained = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8', input: '{ closed }' });
  assert.match(explained.stdout, /denied {3}Query\.closed/, explained.stderr);
});
