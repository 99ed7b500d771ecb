import type { Socket } from 'node:net';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { SetSecurityHeaders } from './headers.ts';
import { isRefusal, type Refuse } from './refusals.ts';
import { errorBody, httpError, sendError } from './replies.ts';

/** What is said of requests that never become GraphQL, by Fastify's code. */
const MESSAGES: Readonly<Record<string, string>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'The body is too large.',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'The body must be application/json.',
  FST_ERR_CTP_INVALID_JSON_BODY: 'The body is not valid JSON.',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'The body is empty.',
};

function statusOf({ statusCode }: FastifyError): number {
  return statusCode !== undefined && statusCode >= 400 && statusCode < 600 ? statusCode : 500;
}

/**
 * What is thrown outside of GraphQL is answered in GraphQL's form: what Fastify itself refuses (413, 415, malformed
 * JSON, unknown paths), our own refusals, and bugs.
 */
export function registerErrorReplies(fastify: FastifyInstance, refuse: Refuse): void {
  fastify.setErrorHandler<FastifyError>((error, request, reply) => {
    const status = statusOf(error);
    if (isRefusal(error) || status >= 500) {
      return refuse(request, reply, error);
    }
    return sendError(request, reply, status, httpError(status, MESSAGES[error.code] ?? 'The request is not valid.'));
  });
  fastify.setNotFoundHandler((request, reply) =>
    sendError(request, reply, 404, httpError(404, 'There is nothing here.')),
  );
}

/** Answers requests whose URL cannot be routed: no hook runs for them, so that they get their headers here. */
export function createBadUrlReply(setHeaders: SetSecurityHeaders) {
  return (_error: FastifyError, request: FastifyRequest, reply: FastifyReply): void => {
    setHeaders(request, reply);
    void sendError(request, reply, 400, httpError(400, 'The URL is not valid.'));
  };
}

/** A request that is no HTTP, or whose header is too large: there is no request object yet, only the socket. */
export function replyToMalformedHttp(error: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const status = error.code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request';
  const body = errorBody(httpError(400, 'The request is not valid HTTP.'));
  const head = ['content-type: application/json; charset=utf-8', `content-length: ${body.length}`, 'connection: close'];
  socket.end(`HTTP/1.1 ${status}\r\n${head.join('\r\n')}\r\n\r\n${body}`);
}
