import { ServiceUnavailable } from '../lib/errors.ts';

/** Seconds after which clients may try again: databases restart, and fail over, within seconds. */
const RETRY_AFTER = 2;

/** Time limits for the database, in milliseconds. */
export interface DatabaseTimeouts {
  /** For a connection: a new one, or one that another request has to return to the pool first. */
  readonly connection: number;
  /** For a statement; the database cancels it then. */
  readonly statement: number;
  /** For a response; longer than `statement`, in case the database does not cancel. Then the connection is closed. */
  readonly answer: number;
}

/** All of them together stay below the deadline of a request. */
export const DATABASE_TIMEOUTS: DatabaseTimeouts = { connection: 3_000, statement: 8_000, answer: 10_000 };

/**
 * SQLSTATEs that concern the server, not the statement (PostgreSQL, appendix A): class 08, the connection; 53,
 * resources such as connections; 57P, the server stops, crashed or starts; 58, its disk; 25P03 and 57014, timeouts.
 */
const OUTAGE_STATE = /^(?:08...|53...|57P0.|58...|25P03|57014)$/;

/** Node's error codes for sockets (errno(3)). */
const OUTAGE_CODES: ReadonlySet<unknown> = new Set([
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EADDRNOTAVAIL',
  'EAI_AGAIN',
  'EAI_FAIL',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETUNREACH',
  'ENOENT',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
]);

/** Messages of the driver, whose errors have no codes. */
const OUTAGE_MESSAGE =
  /^(?:Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error|Client was closed|The server closed the connection)/;

/** Causes are followed to this depth. */
const DEEPEST_CAUSE = 5;

/** Returns true if an error means that the database cannot be reached or is overloaded. */
export function isOutage(error: unknown, depth = 0): boolean {
  if (!(error instanceof Error) || depth > DEEPEST_CAUSE) {
    return false;
  }
  const code: unknown = 'code' in error ? error.code : undefined;
  if (OUTAGE_CODES.has(code) || (typeof code === 'string' && OUTAGE_STATE.test(code))) {
    return true;
  }
  const parts: unknown[] = error instanceof AggregateError ? error.errors : [];
  return OUTAGE_MESSAGE.test(error.message) || [error.cause, ...parts].some((inner) => isOutage(inner, depth + 1));
}

/**
 * Runs database work.
 *
 * @throws {ServiceUnavailable} if the database is unavailable, frozen, overloaded, or too slow
 */
export async function orUnavailable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isOutage(error)
      ? new ServiceUnavailable('The database is not available', RETRY_AFTER, { cause: error })
      : error;
  }
}
