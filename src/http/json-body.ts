import { isUtf8 } from 'node:buffer';
import type { FastifyInstance } from 'fastify';

/** The request's body is not what its type says. */
class MalformedBody extends Error {
  readonly statusCode = 400;
  readonly code = 'FST_ERR_CTP_INVALID_JSON_BODY';
}

/**
 * Takes JSON, and nothing else: other types are answered with 415. Bytes that are no UTF-8 (RFC 8259 §8.1) are refused,
 * where Node would replace them silently; keys such as `__proto__` are refused too.
 */
export function registerJsonBody(fastify: FastifyInstance): void {
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
