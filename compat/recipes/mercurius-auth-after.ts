import fastify from 'fastify';
import mercurius from 'mercurius';
import { authTypeDefs, guardSchema } from 'rolegate/access';
import { articles, type Context, publish, viewer } from './data.ts';
import { userNamed } from './users.ts';

export const app = fastify();

await app.register(mercurius, {
  schema: `${authTypeDefs}
    enum Role { ADMIN @inherits(roles: ["EDITOR"]) EDITOR }
    type Article @public { title: String! draft: String @auth(requires: EDITOR) }
    type Query @public { articles: [Article!] }
    type Mutation { publish(title: String!): Article @auth(requires: EDITOR) }
  `,
  resolvers: {
    Query: { articles: () => articles },
    Mutation: { publish: (_source: unknown, { title }: { title: string }) => publish(title) },
  },
  context: ({ headers }): Context => ({ user: userNamed(headers['x-user']) }),
});
app.graphql.replaceSchema(guardSchema<Context>(app.graphql.schema, { viewer }));
