import type { FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';
import type { Config } from '../config/config.ts';
import type { TelemetryConfig } from '../config/types.ts';
import { clockOffset } from '../database/clock.ts';
import { systemScope } from '../database/scopes.ts';
import type { Database } from '../database/database.ts';
import { oldestUnsealed } from '../database/events/chain.ts';
import { countWebhooks } from '../database/webhooks.ts';
import type { Denials } from '../database/events/denials.ts';
import type { ExecutedBy } from '../graphql/pipeline.ts';
import type { Figure, Sample } from '../http/metrics.ts';
import type { LoadFigures } from '../http/load.ts';
import type { LiveCounts } from '../sockets/options.ts';
import type { Telemetry } from './telemetry.ts';

/** Describes a figure that only grows. */
function counter(name: string, help: string, labels: readonly string[], read: Figure['read']): Figure {
  return { kind: 'counter', name, help, labels, read };
}

/** Describes a figure that rises and falls. */
function gauge(name: string, help: string, labels: readonly string[], read: Figure['read']): Figure {
  return { kind: 'gauge', name, help, labels, read };
}

/** Counts by one or two labels. Their values come from closed sets: codes, coordinates of the schema, outcomes. */
class Counts {
  readonly #counts = new Map<string, { readonly labels: Sample['labels']; value: number }>();

  add(labels: Sample['labels']): void {
    const key = Object.values(labels).join(' ');
    const known = this.#counts.get(key);
    if (known === undefined) {
      this.#counts.set(key, { labels, value: 1 });
    } else {
      known.value += 1;
    }
  }

  samples(): readonly Sample[] {
    return [...this.#counts.values()];
  }
}

/** The parts whose state is read at each scrape. */
export interface FigureSources {
  readonly database: Pick<Database, 'engine' | 'pools' | 'replicas' | 'run'>;
  readonly load: () => LoadFigures | null;
  readonly live: () => LiveCounts;
  /** Executions of operations, by executor. */
  readonly executions: ReadonlyMap<ExecutedBy, number>;
  /** Requests by the result of looking for their document. */
  readonly documents: ReadonlyMap<string, number>;
  readonly now: () => Date;
  readonly version: string;
}

/** The counters of a process whose metrics are served. Without METRICS_PORT there are none, and nothing is counted. */
export class Counters {
  readonly #errors = new Counts();
  readonly #denials = new Counts();
  readonly #logins = new Counts();
  readonly #webhooks = new Counts();

  readonly onError = (code: string): void => this.#errors.add({ code });
  readonly onWebhook = (outcome: string): void => this.#webhooks.add({ outcome });
  readonly onLogin = (outcome: string): void => this.#logins.add({ outcome });

  /** Returns the counter of denials for the audit trail, which counts them here, too. */
  countingDenials(counter: Pick<Denials, 'count'>): Pick<Denials, 'count'> {
    return {
      count: (refusal) => {
        this.#denials.add({ coordinate: refusal.coordinate, code: refusal.code });
        counter.count(refusal);
      },
    };
  }

  /** Returns the figures for `/metrics`. */
  figures({ database, load, live, executions, documents, now, version }: FigureSources): readonly Figure[] {
    const loadOf = (name: keyof LoadFigures) => (): readonly Sample[] => {
      const figures = load();
      return figures === null ? [] : [{ labels: {}, value: figures[name] }];
    };
    return [
      gauge('live_sockets', 'WebSocket connections', [], () => [{ labels: {}, value: live().sockets }]),
      gauge('live_subscriptions', 'Subscriptions on all connections', [], () => [
        { labels: {}, value: live().subscriptions },
      ]),
      counter(
        'graphql_executions_total',
        'Executions of operations: by their plan, or by graphql-js, and why',
        ['by'],
        () => [...executions].map(([by, value]) => ({ labels: { by }, value })),
      ),
      counter('graphql_errors_total', 'Errors in answers, by code', ['code'], () => this.#errors.samples()),
      counter('access_denials_total', 'Denials: each coordinate once in an operation', ['coordinate', 'code'], () =>
        this.#denials.samples(),
      ),
      counter('login_attempts_total', 'Checked passwords: accepted, or the code of the refusal', ['outcome'], () =>
        this.#logins.samples(),
      ),
      counter('graphql_documents_total', 'Requests that name their document, by what was found', ['outcome'], () =>
        [...documents].map(([outcome, value]) => ({ labels: { outcome }, value })),
      ),
      gauge('requests_running', 'Requests that are being answered', [], loadOf('running')),
      gauge('requests_waiting', 'Requests that wait for their turn', [], loadOf('waiting')),
      gauge('requests_running_limit', 'Requests that may be answered at a time now', [], loadOf('limit')),
      gauge('database_connections', 'Connections to PostgreSQL, by pool and state', ['pool', 'state'], () =>
        database.pools().flatMap(({ pool, total, idle }) => [
          { labels: { pool, state: 'idle' }, value: idle },
          { labels: { pool, state: 'used' }, value: total - idle },
        ]),
      ),
      gauge('database_connections_limit', 'The largest number of connections of a pool', ['pool'], () =>
        database.pools().map(({ pool, limit }) => ({ labels: { pool }, value: limit })),
      ),
      gauge('database_waiting', 'Statements and transactions that wait for a connection', ['pool'], () =>
        database.pools().map(({ pool, waiting }) => ({ labels: { pool }, value: waiting })),
      ),
      gauge('database_replica_used', 'Read replicas: 1 if reads may run on it, 0 if it is left out', ['replica'], () =>
        (database.replicas?.figures() ?? []).map(({ replica, isUsed }) => ({
          labels: { replica },
          value: Number(isUsed),
        })),
      ),
      gauge('database_replica_lag_bytes', 'The part of the log that a replica has not replayed', ['replica'], () =>
        (database.replicas?.figures() ?? []).flatMap(({ replica, lag }) =>
          lag === null ? [] : [{ labels: { replica }, value: lag }],
        ),
      ),
      counter('database_replica_reads_total', 'Reading transactions on a replica', ['replica'], () =>
        (database.replicas?.figures() ?? []).map(({ replica, reads }) => ({ labels: { replica }, value: reads })),
      ),
      gauge('audit_seal_lag_seconds', 'The age of the oldest audit event that is not sealed', [], async () => {
        const oldest = await database.run(systemScope, oldestUnsealed);
        return [{ labels: {}, value: oldest === null ? 0 : Math.max(0, (now().getTime() - oldest) / 1_000) }];
      }),
      gauge(
        'clock_offset_seconds',
        "The least time by which the clock of the process is ahead of the database's",
        [],
        async () => (database.engine === 'pglite' ? [] : [{ labels: {}, value: await clockOffset(database.run, now) }]),
      ),
      counter('webhook_attempts_total', 'Attempts to post events to webhooks, by outcome', ['outcome'], () =>
        this.#webhooks.samples(),
      ),
      gauge('webhooks', 'Webhooks: enabled and working, failing, or disabled', ['state'], async () => {
        const { enabled, failing, disabled } = await database.run(systemScope, countWebhooks);
        return Object.entries({ enabled, failing, disabled }).map(([state, value]) => ({ labels: { state }, value }));
      }),
      gauge('webhook_dead_letters', 'Events that were not delivered to a webhook', [], async () => {
        const { dead } = await database.run(systemScope, countWebhooks);
        return [{ labels: {}, value: dead }];
      }),
      gauge('rolegate_build_info', 'The release that runs', ['version'], () => [{ labels: { version }, value: 1 }]),
    ];
  }
}

/** Returns true if the figures of the process are served or sent. */
export function hasMetrics({ metricsPort, telemetry }: Config): boolean {
  return metricsPort !== null || (telemetry?.metricsUrl ?? null) !== null;
}

/**
 * Serves and sends metrics, if that is configured: only then are their libraries loaded.
 *
 * @returns the function that stops both
 */
export async function startMetrics(
  config: Config,
  http: FastifyInstance,
  version: string,
  figures: readonly Figure[],
): Promise<() => Promise<void>> {
  if (!hasMetrics(config)) {
    return async () => undefined;
  }
  const { host, metricsPort, telemetry } = config;
  const { createRegistry, serveMetrics } = await import('../http/metrics.ts');
  const registry = createRegistry(http, figures);
  const served = metricsPort === null ? null : await serveMetrics(registry, host, metricsPort);
  const sent = telemetry === null ? null : await sendMetrics(telemetry, registry, version);
  return async () => {
    await sent?.stop();
    await served?.close();
  };
}

async function sendMetrics(telemetry: TelemetryConfig, registry: Registry, version: string): Promise<Telemetry | null> {
  if (telemetry.metricsUrl === null) {
    return null;
  }
  const { startMetricExport } = await import('./metric-export.ts');
  return startMetricExport(telemetry, telemetry.metricsUrl, registry, version);
}
