/**
 * Subscriptions by hand on graphql-ws and graphql-js, as its documentation does it: the row is read once, by the mutation, and
 * each subscriber's role is checked at each event.
 */
import { createServer } from 'node:http';
import { EventEmitter, on } from 'node:events';
import { text } from 'node:stream/consumers';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { graphql } from 'graphql';
import { DateTimeResolver, JSONResolver } from 'graphql-scalars';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { announce } from '../announce.ts';
import { authenticate, type Viewer } from '../viewer.ts';
import { adjustInventoryCount } from '../writes/rows.ts';
import { authorizationOf, type Change, TOPIC, typeDefs } from './schema.ts';

interface Context {
  readonly viewer: Viewer | null;
}

const changes = new EventEmitter().setMaxListeners(0);

function requireRole({ viewer }: Context, role: string): Viewer {
  if (viewer?.roles.has(role) !== true) {
    throw new Error('Forbidden');
  }
  return viewer;
}

const schema = makeExecutableSchema<Context>({
  typeDefs,
  resolvers: {
    DateTime: DateTimeResolver,
    JSON: JSONResolver,
    Mutation: {
      async adjustInventoryCount(_: unknown, { name, by }: { name: string; by: number }, context) {
        const item = await adjustInventoryCount(requireRole(context, 'WAREHOUSE').id, name, by);
        changes.emit(TOPIC, { kind: 'UPDATED', name: item?.name, item });
        return item;
      },
    },
    Subscription: {
      inventoryChanged: {
        subscribe: (_: unknown, _arguments: unknown, context) => {
          requireRole(context, 'SALES');
          return on(changes, TOPIC);
        },
        resolve: ([change]: [Change], _arguments: unknown, context: Context) => {
          requireRole(context, 'SALES');
          return change;
        },
      },
    },
  },
});

const server = createServer((request, response) => {
  const answer = async (): Promise<void> => {
    const { query, variables } = JSON.parse(await text(request)) as {
      query: string;
      variables?: Record<string, unknown>;
    };
    const contextValue = { viewer: await authenticate(request.headers.authorization) };
    const result = await graphql({ schema, source: query, variableValues: variables ?? {}, contextValue });
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(result));
  };
  answer().catch((error: unknown) => response.writeHead(500).end(String(error)));
});
useServer(
  {
    schema,
    context: async ({ connectionParams }) => ({ viewer: await authenticate(authorizationOf(connectionParams)) }),
  },
  new WebSocketServer({ server, path: '/graphql' }),
);
server.listen(0, '127.0.0.1', () => announce(server));
