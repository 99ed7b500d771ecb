import type { ApolloServerPlugin, BaseContext } from '@apollo/server';
import { type FastifyBaseLogger, type FastifyInstance, fastify as createFastify, LogController } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import type { Config } from '../config/config.ts';
import { registerClosing } from './closing.ts';
import { registerCors } from './cors.ts';
import { createBadUrlReply, registerErrorReplies, replyToMalformedHttp } from './errors.ts';
import { createFormatError } from '../graphql/format-error.ts';
import { type GraphQLRouteOptions, registerGraphQL } from './graphql-route.ts';
import { createSecurityHeaders, type SetSecurityHeaders } from './headers.ts';
import { registerHealth } from './health.ts';
import { registerJsonBody } from './json-body.ts';
import { type KnownLogin, registerLanding } from './landing.ts';
import { DEFAULT_LIMITS, type Limits } from '../graphql/limits.ts';
import { createOnlySocketsPlugin, isLiveUpgrade, type LiveOptions, registerLive } from '../sockets/sockets.ts';
import { createLoadLimit } from './load.ts';
import { createRefuse } from './refusals.ts';
import { requestIdOf } from './request-id.ts';
import { createRequestScope } from './request-scope.ts';

/** A document and its variables; longer ones are answered with 413. */
const BODY_LIMIT_BYTES = 512 * 1024;
/** A request must have arrived after so long, and, unless the caller says otherwise, been answered after so long. */
const ARRIVAL_MS = 30_000;
const DEADLINE_MS = 30_000;
/** At 500 answers a second the last of them waits 2 s. */
const MOST_IN_FLIGHT = 1_000;
/** Longer than load balancers keep a connection, so that they, not we, close idle ones. */
const KEEP_ALIVE_MS = 72_000;

/** The pieces that {@link createHttpServer} puts behind one port. */
export interface HttpServerOptions<Context extends BaseContext> {
  readonly config: Pick<
    Config,
    'production' | 'publicUrl' | 'corsOrigins' | 'trustProxy' | 'schemaVisibility' | 'basicAuth'
  >;
  readonly schema: GraphQLRouteOptions<Context>['schema'];
  readonly context: GraphQLRouteOptions<Context>['context'];
  readonly finish: GraphQLRouteOptions<Context>['finish'];
  readonly onExecuted?: GraphQLRouteOptions<Context>['onExecuted'];
  /** How subscriptions find out who asks; without it there are none. */
  readonly live?: LiveOptions<Context>;
  readonly log: FastifyBaseLogger;
  /** Whether requests can be served now. A rejection, or no answer in two seconds, counts as no. */
  readonly ready: () => Promise<boolean>;
  /** Apollo plugins of other parts. */
  readonly plugins?: readonly ApolloServerPlugin<Context>[];
  readonly limits?: Partial<Limits>;
  readonly deadlineMs?: GraphQLRouteOptions<Context>['deadlineMs'];
  /** So many GraphQL requests are answered at a time; the next are turned away with 503. */
  readonly mostInFlight?: number;
  /** The demo's users, whose passwords the landing page shows. */
  readonly logins?: readonly KnownLogin[];
}

function createInstance<Context extends BaseContext>(
  { config, log, live }: HttpServerOptions<Context>,
  setHeaders: SetSecurityHeaders,
): FastifyInstance {
  return createFastify({
    loggerInstance: log,
    // A line for each request is written below: Fastify's own would hold the query string, and so variables.
    logController: new LogController({ disableRequestLogging: true }),
    // Nor is anything else logged by request: a logger for each would be made for nothing.
    childLoggerFactory: (logger) => logger,
    genReqId: requestIdOf,
    trustProxy: config.trustProxy.length === 0 ? false : [...config.trustProxy],
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: ARRIVAL_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    // While the server closes, requests on connections that are already open are served, and end them.
    return503OnClosing: false,
    frameworkErrors: createBadUrlReply(setHeaders),
    clientErrorHandler: replyToMalformedHttp,
    // Whoever offers another upgrade is answered as if it had not been offered (RFC 9110 §7.8).
    ...(live === undefined ? {} : { http: { shouldUpgradeCallback: isLiveUpgrade } }),
  });
}

/** Where the types that values should have had are looked up, if everybody sees the same. */
function schemaOf<Context extends BaseContext>({ schema }: HttpServerOptions<Context>): { schema?: GraphQLSchema } {
  return typeof schema === 'function' ? {} : { schema };
}

/** Writes who was answered what, and when; never the query string, a header or a body. */
function registerAccessLog(fastify: FastifyInstance, log: FastifyBaseLogger): void {
  fastify.addHook('onResponse', (request, reply, done) => {
    const path = request.routeOptions.url ?? 'unknown path';
    const ms = Math.round(reply.elapsedTime);
    log.info({ requestId: request.id, method: request.method, path, status: reply.statusCode, ms }, 'answered');
    done();
  });
}

/**
 * The HTTP edge: `/`, `/graphql` (subscriptions over WebSocket), `/healthz` and `/readyz`, ready to `listen` or, in tests, to `inject`.
 *
 * `close()` stops listening, lets requests in flight finish, and answers no more.
 */
export async function createHttpServer<Context extends BaseContext>(
  options: HttpServerOptions<Context>,
): Promise<FastifyInstance> {
  const { config, log, live, limits = {}, plugins = [], logins = [] } = options;
  const suggestions = config.schemaVisibility === 'full';
  const requestScope = createRequestScope();
  const setHeaders = createSecurityHeaders(config.production || config.publicUrl?.startsWith('https:') === true);
  const fastify = createInstance(options, setHeaders);
  const refuse = createRefuse(createFormatError({ log, requestId: requestScope.id }), requestScope);
  registerErrorReplies(fastify, refuse);
  registerAccessLog(fastify, log);
  registerClosing(fastify);
  fastify.addHook('onRequest', (request, reply, done) => {
    setHeaders(request, reply);
    done();
  });
  await registerCors(fastify, config.corsOrigins);
  registerJsonBody(fastify);
  registerHealth(fastify, options.ready);
  registerLanding(fastify, { config, logins });
  registerGraphQL(fastify, {
    ...options,
    requestScope,
    requestId: requestScope.id,
    refuse,
    deadlineMs: options.deadlineMs ?? DEADLINE_MS,
    limitLoad: createLoadLimit(options.mostInFlight ?? MOST_IN_FLIGHT),
    plugins: [createOnlySocketsPlugin(), ...plugins],
    limits,
    suggestions,
  });
  if (live !== undefined) {
    registerLive(fastify, {
      ...options,
      live,
      requestScope,
      formatError: createFormatError({ log, requestId: requestScope.id, ...schemaOf(options) }),
      limits: { ...DEFAULT_LIMITS, ...limits },
      suggestions,
      largestMessage: BODY_LIMIT_BYTES,
      trustedProxies: config.trustProxy,
    });
  }
  return fastify;
}
