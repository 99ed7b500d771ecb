/** Events may have been missed, so that a subscriber's state may be out of date. */
export class EventsLost extends Error {
  override readonly name = 'EventsLost';
}

/**
 * The events that wait for one subscriber, oldest first, up to a limit. It delivers every event since it was created, or
 * it fails with {@link EventsLost}: it never drops an event silently.
 */
export class EventQueue<Event> implements AsyncIterableIterator<Event, undefined> {
  readonly #most: number;
  readonly #onEnd: () => void;
  #waiting: Event[] = [];
  #taker: PromiseWithResolvers<IteratorResult<Event, undefined>> | null = null;
  #failure: EventsLost | null = null;
  #isOver = false;
  #onLost: (failure: EventsLost) => void = () => undefined;

  /** @param onEnd called once, when the subscriber has ended */
  constructor(most: number, onEnd: () => void) {
    this.#most = most;
    this.#onEnd = onEnd;
  }

  /** Sets a listener that is called as soon as the queue fails, also while the subscriber handles an earlier event. */
  whenLost(listener: (failure: EventsLost) => void): void {
    this.#onLost = listener;
  }

  push(event: Event): void {
    if (this.#isOver) {
      return;
    }
    if (this.#taker !== null) {
      this.#taker.resolve({ done: false, value: event });
      this.#taker = null;
    } else if (this.#waiting.length < this.#most) {
      this.#waiting.push(event);
    } else {
      this.fail(new EventsLost('Too slow: reconnect, and read the list again'));
    }
  }

  /** Drops what waits, and fails. */
  fail(failure: EventsLost): void {
    if (this.#isOver) {
      return;
    }
    this.#end();
    this.#failure = failure;
    this.#taker?.reject(failure);
    this.#onLost(failure);
  }

  async next(): Promise<IteratorResult<Event, undefined>> {
    if (this.#failure !== null) {
      throw this.#failure;
    }
    const event = this.#waiting.shift();
    if (event !== undefined) {
      return { done: false, value: event };
    }
    if (this.#isOver) {
      return { done: true, value: undefined };
    }
    this.#taker ??= Promise.withResolvers();
    return this.#taker.promise;
  }

  async return(): Promise<IteratorResult<Event, undefined>> {
    this.#end();
    this.#taker?.resolve({ done: true, value: undefined });
    return { done: true, value: undefined };
  }

  #end(): void {
    if (!this.#isOver) {
      this.#isOver = true;
      this.#waiting = [];
      this.#onEnd();
    }
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
