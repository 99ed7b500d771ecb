import { makeExecutableSchema } from '@graphql-tools/schema';
import { createYoga } from 'graphql-yoga';
import { authTypeDefs, useRolegate } from 'rolegate/access';
import { articles, type Context, publish, viewer } from './data.ts';
import { userNamed } from './users.ts';

const typeDefs = `
  enum Role { ADMIN @inherits(roles: ["EDITOR"]) EDITOR }
  type Article @public { title: String! draft: String @auth(requires: EDITOR) }
  type Query @public { articles: [Article!] }
  type Mutation { publish(title: String!): Article @auth(requires: EDITOR) }
`;

export const yoga = createYoga({
  schema: makeExecutableSchema({
    typeDefs: [authTypeDefs, typeDefs],
    resolvers: {
      Query: { articles: () => articles },
      Mutation: { publish: (_source: unknown, { title }: { title: string }) => publish(title) },
    },
  }),
  context: ({ request }): Context => ({ user: userNamed(request.headers.get('x-user')) }),
  plugins: [useRolegate<Context>({ viewer })],
});
