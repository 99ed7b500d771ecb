/** The longest time that closing may take before the process ends anyway, in milliseconds. */
const CLOSE_DEADLINE = 10_000;

/** Why a process stops: a signal, or the end of the process that had started it. */
export type StopReason = 'SIGINT' | 'SIGTERM' | 'orphaned';

/** The steps of a stop. */
export interface StopOptions {
  /** The time for which the process serves after SIGTERM, in milliseconds. */
  readonly delay: number;
  /** Closes everything, after the delay. Returns true if all went as it should. */
  readonly close: (reason: StopReason, delay: number) => Promise<boolean>;
  /** Ends the process with an error. */
  readonly fail: (error: unknown) => never;
}

/** The stop of this process, which can be asked for from its first moment on. */
export interface Stop {
  /** True once the process is to stop: what still starts gives up. */
  readonly isRequested: () => boolean;
  readonly request: (reason: StopReason) => void;
}

/**
 * Ends the process on SIGINT and SIGTERM: with 0 once `close` has done its work, with 1 if that fails or takes too long.
 * SIGTERM comes from an orchestrator, whose load balancers need a while to learn of the stop; SIGINT comes from a
 * terminal, where there is nothing to wait for.
 */
export function stopOnSignals({ delay, close, fail }: StopOptions): Stop {
  let isRequested = false;
  const request = (reason: StopReason): void => {
    if (isRequested) {
      return; // npm repeats the signal that the terminal has already sent
    }
    isRequested = true;
    const wait = reason === 'SIGTERM' ? delay : 0;
    setTimeout(() => process.exit(1), wait + CLOSE_DEADLINE).unref();
    close(reason, wait).then((isGood) => process.exit(isGood ? 0 : 1), fail);
  };
  process.on('SIGINT', request).on('SIGTERM', request);
  return { isRequested: () => isRequested, request };
}
