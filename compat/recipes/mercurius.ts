import fastify from 'fastify';
import mercurius from 'mercurius';
import { assertGuarded, authTypeDefs, guardSchema } from 'rolegate/access';
import { type Context, viewer } from './data.ts';
import { resolvers, typeDefs } from './schema.ts';
import { userNamed } from './users.ts';

export const app = fastify();

await app.register(mercurius, {
  schema: `${authTypeDefs}${typeDefs}`,
  resolvers,
  // Mercurius puts a loader in the place of a field's resolver: so the guard comes after it.
  loaders: {
    Article: { draft: async (queries) => queries.map(({ obj }) => `${obj.draft}, loaded`) },
    Note: { by: async (queries) => queries.map(({ obj }) => obj.by) },
  },
  subscription: true,
  context: ({ headers }): Context => ({ user: userNamed(headers['x-user']) }),
});
app.graphql.replaceSchema(guardSchema<Context>(app.graphql.schema, { viewer }));
assertGuarded(app.graphql.schema);
