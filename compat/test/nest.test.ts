import { after, test } from 'node:test';
import { NestFactory } from '@nestjs/core';
import { AppModule as CodeFirst } from '../recipes/nest-code-first.ts';
import { AppModule as SchemaFirst } from '../recipes/nest-schema-first.ts';
import { type Answer, expectGuarded } from './guarded.ts';

for (const [name, module] of [
  ['NestJS, schema first', SchemaFirst],
  ['NestJS, code first', CodeFirst],
] as const) {
  test(name, async () => {
    const app = await NestFactory.create(module, { logger: ['error'] });
    after(() => app.close());
    await app.listen(0, '127.0.0.1');
    const url = `${await app.getUrl()}/graphql`;
    await expectGuarded(async (query, user) => {
      const headers = { 'content-type': 'application/json', ...(user ? { 'x-user': user } : {}) };
      const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query }) });
      return (await response.json()) as Answer;
    });
  });
}
