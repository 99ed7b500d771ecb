import type { FastifyReply, FastifyRequest } from 'fastify';
import { BadRequest, HttpRefusal, TemporaryError } from '../lib/errors.ts';
import type { FormatError } from '../graphql/format-error.ts';
import { sendError } from './replies.ts';
import type { RequestScope } from './request-scope.ts';

/** Answers a request with nothing but this error. */
export type Refuse = (request: FastifyRequest, reply: FastifyReply, error: unknown) => FastifyReply;

/** The status and the headers with which an error refuses a whole request. */
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

/** Whether an error says by itself how the request is to be answered; any other is a bug. */
export function isRefusal(error: unknown): boolean {
  return headOf(error).status !== 500;
}

/** Refuses requests in the words that `formatError` has for their error, under their own id. */
export function createRefuse(formatError: FormatError, requestScope: RequestScope): Refuse {
  return (request, reply, error) => {
    const { status, headers } = headOf(error);
    const told = requestScope.run(request.id, () => formatError({ message: '' }, error));
    return sendError(request, reply.headers(headers), status, told);
  };
}
