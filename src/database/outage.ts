import { ServiceUnavailable } from '../lib/errors.ts';

/** When clients may try again, in seconds: databases restart, and fail over, within some. */
const RETRY_AFTER = 2;

/** How long the database may take, in milliseconds. */
export interface DatabasePatience {
  /** For a connection: a new one, or one that others have to give back first. */
  readonly connection: number;
  /** For a statement; the database cuts it then. */
  readonly statement: number;
  /** For an answer; longer than `statement`, for a database that cuts nothing any more. The connection is given up. */
  readonly answer: number;
}

/** All of them together stay below the deadline of a request. */
export const DATABASE_PATIENCE: DatabasePatience = { connection: 3_000, statement: 8_000, answer: 10_000 };

/**
 * SQLSTATEs that tell of the server, not of the statement (PostgreSQL, appendix A): class 08, the connection; 53,
 * resources such as connections; 57P, the server stops, crashed or starts; 58, its disk; 25P03 and 57014, time is up.
 */
const OUTAGE_STATE = /^(?:08...|53...|57P0.|58...|25P03|57014)$/;

/** What Node says of sockets (errno(3)). */
const OUTAGE_CODES: ReadonlySet<unknown> = new Set([
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
]);

/** What the driver says, which has no codes. */
const OUTAGE_MESSAGE =
  /^(?:Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error|Client was closed|The server closed the connection)/;

/** Causes are followed so far. */
const DEEPEST_CAUSE = 5;

/** Whether an error says that the database cannot be reached or is overloaded, rather than that something is wrong. */
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
 * @throws {ServiceUnavailable} when the database is away, frozen, overloaded, or too slow
 */
export async function orUnavailable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isOutage(error) ? new ServiceUnavailable('The database is away', RETRY_AFTER, { cause: error }) : error;
  }
}
