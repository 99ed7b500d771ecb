import { networkOf } from '../../lib/network.ts';
import { SingleFlight } from '../../lib/single-flight.ts';
import type { Database } from '../database.ts';
import { systemScope } from '../scopes.ts';
import { recordEvents } from './record.ts';

const MINUTE = 60_000;
/** The interval in which the counts of finished minutes are stored, in milliseconds. */
const INTERVAL = 1_000;
/** The number of rows that may wait; further denials are only counted. */
const MOST_ROWS = 10_000;

/** A denial. */
export interface Refusal {
  readonly actorId: string | null;
  readonly address: string;
  /** `Type.field`, `Type.field(arg:)`, `Input.field` or `Enum.VALUE`. */
  readonly coordinate: string;
  readonly code: 'UNAUTHENTICATED' | 'FORBIDDEN' | 'RATE_LIMITED';
}

/** A denial with the operation that it was part of. */
export interface OperationRefusal extends Refusal {
  /** The name of the operation, as its client sent it. */
  readonly operationName: string | null;
}

/** Counts denials by viewer (by network for anonymous viewers), coordinate and minute, for the audit trail. */
export interface Denials {
  /** Costs no I/O. */
  readonly count: (refusal: Refusal) => void;
  /** Stores the counts of the minutes that are over, or of all. Counts that cannot be stored are kept for the next time. */
  readonly flush: (which?: 'minutes that are over' | 'all') => Promise<void>;
  /** Stops counting, and stores all counts. */
  readonly stop: () => Promise<void>;
}

export interface DenialsParts {
  readonly database: Pick<Database, 'run'>;
  readonly now: () => Date;
  readonly log: { warn(details: object, message: string): void };
}

/** The count that becomes one row. */
interface Tally {
  readonly actorId: string | null;
  /** The first one that a viewer was refused from within the minute. */
  readonly address: string | null;
  /** null: the denials that came when there were too many rows already. */
  readonly coordinate: string | null;
  readonly code: Refusal['code'];
  /** When the minute began. */
  readonly minute: number;
  count: number;
}

/** Starts to count. Kept in memory until the minute is over, since rows of the audit trail are never changed. */
export function countDenials(parts: DenialsParts): Denials {
  const { database, now, log } = parts;
  const tallies = new Map<string, Tally>();

  function add(key: string, tally: Tally): void {
    const known = tallies.get(key);
    if (known !== undefined) {
      known.count += tally.count;
      return;
    }
    if (tallies.size < MOST_ROWS || tally.coordinate === null) {
      tallies.set(key, tally);
      return;
    }
    add(`too many ${tally.code}`, { ...tally, actorId: null, address: null, coordinate: null });
  }

  async function flush(which = 'minutes that are over'): Promise<void> {
    const current = minuteOf(now());
    const due = [...tallies].filter(([, { minute }]) => which === 'all' || minute < current);
    due.forEach(([key]) => tallies.delete(key));
    if (due.length === 0) {
      return;
    }
    try {
      await database.run(systemScope, (em) =>
        recordEvents(
          em,
          due.map(([, tally]) => entryOf(tally)),
        ),
      );
    } catch (error) {
      due.forEach(([key, tally]) => add(key, tally));
      throw error;
    }
  }

  let failing = false;
  async function attempt(which?: 'all'): Promise<void> {
    try {
      await flush(which);
      failing = false;
    } catch (error) {
      if (!failing) {
        log.warn({ err: error }, 'denials cannot be written to the audit trail; they will be, once it works again');
      }
      failing = true;
    }
  }

  const attempts = new SingleFlight(() => attempt());
  const timer = setInterval(() => void attempts.run(), INTERVAL).unref();
  return {
    count({ actorId, address, coordinate, code }) {
      const minute = minuteOf(now());
      const key = JSON.stringify([minute, actorId ?? networkOf(address), actorId === null, coordinate, code]);
      add(key, { actorId, address, coordinate, code, minute, count: 1 });
    },
    flush,
    async stop() {
      clearInterval(timer);
      await attempts.running;
      await attempt('all');
    },
  };
}

function minuteOf(time: Date): number {
  return Math.floor(time.getTime() / MINUTE) * MINUTE;
}

function entryOf({ actorId, address, coordinate, code, minute, count }: Tally) {
  return {
    by: { actorId, address, now: new Date(minute) },
    event: {
      action: 'access.denied' as const,
      target: coordinate === null ? null : { type: 'field' as const, id: coordinate },
      details: { code },
      count,
    },
  };
}
