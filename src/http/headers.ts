import cors from '@fastify/cors';
import { POSITION_HEADER } from './positions.ts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** One year: RFC 6797 §6.1.1. */
const HSTS = 'max-age=31536000';

/** The headers of every response that are the same for all. */
const FIXED = Object.freeze({
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
});

/** The time for which a browser may remember a preflight, in seconds. */
const MAX_AGE_SECONDS = 600;

/** Sets the headers that every response has. */
export type SetSecurityHeaders = (request: FastifyRequest, reply: FastifyReply) => void;

/**
 * Creates the function that sets the headers of every response; a route may override them. Nothing is cached, framed,
 * sniffed or embedded, and no page may load anything.
 *
 * @param isHttps true if clients come over https only; then browsers are told to use nothing else (HSTS)
 */
export function createSecurityHeaders(isHttps: boolean): SetSecurityHeaders {
  return (request, reply) => {
    reply.header('x-request-id', request.id).headers(FIXED);
    if (isHttps || request.protocol === 'https') {
      reply.header('strict-transport-security', HSTS);
    }
  };
}

/** The origins of pages on this machine, on any port. */
const LOCAL_PAGES = /^https?:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/;

/**
 * Allows the pages of these origins, and of no others, to read responses (CORS); `Vary: Origin` keeps them apart in
 * caches.
 *
 * @param isDemo true if pages on this machine, where a front end is developed, may read responses as well
 */
export async function registerCors(
  fastify: FastifyInstance,
  listed: readonly string[],
  isDemo: boolean,
): Promise<void> {
  const origins = isDemo ? [...listed, LOCAL_PAGES] : [...listed];
  const isAllowed = (origin: string | undefined): boolean =>
    origin !== undefined && (listed.includes(origin) || (isDemo && LOCAL_PAGES.test(origin)));

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
    // Programs other than pages send no origin, and need not know what pages may read.
    origin: (origin, done) => done(null, origin === undefined ? false : origins),
    methods: ['GET', 'POST'],
    credentials: true,
    exposedHeaders: [
      'x-request-id',
      'retry-after',
      'ratelimit',
      'ratelimit-policy',
      'www-authenticate',
      POSITION_HEADER,
    ],
    maxAge: MAX_AGE_SECONDS,
    strictPreflight: false,
  });
}
