import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { GraphQLFormattedError } from 'graphql';
import type { FormatError } from '../graphql/format-error.ts';
import { BadRequest, HttpRefusal, TemporaryError } from '../lib/errors.ts';
import type { RequestScope } from '../lib/request-scope.ts';
import type { SetSecurityHeaders } from './headers.ts';
import { mediaTypeFor } from './media-types.ts';

/** Answers a request with this error alone. */
export type Refuse = (request: FastifyRequest, reply: FastifyReply, error: unknown) => FastifyReply;

const JSON_TYPE = 'application/json; charset=utf-8';

/** Messages for requests that Fastify refuses before they reach GraphQL, by Fastify's code. */
const MESSAGES: Readonly<Record<string, string>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'The body is too large.',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'The body must be application/json.',
  FST_ERR_CTP_INVALID_JSON_BODY: 'The body is not valid JSON.',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'The body is empty.',
  ENCODED_BODY: 'The body must be sent without Content-Encoding.',
};

/** Returns an error of the HTTP layer, in the form of GraphQL's. */
export function httpError(status: number, message: string): GraphQLFormattedError {
  return { message, extensions: { code: codeOf(status) } };
}

/** Returns the code of a refusal that the HTTP framework makes, by its status. */
function codeOf(status: number): string {
  if (status >= 500) {
    return status === 503 ? 'SERVICE_UNAVAILABLE' : 'INTERNAL_SERVER_ERROR';
  }
  return status === 404 ? 'NOT_FOUND' : 'BAD_REQUEST';
}

/** Returns the body of a request that is refused as a whole: one error, no `data`. */
function errorBody(error: GraphQLFormattedError): string {
  return `${JSON.stringify({ errors: [error] })}\n`;
}

/** Answers with one error, in the media type that the client prefers (GraphQL over HTTP §6.4). */
export function sendError(
  request: FastifyRequest,
  reply: FastifyReply,
  status: number,
  error: GraphQLFormattedError,
): FastifyReply {
  const type = mediaTypeFor(request.headers.accept) ?? JSON_TYPE;
  return reply.code(status).header('content-type', type).send(errorBody(error));
}

/** Answers a request with a method that GraphQL over HTTP does not have. */
export function sendMethodNotAllowed(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const error = httpError(405, 'GraphQL is served over GET and POST.');
  return sendError(request, reply.header('allow', 'GET, POST'), 405, error);
}

/** Handles the end of a request. */
export type EndOfRequest = (request: FastifyRequest, reply: FastifyReply, end: RequestEnd) => void;

/** The way in which a request ended. */
export interface RequestEnd {
  readonly isAnswered: boolean;
  /** The status that was sent, if any. */
  readonly status: number | null;
}

/**
 * Calls the function once for each request: when its response has been sent, or when its client has left before. Fastify
 * calls its hook `onResponse` for the former only, and `onRequestAbort` while a body is read only.
 */
export function onRequestEnd(fastify: FastifyInstance, handle: EndOfRequest): void {
  const answered = new WeakSet<FastifyReply>();
  fastify.addHook('onRequest', (request, reply, done) => {
    reply.raw.once('close', () => {
      if (!answered.has(reply)) {
        handle(request, reply, { isAnswered: false, status: reply.raw.headersSent ? reply.statusCode : null });
      }
    });
    done();
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    answered.add(reply);
    handle(request, reply, { isAnswered: true, status: reply.statusCode });
    done();
  });
}

/** Creates the function that refuses requests with the public form of an error, under the id of the request. */
export function createRefuse(formatError: FormatError, requestScope: RequestScope): Refuse {
  return (request, reply, error) => {
    const { status, headers } = headOf(error);
    const formatted = requestScope.run(request.id, () => formatError({ message: '' }, error));
    return sendError(request, reply.headers(headers), status, formatted);
  };
}

/** Returns the status and the headers with which an error refuses a whole request. Unknown errors are bugs. */
function headOf(error: unknown): { status: number; headers: Readonly<Record<string, string>> } {
  if (error instanceof HttpRefusal) {
    const challenge = error.status === 401 ? { 'www-authenticate': 'Bearer' } : {};
    return { status: error.status, headers: { ...challenge, ...error.headers } };
  }
  if (error instanceof TemporaryError) {
    const status = error.code === 'RATE_LIMITED' ? 429 : 503;
    return { status, headers: { 'retry-after': String(error.retryAfterSeconds) } };
  }
  return { status: error instanceof BadRequest ? 400 : 500, headers: {} };
}

/**
 * Answers errors from outside of GraphQL in GraphQL's form: refusals of Fastify itself (413, 415, malformed JSON,
 * unknown paths), our own refusals, and bugs.
 */
export function registerErrorResponses(fastify: FastifyInstance, refuse: Refuse): void {
  fastify.setErrorHandler<FastifyError>((error, request, reply) => {
    const status = statusOf(error);
    if (status >= 500 || headOf(error).status !== 500) {
      return refuse(request, reply, error);
    }
    return sendError(request, reply, status, httpError(status, MESSAGES[error.code] ?? 'The request is not valid.'));
  });
  fastify.setNotFoundHandler((request, reply) =>
    /^\/graphql(?:\?|$)/.test(request.url)
      ? sendMethodNotAllowed(request, reply)
      : sendError(request, reply, 404, httpError(404, 'Not found. The API is at /graphql.')),
  );
}

function statusOf({ statusCode }: FastifyError): number {
  return statusCode !== undefined && statusCode >= 400 && statusCode < 600 ? statusCode : 500;
}

/** Creates the answer to requests whose URL cannot be routed: no hook runs for them, so they get their headers here. */
export function createBadUrlResponse(setHeaders: SetSecurityHeaders) {
  return (_error: FastifyError, request: FastifyRequest, reply: FastifyReply): void => {
    setHeaders(request, reply);
    void sendError(request, reply, 400, httpError(400, 'The URL is not valid.'));
  };
}

/** Answers a client error for which Fastify has no request: bytes that are not HTTP, too large a header, an incomplete request. */
export function answerMalformedHttp(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET') {
    socket.destroy();
  } else if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    endSocket(socket, { status: 408, message: 'The request did not arrive in time.' });
  } else {
    const status = error.code === 'HPE_HEADER_OVERFLOW' ? 431 : 400;
    endSocket(socket, { status, message: 'The request is not valid HTTP.' });
  }
}

/** The time in which a client may read the last response on a connection. Then the connection is destroyed. */
const LINGER_MS = 1_000;

/** A response that is written directly to a socket, for which there is no request object. */
export interface SocketResponse {
  readonly status: 400 | 403 | 408 | 429 | 431 | 503;
  readonly message: string;
  readonly headers?: readonly string[];
}

const ended = new WeakSet<Duplex>();

/**
 * Writes an error to a socket as its last response, and closes it. `end()` alone would leave the socket open for as long
 * as the client keeps its own side open; to destroy it at once could lose the response on its way.
 */
export function endSocket(socket: Duplex, { status, message, headers = [] }: SocketResponse): void {
  if (ended.has(socket)) {
    return; // the last response has been written already
  }
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  ended.add(socket);
  const body = errorBody(httpError(status, message));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
    ...headers,
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  const timer = setTimeout(() => socket.destroy(), LINGER_MS).unref();
  socket.once('close', () => clearTimeout(timer));
}
