import { ServiceUnavailable } from '../../lib/errors.ts';
import { OverloadedError } from '../errors.ts';

/**
 * Runs work that hashes a password.
 *
 * @throws {ServiceUnavailable} when too many wait for their turn
 */
export async function hashed<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof OverloadedError
      ? new ServiceUnavailable('Too many passwords are being checked: try again soon', 2)
      : error;
  }
}
