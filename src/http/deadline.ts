import { ServiceUnavailable } from '../lib/errors.ts';
import { within } from '../lib/deadline.ts';

/** When clients whose request ran out of time may come back, in seconds. */
const RETRY_AFTER_SECONDS = 5;

/**
 * What the work comes to, if it does so in time. What it comes to later is nobody's.
 *
 * @throws {ServiceUnavailable} after so many milliseconds
 */
export function inTime<Result>(work: Promise<Result>, milliseconds: number): Promise<Result> {
  return within(work, milliseconds, () => {
    throw new ServiceUnavailable('The request took too long.', RETRY_AFTER_SECONDS);
  });
}
