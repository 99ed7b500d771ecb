import { makeExecutableSchema } from '@graphql-tools/schema';
import { createYoga, type YogaInitialContext } from 'graphql-yoga';
import { authTypeDefs, useRolegate } from 'rolegate/access';
import { type Context, viewer } from './data.ts';
import { resolvers, typeDefs } from './schema.ts';
import { userNamed } from './users.ts';

const contextOf = (request: Request): Context => ({ user: userNamed(request.headers.get('x-user')) });

export const yoga = createYoga({
  schema: makeExecutableSchema({ typeDefs: [authTypeDefs, typeDefs], resolvers }),
  context: ({ request }) => contextOf(request),
  plugins: [
    useRolegate<Context, YogaInitialContext>({ viewer, visibleTo: ({ request }) => viewer(contextOf(request)) }),
  ],
});
