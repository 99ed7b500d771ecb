import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import { ApolloServerPluginCacheControlDisabled } from '@apollo/server/plugin/disabled';
import { fastifyApolloDrainPlugin, fastifyApolloHandler } from '@as-integrations/fastify';
import { fastify, type FastifyRequest } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import { announce } from './announce.ts';
import type { Context } from './schema.ts';
import { authenticate } from './viewer.ts';

async function context({ headers }: FastifyRequest): Promise<Context> {
  return { viewer: await authenticate(headers.authorization) };
}

/**
 * Serves a schema by Apollo Server on Fastify. Without the cache-control plugin, which wraps each field's resolver and
 * would make any of these slower.
 */
export async function serveByApollo(schema: GraphQLSchema, plugins: ApolloServerPlugin<Context>[] = []): Promise<void> {
  const app = fastify();
  const apollo = new ApolloServer<Context>({
    schema,
    plugins: [...plugins, fastifyApolloDrainPlugin(app), ApolloServerPluginCacheControlDisabled()],
  });
  await apollo.start();
  app.post('/graphql', fastifyApolloHandler(apollo, { context }));
  await app.listen({ port: 0, host: '127.0.0.1' });
  announce(app.server);
}
