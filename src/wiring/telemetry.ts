import { context, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { TelemetryConfig } from '../config/types.ts';
import { within } from '../lib/deadline.ts';

/** The longest that the end of the process waits for a collector, in milliseconds. */
const FLUSH_MS = 3_000;

/** Traces or metrics that are being sent. */
export interface Telemetry {
  /** Sends what has been recorded, then stops. */
  readonly stop: () => Promise<void>;
}

function samplerOf({ sampler, ratio }: TelemetryConfig): Sampler {
  const root = sampler.endsWith('traceidratio')
    ? new TraceIdRatioBasedSampler(ratio)
    : sampler.endsWith('always_on')
      ? new AlwaysOnSampler()
      : new AlwaysOffSampler();
  return sampler.startsWith('parentbased_') ? new ParentBasedSampler({ root }) : root;
}

/** Returns the attributes of this process for all traces and metrics. */
export function resourceOf({ resourceAttributes, serviceName }: TelemetryConfig, version: string): Resource {
  return resourceFromAttributes({
    ...resourceAttributes,
    'service.name': serviceName,
    'service.version': version,
    'process.pid': process.pid,
  });
}

/** Sends what is left, and waits for the collector for as long as the end of the process may. */
export function shutDown(provider: { shutdown(): Promise<void> }): Promise<void> {
  return within(provider.shutdown(), FLUSH_MS, () => undefined).catch(() => undefined);
}

/**
 * Loads OpenTelemetry's SDK, registers it for the whole process, and sends spans to a collector from then on. Must be
 * called before the server is wired. If the collector cannot be reached, spans are lost, and nothing else.
 */
export function startTelemetry(config: TelemetryConfig, url: string, version: string): Telemetry {
  const exporter = new OTLPTraceExporter({ url, headers: { ...config.headers } });
  const provider = new TracerProvider({
    resource: resourceOf(config, version),
    sampler: samplerOf(config),
    spanProcessors: [new BatchSpanProcessor({ exporter })],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(provider);
  return { stop: () => shutDown(provider) };
}
