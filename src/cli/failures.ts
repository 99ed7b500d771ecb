import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config/config.ts';

/** The fields that errors of Node, of PostgreSQL and of the embedded engine carry. */
interface Facts {
  readonly code?: unknown;
  readonly syscall?: unknown;
  readonly port?: unknown;
  readonly address?: unknown;
  readonly hostname?: unknown;
  readonly message?: unknown;
}

/** The settings that descriptions of failures refer to. */
export type DescribedSettings = Pick<Config, 'host' | 'metricsPort' | 'dataDir' | 'database'>;

/** Causes are followed to this depth. */
const MAX_DEPTH = 5;

/**
 * Returns one sentence for a failure that an operator can fix without reading sources: what was wrong and what to do.
 *
 * @param config the settings of the process, as far as they are known
 * @returns null if the failure is of another kind and needs its stack
 */
export function describeFailure(error: unknown, config: DescribedSettings | null): string | null {
  const all = factsOf(error);
  const described = all
    .map((facts) => describeListening(facts, config) ?? describeServer(facts) ?? describeConnection(facts, config))
    .find((sentence) => sentence !== null);
  if (described !== undefined || config === null || config.database !== null) {
    return described ?? null;
  }
  return describeDataFolder(config.dataDir) ?? describeEngine(all, config.dataDir);
}

/** Returns the error, its causes, and the parts of aggregates. */
function factsOf(error: unknown, depth = 0): Facts[] {
  if (typeof error !== 'object' || error === null || depth > MAX_DEPTH) {
    return [];
  }
  const inner = error instanceof Error ? [error.cause, ...(error instanceof AggregateError ? error.errors : [])] : [];
  return [error, ...inner.flatMap((cause) => factsOf(cause, depth + 1))];
}

function describeListening({ syscall, code, port, hostname }: Facts, config: DescribedSettings | null): string | null {
  const isOwnHost = syscall === 'getaddrinfo' && config !== null && hostname === config.host;
  // A worker's port is bound by the process that started it.
  if (syscall !== 'listen' && syscall !== 'bind' && !isOwnHost) {
    return null;
  }
  const host = config?.host ?? 'this machine';
  const variable =
    config !== null && config.metricsPort !== null && port === config.metricsPort ? 'METRICS_PORT' : 'PORT';
  switch (code) {
    case 'EADDRINUSE':
      return `Another program listens on port ${String(port)} of ${host}. Stop that program, or choose another port with ${variable}.`;
    case 'EACCES':
      return `This user may not listen on port ${String(port)}. Choose a port above 1023 with ${variable}.`;
    default:
      return `${host} is not an address of this machine (${String(code)}). Set HOST to one of its addresses, or to 0.0.0.0 for all.`;
  }
}

/** Answers of a PostgreSQL server, by SQLSTATE (PostgreSQL, appendix A). */
const SERVER_ANSWERS = new Map<unknown, string>([
  ['28P01', 'refused the login. Check the user and the password in DATABASE_URL and DATABASE_ADMIN_URL.'],
  ['28000', 'refused the login. Check the user in DATABASE_URL and DATABASE_ADMIN_URL, and the server’s pg_hba.conf.'],
  ['3D000', 'has no database of that name. Correct the name in DATABASE_URL, or create it with "create database".'],
  ['53300', 'has no free connection. Raise its max_connections, or stop other clients.'],
  ['57P03', 'is starting up or shutting down. Try again in a moment.'],
  ['42501', 'denies this login a right that the command needs. Use the owner of the tables, as DATABASE_ADMIN_URL.'],
  ['53100', 'has a full disk. Free some space there.'],
]);

function describeServer({ code, message }: Facts): string | null {
  const answer = SERVER_ANSWERS.get(code);
  if (answer !== undefined) {
    return `The PostgreSQL server ${answer}`;
  }
  if (message === 'The server does not support SSL connections') {
    return 'The PostgreSQL server does not support TLS. Remove "sslmode" from DATABASE_URL, or enable ssl on the server.';
  }
  return typeof code === 'string' && /^(?:CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_CERT)/.test(code)
    ? `The certificate of the PostgreSQL server is not trusted (${code}). Name its authority with "sslrootcert=<file>" in DATABASE_URL.`
    : null;
}

const UNREACHABLE = new Set<unknown>([
  'EAI_AGAIN',
  'EAI_FAIL',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'ETIMEDOUT',
]);

function describeConnection(
  { code, message, address, port, hostname }: Facts,
  config: DescribedSettings | null,
): string | null {
  const isTimeout =
    typeof message === 'string' && /^(?:timeout exceeded when trying|Connection terminated)/.test(message);
  if ((config?.database ?? null) === null || !(UNREACHABLE.has(code) || isTimeout)) {
    return null;
  }
  const place = [hostname ?? address, port].filter((part) => typeof part === 'string' || typeof part === 'number');
  const where = place.length > 0 ? ` at ${place.join(':')}` : '';
  const why = typeof code === 'string' ? code : 'no answer in time';
  return `The PostgreSQL server${where} cannot be reached (${why}). Start it, or correct host and port in DATABASE_URL.`;
}

/** Tries to write into the data folder: the engine's own errors do not say that the disk is full or read-only. */
function describeDataFolder(dataDir: string): string | null {
  const probe = join(dataDir, `probe-${process.pid}`);
  try {
    mkdirSync(dataDir, { recursive: true });
    writeFileSync(probe, Buffer.alloc(PROBE_BYTES));
    return null;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return code === 'ENOSPC' || code === 'EDQUOT'
      ? `The disk of the data folder "${dataDir}" is full. Free some space, or choose another folder with DATA_DIR.`
      : `The data folder "${dataDir}" cannot be written (${code}). Make it a writable folder, or choose another with DATA_DIR.`;
  } finally {
    removeIfPossible(probe);
  }
}

const PROBE_BYTES = 1_048_576;

function removeIfPossible(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // A folder that cannot be written keeps nothing to remove.
  }
}

/** Describes a failure inside of the embedded engine: it aborts, or throws objects that are not errors. */
function describeEngine(all: readonly Facts[], dataDir: string): string | null {
  const isEngine = all.some((facts) => !(facts instanceof Error) || facts instanceof WebAssembly.RuntimeError);
  return isEngine
    ? `The embedded database in "${dataDir}" does not open: its files are probably damaged. Restore the folder from a backup, or move it away to start with an empty one.`
    : null;
}
