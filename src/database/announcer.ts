import { setTimeout as sleep } from 'node:timers/promises';

/** The channel on which processes notify of committed events (`NOTIFY`). */
export const CHANNEL = 'rolegate_events';

/**
 * SQL that notifies every process. A process of an earlier release, which expects the events in the
 * text, cannot read this one, and closes its subscriptions.
 */
export const NOTIFY = `select pg_notify('${CHANNEL}', 'committed')`;

/** The shortest time between two notifications of a process, in milliseconds. */
const PAUSE = 10;

/**
 * Notifies every process that events were committed: at once, and once more for all that are committed within the next
 * milliseconds. It does so after the commit, since PostgreSQL lets transactions that notify commit only one after the
 * other. A notification carries no data, and may be lost: see `events/live-events.ts`.
 */
export class Announcer {
  readonly #send: () => Promise<unknown>;
  #isWanted = false;
  #isSending = false;

  /** @param send notifies all processes; it may fail */
  constructor(send: () => Promise<unknown>) {
    this.#send = send;
  }

  announce(): void {
    this.#isWanted = true;
    if (!this.#isSending) {
      void this.#sendAll();
    }
  }

  async #sendAll(): Promise<void> {
    this.#isSending = true;
    while (this.#isWanted) {
      this.#isWanted = false;
      await this.#send().catch(() => undefined);
      await sleep(PAUSE, undefined, { ref: false });
    }
    this.#isSending = false;
  }
}
