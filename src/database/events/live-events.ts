import { z } from 'zod';
import type { AuditAction } from './actions.ts';
import type { Listen, StopListening } from '../notifications.ts';
import { ServiceUnavailable } from '../../lib/errors.ts';
import { EventQueue, EventsLost } from './event-queue.ts';

/** The number of events that may wait for a busy subscriber. */
const MOST_WAITING = 1_000;
/** When clients may try again while events do not arrive, in seconds. */
const RETRY_AFTER = 2;

const Payload = z.object({ id: z.string(), action: z.string(), target: z.string().nullable() });

/** Something that was done and is committed: an event of the audit trail, as far as everybody may hear of it: ids. */
export interface LiveEvent {
  /** The id of the event in the audit trail. */
  readonly id: string;
  readonly action: AuditAction;
  /** The target; null if there is none. */
  readonly target: string | null;
}

/** The committed events of all processes, as they happen. */
export interface LiveEvents {
  /**
   * The events that match, from now on and in the order in which they were committed.
   *
   * @throws {ServiceUnavailable} while events do not arrive
   */
  readonly subscribe: (matches: (event: LiveEvent) => boolean) => EventQueue<LiveEvent>;
}

/** The events, until they are not listened to any more. */
export interface FollowedEvents {
  readonly events: LiveEvents;
  readonly stop: StopListening;
}

export interface LiveEventsParts {
  readonly listen: Listen;
  readonly log: { warn(details: object, message: string): void };
}

const MISSED = 'Events may have been missed: reconnect, and read the list again';

function parsePayload(payload: string): LiveEvent | null {
  try {
    return Payload.parse(JSON.parse(payload)) as LiveEvent;
  } catch {
    return null;
  }
}

/** Starts to hear of what is done, in this process and in others. */
export async function followLiveEvents({ listen, log }: LiveEventsParts): Promise<FollowedEvents> {
  const queues = new Map<EventQueue<LiveEvent>, (event: LiveEvent) => boolean>();
  let state: 'up' | 'down' | 'unknown' = 'unknown';

  const lose = (): void => [...queues.keys()].forEach((queue) => queue.fail(new EventsLost(MISSED)));

  /** A bug in one field's condition is not everybody's: its subscription ends. */
  function offer(queue: EventQueue<LiveEvent>, matches: (event: LiveEvent) => boolean, event: LiveEvent): void {
    try {
      if (matches(event)) {
        queue.push(event);
      }
    } catch (error) {
      log.warn({ err: error }, 'it cannot be told whether a live event is meant for a subscription');
      queue.fail(new EventsLost(MISSED));
    }
  }

  const stop = await listen({
    onPayload(payload) {
      const event = parsePayload(payload);
      if (event === null) {
        log.warn({}, 'a notification cannot be read: another release may have sent it');
        lose();
        return;
      }
      queues.forEach((matches, queue) => offer(queue, matches, event));
    },
    onUp() {
      state = 'up';
    },
    onDown(error) {
      if (state !== 'down') {
        log.warn({ err: error }, 'live events do not arrive; subscriptions end, and are refused until they do');
      }
      state = 'down';
      lose();
    },
  });

  const events: LiveEvents = {
    subscribe(matches) {
      if (state !== 'up') {
        throw new ServiceUnavailable('Live events do not arrive at the moment', RETRY_AFTER);
      }
      const queue = new EventQueue<LiveEvent>(MOST_WAITING, () => queues.delete(queue));
      queues.set(queue, matches);
      return queue;
    },
  };
  return { events, stop };
}
