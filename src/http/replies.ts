import type { FastifyReply, FastifyRequest } from 'fastify';
import type { GraphQLFormattedError } from 'graphql';

const JSON_TYPE = 'application/json; charset=utf-8';
const GRAPHQL_TYPE = 'application/graphql-response+json; charset=utf-8';

/** The code of a refusal that the HTTP framework makes, by its status. */
function codeOf(status: number): string {
  if (status >= 500) {
    return status === 503 ? 'SERVICE_UNAVAILABLE' : 'INTERNAL_SERVER_ERROR';
  }
  return status === 404 ? 'NOT_FOUND' : 'BAD_REQUEST';
}

/** An error of the HTTP layer, in the form of GraphQL's. */
export function httpError(status: number, message: string): GraphQLFormattedError {
  return { message, extensions: { code: codeOf(status) } };
}

/** The body of an answer that is refused as a whole: one error, no `data`. */
export function errorBody(error: GraphQLFormattedError): string {
  return `${JSON.stringify({ errors: [error] })}\n`;
}

/** Answers with one error, in the media type that the client prefers (GraphQL over HTTP §6.4). */
export function sendError(
  request: FastifyRequest,
  reply: FastifyReply,
  status: number,
  error: GraphQLFormattedError,
): FastifyReply {
  const accepted = request.headers.accept ?? '';
  const prefersGraphQL = accepted.includes('application/graphql-response+json');
  return reply
    .code(status)
    .header('content-type', prefersGraphQL ? GRAPHQL_TYPE : JSON_TYPE)
    .send(errorBody(error));
}
