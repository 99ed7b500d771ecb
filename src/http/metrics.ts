import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { within } from '../lib/deadline.ts';
import { onRequestEnd } from './responses.ts';

/** Requests of monitoring are small: a connection that takes longer is closed, since it only holds a descriptor. */
const TIMEOUTS = { headersTimeout: 5_000, requestTimeout: 5_000, connectionsCheckingInterval: 1_000 };
const CONNECTIONS = 100;

/** Prometheus metrics of a process, on a port that clients do not reach. */
export interface MetricsServer {
  readonly port: number;
  readonly close: () => Promise<void>;
}

/** A value of a figure. No label holds what a client chose. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A figure that is read at each scrape. One that cannot be read is left out of that scrape. */
export interface Figure {
  readonly kind: 'counter' | 'gauge';
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  readonly read: () => readonly Sample[] | Promise<readonly Sample[]>;
}

/**
 * Creates the metrics of a process: the number and duration of requests by method, route and status, Node's own metrics,
 * and the given figures. Labels hold no path, query or id that a client chose.
 *
 * @param fastify must not be listening yet
 */
export function createRegistry(fastify: FastifyInstance, figures: readonly Figure[]): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'How long requests took',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10],
    registers: [registry],
  });
  figures.forEach((figure) => registry.registerMetric(metricOf(figure)));
  onRequestEnd(fastify, (request, reply, { isAnswered }) => {
    const route = request.routeOptions.url ?? 'unknown';
    const labels = { method: request.method, route, status: isAnswered ? reply.statusCode : 'aborted' };
    durations.observe(labels, reply.elapsedTime / 1_000);
  });
  return registry;
}

/**
 * Serves the figures as `GET /metrics` in the Prometheus text format.
 *
 * @throws if the port is taken
 */
export async function serveMetrics(registry: Registry, host: string, port: number): Promise<MetricsServer> {
  const server = createServer(TIMEOUTS, (request, response) => {
    if (request.url !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    registry.metrics().then(
      (text) => response.writeHead(200, { 'content-type': registry.contentType }).end(text),
      () => response.writeHead(500).end(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve);
  });
  server.maxConnections = CONNECTIONS;
  server.setTimeout(TIMEOUTS.requestTimeout);
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections(); // also those whose requests have not arrived: they are not answered any more
      await closed;
    },
  };
}

/** The longest that a scrape waits for a figure, in milliseconds. */
const READ_TIMEOUT = 2_000;

/** Creates the metric of a figure. */
function metricOf({ kind, name, help, labels, read }: Figure): Counter | Gauge {
  const write = async (metric: Counter | Gauge): Promise<void> => {
    metric.reset();
    let samples: readonly Sample[] = [];
    try {
      samples = await within(Promise.resolve(read()), READ_TIMEOUT, () => []);
    } catch {
      // The database may be unavailable, which is when the other figures are needed most.
    }
    samples.forEach((sample) => metric.inc({ ...sample.labels }, sample.value));
    if (samples.length === 0 && labels.length === 0) {
      metric.remove(); // rather than 0, which would be a value
    }
  };
  const configuration = {
    name,
    help,
    labelNames: labels,
    registers: [],
    collect(this: Counter | Gauge) {
      return write(this);
    },
  };
  return kind === 'counter' ? new Counter(configuration) : new Gauge(configuration);
}
