import { pino } from 'pino';
import { type App, createApp } from './app.ts';
import { banner } from './cli/banner.ts';
import { type Config, ConfigError, loadEnvironment, readConfig } from './config/config.ts';
import { PolicyError } from './access/index.ts';
import { DataFolderInUse } from './database/lock.ts';
import { ImmodestLogin, MigrationsPending } from './database/modest-login.ts';
import { BuiltInRolesDiffer } from './database/seed/seed.ts';
import { startsWorkers, startWorkers, tellReady, workerNumber } from './cli/workers.ts';

/** How long a stop may take before the process goes anyway, in milliseconds. */
const STOP_DEADLINE = 10_000;

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Ends the process once `close` has done its work, or too much time has passed. */
function stopOnSignals(close: (signal: NodeJS.Signals) => Promise<boolean>): void {
  let isStopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (isStopping) {
      return; // npm passes on what the terminal has sent already
    }
    isStopping = true;
    setTimeout(() => process.exit(1), STOP_DEADLINE).unref();
    close(signal).then(
      (isGood) => process.exit(isGood ? 0 : 1),
      (error: unknown) => fail(error),
    );
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
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
  const app = await createApp(worker === null ? config : configOfWorker(config, worker), edges);
  stopOnSignals(async (signal) => {
    if (worker === null) {
      say(`\n${signal}: closing`);
    }
    await app.close();
    return true;
  });
  const origin = await listen(app);
  if (worker === null) {
    say(banner(config, `${origin}/`));
  }
  tellReady(origin);
}

/** Workers share the port for clients; each serves metrics, which are its own, on a port behind the first one's. */
function configOfWorker(config: Config, worker: number): Config {
  const { metricsPort } = config;
  return metricsPort === null || metricsPort === 0 ? config : { ...config, metricsPort: metricsPort + worker - 1 };
}

/** Answers in several processes. */
async function startAll(config: Config): Promise<void> {
  sayWarnings(config);
  const workers = await startWorkers(config.workers, () => process.exit(1));
  if (workers === null) {
    process.exit(1);
  }
  stopOnSignals((signal) => {
    say(`\n${signal}: closing`);
    return workers.stop(signal);
  });
  say(banner(config, `${workers.origin}/`));
}

/** Starts to listen. The origin at which the server answers. */
async function listen(app: App): Promise<string> {
  const { host, port } = app.config;
  try {
    return await app.http.listen({ host, port });
  } catch (error) {
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
  ImmodestLogin,
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
