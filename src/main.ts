import { lookup } from 'node:dns/promises';
import { inspect } from 'node:util';
import { type Logger, pino } from 'pino';
import { type App, createApp, readVersion } from './app.ts';
import { banner } from './cli/banner.ts';
import { describeFailure } from './cli/failures.ts';
import { type Config, ConfigError, loadEnvironment, readConfig } from './config/config.ts';
import { PolicyError } from './access/index.ts';
import { DatabaseDamaged, DataFolderInUse } from './database/folder.ts';
import { DatabaseOpenToOthers, OverprivilegedLogin } from './database/least-privilege.ts';
import { MigrationBlocked, MigrationsPending } from './database/migrate.ts';
import { BuiltInRolesDiffer } from './database/seed/seed.ts';
import { SecretDamaged } from './lib/secrets.ts';
import { isPreloaded, isTracing, traceFields } from './lib/tracing.ts';
import type { Telemetry } from './wiring/telemetry.ts';
import { onOrphaned, startsWorkers, notifyReady, workerNumber, Workers } from './cli/workers.ts';

/** The output of the process: plain lines for a developer's terminal, or entries of the log. */
interface Output {
  readonly log: Logger;
  readonly say: (line: string) => void;
  readonly warn: (line: string) => void;
}

function writeLine(line: string): void {
  process.stdout.write(`${line}\n`);
}

function outputOf({ plainOutput, production, logLevel }: Config): Output {
  const log = pino({ level: logLevel, ...(isTracing() ? { mixin: () => traceFields() } : {}) });
  if (plainOutput || (process.stdout.isTTY && !production)) {
    return { log, say: writeLine, warn: (line) => writeLine(`Warning: ${line}`) };
  }
  return { log, say: (line) => log.info(line.trim()), warn: (line) => log.warn(line) };
}

/** The configuration once it has been read, for the description of failures. */
let configured: Config | null = null;

/** The longest time that closing may take before the process ends anyway, in milliseconds. */
const CLOSE_DEADLINE = 10_000;

async function start(): Promise<void> {
  const environment = loadEnvironment();
  const config = readConfig(environment);
  configured = config;
  const isInstrumented = isPreloaded(process.execArgv, environment['NODE_OPTIONS']);
  await (startsWorkers(config) ? startAll(config) : startOne(config, workerNumber(), isInstrumented));
}

/** Serves in this process: alone, or as one of several workers. */
async function startOne(config: Config, worker: number | null, isInstrumented: boolean): Promise<void> {
  const telemetry = await openTelemetry(config);
  const { log, say, warn } = outputOf(config);
  const edges = {
    log,
    now: () => new Date(),
    progress: (step: string) => say(`… ${step}`),
    isInstrumented,
  };
  if (worker === null) {
    config.warnings.forEach(warn);
  }
  const starting = createApp(worker === null ? config : configOfWorker(config, worker), edges);
  const stop = stopOnSignals({
    delay: config.shutdownDelaySeconds * 1_000,
    close: async (reason, delay) => {
      if (worker === null) {
        say(`\n${reason}: closing`);
      }
      const app = await starting;
      await app.stop(delay);
      await telemetry?.stop();
      return true;
    },
    fail,
  });
  onOrphaned(() => stop.request('orphaned'));
  const app = await starting;
  const origin = stop.isRequested() ? null : await listen(app, stop.isRequested);
  if (origin !== null) {
    if (worker === null) {
      say(banner(config, `${origin}/`));
    }
    notifyReady(origin);
  }
}

/** Begins to send traces, if that is configured: only then is the SDK loaded. */
async function openTelemetry({ telemetry }: Config): Promise<Telemetry | null> {
  if (telemetry === null || telemetry.tracesUrl === null) {
    return null;
  }
  const { startTelemetry } = await import('./wiring/telemetry.ts');
  return startTelemetry(telemetry, telemetry.tracesUrl, readVersion());
}

/** Returns a worker's configuration. Workers share the port; each serves its own metrics, on the ports after the first one's. */
function configOfWorker(config: Config, worker: number): Config {
  const { metricsPort } = config;
  return metricsPort === null || metricsPort === 0 ? config : { ...config, metricsPort: metricsPort + worker - 1 };
}

/** Serves in several processes. */
async function startAll(config: Config): Promise<void> {
  const { say, warn } = outputOf(config);
  config.warnings.forEach(warn);
  const workers = new Workers(config.workers, () => process.exit(1));
  const stop = stopOnSignals({
    delay: config.shutdownDelaySeconds * 1_000,
    close: (reason) => {
      say(`\n${reason}: closing`);
      return workers.stop(reason === 'SIGINT' ? reason : 'SIGTERM');
    },
    fail,
  });
  const origin = await workers.start();
  if (origin !== null) {
    say(banner(config, `${origin}/`));
  } else if (!stop.isRequested()) {
    process.exit(1);
  }
}

/** Starts to listen. Returns the origin of the server, or null if it was stopped meanwhile. */
async function listen(app: App, isStopping: () => boolean): Promise<string | null> {
  const { host: name, port } = app.config;
  try {
    // For the name "localhost" Fastify opens a second listener, which the limits of connections would not cover.
    const host = name === 'localhost' ? (await lookup(name, { order: 'ipv4first' })).address : name;
    return await app.http.listen({ host, port });
  } catch (error) {
    if (isStopping()) {
      return null;
    }
    await app.close();
    throw error;
  }
}

/** Errors with a complete message, which are shown without a stack. */
const CLEAR_ERRORS = [
  BuiltInRolesDiffer,
  ConfigError,
  DataFolderInUse,
  DatabaseDamaged,
  DatabaseOpenToOthers,
  OverprivilegedLogin,
  MigrationBlocked,
  MigrationsPending,
  PolicyError,
  SecretDamaged,
];

function fail(error: unknown): never {
  const isClear = CLEAR_ERRORS.some((kind) => error instanceof kind);
  const text =
    isClear && error instanceof Error ? error.message : (describeFailure(error, configured) ?? stackOf(error));
  process.stderr.write(`${text}\n`);
  process.exit(1);
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : inspect(error);
}

/** The reason why a process stops: a signal, or the end of the process that had started it. */
export type StopReason = 'SIGINT' | 'SIGTERM' | 'orphaned';

/** The steps of a stop. */
export interface StopOptions {
  /** The time for which the process serves after SIGTERM, in milliseconds. */
  readonly delay: number;
  /** Closes everything, after the delay. Returns true if all parts closed without an error. */
  readonly close: (reason: StopReason, delay: number) => Promise<boolean>;
  /** Ends the process with an error. */
  readonly fail: (error: unknown) => never;
}

/** Stops this process, also while it starts. */
export interface Stop {
  /** True once the process is to stop: a start in progress is then given up. */
  readonly isRequested: () => boolean;
  readonly request: (reason: StopReason) => void;
}

/**
 * Ends the process on SIGINT and SIGTERM: with 0 once `close` has done its work, with 1 if that fails or takes too long.
 * SIGTERM comes from an orchestrator, whose load balancers need time to notice the stop, so it is delayed; SIGINT comes
 * from a terminal, and stops at once.
 */
function stopOnSignals({ delay, close, fail }: StopOptions): Stop {
  let isRequested = false;
  const request = (reason: StopReason): void => {
    if (isRequested) {
      return; // npm repeats the signal that the terminal has already sent
    }
    isRequested = true;
    const wait = reason === 'SIGTERM' ? delay : 0;
    setTimeout(() => process.exit(1), wait + CLOSE_DEADLINE).unref();
    close(reason, wait).then((isGood) => process.exit(isGood ? 0 : 1), fail);
  };
  process.on('SIGINT', request).on('SIGTERM', request);
  return { isRequested: () => isRequested, request };
}

// Writing to a closed terminal fails. The database must be closed all the same.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') {
    throw error;
  }
});

await start().catch(fail);
