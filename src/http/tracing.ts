import type { ApolloServerPlugin } from '@apollo/server';
import type { FastifyBaseLogger, FastifyInstance, FastifyRequest } from 'fastify';
import {
  below,
  extractTrace,
  isTracing,
  type Span,
  SpanKind,
  SpanStatusCode,
  startSpan,
  startStep,
  traceFields,
} from '../lib/tracing.ts';
import { onRequestEnd } from './responses.ts';

/** The spans of requests that are being answered. */
const spans = new WeakMap<FastifyRequest, Span>();

/** The methods that a span names; any other is the client's invention. */
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']);

/**
 * Records a span for each request, by OpenTelemetry's conventions for HTTP servers, below the caller's if a `traceparent`
 * header names one. It holds the route, and no path, query, header or address. Without an SDK nothing is registered.
 */
export function registerTracing(fastify: FastifyInstance): void {
  if (!isTracing()) {
    return;
  }
  fastify.addHook('onRequest', (request, _reply, done) => {
    const { method, routeOptions, protocol, raw } = request;
    const known = METHODS.has(method) ? method : '_OTHER';
    const attributes = {
      'http.request.method': known,
      'url.scheme': protocol,
      'network.protocol.version': raw.httpVersion,
      ...(routeOptions.url === undefined ? {} : { 'http.route': routeOptions.url }),
    };
    const verb = known === '_OTHER' ? 'HTTP' : known;
    const name = routeOptions.url === undefined ? verb : `${verb} ${routeOptions.url}`;
    spans.set(request, startSpan({ name, kind: SpanKind.SERVER, attributes }, extractTrace(request.headers)));
    done();
  });
  onRequestEnd(fastify, (request, _reply, { isAnswered, status }) => {
    const span = spans.get(request);
    if (status !== null) {
      span?.setAttribute('http.response.status_code', status);
    }
    if (!isAnswered) {
      span?.setAttribute('error.type', 'aborted');
    } else if (status !== null && status >= 500) {
      span?.setStatus({ code: SpanStatusCode.ERROR });
      span?.setAttribute('error.type', String(status));
    }
    span?.end();
  });
}

/** Runs the work of a request below its span. */
export function inRequestSpan<Result>(request: FastifyRequest, work: () => Result): Result {
  const span = spans.get(request);
  return span === undefined ? work() : below(span, work);
}

/** Starts the span of a step. Returns the hook that ends it. */
async function step(name: string): Promise<() => Promise<void>> {
  const span = startStep(name);
  return async () => span.end();
}

/** Creates the plugin that records the parsing and the validation of documents that are not in Apollo Server's cache. */
export function createTracePlugin(): ApolloServerPlugin {
  return {
    requestDidStart: async () => ({
      parsingDidStart: () => step('graphql.parse'),
      validationDidStart: () => step('graphql.validate'),
    }),
  };
}

/** The version, the trace and the span of a `traceparent` header (W3C Trace Context §3.2). Later versions may add parts. */
const TRACE_PARENT = /^(?!ff)[\da-f]{2}-(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})-[\da-f]{2}(?=-|$)/;

/** The request's place in a trace, by the names that OpenTelemetry gives the fields in logs. */
interface RequestTrace {
  readonly trace_id?: string;
  readonly span_id?: string;
  readonly parent_span_id?: string;
}

/** Returns the trace that the request is part of, and the caller's span, if its header names one. */
function traceOf(request: FastifyRequest): RequestTrace {
  const { traceparent } = request.headers;
  const [, traceId, parentId] = (typeof traceparent === 'string' && TRACE_PARENT.exec(traceparent)) || [];
  const parent = traceId === undefined || parentId === undefined ? {} : { trace_id: traceId, parent_span_id: parentId };
  const span = spans.get(request);
  return span === undefined ? parent : { ...parent, ...traceFields(span) };
}

/** Writes a line for each request, at its end; never the query string, a header or a body. */
export function registerAccessLog(fastify: FastifyInstance, log: FastifyBaseLogger): void {
  onRequestEnd(fastify, (request, reply, { isAnswered, status }) => {
    const path = request.routeOptions.url ?? 'unknown path';
    const ms = Math.round(reply.elapsedTime);
    const line = { requestId: request.id, ...traceOf(request), method: request.method, path };
    log.info({ ...line, ...(status !== null && { status }), ms }, isAnswered ? 'answered' : 'aborted by the client');
  });
}
