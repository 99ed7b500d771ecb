/** GraphQL Yoga and Envelop's generic-auth, which looks at the operation before it runs. */
import { createServer } from 'node:http';
import { useGenericAuth } from '@envelop/generic-auth';
import { createSchema, createYoga } from 'graphql-yoga';
import { announce } from './announce.ts';
import { type Context, resolvers, typeDefsWith } from './schema.ts';
import { authenticate, type Viewer } from './viewer.ts';

const typeDefs = [
  'directive @requiresScopes(scopes: [[String!]!]!) on FIELD_DEFINITION | OBJECT | INTERFACE',
  typeDefsWith((role) => `@requiresScopes(scopes: [["${role}"]])`),
];

const yoga = createYoga({
  schema: createSchema<Context>({ typeDefs, resolvers }),
  logging: false,
  graphiql: false,
  landingPage: false,
  plugins: [
    useGenericAuth<Viewer, { request: Request }, 'viewer'>({
      mode: 'protect-granular',
      contextFieldName: 'viewer',
      resolveUserFn: ({ request }) => authenticate(request.headers.get('authorization') ?? undefined),
      extractScopes: ({ roles }) => [...roles],
    }),
  ],
});
const server = createServer((request, response) => void yoga(request, response));
server.listen(0, '127.0.0.1', () => announce(server));
