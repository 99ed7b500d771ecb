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
import { describeError } from '../graphql/error-record.ts';
import type { Pipeline } from '../graphql/pipeline.ts';
import { isTracing } from '../lib/tracing.ts';
import { cacheOfDocuments, createDocumentPlugin, documentErrorOf, type DocumentOptions } from './documents.ts';
import { createStages } from './stages.ts';
import { createTracePlugin } from './tracing.ts';

/** The dependencies that all Apollo Servers of a process share. */
export interface ApolloOptions<Context extends BaseContext> {
  readonly pipeline: Pipeline<Context>;
  /** The documents that requests may name by a hash; without them, none. */
  readonly documents?: DocumentOptions<Context> | undefined;
  /** The plugins of this installation. */
  readonly plugins: readonly ApolloServerPlugin<Context>[];
  readonly log: FastifyBaseLogger;
  /** Returns the id of the request being answered. */
  readonly requestId: () => string | null;
}

type Gateway = NonNullable<ConstructorParameters<typeof ApolloServer>[0]['gateway']>;

/**
 * Creates an Apollo Server for this schema, whose stages are those of the pipeline. It listens to no signal, reports
 * nothing to anyone, and reads no environment.
 */
export function createApollo<Context extends BaseContext>(
  schema: GraphQLSchema,
  { pipeline, documents, plugins, log, requestId }: ApolloOptions<Context>,
): ApolloServer<Context> {
  const stages = createStages(pipeline);
  return new ApolloServer<Context>({
    gateway: createGateway(schema, pipeline),
    formatError: (formatted, error) => pipeline.formatError(formatted, documentErrorOf(formatted) ?? error),
    logger: createLogger(log),
    nodeEnv: 'production',
    introspection: true,
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    persistedQueries: cacheOfDocuments(documents),
    includeStacktraceInErrorResponses: false,
    hideSchemaDetailsFromClientErrors: pipeline.validationOptions.hideSuggestions,
    stopOnTerminationSignals: false,
    validationRules: [...pipeline.validationRules, stages.validationRule],
    parseOptions: pipeline.parseOptions,
    validationOptions: pipeline.validationOptions,
    documentStore: pipeline.documents.createStore(),
    plugins: [
      stages.plugin,
      ...(isTracing() ? [createTracePlugin()] : []),
      ...(documents === undefined ? [] : [createDocumentPlugin(documents)]),
      ...plugins,
      {
        unexpectedErrorProcessingRequest: async ({ error }) => {
          const details = { requestId: requestId(), fault: describeError(error) };
          log.error(details, 'A request failed outside of its operation');
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

/** Apollo writes an error's message into its own; the plugin above logs the cause, without the request. */
function createLogger(log: FastifyBaseLogger) {
  return {
    debug: () => undefined,
    info: () => undefined,
    warn: (message: unknown) => log.warn(String(message)),
    error: () => log.error('Apollo Server reports an error'),
  };
}

/** Creates the gateway for a schema: Apollo Server takes an executor from nothing else. */
function createGateway<Context extends BaseContext>(schema: GraphQLSchema, pipeline: Pipeline<Context>): Gateway {
  return {
    onSchemaLoadOrUpdate: (load) => {
      load({ apiSchema: schema, coreSupergraphSdl: '' });
      return () => undefined;
    },
    load: async () => ({
      executor: ({ document, request, context }) =>
        pipeline.execute({
          schema,
          document,
          contextValue: context,
          operationName: request.operationName ?? null,
          variableValues: request.variables ?? {},
        }),
    }),
    stop: async () => undefined,
  };
}
