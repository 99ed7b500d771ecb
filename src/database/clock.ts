import { within } from '../lib/deadline.ts';
import type { Database, Run } from './database.ts';
import { systemScope } from './scopes.ts';

/** The interval between two comparisons of the clocks, and the longest wait for one, in milliseconds. */
const INTERVAL = 10_000;
const TIMEOUT = 5_000;
/** The largest difference from the database's clock, in seconds, at which two processes accept each other's tokens. */
const TOLERATED_SECONDS = 2;

/** The dependencies of {@link followClock}. */
export interface ClockParts {
  readonly database: Pick<Database, 'engine' | 'run'>;
  readonly now: () => Date;
  readonly log: { info(details: object, message: string): void; warn(details: object, message: string): void };
  /** In milliseconds. */
  readonly clockInterval?: number | undefined;
}

/**
 * Returns the seconds by which this process's clock is ahead of the database's; negative: behind. The time that the
 * answer takes is deducted, so that the result is the least possible difference.
 */
export function clockOffset(run: Run, now: () => Date): Promise<number> {
  return run(systemScope, async (em) => {
    const before = now().getTime();
    const [row] = await em.execute<{ at: number }[]>(
      'select (extract(epoch from clock_timestamp()) * 1000)::float8 as at',
    );
    const after = now().getTime();
    const theirs = row?.at ?? before;
    return (Math.max(0, before - theirs) + Math.min(0, after - theirs)) / 1_000;
  });
}

/**
 * Compares the clocks at intervals, and logs when they begin to differ and when they agree again. Requests are served in
 * either case: otherwise a wrong clock of the database would put every process out of service.
 *
 * @returns the function that stops it
 */
export function followClock({ database, now, log, clockInterval = INTERVAL }: ClockParts): () => void {
  if (database.engine === 'pglite') {
    return () => undefined; // its clock is that of the process
  }
  let differs = false;
  const compare = async (): Promise<void> => {
    const seconds = await within(clockOffset(database.run, now), TIMEOUT, () => null).catch(() => null);
    if (seconds === null) {
      return; // the database is unavailable
    }
    const differed = differs;
    differs = Math.abs(seconds) > TOLERATED_SECONDS;
    if (differs && !differed) {
      log.warn(
        { seconds: Math.round(seconds) },
        'The clock differs from that of the database: synchronize both, or tokens and sessions end early or late',
      );
    } else if (differed && !differs) {
      log.info({}, 'The clock agrees with that of the database again');
    }
  };
  const timer = setInterval(() => void compare(), clockInterval).unref();
  return () => clearInterval(timer);
}
