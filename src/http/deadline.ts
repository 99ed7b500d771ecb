import { ServiceUnavailable } from '../errors.ts';

/** When clients whose request ran out of time may come back, in seconds. */
const RETRY_AFTER_SECONDS = 5;

/**
 * What the work comes to, if it does so in time. What it comes to later is nobody's.
 *
 * @throws {ServiceUnavailable} after so many milliseconds
 */
export async function inTime<Result>(work: Promise<Result>, milliseconds: number): Promise<Result> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(new ServiceUnavailable('The request took too long.', RETRY_AFTER_SECONDS));
  }, milliseconds);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
