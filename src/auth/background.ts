import type { AuthLog } from './dependencies.ts';

/** Work that nobody waits for, so that how long it takes tells nothing. */
export interface Background {
  /** Starts work. Its failure is logged under `what`. */
  readonly start: (what: string, work: () => Promise<unknown>) => void;
  /** Resolves when all that was started has ended. */
  readonly settled: () => Promise<void>;
}

export function createBackground(log: Pick<AuthLog, 'warn'>): Background {
  const running = new Set<Promise<unknown>>();
  return {
    start(what, work) {
      const task = work().catch((error: unknown) => log.warn({ err: error }, `${what}: failed`));
      running.add(task);
      void task.then(() => running.delete(task));
    },
    async settled() {
      while (running.size > 0) {
        await Promise.all(running);
      }
    },
  };
}
