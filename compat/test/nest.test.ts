import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { NestFactory } from '@nestjs/core';
import { AppModule as CodeFirst } from '../recipes/nest-code-first.ts';
import { AppModule as SchemaFirst } from '../recipes/nest-schema-first.ts';
import { expectGuarded } from './guarded.ts';
import { askAt } from './http.ts';

for (const [name, module] of [
  ['NestJS, schema first', SchemaFirst],
  ['NestJS, code first', CodeFirst],
] as const) {
  test(name, async () => {
    const app = await NestFactory.create(module, { logger: ['error'] });
    after(() => app.close());
    await app.listen(0, '127.0.0.1');
    await expectGuarded(askAt(`${await app.getUrl()}/graphql`));
  });
}

test('the command line reads the schema of a NestJS application', () => {
  const manifest = createRequire(import.meta.url).resolve('rolegate/package.json');
  const command = join(manifest, '..', 'cli', 'rolegate.js');
  const module = join(import.meta.dirname, '..', 'recipes', 'nest-access-schema.js');
  const args = [command, 'matrix', module];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  assert.match(stdout, /\| `Article\.draft` \| denied \| allowed \| allowed \| EDITOR \|/);
});
