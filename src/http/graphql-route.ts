import { Readable } from 'node:stream';
import { type ApolloServer, type BaseContext, HeaderMap, type HTTPGraphQLRequest } from '@apollo/server';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import { within } from '../lib/deadline.ts';
import { ServiceUnavailable } from '../lib/errors.ts';
import type { RequestScope } from '../lib/request-scope.ts';
import { type ApolloOptions, createApollo } from './apollo.ts';
import { httpError, type Refuse, sendError } from './responses.ts';

/** The wait, in seconds, for a client whose request took too long, and for one that was turned away. */
const [RETRY_AFTER_DEADLINE, RETRY_AFTER_LOAD] = [5, 1];

/** The dependencies of the route. */
export interface GraphQLRouteOptions<Context extends BaseContext> extends ApolloOptions<Context> {
  /** Authenticates the request. @throws {HttpRefusal} to refuse the request as a whole */
  readonly context: (request: FastifyRequest, reply: FastifyReply) => Promise<Context>;
  /** Called once an operation has been answered. */
  readonly finish: (context: Context) => void;
  /** A request that takes more milliseconds is answered with 503. */
  readonly deadlineMs: number;
  /** The number of requests that are answered at a time; the next are turned away with 503. */
  readonly mostInFlight: number;
  readonly requestScope: RequestScope;
  /** Answers what fails before Apollo Server takes over. */
  readonly refuse: Refuse;
}

/**
 * `/graphql`. Requests are authenticated before the document is parsed, so that a bad credential is answered alike
 * whatever document it comes with; then Apollo Server answers, for the schema that this viewer sees.
 */
export function registerGraphQL<Context extends BaseContext>(
  fastify: FastifyInstance,
  options: GraphQLRouteOptions<Context>,
): void {
  const { pipeline, requestScope, refuse, deadlineMs } = options;
  const serverFor = createServerPool<Context>(options);
  const limitLoad = createLoadLimit(options.mostInFlight);

  async function run(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const context = await options.context(request, reply);
    try {
      const server = await serverFor(pipeline.schemaFor(context));
      return await answerWith(server, context, request, reply);
    } finally {
      options.finish(context);
    }
  }

  async function answer(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    if (!hasUsableHost(request)) {
      return sendError(request, reply, 400, httpError(400, 'The header "Host" is not valid.'));
    }
    if (request.method !== 'GET' && request.method !== 'POST') {
      const error = httpError(405, 'GraphQL is served over GET and POST.');
      return sendError(request, reply.header('allow', 'GET, POST'), 405, error);
    }
    if (isVisit(request)) {
      return reply.redirect('/', 303);
    }
    try {
      const work = limitLoad(() => run(request, reply));
      return await within(work, deadlineMs, () => {
        throw new ServiceUnavailable('The request took too long.', RETRY_AFTER_DEADLINE);
      });
    } catch (error) {
      return refuse(request, reply, error);
    }
  }

  const { schema } = options.pipeline;
  if (schema !== null) {
    // A schema that cannot be served stops the start, not the first request.
    fastify.addHook('onReady', async () => void (await serverFor(schema)));
  }
  fastify.all('/graphql', (request, reply) => requestScope.run(request.id, () => answer(request, reply)));
}

/** Keeps started servers by schema. Each is started once, on the first request that needs it. */
function createServerPool<Context extends BaseContext>(options: ApolloOptions<Context>) {
  const servers = new WeakMap<GraphQLSchema, Promise<ApolloServer<Context>>>();

  async function start(schema: GraphQLSchema): Promise<ApolloServer<Context>> {
    const server = createApollo<Context>(schema, options);
    await server.start();
    return server;
  }

  return (schema: GraphQLSchema): Promise<ApolloServer<Context>> => {
    const server = servers.get(schema) ?? start(schema);
    servers.set(schema, server);
    return server;
  };
}

/** Hands the request to Apollo Server, and its response to Fastify. */
async function answerWith<Context extends BaseContext>(
  server: ApolloServer<Context>,
  context: Context,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const {
    status = 200,
    headers,
    body,
  } = await server.executeHTTPGraphQLRequest({
    httpGraphQLRequest: toApollo(request),
    context: async () => context,
  });
  if (reply.sent) {
    return reply; // with the error of the deadline
  }
  for (const [name, value] of headers) {
    reply.header(name, value);
  }
  return reply.code(status).send(body.kind === 'complete' ? body.string : Readable.from(body.asyncIterator));
}

function toApollo({ method, headers: sent, url, body }: FastifyRequest): HTTPGraphQLRequest {
  const headers = new HeaderMap();
  for (const [name, value] of Object.entries(sent)) {
    if (value) {
      headers.set(name, Array.isArray(value) ? value.join(', ') : value);
    }
  }
  return { method, headers, body, search: url.includes('?') ? new URL(url, 'http://localhost/').search : '' };
}

/** Runs the work, unless too much is in flight already. @throws {ServiceUnavailable} */
type LoadLimit = <Result>(work: () => Promise<Result>) => Promise<Result>;

/**
 * Limits the requests in flight. Beyond what a server can do, more requests only make all of them wait: a client that is
 * turned away at once can go elsewhere, or come back. Work counts until it is done, also when its client has left.
 */
function createLoadLimit(most: number): LoadLimit {
  let inFlight = 0;
  return async (work) => {
    if (inFlight >= most) {
      throw new ServiceUnavailable('The server is busy.', RETRY_AFTER_LOAD);
    }
    inFlight += 1;
    try {
      return await work();
    } finally {
      inFlight -= 1;
    }
  };
}

/** Reports if a person opened the endpoint in a browser, which asks nothing. */
function isVisit({ method, url, headers }: FastifyRequest): boolean {
  return method === 'GET' && !url.includes('?') && headers.accept?.includes('text/html') === true;
}

/** Reports if the URL of the request can be read. A request with anything else in `Host` is not addressed to us. */
function hasUsableHost(request: FastifyRequest): boolean {
  return URL.canParse(`${request.protocol}://${request.host}/`);
}
