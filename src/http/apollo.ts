import { inspect } from 'node:util';
import { ApolloServer, type ApolloServerPlugin, type BaseContext } from '@apollo/server';
import { ApolloServerPluginCacheControl } from '@apollo/server/plugin/cacheControl';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { ApolloServerPluginDisableSuggestions } from '@apollo/server/plugin/disableSuggestions';
import type { FastifyBaseLogger } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import { describeError } from '../graphql/format-error.ts';
import type { Pipeline } from '../graphql/pipeline.ts';
import { isTracing } from '../lib/tracing.ts';
import { createExecution } from './apollo-execution.ts';
import {
  cacheOfDocuments,
  createDocumentPlugin,
  createPrivacyPlugin,
  documentErrorOf,
  type DocumentOptions,
} from './documents.ts';
import { createFastPath, type FastPath, isOriginal, type Outcomes } from './fast-path.ts';
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
  /** True if instrumentation may have changed Apollo Server: then all requests go through it. */
  readonly isInstrumented?: boolean | undefined;
}

/** The two ways in which requests for a schema are answered: fast where that can be, and by Apollo Server. */
export interface SchemaServer<Context extends BaseContext> {
  readonly server: ApolloServer<Context>;
  readonly fastPath: FastPath<Context>;
  /** The outcomes with which the server goes on. */
  readonly outcomes: Outcomes;
}

/**
 * Creates an Apollo Server for this schema, whose stages are those of the pipeline. It handles no signals, reports
 * nothing to anyone, and reads no environment.
 */
export function createApollo<Context extends BaseContext>(
  schema: GraphQLSchema,
  { pipeline, documents, plugins, log, requestId, isInstrumented = false }: ApolloOptions<Context>,
): SchemaServer<Context> {
  const outcomes: Outcomes = new WeakMap();
  const stages = createStages(pipeline, outcomes);
  const hasHints = hasCacheHints(schema, plugins);
  const { hideSuggestions } = pipeline.validationOptions;
  const execution = createExecution(schema, pipeline, outcomes, () => hasHints || hasOthers(server, known));
  const installed: ApolloServerPlugin<Context>[] = [
    stages.plugin,
    ...(isTracing() ? [createTracePlugin()] : []),
    ...(documents === undefined ? [] : [createDocumentPlugin(documents)]),
    ...plugins.map(execution.watch),
    {
      unexpectedErrorProcessingRequest: async ({ error }) => {
        const details = { requestId: requestId(), fault: describeError(error) };
        log.error(details, 'A request failed outside of its operation');
      },
    },
    ...(documents === undefined || !hasHints ? [] : [createPrivacyPlugin(documents)]),
    ...createOwnPlugins(schema, plugins, hideSuggestions),
    execution.plugin,
  ];
  const known: ReadonlySet<unknown> = new Set(installed);
  const store = pipeline.documents.createStore();
  const server: ApolloServer<Context> = new ApolloServer({
    gateway: execution.gateway,
    formatError: (formatted, error) => pipeline.formatError(formatted, documentErrorOf(formatted) ?? error),
    logger: createLogger(log),
    nodeEnv: 'production',
    introspection: true,
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    persistedQueries: cacheOfDocuments(documents),
    includeStacktraceInErrorResponses: false,
    hideSchemaDetailsFromClientErrors: hideSuggestions,
    stopOnTerminationSignals: false,
    validationRules: [...pipeline.validationRules, stages.validationRule],
    parseOptions: pipeline.parseOptions,
    validationOptions: pipeline.validationOptions,
    documentStore: store,
    plugins: installed,
  });
  const isUnobserved = plugins.length === 0 && !hasHints && !isInstrumented && !isTracing();
  const answer = createFastPath({ schema, pipeline, documents: store });
  return {
    server,
    outcomes,
    fastPath: async (request, context) =>
      isUnobserved && isOriginal(server) && !hasOthers(server, known) ? answer(request, context) : null,
  };
}

/**
 * Creates the plugins of Apollo Server itself, without those that the installation has chosen. Cache hints are computed
 * for schemas that declare `@cacheControl`; every other feature of Apollo's is off.
 */
function createOwnPlugins<Context extends BaseContext>(
  schema: GraphQLSchema,
  plugins: readonly ApolloServerPlugin<Context>[],
  hideSuggestions: boolean,
): ApolloServerPlugin[] {
  const chosen = new Set(plugins.map(internalId));
  return [
    schema.getDirective('cacheControl') ? ApolloServerPluginCacheControl() : ApolloServerPluginCacheControlDisabled(),
    ApolloServerPluginInlineTraceDisabled(),
    ApolloServerPluginLandingPageDisabled(),
    ApolloServerPluginSchemaReportingDisabled(),
    ApolloServerPluginUsageReportingDisabled(),
    ...(hideSuggestions ? [ApolloServerPluginDisableSuggestions()] : []),
  ].filter((plugin) => !chosen.has(internalId(plugin)));
}

/**
 * Reports if a server has other plugins than these. Instrumentation that wraps the constructor adds its own, and where the
 * list is kept is not documented: a server without a list counts as one with others.
 */
function hasOthers(server: object, known: ReadonlySet<unknown>): boolean {
  const { plugins }: { readonly plugins?: unknown } = Object(Reflect.get(server, 'internals'));
  return !Array.isArray(plugins) || plugins.some((plugin) => !known.has(plugin));
}

/** Reports if Apollo Server computes cache hints: the installation has chosen so, or the schema declares some. */
function hasCacheHints<Context extends BaseContext>(
  schema: GraphQLSchema,
  plugins: readonly ApolloServerPlugin<Context>[],
): boolean {
  const chosen = plugins.find((plugin) => internalId(plugin) === 'CacheControl');
  return chosen === undefined
    ? Boolean(schema.getDirective('cacheControl'))
    : Reflect.get(chosen, '__is_disabled_plugin__') !== true;
}

/** Returns the name by which Apollo Server tells its own features apart, on or off; or the plugin, if it is another. */
function internalId<Context extends BaseContext>(plugin: ApolloServerPlugin<Context>): unknown {
  return Reflect.get(plugin, '__internal_plugin_id__') ?? plugin;
}

/** The start of the message into which Apollo Server writes the message of an error, which may hold what was sent. */
const UNEXPECTED = 'Unexpected error processing request';

/** Creates the logger of Apollo Server and of all plugins. */
function createLogger(log: FastifyBaseLogger) {
  const at = (level: 'debug' | 'info' | 'warn' | 'error') => (message: unknown) => {
    if (message instanceof Error) {
      log[level]({ fault: describeError(message) }, 'Apollo Server or one of its plugins reports an error');
    } else if (typeof message === 'object' && message !== null) {
      log[level](message);
    } else if (!String(message).startsWith(UNEXPECTED)) {
      log[level](String(message)); // the plugin above logs the cause of the others, without the request
    }
  };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** Calls the hooks of plugins for a request that could not be authenticated, as Apollo Server does. */
export async function reportContextFailure<Context extends BaseContext>(
  { plugins, log }: Pick<ApolloOptions<Context>, 'plugins' | 'log'>,
  thrown: unknown,
): Promise<void> {
  const error = thrown instanceof Error ? thrown : new Error(`Unexpected error value: ${inspect(thrown)}`);
  try {
    await Promise.all(plugins.map(async (plugin) => plugin.contextCreationDidFail?.({ error })));
  } catch (failure) {
    log.error({ fault: describeError(failure) }, 'The hook contextCreationDidFail of a plugin failed');
  }
}
