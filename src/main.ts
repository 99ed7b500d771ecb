import { pino } from 'pino';
import { type App, createApp } from './app.ts';
import { banner } from './cli/banner.ts';
import { type Config, ConfigError, loadEnvironment, readConfig } from './config/config.ts';
import { PolicyError } from './access/index.ts';
import { DatabaseDamaged } from './database/folder.ts';
import { DataFolderInUse } from './database/lock.ts';
import { DatabaseOpenToOthers, OverprivilegedLogin } from './database/least-privilege.ts';
import { MigrationsPending } from './database/migrate.ts';
import { BuiltInRolesDiffer } from './database/seed/seed.ts';
import { stopOnSignals } from './cli/stop.ts';
import { onOrphaned, startsWorkers, tellReady, workerNumber, Workers } from './cli/workers.ts';

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function start(): Promise<void> {
  const config = readConfig(loadEnvironment());
  await (startsWorkers(config) ? startAll(config) : startOne(config, workerNumber()));
}

function sayWarnings({ warnings }: Config): void {
  for (const warning of warnings) {
    say(`Warning: ${warning}`);
  }
}

/** Answers in this process: alone, or as one of several workers. */
async function startOne(config: Config, worker: number | null): Promise<void> {
  const log = pino({ level: config.logLevel });
  const edges = { log, now: () => new Date(), progress: (step: string) => say(`… ${step}`) };
  if (worker === null) {
    sayWarnings(config);
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
    tellReady(origin);
  }
}

/** Workers share the port for clients; each serves metrics, which are its own, on a port behind the first one's. */
function configOfWorker(config: Config, worker: number): Config {
  const { metricsPort } = config;
  return metricsPort === null || metricsPort === 0 ? config : { ...config, metricsPort: metricsPort + worker - 1 };
}

/** Answers in several processes. */
async function startAll(config: Config): Promise<void> {
  sayWarnings(config);
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

/** Starts to listen. Returns the origin at which the server answers; null if the stop came in between. */
async function listen(app: App, isStopping: () => boolean): Promise<string | null> {
  const { host, port } = app.config;
  try {
    return await app.http.listen({ host, port });
  } catch (error) {
    if (isStopping()) {
      return null;
    }
    await app.close();
    throw isAddressInUse(error) ? new AddressTaken(host, port) : error;
  }
}

/** Another program listens where this one was told to. */
class AddressTaken extends Error {
  constructor(host: string, port: number) {
    super(`Another program listens on port ${port} of ${host}. Stop that one, or choose another port with PORT.`);
    this.name = 'AddressTaken';
  }
}

function isAddressInUse(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
}

/** Errors that say all there is to say: they are shown without a stack. */
const CLEAR_ERRORS = [
  AddressTaken,
  BuiltInRolesDiffer,
  ConfigError,
  DataFolderInUse,
  DatabaseDamaged,
  DatabaseOpenToOthers,
  OverprivilegedLogin,
  MigrationsPending,
  PolicyError,
];

function fail(error: unknown): never {
  const isClear = CLEAR_ERRORS.some((kind) => error instanceof kind);
  process.stderr.write(`${isClear && error instanceof Error ? error.message : explain(error)}\n`);
  process.exit(1);
}

function explain(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

// A terminal that is gone takes no more lines; the data is closed all the same.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') {
    throw error;
  }
});

await start().catch(fail);
