import { Readable } from 'node:stream';
import {
  type ApolloServer,
  type BaseContext,
  HeaderMap,
  type HTTPGraphQLRequest,
  type HTTPGraphQLResponse,
} from '@apollo/server';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { GraphQLFormattedError, GraphQLSchema } from 'graphql';
import { describeError } from '../graphql/format-error.ts';
import { within } from '../lib/deadline.ts';
import { ServiceUnavailable } from '../lib/errors.ts';
import type { RequestScope } from '../lib/request-scope.ts';
import { inSpan } from '../lib/tracing.ts';
import { type ApolloOptions, createApollo, reportContextFailure, type SchemaServer } from './apollo.ts';
import type { Positions } from './positions.ts';
import { hasNoCredential, isById, nameDocument } from './documents.ts';
import { type LoadFigures, LoadLimit, type LoadLimits, RETRY_AFTER_LOAD } from './load.ts';
import { inRequestSpan } from './tracing.ts';
import { httpError, type Refuse, sendError, sendMethodNotAllowed } from './responses.ts';

/** The error of a request that is rejected before its body is read. */
const BUSY: GraphQLFormattedError = {
  message: 'The server is busy.',
  extensions: { code: 'SERVICE_UNAVAILABLE', retryAfterSeconds: RETRY_AFTER_LOAD },
};
/** The wait, in seconds, for a client whose request took too long. */
const RETRY_AFTER_DEADLINE = 5;

/** The dependencies of the route. */
export interface GraphQLRouteOptions<Context extends BaseContext> extends ApolloOptions<Context> {
  /** Authenticates the request. @throws {HttpRefusal} to refuse the request as a whole */
  readonly context: (request: FastifyRequest, reply: FastifyReply) => Promise<Context>;
  /** Called once an operation has been answered. */
  readonly finish: (context: Context) => void;
  /** A request that takes more milliseconds is answered with 503. */
  readonly deadlineMs: number;
  /** The numbers of requests that run, and that wait, at a time. Any more are rejected with 503. */
  readonly load: LoadLimits;
  /** Called at once with the function that reads the load. */
  readonly onLoad?: ((read: () => LoadFigures) => void) | undefined;
  readonly requestScope: RequestScope;
  /** Lets the reads of a request use replicas, and tells the client the position of its writes. */
  readonly positions?: Positions | undefined;
  /** Answers what fails before Apollo Server takes over. */
  readonly refuse: Refuse;
}

/**
 * `/graphql`. Requests are authenticated before the document is parsed, so that a bad credential is answered alike
 * whatever document it comes with; then the fast path or Apollo Server answers, for the schema that this viewer sees.
 */
export function registerGraphQL<Context extends BaseContext>(
  fastify: FastifyInstance,
  options: GraphQLRouteOptions<Context>,
): void {
  const { pipeline, requestScope, positions, refuse, deadlineMs } = options;
  const servers = createServerPool<Context>(options);
  const mode = options.documents?.documents.mode ?? 'off';
  const load = new LoadLimit(options.load);
  options.onLoad?.(() => load.figures);

  async function authenticate(request: FastifyRequest, reply: FastifyReply): Promise<Context> {
    try {
      return await inSpan(
        () => ({ name: 'authenticate' }),
        () => options.context(request, reply),
      );
    } catch (error) {
      await reportContextFailure(options, error);
      throw error;
    }
  }

  async function run(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const context = await authenticate(request, reply);
    let stream: Readable | null = null;
    try {
      const { server, fastPath, outcomes } = await servers.get(pipeline.schemaFor(context));
      const fast = mode !== 'only' ? await fastPath(request, context) : null;
      if (fast !== null && 'body' in fast) {
        return reply.sent ? reply : reply.code(200).header('content-type', fast.contentType).send(fast.body);
      }
      const sent = nameDocument(toApollo(request), mode);
      if (fast !== null) {
        outcomes.set(sent, fast);
      }
      const response = await server.executeHTTPGraphQLRequest({
        httpGraphQLRequest: sent,
        context: async () => context,
      });
      const { body } = response;
      stream = body.kind === 'chunked' ? Readable.from(body.asyncIterator) : null;
      if (isVisit(request) && !isPage(response) && !reply.sent) {
        stream?.destroy();
        return reply.redirect('/', 303);
      }
      return send(response, stream, reply);
    } finally {
      // The parts of a streamed response may read as well.
      if (stream === null) {
        options.finish(context);
      } else {
        stream.once('close', () => options.finish(context));
      }
    }
  }

  async function answer(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    if (!hasUsableHost(request)) {
      return sendError(request, reply, 400, httpError(400, 'The header "Host" is not valid.'));
    }
    if (request.method !== 'GET' && request.method !== 'POST') {
      return sendMethodNotAllowed(request, reply);
    }
    if (isVisit(request) && options.plugins.length === 0) {
      return reply.redirect('/', 303);
    }
    try {
      const work = load.run(
        () => run(request, reply),
        () => request.raw.socket.destroyed,
      );
      return await within(work, deadlineMs, () => {
        throw new ServiceUnavailable('The request took too long.', RETRY_AFTER_DEADLINE);
      });
    } catch (error) {
      return isVisit(request) ? reply.redirect('/', 303) : refuse(request, reply, error);
    }
  }

  const { schema } = options.pipeline;
  if (schema !== null) {
    // A schema that cannot be served stops the start, not the first request.
    fastify.addHook('onReady', async () => void (await servers.get(schema)));
  }
  fastify.addHook('onClose', async () => {
    load.close();
    await servers.stop();
  });
  fastify.all('/graphql', {
    // Before the body is read, so that a rejection costs as little as possible.
    onRequest: (request, reply, done) => {
      if (load.isFull) {
        load.refuse(() => {
          void sendError(request, reply.header('retry-after', RETRY_AFTER_LOAD), 503, BUSY);
        });
      } else {
        done();
      }
    },
    handler: (request, reply) =>
      requestScope.run(request.id, () =>
        inRequestSpan(request, () =>
          positions === undefined ? answer(request, reply) : positions.serve(request, () => answer(request, reply)),
        ),
      ),
  });
}

/** The time that plugins have to stop, in milliseconds. */
const STOP_MS = 5_000;

/** Keeps started servers by schema. Each is started once, on the first request that needs it. */
function createServerPool<Context extends BaseContext>(options: ApolloOptions<Context>) {
  const servers = new WeakMap<GraphQLSchema, Promise<SchemaServer<Context>>>();
  const started = new Set<WeakRef<ApolloServer<Context>>>();

  async function start(schema: GraphQLSchema): Promise<SchemaServer<Context>> {
    const created = createApollo<Context>(schema, options);
    const { server } = created;
    await server.start();
    [...started].forEach((other) => other.deref() ?? started.delete(other));
    started.add(new WeakRef(server));
    return created;
  }

  return {
    get(schema: GraphQLSchema): Promise<SchemaServer<Context>> {
      const server = servers.get(schema) ?? start(schema);
      servers.set(schema, server);
      return server;
    },

    /** Stops all servers, so that plugins can send what they hold and close what they have opened. */
    async stop(): Promise<void> {
      const stopping = [...started].map(async (server) => server.deref()?.stop());
      const results = await within(Promise.allSettled(stopping), STOP_MS, () => {
        options.log.warn('A plugin has not stopped in time');
        return [];
      });
      for (const result of results) {
        if (result.status === 'rejected') {
          options.log.error({ fault: describeError(result.reason) }, 'A plugin failed to stop');
        }
      }
    },
  };
}

/** Reports if a response is a page for people: the landing page of a plugin. */
function isPage({ headers }: HTTPGraphQLResponse): boolean {
  return headers.get('content-type')?.startsWith('text/html') === true;
}

/**
 * Hands a response of Apollo Server to Fastify.
 *
 * @param stream its body, if that comes in parts
 */
function send(response: HTTPGraphQLResponse, stream: Readable | null, reply: FastifyReply): FastifyReply {
  const { status = 200, headers, body } = response;
  if (reply.sent) {
    stream?.destroy();
    return reply; // with the error of the deadline
  }
  if (isPage(response)) {
    reply.header('content-security-policy', "frame-ancestors 'none'"); // the page brings the rest itself
  }
  for (const [name, value] of headers) {
    reply.header(name, name === 'vary' ? [reply.getHeader(name) ?? [], value].flat().join(', ') : value);
  }
  return reply.code(status).send(stream ?? (body.kind === 'complete' ? body.string : ''));
}

/**
 * Returns the request in the form of Apollo Server. A bearer token proves that a request is not cross-site: a page of
 * another origin can set it only after a preflight. Basic proves nothing: browsers send it by themselves once they know
 * it. A GET that names a document by its id, without a credential, needs no proof: its response is public.
 */
const BEARER = /^bearer /i;
/** The header that Apollo's CSRF prevention takes for such a proof. */
const PREFLIGHTED = 'apollo-require-preflight';

function toApollo({ method, headers: sent, url, body }: FastifyRequest): HTTPGraphQLRequest {
  const headers = new HeaderMap();
  for (const [name, value] of Object.entries(sent)) {
    if (value) {
      headers.set(name, Array.isArray(value) ? value.join(', ') : value);
    }
  }
  if (method === 'GET' && (BEARER.test(sent.authorization ?? '') || (isById(url) && hasNoCredential(headers)))) {
    headers.set(PREFLIGHTED, '1');
  }
  return { method, headers, body, search: url.includes('?') ? new URL(url, 'http://localhost/').search : '' };
}

/** Reports if a person opened the endpoint in a browser, which asks nothing. */
function isVisit({ method, url, headers }: FastifyRequest): boolean {
  return method === 'GET' && !url.includes('?') && headers.accept?.includes('text/html') === true;
}

/**
 * Reports if the URL of the request can be read. A request with anything else in `Host`, or with several, is not
 * addressed to us (RFC 9112 §3.2).
 */
function hasUsableHost(request: FastifyRequest): boolean {
  const names = request.raw.rawHeaders.filter((text, at) => at % 2 === 0 && text.length === 4 && /^host$/i.test(text));
  return names.length < 2 && URL.canParse(`${request.protocol}://${request.host}/`);
}
