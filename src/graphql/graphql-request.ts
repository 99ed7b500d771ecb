import type { FastifyRequest } from 'fastify';

/** What a plain request over POST asks for. */
export interface AskedOperation {
  readonly query: string;
  readonly operationName: string | null;
  readonly variables: Readonly<Record<string, unknown>>;
  /** The type of the answer that the client likes best. */
  readonly contentType: string;
}

const JSON_TYPE = 'application/json; charset=utf-8';
const GRAPHQL_TYPE = 'application/graphql-response+json; charset=utf-8';

/**
 * Reads what most clients send: null for anything out of the ordinary, good or bad, which Apollo Server knows what to
 * do with. The body has been parsed as JSON.
 */
export function askedBy({ method, headers, url, body }: FastifyRequest): AskedOperation | null {
  const contentType = contentTypeFor(headers.accept);
  if (method !== 'POST' || contentType === null || url !== '/graphql' || !isRecord(body)) {
    return null;
  }
  const { query, operationName = null, variables, extensions } = body;
  const isPlain =
    typeof query === 'string' &&
    (operationName === null || typeof operationName === 'string') &&
    (extensions === undefined || extensions === null || (isRecord(extensions) && !('persistedQuery' in extensions)));
  const sent = variables ?? {};
  return isPlain && isRecord(sent) ? { query, operationName, variables: sent, contentType } : null;
}

/** The type that an `Accept` header likes best, where it names it first and does not weigh it (RFC 9110 §12.5.1). */
function contentTypeFor(accept: string | undefined): string | null {
  if (accept === undefined || accept === '*/*') {
    return JSON_TYPE;
  }
  if (accept.includes(';') && !WEIGHED.test(accept)) {
    return null;
  }
  const [first = ''] = accept.split(',');
  switch (first.trim()) {
    case 'application/json':
      return JSON_TYPE;
    case 'application/graphql-response+json':
      return GRAPHQL_TYPE;
    default:
      return null;
  }
}

/** Types, of which some are weighed as they may be (RFC 9110 §12.4.2), and told nothing else about. */
const WEIGHED =
  /^[^;,]+(?:;\s*q=(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*)?(?:,[^;,]+(?:;\s*q=(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*)?)*$/;

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
