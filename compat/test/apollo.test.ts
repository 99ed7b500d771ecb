import { test } from 'node:test';
import { server } from '../recipes/apollo.ts';
import { userNamed } from '../recipes/users.ts';
import { type Answer, expectGuarded } from './guarded.ts';

test('Apollo Server', async () => {
  await expectGuarded(async (query, user) => {
    const { body } = await server.executeOperation({ query }, { contextValue: { user: userNamed(user) } });
    return (body.kind === 'single' ? body.singleResult : {}) as Answer;
  });
  await server.stop();
});
