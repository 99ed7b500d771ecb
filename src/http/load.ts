import { ServiceUnavailable } from '../lib/errors.ts';

/** When clients that were turned away may come back, in seconds. */
const RETRY_AFTER_SECONDS = 1;

/** Does the work, unless too much is being done already. @throws {ServiceUnavailable} */
export type LoadLimit = <Result>(work: () => Promise<Result>) => Promise<Result>;

/**
 * Lets so much be done at a time. Beyond what a server can do, more requests only make all of them wait: whoever is
 * turned away at once can go elsewhere, or come back. Work counts until it is done, also when its client has left.
 */
export function createLoadLimit(most: number): LoadLimit {
  let inFlight = 0;
  return async (work) => {
    if (inFlight >= most) {
      throw new ServiceUnavailable('The server is busy.', RETRY_AFTER_SECONDS);
    }
    inFlight += 1;
    try {
      return await work();
    } finally {
      inFlight -= 1;
    }
  };
}
