import { ServiceUnavailable } from '../lib/errors.ts';

/** The wait, in seconds, for a client that was turned away. */
export const RETRY_AFTER_LOAD = 1;
/** The wait that the line is kept at, and the longest, after which a request is turned away, in milliseconds. */
const [USUAL_WAIT_MS, LONGEST_WAIT_MS] = [500, 1_200];
/** A shorter wait tells nothing about how long a line may be. */
const SHORTEST_SAMPLE_MS = 20;
const SAMPLE_WEIGHT = 0.1;
/** The interval in which the event loop is measured, and the delay above which fewer requests run at a time. */
const [TICK_MS, LATE_MS] = [50, 100];
/** The number of requests that run however late the event loop is: most of the time they wait for the database. */
const LEAST_RUNNING = 16;
/** Refusals that are sent at once. After that there is one for each answer, and few more: each costs a part of its time. */
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
  /** Its place in the line when it came. */
  readonly place: number;
  readonly isGone: () => boolean;
  readonly start: () => void;
  readonly refuse: (error: Error) => void;
}

/**
 * Limits the requests in flight: few run at a time, some more wait in a line that is as long as can be served in about
 * half a second, and others are turned away at once. Beyond what a server can do, more requests at a time only make all
 * of them slow. A request counts until its work is done, also when its client has left.
 */
export class LoadLimit {
  readonly #limits: LoadLimits;
  readonly #timer: NodeJS.Timeout;
  readonly #refusals: (() => void)[] = [];
  #line: Waiter[] = [];
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

  /** True if a request would be turned away now. */
  get isFull(): boolean {
    return this.#running >= this.#mostRunning && this.#waiting >= this.#mostWaiting;
  }

  /** The load at this moment. */
  get figures(): LoadFigures {
    return { running: this.#running, waiting: this.#waiting, limit: this.#mostRunning };
  }

  get #waiting(): number {
    return this.#line.length - this.#head;
  }

  /**
   * Does the work as soon as it is its turn.
   *
   * @param isGone reports if the client has left: then work that still waits is not done
   * @throws {ServiceUnavailable} if too much waits already, or the turn does not come
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

  /** Calls `answer` when the client may get its refusal: at once, unless refusals follow each other without end. */
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

  /** Resolves when a place among those that run is taken for this request. */
  #turn(isGone: () => boolean): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const place = this.#waiting + 1;
    this.#line.push({ since: performance.now(), place, isGone, start: resolve, refuse: reject });
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
    const waiter = this.#line[this.#head] as Waiter;
    this.#head += 1;
    if (this.#head > 1_000 || this.#head === this.#line.length) {
      this.#line = this.#line.slice(this.#head);
      this.#head = 0;
    }
    return waiter;
  }

  /** Learns from a wait how long the line may be. */
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
    while (this.#waiting > 0 && now - (this.#line[this.#head]?.since ?? now) > LONGEST_WAIT_MS) {
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
