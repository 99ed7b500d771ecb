import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import type { Config } from '../config/config.ts';

/** Processes that answer on one port. */
export interface Workers {
  /** Where they answer. */
  readonly origin: string;
  /** Ends all of them; whether each ended as it should. */
  readonly stop: (signal: NodeJS.Signals) => Promise<boolean>;
}

/** Whether this process is to start workers, rather than to answer. */
export function startsWorkers({ workers }: Pick<Config, 'workers'>): boolean {
  return workers > 1 && cluster.isPrimary;
}

/** Which of the workers this process is, from 1 on; null when there is but one process. */
export function workerNumber(): number | null {
  return cluster.isWorker ? Number(process.argv[2]) : null;
}

/** Tells the process that started this one, if any, that it answers now. */
export function tellReady(origin: string): void {
  process.send?.({ origin });
}

/**
 * Starts so many workers, one after the other: the first migrates and seeds, the next find nothing left to do. One that
 * dies later is replaced; when its successor does not start, all end.
 *
 * @param onFailed told when a successor did not start, which has said why
 * @returns null when one did not start, which has said why
 */
export async function startWorkers(count: number, onFailed: () => void): Promise<Workers | null> {
  const running = new Set<Worker>();
  let isStopping = false;

  async function start(number: number): Promise<string | null> {
    cluster.setupPrimary({ args: [String(number)] });
    const worker = cluster.fork();
    running.add(worker);
    const gone = once(worker, 'exit').then(() => null);
    const origin = await Promise.race([readiness(worker), gone]);
    void gone.then(() => {
      running.delete(worker);
      return origin === null || isStopping ? null : replace(number);
    });
    return origin;
  }

  async function replace(number: number): Promise<void> {
    if ((await start(number)) === null && !isStopping) {
      onFailed();
    }
  }

  async function stop(signal: NodeJS.Signals): Promise<boolean> {
    isStopping = true;
    const codes = [...running].map(async (worker) => {
      const exit = once(worker, 'exit') as Promise<[number | null]>;
      worker.process.kill(signal);
      return (await exit)[0];
    });
    return (await Promise.all(codes)).every((code) => code === 0);
  }

  const origins: string[] = [];
  for (let number = 1; number <= count; number += 1) {
    const origin = await start(number);
    if (origin === null) {
      await stop('SIGTERM');
      return null;
    }
    origins.push(origin);
  }
  const [origin = ''] = origins;
  return { origin, stop };
}

/** Where the worker answers, once it does. */
async function readiness(worker: Worker): Promise<string> {
  const [message] = (await once(worker, 'message')) as [{ readonly origin: string }];
  return message.origin;
}
