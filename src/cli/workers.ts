import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../config/config.ts';

/** The wait before a worker that failed to start is started again, in milliseconds: it doubles up to a limit. */
const [FIRST_RETRY_MS, LONGEST_RETRY_MS] = [1_000, 30_000];

/** Reports if this process is to start workers, rather than to serve. */
export function startsWorkers({ workers }: Pick<Config, 'workers'>): boolean {
  return workers > 1 && cluster.isPrimary;
}

/** Returns the number of this worker, from 1; null if there is only one process. */
export function workerNumber(): number | null {
  return cluster.isWorker ? Number(process.argv[2]) : null;
}

/** Notifies the parent process, if there is one, that this worker serves now. */
export function notifyReady(origin: string): void {
  process.send?.({ origin });
}

/**
 * Calls back if the parent process of this worker has ended. Node would then end the worker in the middle of its requests,
 * which it should finish instead. Open connections stay open; new ones no longer arrive.
 */
export function onOrphaned(stop: () => void): void {
  const { worker } = cluster;
  if (worker !== undefined) {
    worker.exitedAfterDisconnect = true; // Node then takes the disconnect for a wish of the worker, and does not end it
    process.once('disconnect', stop);
  }
}

/** The processes that serve on one port. They can be stopped at any time, also while they start. */
export class Workers {
  readonly #count: number;
  readonly #onFailed: () => void;
  readonly #running = new Set<Worker>();
  readonly #ready = new Set<Worker>();
  #isStopping = false;

  /** @param onFailed called when a worker died, its successor did not start either, and no other worker serves */
  constructor(count: number, onFailed: () => void) {
    this.#count = count;
    this.#onFailed = onFailed;
  }

  /**
   * Starts the workers, one after the other: the first migrates and seeds, the next find nothing left to do. One that
   * dies later is replaced.
   *
   * @returns the origin at which they serve; null when one did not start, which has written why, or when they were
   *   stopped in the meantime
   */
  async start(): Promise<string | null> {
    let first: string | null = null;
    for (let number = 1; number <= this.#count; number += 1) {
      const origin = this.#isStopping ? null : await this.#fork(number);
      if (origin === null) {
        await this.stop('SIGTERM');
        return null;
      }
      first ??= origin;
    }
    return first;
  }

  /** Stops all workers. Returns true if each worker that served has exited with 0. */
  async stop(signal: NodeJS.Signals): Promise<boolean> {
    this.#isStopping = true;
    const ends = [...this.#running].map(async (worker) => {
      // A worker that is not ready may not handle signals yet, and has no requests to finish.
      const hasServed = this.#ready.has(worker);
      const exit = once(worker, 'exit') as Promise<[number | null]>;
      worker.process.kill(signal);
      const [code] = await exit;
      return code === 0 || !hasServed;
    });
    return (await Promise.all(ends)).every(Boolean);
  }

  /** Starts a worker. Returns its origin once it serves; null if it ended before. */
  async #fork(number: number): Promise<string | null> {
    cluster.setupPrimary({ args: [String(number)] });
    const worker = cluster.fork();
    this.#running.add(worker);
    const ended = once(worker, 'exit').then(() => {
      this.#running.delete(worker);
      return null;
    });
    const origin = await Promise.race([readiness(worker), ended]);
    if (origin !== null) {
      this.#ready.add(worker);
      void ended.then(() => {
        this.#ready.delete(worker);
        return this.#replace(number);
      });
    }
    return origin;
  }

  /** Starts a successor, and tries again for as long as other workers serve. */
  async #replace(number: number): Promise<void> {
    let wait = FIRST_RETRY_MS;
    while (!this.#isStopping && (await this.#fork(number)) === null) {
      if (this.#ready.size === 0) {
        if (!this.#isStopping) {
          this.#onFailed();
        }
        return;
      }
      await sleep(wait);
      wait = Math.min(2 * wait, LONGEST_RETRY_MS);
    }
  }
}

/** Returns the origin at which the worker serves, once it does. */
async function readiness(worker: Worker): Promise<string> {
  const [message] = (await once(worker, 'message')) as [{ readonly origin: string }];
  return message.origin;
}
