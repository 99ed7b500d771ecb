import { ServiceUnavailable } from '../lib/errors.ts';

/** The wait, in seconds, for a client whose request was rejected. */
export const RETRY_AFTER_LOAD = 1;
/** The wait that the length of the queue aims at, and the longest wait, after which a request is rejected, in milliseconds. */
const [USUAL_WAIT_MS, LONGEST_WAIT_MS] = [500, 1_200];
/** Shorter waits do not change the limit of the queue: they say little about the speed of the server. */
const SHORTEST_SAMPLE_MS = 20;
const SAMPLE_WEIGHT = 0.1;
/** The interval in which the event loop is measured, and the delay above which fewer requests run at a time. */
const [TICK_MS, LATE_MS] = [50, 100];
/** The number of requests that run however late the event loop is: most of the time they wait for the database. */
const LEAST_RUNNING = 16;
/** Rejections that are sent at once. Beyond them, each finished request and each tick allow some more: they take time, too. */
const [REFUSALS_AT_ONCE, REFUSALS_PER_TICK] = [2_000, 10];

/** The amount of work that is done at a time. */
export interface LoadLimits {
  /** Requests that run at a time. */
  readonly running: number;
  /** Requests that wait for their turn. */
  readonly waiting: number;
}

/** The load of a process at this moment. */
export interface LoadFigures {
  readonly running: number;
  readonly waiting: number;
  /** The number of requests that may run at a time now. */
  readonly limit: number;
}

/** A request that waits for its turn. */
interface Waiter {
  readonly since: number;
  /** Its place in the queue when it arrived. */
  readonly place: number;
  readonly isGone: () => boolean;
  readonly start: () => void;
  readonly refuse: (error: Error) => void;
}

/**
 * Limits the requests in flight: few run at a time, others wait in a queue that the server can work off in about half a
 * second, and the rest are rejected at once. More requests at a time than a server can process only make all of them
 * slow. A request counts until its work is done, even if its client has disconnected.
 */
export class LoadLimit {
  readonly #limits: LoadLimits;
  readonly #timer: NodeJS.Timeout;
  readonly #refusals: (() => void)[] = [];
  #queue: Waiter[] = [];
  #head = 0;
  #running = 0;
  #mostRunning: number;
  #mostWaiting: number;
  #late = 0;
  #lastTick = performance.now();
  #refusalsLeft = REFUSALS_AT_ONCE;
  #done = 0;

  constructor(limits: LoadLimits) {
    this.#limits = limits;
    this.#mostRunning = limits.running;
    this.#mostWaiting = limits.waiting;
    this.#timer = setInterval(() => this.#tick(), TICK_MS).unref();
  }

  /** True if a request would be rejected now. */
  get isFull(): boolean {
    return this.#running >= this.#mostRunning && this.#waiting >= this.#mostWaiting;
  }

  /** The load at this moment. */
  get figures(): LoadFigures {
    return { running: this.#running, waiting: this.#waiting, limit: this.#mostRunning };
  }

  get #waiting(): number {
    return this.#queue.length - this.#head;
  }

  /**
   * Runs the work, after a wait in the queue if too many requests are running.
   *
   * @param isGone reports if the client has disconnected: then work that still waits is not started
   * @throws {ServiceUnavailable} if the queue is full, or the wait is too long
   */
  async run<Result>(work: () => Promise<Result>, isGone: () => boolean): Promise<Result> {
    if (this.isFull) {
      throw busy();
    }
    if (this.#running < this.#mostRunning) {
      this.#running += 1;
    } else {
      await this.#turn(isGone);
    }
    try {
      return await work();
    } finally {
      this.#running -= 1;
      this.#done += 1;
      this.#startNext();
    }
  }

  /** Calls `answer` to reject a request: at once, or later if too many rejections follow each other. */
  refuse(answer: () => void): void {
    if (this.#refusalsLeft >= 1 && this.#refusals.length === 0) {
      this.#refusalsLeft -= 1;
      answer();
    } else {
      this.#refusals.push(answer);
    }
  }

  close(): void {
    clearInterval(this.#timer);
    this.#refusals.splice(0).forEach((answer) => answer());
  }

  /** Waits in the queue. Resolves once the request counts as running. */
  #turn(isGone: () => boolean): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const place = this.#waiting + 1;
    this.#queue.push({ since: performance.now(), place, isGone, start: resolve, refuse: reject });
    return promise;
  }

  #startNext(): void {
    while (this.#running < this.#mostRunning && this.#waiting > 0) {
      const waiter = this.#shift();
      const waited = performance.now() - waiter.since;
      this.#adapt(waiter.place, waited);
      if (waiter.isGone() || waited > LONGEST_WAIT_MS) {
        waiter.refuse(busy());
      } else {
        this.#running += 1;
        waiter.start();
      }
    }
  }

  #shift(): Waiter {
    const waiter = this.#queue[this.#head] as Waiter;
    this.#head += 1;
    if (this.#head > 1_000 || this.#head === this.#queue.length) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
    return waiter;
  }

  /** Adapts the limit of the queue to the wait of a request that has left it. */
  #adapt(place: number, waited: number): void {
    const sample = (place * USUAL_WAIT_MS) / Math.max(waited, SHORTEST_SAMPLE_MS);
    if (waited >= SHORTEST_SAMPLE_MS || sample > this.#mostWaiting) {
      const next = this.#mostWaiting + SAMPLE_WEIGHT * (sample - this.#mostWaiting);
      this.#mostWaiting = Math.min(Math.max(next, 1), this.#limits.waiting);
    }
  }

  #tick(): void {
    const now = performance.now();
    const passed = now - this.#lastTick;
    this.#lastTick = now;
    this.#late += 0.3 * (Math.max(passed - TICK_MS, 0) - this.#late);
    const { running } = this.#limits;
    this.#mostRunning =
      this.#late > LATE_MS
        ? Math.max(Math.min(LEAST_RUNNING, running), Math.floor(this.#mostRunning * 0.8))
        : Math.min(running, Math.ceil(this.#mostRunning * 1.1));
    while (this.#waiting > 0 && now - (this.#queue[this.#head]?.since ?? now) > LONGEST_WAIT_MS) {
      const waiter = this.#shift();
      this.#adapt(waiter.place, now - waiter.since);
      waiter.refuse(busy());
    }
    this.#startNext();
    this.#refusalsLeft = Math.min(REFUSALS_AT_ONCE, this.#refusalsLeft + REFUSALS_PER_TICK + this.#done);
    this.#done = 0;
    const due = this.#refusals.splice(0, this.#refusalsLeft);
    this.#refusalsLeft -= due.length;
    due.forEach((answer) => answer());
  }
}

function busy(): ServiceUnavailable {
  return new ServiceUnavailable('The server is busy.', RETRY_AFTER_LOAD);
}
