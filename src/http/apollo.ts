import { ApolloServer, type ApolloServerPlugin, type BaseContext } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import type { FastifyBaseLogger } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import { describeFault } from '../graphql/input-error.ts';
import { createFormatError } from '../graphql/format-error.ts';
import { KnownOperationTypes } from '../graphql/known-operation-types.ts';
import type { LimitsForApollo } from '../graphql/limits.ts';
import { createStatusPlugin } from './status-plugin.ts';

/** What all Apollo Servers of a process share. */
export interface ApolloOptions<Context extends BaseContext> {
  readonly log: FastifyBaseLogger;
  /** The id of the request being answered. */
  readonly requestId: () => string | null;
  readonly plugins: readonly ApolloServerPlugin<Context>[];
  readonly limits: LimitsForApollo;
  /** Whether messages may suggest names ("Did you mean …"): not where a part of the schema is hidden. */
  readonly suggestions: boolean;
}

/** Validation stops after so many errors, coercion of variables too: nobody reads more. */
export const MOST_ERRORS = 20;

/** Apollo writes an error's message into its own; the cause is logged by the plugin below, without what was sent. */
function createLogger(log: FastifyBaseLogger) {
  return {
    debug: () => undefined,
    info: () => undefined,
    warn: (message: unknown) => log.warn(String(message)),
    error: () => log.error('Apollo Server reports an error'),
  };
}

/** An Apollo Server for this schema. It listens to no signal, reports to nobody and reads no environment. */
export function createApollo<Context extends BaseContext>(
  schema: GraphQLSchema,
  { log, requestId, plugins, limits, suggestions }: ApolloOptions<Context>,
): ApolloServer<Context> {
  return new ApolloServer<Context>({
    schema,
    formatError: createFormatError({ log, requestId, schema }),
    logger: createLogger(log),
    nodeEnv: 'production',
    introspection: true,
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    persistedQueries: false,
    includeStacktraceInErrorResponses: false,
    hideSchemaDetailsFromClientErrors: !suggestions,
    stopOnTerminationSignals: false,
    validationRules: [KnownOperationTypes, ...limits.validationRules],
    parseOptions: limits.parseOptions,
    validationOptions: { maxErrors: MOST_ERRORS, hideSuggestions: !suggestions },
    executionOptions: { maxCoercionErrors: MOST_ERRORS },
    plugins: [
      ...plugins,
      limits.plugin,
      createStatusPlugin(),
      {
        unexpectedErrorProcessingRequest: async ({ error }) => {
          log.error(
            { requestId: requestId(), fault: describeFault(error) },
            'A request failed outside of its operation',
          );
        },
      },
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
    ],
  });
}
