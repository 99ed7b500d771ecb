import type { BaseContext } from '@apollo/server';
import {
  type ExecutionArgs,
  type ExecutionResult,
  type FormattedExecutionResult,
  GraphQLError,
  type GraphQLFormattedError,
} from 'graphql';
import { makeServer, type Server } from 'graphql-ws';
import type { LiveConnection } from './connection.ts';
import { parseDocument, type SubscriptionRequest } from '../graphql/document.ts';
import type { LiveLimits } from './limits.ts';
import { LiveOperation } from './operation.ts';
import type { LiveParts } from './options.ts';

/** What a connection is to the protocol's library. */
export interface Extra<Context extends BaseContext> {
  readonly connection: LiveConnection<Context>;
}

/** The protocol `graphql-transport-ws`, on whatever carries messages. */
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
    onNext: ({ extra }, _id, _payload, _arguments, result) => format(parts, extra.connection, result),
    onError: ({ extra }, _id, _payload, errors) => tellErrors(parts, extra.connection, errors),
  });
}

function tooMany({ operations }: LiveLimits): GraphQLError {
  const message = `There are more than ${operations} subscriptions on this connection.`;
  return new GraphQLError(message, { extensions: { code: 'RATE_LIMITED' } });
}

/** The operation as its own context, once nothing is wrong with the request. */
async function prepare<Context extends BaseContext>(
  parts: LiveParts<Context>,
  connection: LiveConnection<Context>,
  request: SubscriptionRequest,
): Promise<ExecutionArgs | readonly GraphQLError[]> {
  const document = parseDocument(request, parts);
  if (document instanceof GraphQLError) {
    return [document];
  }
  const operation = new LiveOperation(connection, parts, document, request);
  const { schema, faults } = await operation.examine();
  return schema === null
    ? faults
    : { schema, document, operationName: request.operationName ?? null, contextValue: operation };
}

/** What the client is told of a result. */
function format<Context extends BaseContext>(
  parts: LiveParts<Context>,
  connection: LiveConnection<Context>,
  { data, errors }: { readonly data?: ExecutionResult['data']; readonly errors?: readonly GraphQLError[] | undefined },
): FormattedExecutionResult {
  return {
    ...(data === undefined ? {} : { data }),
    ...(errors === undefined ? {} : { errors: tellErrors(parts, connection, errors) }),
  };
}

function tellErrors<Context extends BaseContext>(
  { formatError, requestScope }: LiveParts<Context>,
  { id }: LiveConnection<Context>,
  errors: readonly GraphQLError[],
): GraphQLFormattedError[] {
  return requestScope.run(id, () => errors.map((error) => formatError(error.toJSON(), error)));
}
