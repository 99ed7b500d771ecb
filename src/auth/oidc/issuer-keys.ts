import { errors, type JWTVerifyGetKey, type RemoteJWKSet } from 'jose';
import { IssuerUnavailableError } from '../errors.ts';
import { createIssuerKeySet, type IssuerKeySetOptions } from './key-set.ts';

const SECOND = 1000;
/** How long keys serve before they are renewed beside the requests: a key that the issuer withdraws lives on for so long. */
const FRESH_FOR = 600 * SECOND;
/** How long they serve at most while the issuer cannot be reached. */
const STALE_FOR = 86_400 * SECOND;
/** At most one fetch in this time is owed to tokens with unknown keys. */
const MISS_COOLDOWN = 30 * SECOND;

/**
 * The keys of an issuer, fetched when they are first needed and shared by all requests. Tokens with unknown keys make
 * them be fetched at most once a cool-down, however many there are; the first such fetch is not held up by the one
 * before, so that a key that was rotated in just now is found. While the issuer is away the known keys serve on, for
 * a day.
 *
 * @throws {IssuerUnavailableError} (the returned function) if there are no keys and none can be fetched
 */
export function createIssuerKeys(options: IssuerKeySetOptions): JWTVerifyGetKey {
  const { now } = options;
  const set = createIssuerKeySet(options);
  let missedAt = -Infinity;

  async function currentKeys(): Promise<RemoteJWKSet> {
    if (set.keys !== null && set.age < STALE_FOR) {
      if (set.age >= FRESH_FOR && !set.isResting) {
        set.refresh().catch(() => {}); // onFetchFailed was told; the known keys serve on.
      }
      return set.keys;
    }
    if (set.isResting) {
      throw new IssuerUnavailableError('The keys of the issuer could not be fetched a moment ago');
    }
    return set.refresh();
  }

  /** Renews the keys for a token that fits none; answers whether that was due and worked. */
  async function renew(): Promise<boolean> {
    const isCooling = now().getTime() - missedAt < MISS_COOLDOWN;
    if (set.isResting || (isCooling && !set.isRefreshing)) {
      return false;
    }
    try {
      await set.refresh();
      missedAt = now().getTime();
      return true;
    } catch {
      return false; // onFetchFailed was told.
    }
  }

  return async (header, token) => {
    const isFirst = set.keys === null;
    const keys = await currentKeys();
    try {
      return await keys(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) {
        throw error;
      }
      if (isFirst) {
        missedAt = now().getTime(); // The keys were fetched for this very token.
        throw error;
      }
      if (!(await renew())) {
        throw error;
      }
      return keys(header, token);
    }
  };
}
