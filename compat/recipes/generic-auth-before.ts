import { useGenericAuth } from '@envelop/generic-auth';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { createYoga, type YogaInitialContext } from 'graphql-yoga';
import { articles, publish, type User } from './data.ts';
import { userNamed } from './users.ts';

const typeDefs = `
  directive @authenticated on OBJECT | FIELD_DEFINITION
  directive @requiresScopes(scopes: [[String!]!]!) on OBJECT | FIELD_DEFINITION
  type Article { title: String! draft: String @requiresScopes(scopes: [["EDITOR"], ["ADMIN"]]) }
  type Query { articles: [Article!] }
  type Mutation { publish(title: String!): Article @requiresScopes(scopes: [["EDITOR"], ["ADMIN"]]) }
`;

export const yoga = createYoga({
  schema: makeExecutableSchema({
    typeDefs,
    resolvers: {
      Query: { articles: () => articles },
      Mutation: { publish: (_source: unknown, { title }: { title: string }) => publish(title) },
    },
  }),
  plugins: [
    useGenericAuth<User, YogaInitialContext>({
      mode: 'protect-granular',
      resolveUserFn: ({ request }) => userNamed(request.headers.get('x-user')) ?? null,
      extractScopes: (user: User | null) => [...(user?.roles ?? [])],
      rejectUnauthenticated: false,
    }),
  ],
});
