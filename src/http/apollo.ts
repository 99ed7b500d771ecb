import {
  ApolloServer,
  type ApolloServerPlugin,
  type BaseContext,
  type GraphQLRequestContext,
  type GraphQLRequestExecutionListener,
} from '@apollo/server';
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
  const release = createRelease<Context>();
  return new ApolloServer<Context>({
    gateway: createGateway(schema, pipeline, release.restore),
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
      release.plugin,
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

/**
 * Lets the memory of a response go once it has been sent. Apollo Server 5 copies each request for its gateway, and keeps
 * the copy in an object with accessors of its own, which V8 holds until the next full garbage collection: with the copy the
 * response, and all rows in it. Collections then take a quarter of the processor time of a page of 200 rows. So the copy
 * is made while the request has another response; no hook runs between that and `restore`.
 */
function createRelease<Context extends BaseContext>() {
  let copied: { readonly request: GraphQLRequestContext<Context>; readonly response: object } | null = null;

  class BeforeCopy implements GraphQLRequestExecutionListener<Context> {
    #request: GraphQLRequestContext<Context> | null;

    constructor(request: GraphQLRequestContext<Context>) {
      this.#request = request;
    }

    /** A hook that is not there. Apollo reads it after the hooks of all plugins, and then makes the copy. */
    get willResolveField(): never {
      const request = this.#request;
      this.#request = null;
      if (request !== null) {
        const { response } = request;
        copied = { request, response };
        Object.assign(request, { response: { http: response.http } });
      }
      return undefined as never;
    }
  }

  /** The last of the plugins, whose hook Apollo reads first. */
  const plugin: ApolloServerPlugin<Context> = {
    requestDidStart: async () => ({ executionDidStart: async (request) => new BeforeCopy(request) }),
  };
  const restore = (): void => {
    if (copied !== null) {
      const { request, response } = copied;
      copied = null;
      Object.assign(request, { response });
    }
  };
  return { plugin, restore };
}

/**
 * Creates the gateway for a schema: Apollo Server takes an executor from nothing else.
 *
 * @param onCopied is called when a request has been copied, before it is executed
 */
function createGateway<Context extends BaseContext>(
  schema: GraphQLSchema,
  pipeline: Pipeline<Context>,
  onCopied: () => void,
): Gateway {
  return {
    onSchemaLoadOrUpdate: (load) => {
      load({ apiSchema: schema, coreSupergraphSdl: '' });
      return () => undefined;
    },
    load: async () => ({
      executor: ({ document, request, context }) => {
        onCopied();
        return pipeline.execute({
          schema,
          document,
          contextValue: context,
          operationName: request.operationName ?? null,
          variableValues: request.variables ?? {},
        });
      },
    }),
    stop: async () => undefined,
  };
}
