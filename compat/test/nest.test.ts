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
