import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { makeExecutableSchema } from '@graphql-tools/schema';
import Fastify from 'fastify';
import mercurius from 'mercurius';
import { assertGuarded, authTypeDefs, guardSchema, PolicyError } from 'rolegate/access';
import { type Context, viewer } from '../recipes/data.ts';
import { app } from '../recipes/mercurius.ts';
import { resolvers, typeDefs } from '../recipes/schema.ts';
import { type Answer, expectGuarded } from './guarded.ts';

after(() => app.close());

test('Mercurius, with loaders', () =>
  expectGuarded(
    async (query, user) => {
      const headers = user ? { 'x-user': user } : {};
      const response = await app.inject({ method: 'POST', url: '/graphql', headers, payload: { query } });
      return response.json<Answer>();
    },
    { draft: 'Access rules, loaded' },
  ));

const LOST = {
  loaders: { Article: { draft: async (queries: readonly unknown[]) => queries.map(() => 'leaked') } },
  resolvers: { Query: { notes: () => [] }, Mutation: { publish: () => null } },
};

test('Mercurius: what loaders, resolvers and schemas replace after the guard is named', async () => {
  const guarded = guardSchema<Context>(makeExecutableSchema({ typeDefs: [authTypeDefs, typeDefs], resolvers }), {
    viewer,
  });
  const app = Fastify();
  await app.register(mercurius, { schema: guarded, loaders: LOST.loaders });
  await app.ready();
  const named = (): string[] => {
    try {
      assertGuarded(app.graphql.schema);
      return [];
    } catch (error) {
      assert.ok(error instanceof PolicyError, String(error));
      return error.problems.map(({ coordinate }) => coordinate).toSorted();
    }
  };
  assert.deepEqual(named(), ['Article.draft']);
  app.graphql.defineResolvers(LOST.resolvers);
  assert.deepEqual(named(), ['Article.draft', 'Mutation.publish', 'Query.notes']);
  await app.close();
});
