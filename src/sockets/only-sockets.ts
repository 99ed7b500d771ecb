import { type ApolloServerPlugin, HeaderMap } from '@apollo/server';
import { GraphQLError, OperationTypeNode } from 'graphql';

/** Refuses subscriptions over HTTP, where Apollo Server would run them as if they were queries. */
export function createOnlySocketsPlugin(): ApolloServerPlugin {
  return {
    requestDidStart: async () => ({
      didResolveOperation: async ({ operation }) => {
        if (operation?.operation === OperationTypeNode.SUBSCRIPTION) {
          const message = 'Subscriptions are served over WebSocket, with the protocol graphql-transport-ws.';
          const extensions: Record<string, unknown> = {
            code: 'BAD_REQUEST',
            http: { status: 400, headers: new HeaderMap() },
          };
          throw new GraphQLError(message, { extensions });
        }
      },
    }),
  };
}
