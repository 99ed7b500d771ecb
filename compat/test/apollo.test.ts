import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertGuarded } from 'rolegate/access';
import { server } from '../recipes/apollo.ts';
import { schema } from '../recipes/schema.ts';
import { userNamed } from '../recipes/users.ts';
import { type Answer, expectGuarded } from './guarded.ts';

test('Apollo Server', async () => {
  await expectGuarded(async (query, user) => {
    const { body } = await server.executeOperation({ query }, { contextValue: { user: userNamed(user) } });
    return (body.kind === 'single' ? body.singleResult : {}) as Answer;
  });
  await server.stop();
  // Apollo Server wraps resolvers in place, so that a guard inside of the wrapper cannot be told from one that is lost.
  assert.throws(() => assertGuarded(schema), /Article\.draft: cannot be checked: Apollo Server wraps all resolvers/);
});
