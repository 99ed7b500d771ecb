import { isUtf8 } from 'node:buffer';
import type { ApolloServerPlugin, BaseContext } from '@apollo/server';
import {
  fastify as createFastify,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import type { Config } from '../config/config.ts';
import type { Replicas } from '../database/replicas.ts';
import type { Pipeline } from '../graphql/pipeline.ts';
import { createAddressOf, createProxyTrust } from '../lib/network.ts';
import { requestIdOf, type RequestScope } from '../lib/request-scope.ts';
import { isLiveUpgrade, registerLive } from '../sockets/gateway.ts';
import type { LiveOptions } from '../sockets/options.ts';
import { Connections } from './connections.ts';
import { registerConsole } from './console.ts';
import { type GraphQLRouteOptions, registerGraphQL } from './graphql-route.ts';
import { createSecurityHeaders, registerCors, type SetSecurityHeaders } from './headers.ts';
import { type KnownLogin, registerLanding } from './landing.ts';
import { registerClosing, registerHealth } from './lifecycle.ts';
import type { LoadFigures, LoadLimits } from './load.ts';
import { createPositions } from './positions.ts';
import { registerAccessLog, registerTracing } from './tracing.ts';
import {
  answerMalformedHttp,
  createBadUrlResponse,
  createRefuse,
  endSocket,
  registerErrorResponses,
} from './responses.ts';

/** A document and its variables; longer ones are answered with 413. */
const BODY_LIMIT_BYTES = 512 * 1024;
/** The time in which a request must have been answered, unless the caller says otherwise. */
const DEADLINE_MS = 30_000;
/** Limits of the connections of a process; the operating system's limit of descriptors may be lower. */
const CONNECTIONS = 10_000;
/** Requests at a time: enough to keep processors and database connections busy. Bursts wait in the queue. */
const LOAD: LoadLimits = { running: 128, waiting: 2_000 };

/** Times after which a connection is closed, in milliseconds. */
export interface Timeouts {
  /** For the header of a request, and for all of it. Then it is answered with 408. */
  readonly header: number;
  readonly arrival: number;
  /** The interval in which both times are checked: a connection may stay open longer by as much. */
  readonly check: number;
  /** For a client that has stopped reading its response. Longer than the deadline of a request, during which nothing is sent. */
  readonly stall: number;
  /** Between two requests. Longer than load balancers keep a connection, so that they, not we, close idle ones. */
  readonly keepAlive: number;
}

const TIMEOUTS: Timeouts = Object.freeze({
  header: 10_000,
  arrival: 30_000,
  check: 1_000,
  stall: 45_000,
  keepAlive: 72_000,
});

/** The dependencies of {@link createHttpServer}. */
export interface HttpServerOptions<Context extends BaseContext> {
  readonly config: Pick<
    Config,
    'production' | 'publicUrl' | 'corsOrigins' | 'trustProxy' | 'basicAuth' | 'idleConnectionsPerAddress' | 'accessLog'
  > &
    Partial<Pick<Config, 'demo' | 'trustedDocuments'>>;
  readonly pipeline: Pipeline<Context>;
  readonly documents?: GraphQLRouteOptions<Context>['documents'];
  readonly requestScope: RequestScope;
  readonly context: GraphQLRouteOptions<Context>['context'];
  readonly finish: GraphQLRouteOptions<Context>['finish'];
  /** Finishes sign-ins at external issuers; without it there are none. */
  readonly finishSignIn?: FinishSignIn;
  /** Authenticates connections for subscriptions; without it there are none. */
  readonly live?: LiveOptions<Context>;
  readonly log: FastifyBaseLogger;
  /** Reports if requests can be served now. A rejection, or no answer in two seconds, counts as no. */
  readonly ready: () => Promise<boolean>;
  /** Aborted when the process is about to stop: from then on it is not ready, and closes connections after a response. */
  readonly stopping?: AbortSignal;
  /** The read replicas of the database; null where there are none. */
  readonly replicas?: Pick<Replicas, 'serve'> | null;
  /** Called at once with the function that reads the load. */
  readonly onLoad?: (read: () => LoadFigures) => void;
  /** The release, for `/version`. */
  readonly version?: string;
  /** The Apollo Server plugins of this installation. */
  readonly plugins?: readonly ApolloServerPlugin<Context>[];
  readonly isInstrumented?: GraphQLRouteOptions<Context>['isInstrumented'];
  readonly deadlineMs?: number;
  /** The requests that run at a time. If it is given, and `mostWaiting` is not, none wait. */
  readonly mostInFlight?: number;
  readonly mostWaiting?: number;
  readonly timeouts?: Partial<Timeouts>;
  /** The demo's users, whose passwords the landing page shows. */
  readonly logins?: readonly KnownLogin[];
  /** The folder of the built console; without it there is none. */
  readonly consoleFolder?: string;
}

/** Returns the log without child loggers: Fastify would create one for each request, and none of them is used. */
function withoutChildren(log: FastifyBaseLogger): FastifyBaseLogger {
  const shared = Object.create(log, { child: { value: () => shared } }) as FastifyBaseLogger;
  return shared;
}

function createInstance<Context extends BaseContext>(
  { config, log, live, timeouts }: HttpServerOptions<Context>,
  setHeaders: SetSecurityHeaders,
): FastifyInstance {
  const { header, arrival, check, stall, keepAlive } = { ...TIMEOUTS, ...timeouts };
  return createFastify({
    loggerInstance: withoutChildren(log),
    // A line for each request is written below: Fastify's own would hold the query string, and so variables.
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: requestIdOf,
    trustProxy: config.trustProxy.length === 0 ? false : [...config.trustProxy],
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: arrival,
    keepAliveTimeout: keepAlive,
    connectionTimeout: stall,
    // While the server closes, requests on connections that are already open are served, and end them.
    return503OnClosing: false,
    frameworkErrors: createBadUrlResponse(setHeaders),
    clientErrorHandler: answerMalformedHttp,
    http: {
      headersTimeout: header,
      connectionsCheckingInterval: check,
      // Other upgrades that a client offers are ignored (RFC 9110 §7.8).
      ...(live === undefined ? {} : { shouldUpgradeCallback: isLiveUpgrade }),
    },
  });
}

/** The request's body is not what its type says. */
class MalformedBody extends Error {
  readonly statusCode = 400;
  readonly code = 'FST_ERR_CTP_INVALID_JSON_BODY';
}

/** The request's body is compressed, or encoded otherwise, which is not understood (RFC 9110 §15.5.16). */
class EncodedBody extends Error {
  readonly statusCode = 415;
  readonly code = 'ENCODED_BODY';
}

/** Refuses encoded bodies before they are read: to the parser they would be invalid JSON. */
function refuseEncodedBodies(fastify: FastifyInstance): void {
  fastify.addHook('preParsing', ({ headers }, reply, payload, done) => {
    const encoding = headers['content-encoding'] ?? headers['x-content-encoding'];
    if (encoding === undefined || /^\s*(?:identity\s*)?$/i.test(String(encoding))) {
      done(null, payload);
      return;
    }
    reply.header('accept-encoding', 'identity');
    done(new EncodedBody('The body is encoded'));
  });
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

function loadLimits({
  mostInFlight,
  mostWaiting,
}: Pick<HttpServerOptions<BaseContext>, 'mostInFlight' | 'mostWaiting'>) {
  const waiting = mostWaiting ?? (mostInFlight === undefined ? LOAD.waiting : 0);
  return { running: mostInFlight ?? LOAD.running, waiting };
}

/**
 * The HTTP edge: `/`, `/graphql` (subscriptions over WebSocket), probes, ready to `listen` or, in tests, to `inject`.
 *
 * `close()` stops listening, lets requests in flight finish, and closes all connections.
 */
export async function createHttpServer<Context extends BaseContext>(
  options: HttpServerOptions<Context>,
): Promise<FastifyInstance> {
  const {
    config,
    log,
    live,
    pipeline,
    requestScope,
    plugins = [],
    logins = [],
    consoleFolder,
    replicas = null,
  } = options;
  const isHttps = config.production || config.publicUrl?.startsWith('https:') === true;
  const setHeaders = createSecurityHeaders(isHttps);
  const fastify = createInstance(options, setHeaders);
  const connections = new Connections(fastify.server, {
    waitingPerAddress: config.idleConnectionsPerAddress,
    total: CONNECTIONS,
    isProxy: createProxyTrust(config.trustProxy),
  });
  const refuse = createRefuse(pipeline.formatError, requestScope);
  const addressOf = createAddressOf(config.trustProxy);
  registerTracing(fastify);
  registerErrorResponses(fastify, refuse);
  if (config.accessLog) {
    registerAccessLog(fastify, log);
  }
  fastify.addHook('onRequest', (request, reply, done) => {
    // Fastify's own parser accepts ports and invented names as addresses.
    Object.defineProperty(request, 'ip', { value: addressOf(request.raw), enumerable: true });
    setHeaders(request, reply);
    done();
  });
  await registerCors(fastify, config.corsOrigins, config.demo === true);
  refuseEncodedBodies(fastify);
  registerJsonBody(fastify);
  registerHealth(fastify, { ready: options.ready, stopping: options.stopping, version: options.version ?? 'unknown' });
  registerLanding(fastify, { config, logins });
  if (consoleFolder !== undefined) {
    registerConsole(fastify, { folder: consoleFolder, production: config.production, logins });
  }
  if (options.finishSignIn !== undefined) {
    registerSignIn(fastify, options.finishSignIn);
  }
  registerGraphQL(fastify, {
    ...options,
    plugins,
    requestId: requestScope.id,
    positions: replicas === null ? undefined : createPositions(fastify, replicas, isHttps),
    refuse,
    deadlineMs: options.deadlineMs ?? DEADLINE_MS,
    load: loadLimits(options),
  });
  if (live !== undefined) {
    registerLive(fastify, {
      live,
      pipeline,
      documents: options.documents?.documents,
      requestScope,
      log,
      largestMessage: BODY_LIMIT_BYTES,
      endSocket,
      trustedProxies: config.trustProxy,
    });
  }
  registerClosing(fastify, connections, options.stopping);
  return fastify;
}

/** Finishes a sign-in at an external issuer. Returns the URL on this server to send the browser to. */
export type FinishSignIn = (
  request: FastifyRequest<{ Params: { issuer: string } }>,
  reply: FastifyReply,
) => Promise<string>;

/** `GET /auth/callback/<issuer>`: where external issuers send browsers after a sign-in. */
function registerSignIn(fastify: FastifyInstance, finish: FinishSignIn): void {
  // Only GET: a HEAD request would use the sign-in up.
  fastify.get<{ Params: { issuer: string } }>(
    '/auth/callback/:issuer',
    { exposeHeadRoute: false },
    async (request, reply) => reply.redirect(await finish(request, reply), 303),
  );
}
