import { type Attributes, type HrTime, ValueType } from '@opentelemetry/api';
import { millisToHrTime } from '@opentelemetry/core';
import { OTLPExporterBase } from '@opentelemetry/otlp-exporter-base';
import { convertLegacyHttpOptions, createOtlpHttpExportDelegate } from '@opentelemetry/otlp-exporter-base/node-http';
import { MetricsExporterMetricsHelper, ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  type Histogram,
  MeterProvider,
  type MetricData,
  type MetricProducer,
  PeriodicExportingMetricReader,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import type { MetricObjectWithValues, MetricValueWithName, Registry } from 'prom-client';
import type { TelemetryConfig } from '../config/types.ts';
import { resourceOf, shutDown, type Telemetry } from './telemetry.ts';

/** The longest that one post takes, in milliseconds. */
const TIMEOUT_MS = 10_000;

/**
 * Loads OpenTelemetry's SDK for metrics, and posts the figures of `/metrics` to a collector from then on, by the same names:
 * each is counted once for all readers. If the collector cannot be reached, figures are lost, and nothing else.
 */
export function startMetricExport(
  config: TelemetryConfig,
  url: string,
  registry: Registry,
  version: string,
): Telemetry {
  const options = { url, headers: { ...config.headers } };
  const http = convertLegacyHttpOptions(options, 'METRICS', 'v1/metrics', { 'Content-Type': 'application/x-protobuf' });
  const exporter = new OTLPExporterBase<ResourceMetrics>(
    createOtlpHttpExportDelegate(
      http,
      ProtobufMetricsSerializer,
      'otlp_http_metric_exporter',
      MetricsExporterMetricsHelper,
      undefined,
    ),
  );
  const reader = new PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis: config.metricsInterval,
    exportTimeoutMillis: Math.min(TIMEOUT_MS, config.metricsInterval),
    metricProducers: [createMetricProducer(registry, version)],
  });
  const provider = new MeterProvider({ resource: resourceOf(config, version), readers: [reader] });
  return { stop: () => shutDown(provider) };
}

/** Creates the producer of a registry's figures, as OpenTelemetry describes metrics. */
export function createMetricProducer(registry: Registry, version: string): MetricProducer {
  const startTime = millisToHrTime(performance.timeOrigin);
  return {
    collect: async () => {
      const endTime = millisToHrTime(Date.now());
      const figures = await registry.getMetricsAsJSON();
      const metrics = figures.flatMap((figure) => metricOf(figure, { startTime, endTime }));
      const scope = { name: 'rolegate', version };
      // The SDK takes the resource from its own producer.
      return {
        resourceMetrics: { resource: resourceFromAttributes({}), scopeMetrics: [{ scope, metrics }] },
        errors: [],
      };
    },
  };
}

interface Span {
  readonly startTime: HrTime;
  readonly endTime: HrTime;
}

type Figure = MetricObjectWithValues<MetricValueWithName<string>>;

/** Returns the metric of a figure; none if it has no value now. */
function metricOf(figure: Figure, { startTime, endTime }: Span): readonly MetricData[] {
  const kind = String(figure.type);
  const common = {
    descriptor: { name: figure.name, description: figure.help, unit: '', valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  };
  if (kind === 'histogram') {
    const dataPoints = histogramsOf(figure, { startTime, endTime });
    return dataPoints.length === 0 ? [] : [{ ...common, dataPointType: DataPointType.HISTOGRAM, dataPoints }];
  }
  const dataPoints = figure.values
    .filter(({ value }) => Number.isFinite(value))
    .map(({ value, labels }): DataPoint<number> => ({ startTime, endTime, attributes: labels as Attributes, value }));
  if (dataPoints.length === 0) {
    return [];
  }
  return kind === 'counter'
    ? [{ ...common, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints }]
    : [{ ...common, dataPointType: DataPointType.GAUGE, dataPoints }];
}

/** A histogram under construction: Prometheus counts the values up to a boundary, OpenTelemetry those between two. */
interface Parts {
  readonly labels: Record<string, string | number>;
  readonly buckets: { readonly boundary: number; readonly atMost: number }[];
  sum: number;
  count: number;
}

function histogramsOf({ values, name }: Figure, { startTime, endTime }: Span): DataPoint<Histogram>[] {
  const parts = new Map<string, Parts>();
  for (const { labels, value, metricName } of values) {
    const { le, ...others } = labels as Record<string, string | number>;
    const key = JSON.stringify(Object.entries(others).toSorted(([a], [b]) => (a < b ? -1 : 1)));
    const part = parts.get(key) ?? { labels: others, buckets: [], sum: 0, count: 0 };
    parts.set(key, part);
    if (metricName === `${name}_sum`) {
      part.sum = value;
    } else if (metricName === `${name}_count`) {
      part.count = value;
    } else if (le !== '+Inf') {
      part.buckets.push({ boundary: Number(le), atMost: value });
    }
  }
  return [...parts.values()].map(({ labels, buckets, sum, count }) => {
    const ordered = buckets.toSorted((a, b) => a.boundary - b.boundary);
    const cumulative = [...ordered.map(({ atMost }) => atMost), count];
    const counts = cumulative.map((atMost, index) => atMost - (cumulative[index - 1] ?? 0));
    const value = { buckets: { boundaries: ordered.map(({ boundary }) => boundary), counts }, sum, count };
    return { startTime, endTime, attributes: labels, value };
  });
}
