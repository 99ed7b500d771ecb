import type { ApolloServer, BaseContext } from '@apollo/server';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import { type ApolloOptions, createApollo, MOST_ERRORS } from './apollo.ts';
import { createLimits, type Limits } from '../graphql/limits.ts';
import { createPreparedOperations, type ExecutedBy } from '../graphql/cached-operations.ts';
import { inTime } from './deadline.ts';
import { httpError, sendError } from './replies.ts';
import type { LoadLimit } from './load.ts';
import type { Refuse } from './refusals.ts';
import type { RequestScope } from './request-scope.ts';

/** What the route needs to answer a request. */
export interface GraphQLRouteOptions<Context extends BaseContext> extends Omit<ApolloOptions<Context>, 'limits'> {
  readonly limits: Partial<Limits>;
  /** The schema, or the one that a viewer may see: the same object for the same viewer's next request. */
  readonly schema: GraphQLSchema | ((context: Context) => GraphQLSchema);
  /** Finds out who asks. @throws {HttpRefusal} to refuse the request as a whole. */
  readonly context: (request: FastifyRequest, reply: FastifyReply) => Promise<Context>;
  /** Called once an operation has been answered. */
  readonly finish: (context: Context) => void;
  /** Told who executed an operation that had been valid before. */
  readonly onExecuted?: ((by: ExecutedBy) => void) | undefined;
  /** After so many milliseconds a request is answered with 503. */
  readonly deadlineMs: number;
  readonly requestScope: RequestScope;
  /** For what fails before Apollo takes over. */
  readonly refuse: Refuse;
  readonly limitLoad: LoadLimit;
}

/** Started servers by schema, each started once, on the first request that needs it. */
function createApolloPool<Context extends BaseContext>(options: ApolloOptions<Context>) {
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

/** Somebody opened the endpoint in a browser, which asks nothing. */
function isVisit({ method, url, headers }: FastifyRequest): boolean {
  return method === 'GET' && !url.includes('?') && headers.accept?.includes('text/html') === true;
}

/** Only such a URL can be read by Apollo's integration; anything else in `Host` is not addressed to us anyway. */
function hasUsableHost(request: FastifyRequest): boolean {
  return URL.canParse(`${request.protocol}://${request.host}/`);
}

/**
 * `/graphql`. The viewer is found out first, so that a bad credential is answered alike whatever it came with; then
 * Apollo takes over, with the schema that this viewer may see.
 */
export function registerGraphQL<Context extends BaseContext>(
  fastify: FastifyInstance,
  options: GraphQLRouteOptions<Context>,
): void {
  const { schema, requestScope, refuse, limitLoad } = options;
  const limits = createLimits(options.limits);
  const prepared = createPreparedOperations<Context>(limits.scaleOf, MOST_ERRORS, options.onExecuted);
  const serverFor = createApolloPool<Context>({ ...options, limits, plugins: [...options.plugins, prepared.plugin] });

  async function run(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const context = await options.context(request, reply);
    try {
      const visible = typeof schema === 'function' ? schema(context) : schema;
      const answer = await prepared.answer(request, visible, context);
      if (reply.sent) {
        return reply; // too late
      }
      if (answer !== null) {
        return reply.header('content-type', answer.contentType).send(answer.body);
      }
      const handle = fastifyApolloHandler(await serverFor(visible), { context: async () => context });
      return await handle.call(fastify, request, reply);
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
      return await inTime(
        limitLoad(() => run(request, reply)),
        options.deadlineMs,
      );
    } catch (error) {
      return refuse(request, reply, error);
    }
  }

  if (typeof schema !== 'function') {
    // A schema that cannot be served stops the start, not the first request.
    fastify.addHook('onReady', async () => void (await serverFor(schema)));
  }
  fastify.all('/graphql', (request, reply) => requestScope.run(request.id, () => answer(request, reply)));
}
