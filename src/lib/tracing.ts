import {
  type Attributes,
  type Context,
  context,
  propagation,
  type Span,
  type SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
} from '@opentelemetry/api';

/** The trace and the span that a line of the log belongs to, by OpenTelemetry's names. */
export interface TraceFields {
  readonly trace_id?: string;
  readonly span_id?: string;
}

/** Reports if an SDK of OpenTelemetry is registered in this process: ours, or one that an operator has preloaded. */
export function isTracing(): boolean {
  const provider: object = trace.getTracerProvider();
  return (
    !('getDelegateTracer' in provider && typeof provider.getDelegateTracer === 'function') ||
    provider.getDelegateTracer('rolegate') !== undefined
  );
}

/** An option of Node that loads a module before the program. */
const PRELOAD = /^(?:-r|--require|--import|--loader|--experimental-loader)$/;
/** The module that looks at the version of Node. */
const VERSION_CHECK = /(?:^|[/\\])require-node\.mjs$/;

/**
 * Reports if Node loads a module before the program, beside the one that looks at its version. Instrumentation comes in
 * this way, and then may have replaced any function of a dependency.
 *
 * @param args the options of the process (`process.execArgv`)
 * @param variable the value of `NODE_OPTIONS`
 */
export function isPreloaded(args: readonly string[], variable = ''): boolean {
  const words = [...args, ...variable.split(/\s+/)].flatMap((word) => word.split(/=(.*)/, 2));
  return words.some((word, at) => PRELOAD.test(word) && !VERSION_CHECK.test(words[at + 1] ?? ''));
}

let known: Tracer | null = null;

function tracer(): Tracer {
  return (known ??= trace.getTracer('rolegate'));
}

/** Returns the span that the caller is part of, if it is recorded. Without an SDK there is none. */
export function recordedSpan(): Span | null {
  const span = trace.getActiveSpan();
  return span?.isRecording() === true ? span : null;
}

/** Returns the fields of the current span for a line of the log. */
export function traceFields(span = trace.getActiveSpan()): TraceFields {
  const { traceId, spanId } = span?.spanContext() ?? {};
  return traceId === undefined || spanId === undefined ? {} : { trace_id: traceId, span_id: spanId };
}

/** A step that may be recorded. */
export interface Step {
  readonly name: string;
  readonly kind?: SpanKind;
  readonly attributes?: Attributes;
}

/**
 * Runs asynchronous work in a span below the current one. Without a recorded span the work runs as it is.
 *
 * @param describe is called only if the step is recorded
 */
export function inSpan<Result>(describe: () => Step, work: () => Promise<Result>): Promise<Result> {
  const span = recordedSpan();
  if (span === null) {
    return work();
  }
  return runIn(startSpan(describe(), context.active()), work);
}

/** Runs synchronous work in a span below the current one. */
export function inSpanSync<Result>(name: string, work: () => Result): Result {
  if (recordedSpan() === null) {
    return work();
  }
  const span = startSpan({ name }, context.active());
  try {
    return work();
  } catch (error) {
    fail(span, error);
    throw error;
  } finally {
    span.end();
  }
}

/** Runs a call in a span, and returns what it returns: of a promise the same one, which ends the span. */
export function observeCall(step: Step, call: () => unknown): unknown {
  const span = startSpan(step, context.active());
  try {
    const result = below(span, call);
    if (result instanceof Promise) {
      result.then(
        () => span.end(),
        (error: unknown) => {
          fail(span, error);
          span.end();
        },
      );
    } else {
      span.end();
    }
    return result;
  } catch (error) {
    fail(span, error);
    span.end();
    throw error;
  }
}

/** Runs work in a span that is the root of a trace: work that no request asked for. */
export function inRootSpan<Result>(describe: () => Step, work: () => Promise<Result>): Promise<Result> {
  return isTracing() ? runIn(tracer().startSpan(describe().name, { ...describe(), root: true }), work) : work();
}

/** Starts a span. The caller ends it. */
export function startSpan({ name, ...options }: Step, parent: Context): Span {
  return tracer().startSpan(name, options, parent);
}

/** Starts a span below the current one, for a step whose end the caller reports. */
export function startStep(name: string): Span {
  return startSpan({ name }, context.active());
}

/** Notes something that happened in the current span, if it is recorded. */
export function noteEvent(name: string, attributes: Attributes): void {
  recordedSpan()?.addEvent(name, attributes);
}

/** Adds attributes to the current span, if it is recorded. */
export function noteAttributes(attributes: Attributes): void {
  recordedSpan()?.setAttributes(attributes);
}

/** Runs work, and whatever it awaits, below the span. */
export function below<Result>(span: Span, work: () => Result): Result {
  return context.with(trace.setSpan(context.active(), span), work);
}

async function runIn<Result>(span: Span, work: () => Promise<Result>): Promise<Result> {
  try {
    return await below(span, work);
  } catch (error) {
    fail(span, error);
    throw error;
  } finally {
    span.end();
  }
}

/** Marks a span as failed. Messages of errors may hold values: only the kind of error is recorded. */
function fail(span: Span, error: unknown): void {
  span.setStatus({ code: SpanStatusCode.ERROR });
  span.setAttribute('error.type', kindOf(error));
}

function kindOf(error: unknown): string {
  if (!(error instanceof Error)) {
    return '_OTHER';
  }
  return 'code' in error && typeof error.code === 'string' && /^\w{1,40}$/.test(error.code) ? error.code : error.name;
}

/** Returns the context of a request: a span that is active already, else the trace that its headers name, or none. */
export function extractTrace(headers: Readonly<Record<string, string | string[] | undefined>>): Context {
  const active = context.active();
  return trace.getSpan(active) === undefined ? propagation.extract(active, headers) : active;
}

/** Returns the headers that make a request of this server part of the current trace; none without an SDK. */
export function traceHeaders(): Record<string, string> {
  const headers: Record<string, string> = {};
  propagation.inject(context.active(), headers);
  return headers;
}

export { SpanKind, SpanStatusCode } from '@opentelemetry/api';
export type { Attributes, Span } from '@opentelemetry/api';
