import cors from '@fastify/cors';
import type { FastifyInstance } from 'fastify';

/** How long a browser may remember what it was allowed, in seconds. */
const MAX_AGE_SECONDS = 600;

/** Lets the pages of these origins, and of no others, read our answers; caches keep them apart by `Vary: Origin`. */
export async function registerCors(fastify: FastifyInstance, origins: readonly string[]): Promise<void> {
  const isAllowed = (origin: string | undefined): boolean => origin !== undefined && origins.includes(origin);

  // A page from the internet that calls a server on this machine asks with one header more
  // (Private Network Access §3.1): browsers send it to the demo when the hosted Sandbox is used.
  fastify.addHook('onRequest', ({ method, headers }, reply, done) => {
    const asks = method === 'OPTIONS' && headers['access-control-request-private-network'] === 'true';
    if (asks && isAllowed(headers.origin)) {
      reply.header('access-control-allow-private-network', 'true');
    }
    done();
  });

  await fastify.register(cors, {
    origin: [...origins],
    methods: ['GET', 'POST'],
    credentials: true,
    exposedHeaders: ['x-request-id', 'retry-after', 'www-authenticate'],
    maxAge: MAX_AGE_SECONDS,
    strictPreflight: false,
  });
}
