import { isUtf8 } from 'node:buffer';
import type { ApolloServerPlugin, BaseContext } from '@apollo/server';
import { type FastifyBaseLogger, type FastifyInstance, fastify as createFastify, LogController } from 'fastify';
import type { Config } from '../config/config.ts';
import type { Pipeline } from '../graphql/pipeline.ts';
import { type RequestScope, requestIdOf } from '../lib/request-scope.ts';
import { isLiveUpgrade, type LiveOptions, registerLive } from '../sockets/sockets.ts';
import { type GraphQLRouteOptions, registerGraphQL } from './graphql-route.ts';
import { createSecurityHeaders, registerCors, type SetSecurityHeaders } from './headers.ts';
import { type KnownLogin, registerLanding } from './landing.ts';
import { registerClosing, registerHealth } from './lifecycle.ts';
import { answerMalformedHttp, createBadUrlResponse, createRefuse, registerErrorResponses } from './responses.ts';

/** A document and its variables; longer ones are answered with 413. */
const BODY_LIMIT_BYTES = 512 * 1024;
/** A request must have arrived after so long, and, unless the caller says otherwise, been answered after so long. */
const ARRIVAL_MS = 30_000;
const DEADLINE_MS = 30_000;
/** At 500 answers a second the last of them waits 2 s. */
const MOST_IN_FLIGHT = 1_000;
/** Longer than load balancers keep a connection, so that they, not we, close idle ones. */
const KEEP_ALIVE_MS = 72_000;

/** The dependencies of {@link createHttpServer}. */
export interface HttpServerOptions<Context extends BaseContext> {
  readonly config: Pick<Config, 'production' | 'publicUrl' | 'corsOrigins' | 'trustProxy' | 'basicAuth'>;
  readonly pipeline: Pipeline<Context>;
  readonly requestScope: RequestScope;
  readonly context: GraphQLRouteOptions<Context>['context'];
  readonly finish: GraphQLRouteOptions<Context>['finish'];
  /** Authenticates connections for subscriptions; without it there are none. */
  readonly live?: LiveOptions<Context>;
  readonly log: FastifyBaseLogger;
  /** Reports if requests can be served now. A rejection, or no answer in two seconds, counts as no. */
  readonly ready: () => Promise<boolean>;
  /** The Apollo Server plugins of this installation. */
  readonly plugins?: readonly ApolloServerPlugin<Context>[];
  readonly deadlineMs?: number;
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
    frameworkErrors: createBadUrlResponse(setHeaders),
    clientErrorHandler: answerMalformedHttp,
    // An offer of another upgrade is answered as if it had not been made (RFC 9110 §7.8).
    ...(live === undefined ? {} : { http: { shouldUpgradeCallback: isLiveUpgrade } }),
  });
}

/** The request's body is not what its type says. */
class MalformedBody extends Error {
  readonly statusCode = 400;
  readonly code = 'FST_ERR_CTP_INVALID_JSON_BODY';
}

/**
 * Takes JSON, and nothing else: other types are answered with 415. Bytes that are not UTF-8 (RFC 8259 §8.1) are refused,
 * where Node would replace them silently; keys such as `__proto__` are refused too.
 */
function registerJsonBody(fastify: FastifyInstance): void {
  const parse = fastify.getDefaultJsonParser('error', 'error');
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    if (!isUtf8(bytes)) {
      done(new MalformedBody('The body is not UTF-8'));
      return;
    }
    void parse(request, bytes.toString('utf8'), done);
  });
}

/** Writes a line for each response; never the query string, a header or a body. */
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
  const { config, log, live, pipeline, requestScope, plugins = [], logins = [] } = options;
  const setHeaders = createSecurityHeaders(config.production || config.publicUrl?.startsWith('https:') === true);
  const fastify = createInstance(options, setHeaders);
  const refuse = createRefuse(pipeline.formatError, requestScope);
  registerErrorResponses(fastify, refuse);
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
    plugins,
    requestId: requestScope.id,
    refuse,
    deadlineMs: options.deadlineMs ?? DEADLINE_MS,
    mostInFlight: options.mostInFlight ?? MOST_IN_FLIGHT,
  });
  if (live !== undefined) {
    registerLive(fastify, {
      live,
      pipeline,
      requestScope,
      log,
      largestMessage: BODY_LIMIT_BYTES,
      trustedProxies: config.trustProxy,
    });
  }
  return fastify;
}
