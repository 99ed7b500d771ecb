import type { FastifyReply, FastifyRequest } from 'fastify';

/** One year: RFC 6797 §6.1.1. */
const HSTS = 'max-age=31536000';

/** Puts the headers on an answer that every answer has. */
export type SetSecurityHeaders = (request: FastifyRequest, reply: FastifyReply) => void;

/**
 * Headers that every answer has, whoever made it; a route may say otherwise. Nothing is cached, framed, sniffed or
 * embedded, and no page may load anything.
 *
 * @param isHttps whether clients come over https only; then they are told to remember it
 */
export function createSecurityHeaders(isHttps: boolean): SetSecurityHeaders {
  return (request, reply) => {
    reply.headers({
      'x-request-id': request.id,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'no-store',
    });
    if (isHttps || request.protocol === 'https') {
      reply.header('strict-transport-security', HSTS);
    }
  };
}
