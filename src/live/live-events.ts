import { z } from 'zod';
import type { AuditAction } from '../audit/actions.ts';
import type { Listen } from '../database/notifications.ts';
import { ServiceUnavailable } from '../errors.ts';
import { EventQueue, EventsLost } from './event-queue.ts';

/** How many events may wait for a subscriber who is busy. */
const MOST_WAITING = 1_000;
/** When clients may try again while events do not arrive, in seconds. */
const RETRY_AFTER = 2;

const Payload = z.object({ id: z.string(), action: z.string(), target: z.string().nullable() });

/** Something that was done and is committed: an event of the audit trail, as far as everybody may hear of it: ids. */
export interface LiveEvent {
  /** The id of the event in the audit trail. */
  readonly id: string;
  readonly action: AuditAction;
  /** What it was done to; null: nothing in particular. */
  readonly target: string | null;
}

/** What is done anywhere, while it happens. */
export interface LiveEvents {
  /**
   * The events that match, from now on and in the order in which they were committed.
   *
   * @throws {ServiceUnavailable} while events do not arrive
   */
  readonly subscribe: (matches: (event: LiveEvent) => boolean) => EventQueue<LiveEvent>;
}

export interface LiveEventsParts {
  readonly listen: Listen;
  readonly log: { warn(details: object, message: string): void };
}

/** Starts to hear of what is done, in this process and in others. */
export async function followLiveEvents({ listen, log }: LiveEventsParts) {
  const queues = new Map<EventQueue<LiveEvent>, (event: LiveEvent) => boolean>();
  let state: 'up' | 'down' | 'unknown' = 'unknown';

  const stop = await listen({
    onPayload(payload) {
      const event = Payload.parse(JSON.parse(payload)) as LiveEvent;
      for (const [queue, matches] of queues) {
        if (matches(event)) {
          queue.push(event);
        }
      }
    },
    onUp() {
      state = 'up';
    },
    onDown(error) {
      if (state !== 'down') {
        log.warn({ err: error }, 'live events do not arrive; subscriptions end, and are refused until they do');
      }
      state = 'down';
      const lost = new EventsLost('Events may have been missed: reconnect, and read the list again');
      [...queues.keys()].forEach((queue) => queue.fail(lost));
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
