import type { StopListening } from '../notifications.ts';
import { ServiceUnavailable } from '../../lib/errors.ts';
import type { Database } from '../database.ts';
import type { ReadingWork } from '../unit-of-work.ts';
import { systemScope } from '../scopes.ts';
import { committedAfter, currentPosition, type LiveEvent, type Position } from './committed-events.ts';
import { EventQueue, EventsLost } from './event-queue.ts';

/** The number of events that may wait for a busy subscriber. */
const MOST_WAITING = 1_000;
/** The interval in which new events are read even without a notification, in milliseconds: notifications may be lost. */
const SWEEP = 1_000;
/** The wait for clients while events do not arrive, in seconds. */
const RETRY_AFTER = 2;

/** The committed events of all processes, as they happen. */
export interface LiveEvents {
  /**
   * Returns the events that match, from now on and in the order in which they were committed.
   *
   * @throws {ServiceUnavailable} while events do not arrive
   */
  readonly subscribe: (matches: (event: LiveEvent) => boolean) => Promise<EventQueue<LiveEvent>>;
}

/** The events, until they are not listened to any more. */
export interface FollowedEvents {
  readonly events: LiveEvents;
  readonly stop: StopListening;
}

export interface LiveEventsParts {
  readonly database: Pick<Database, 'listen' | 'unitOfWork'>;
  readonly log: { warn(details: object, message: string): void };
}

const MISSED = 'Events may have been missed: reconnect, and read the list again';

/**
 * Starts to follow what is committed, in this process and in others. While there are subscribers, the audit trail is
 * read after each notification, and once a second: a process may end between a commit and its notification.
 */
export async function followLiveEvents({ database, log }: LiveEventsParts): Promise<FollowedEvents> {
  const live = new Follower(database, log);
  const stop = await database.listen({
    onCommit: () => live.look(),
    onUp: () => live.up(),
    onDown: (error) => live.down(error),
  });
  return {
    events: live,
    stop: async () => {
      live.stop();
      await stop();
    },
  };
}

/** The state of the follower while there are subscribers. */
interface Following {
  /** The position at which the first subscriber came. */
  readonly started: Promise<Position>;
  /** The position up to which events were read since then. */
  position: Position | null;
  readonly sweep: NodeJS.Timeout;
}

class Follower implements LiveEvents {
  readonly #database: LiveEventsParts['database'];
  readonly #log: LiveEventsParts['log'];
  readonly #queues = new Map<EventQueue<LiveEvent>, (event: LiveEvent) => boolean>();
  #state: 'up' | 'down' | 'unknown' = 'unknown';
  /** Null while there are no subscribers. */
  #following: Following | null = null;
  #isWanted = false;
  #isLooking = false;
  #isFailing = false;

  constructor(database: LiveEventsParts['database'], log: LiveEventsParts['log']) {
    this.#database = database;
    this.#log = log;
  }

  async subscribe(matches: (event: LiveEvent) => boolean): Promise<EventQueue<LiveEvent>> {
    if (this.#state !== 'up') {
      throw unavailable();
    }
    const queue = new EventQueue<LiveEvent>(MOST_WAITING, () => this.#leave(queue));
    this.#queues.set(queue, matches);
    try {
      await (this.#following ??= this.#follow()).started;
    } catch (error) {
      await queue.return();
      throw error;
    }
    return queue;
  }

  up(): void {
    this.#state = 'up';
  }

  down(error: unknown): void {
    if (this.#state !== 'down') {
      this.#log.warn({ err: error }, 'live events do not arrive; subscriptions end, and are refused until they do');
    }
    this.#state = 'down';
    this.#lose();
  }

  stop(): void {
    this.#state = 'down';
    this.#lose();
  }

  /** Reads what was committed since the last time, unless there are no subscribers. */
  look(): void {
    this.#isWanted = true;
    if (!this.#isLooking) {
      void this.#lookAll();
    }
  }

  #follow(): Following {
    const started = this.#read(currentPosition);
    return { position: null, started, sweep: setInterval(() => this.look(), SWEEP).unref() };
  }

  async #lookAll(): Promise<void> {
    this.#isLooking = true;
    while (this.#isWanted) {
      this.#isWanted = false;
      try {
        await this.#lookOnce();
        this.#isFailing = false;
      } catch (error) {
        if (!this.#isFailing) {
          this.#log.warn({ err: error }, 'live events were not read; they are read again in a second');
        }
        this.#isFailing = true;
      }
    }
    this.#isLooking = false;
  }

  async #lookOnce(): Promise<void> {
    const following = this.#following;
    if (following === null) {
      return;
    }
    const after = following.position ?? (await following.started);
    const { events, position } = await this.#read((reader) => committedAfter(reader, after));
    following.position = position;
    if (following === this.#following) {
      events.forEach((event) => this.#queues.forEach((matches, queue) => this.#offer(queue, matches, event)));
    }
  }

  /** Returns true if the event matches. A bug in the condition of one field ends its subscription only. */
  #offer(queue: EventQueue<LiveEvent>, matches: (event: LiveEvent) => boolean, event: LiveEvent): void {
    try {
      if (matches(event)) {
        queue.push(event);
      }
    } catch (error) {
      this.#log.warn({ err: error }, 'it could not be determined whether a live event concerns a subscription');
      queue.fail(new EventsLost(MISSED));
    }
  }

  #lose(): void {
    [...this.#queues.keys()].forEach((queue) => queue.fail(new EventsLost(MISSED)));
  }

  #leave(queue: EventQueue<LiveEvent>): void {
    this.#queues.delete(queue);
    if (this.#queues.size === 0) {
      clearInterval(this.#following?.sweep);
      this.#following = null;
    }
  }

  async #read<T>(work: ReadingWork<T>): Promise<T> {
    const unit = this.#database.unitOfWork(systemScope);
    try {
      return await unit.read(work);
    } finally {
      await unit.close();
    }
  }
}

function unavailable(): ServiceUnavailable {
  return new ServiceUnavailable('Live events are not available at the moment', RETRY_AFTER);
}
