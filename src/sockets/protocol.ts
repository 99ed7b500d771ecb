import type { BaseContext } from '@apollo/server';
import { type ExecutionArgs, GraphQLError } from 'graphql';
import { makeServer, type Server } from 'graphql-ws';
import type { LiveConnection } from './connection.ts';
import type { GraphQLRequest } from '../graphql/pipeline.ts';
import { namedHash } from '../graphql/request-documents.ts';
import type { LiveLimits, LiveParts } from './options.ts';
import { LiveOperation } from './operation.ts';

/** A connection, as the protocol's library passes it on. */
export interface Extra<Context extends BaseContext> {
  readonly connection: LiveConnection<Context>;
}

/** Creates the protocol `graphql-transport-ws`, on any carrier of messages. */
export function createProtocol<Context extends BaseContext>(
  parts: LiveParts<Context>,
  limits: LiveLimits,
): Server<Extra<Context>> {
  return makeServer<Record<string, unknown>, Extra<Context>>({
    connectionInitWaitTimeout: limits.initWait,
    onConnect: ({ connectionParams = {}, extra }) => extra.connection.connect(connectionParams),
    onSubscribe: ({ extra, subscriptions }, _id, payload) => {
      const isOneTooMany = Object.keys(subscriptions).length > limits.operations;
      return isOneTooMany ? [tooMany(limits)] : prepare(parts, extra.connection, payload);
    },
    subscribe: async ({ contextValue }) => {
      const operation = contextValue as LiveOperation<Context>;
      return (await operation.open()) ?? operation;
    },
    onNext: ({ extra }, _id, _payload, _arguments, result) =>
      parts.requestScope.run(extra.connection.id, () => parts.pipeline.format(result)),
    onError: ({ extra }, _id, _payload, errors) =>
      parts.requestScope.run(extra.connection.id, () => parts.pipeline.formatErrors(errors)),
  });
}

function tooMany({ operations }: LiveLimits): GraphQLError {
  const message = `There are more than ${operations} subscriptions on this connection.`;
  return new GraphQLError(message, { extensions: { code: 'RATE_LIMITED' } });
}

/** Returns the operation as its own context, or the errors of the request. */
async function prepare<Context extends BaseContext>(
  parts: LiveParts<Context>,
  connection: LiveConnection<Context>,
  request: GraphQLRequest & { readonly query: string },
): Promise<ExecutionArgs | readonly GraphQLError[]> {
  const text = (await parts.documents?.textOf(request)) ?? request.query;
  const document = text instanceof GraphQLError ? text : parts.pipeline.parse(text);
  if (document instanceof GraphQLError) {
    return [document];
  }
  const operation = new LiveOperation(connection, parts, document, request);
  const { schema, errors } = await operation.examine();
  const hash = namedHash(request);
  if (schema !== null && hash !== null && request.query !== '') {
    await parts.documents?.register(hash, request.query);
  }
  return schema === null
    ? errors
    : { schema, document, operationName: request.operationName ?? null, contextValue: operation };
}
