/** Subscriptions of Mercurius with its PubSub, as its documentation does it; the role is checked at each event. */
import { fastify } from 'fastify';
import { DateTimeResolver, JSONResolver } from 'graphql-scalars';
import mercurius, { type IResolvers } from 'mercurius';
import { announce } from '../announce.ts';
import { authenticate, type Viewer } from '../viewer.ts';
import { adjustInventoryCount } from '../writes/rows.ts';
import { authorizationOf, type Change, TOPIC, typeDefs } from './schema.ts';

interface PubSub {
  readonly publish: (event: { topic: string; payload: { inventoryChanged: Change } }) => Promise<void>;
  readonly subscribe: (topic: string) => Promise<AsyncIterable<unknown>>;
}

interface Context {
  readonly viewer: Viewer | null;
  readonly pubsub: PubSub;
}

function requireRole({ viewer }: Context, role: string): Viewer {
  if (viewer?.roles.has(role) !== true) {
    throw new Error('Forbidden');
  }
  return viewer;
}

const resolvers = {
  DateTime: DateTimeResolver,
  JSON: JSONResolver,
  Mutation: {
    async adjustInventoryCount(_: unknown, { name, by }: { name: string; by: number }, context: Context) {
      const item = await adjustInventoryCount(requireRole(context, 'WAREHOUSE').id, name, by);
      if (item !== null) {
        await context.pubsub.publish({
          topic: TOPIC,
          payload: { inventoryChanged: { kind: 'UPDATED', name: item.name, item } },
        });
      }
      return item;
    },
  },
  Subscription: {
    inventoryChanged: {
      subscribe: (_: unknown, _arguments: unknown, context: Context) => {
        requireRole(context, 'SALES');
        return context.pubsub.subscribe(TOPIC);
      },
      resolve: ({ inventoryChanged }: { inventoryChanged: Change }, _arguments: unknown, context: Context) => {
        requireRole(context, 'SALES');
        return inventoryChanged;
      },
    },
  },
};

const app = fastify();
await app.register(mercurius, {
  schema: typeDefs,
  resolvers: resolvers as unknown as IResolvers,
  jit: 1,
  context: async (request) => ({ viewer: await authenticate(request.headers.authorization) }),
  subscription: {
    onConnect: async ({ payload }: { payload?: unknown }) => ({ viewer: await authenticate(authorizationOf(payload)) }),
  },
});
await app.listen({ port: 0, host: '127.0.0.1' });
announce(app.server);
