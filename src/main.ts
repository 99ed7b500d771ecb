import { pino } from 'pino';
import { type App, createApp } from './app.ts';
import { banner } from './banner.ts';
import { ConfigError, loadEnvironment, readConfig } from './config.ts';
import { PolicyError } from './access/index.ts';
import { DataFolderInUse } from './database/lock.ts';
import { ImmodestLogin, MigrationsPending } from './database/modest-login.ts';
import { BuiltInRolesDiffer } from './database/seed/seed.ts';

/** How long a stop may take before the process goes anyway, in milliseconds. */
const STOP_DEADLINE = 10_000;

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function start(): Promise<void> {
  const config = readConfig(loadEnvironment());
  for (const warning of config.warnings) {
    say(`Warning: ${warning}`);
  }
  const log = pino({ level: config.logLevel });
  const app = await createApp(config, { log, now: () => new Date(), progress: (step) => say(`… ${step}`) });
  let isStopping = false;
  const stop = (signal: string): void => {
    if (isStopping) {
      return; // npm passes on what the terminal has sent already
    }
    isStopping = true;
    say(`\n${signal}: closing`);
    setTimeout(() => process.exit(1), STOP_DEADLINE).unref();
    app.close().then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    );
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  say(banner(config, `${await listen(app)}/`));
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
