import { createRemoteJWKSet, customFetch, type RemoteJWKSet } from 'jose';
import { IssuerUnavailableError } from '../errors.ts';

/** How long after a failed fetch the next one is tried, in milliseconds. */
const RETRY_AFTER = 5000;
/** How long one fetch may take, in milliseconds. */
const TIMEOUT = 3000;

/** The part of the global `fetch` that is used for external issuers. */
export type Fetch = (url: string, options: RequestInit) => Promise<Response>;

/** Where an issuer's keys are, and how they are fetched. */
export type IssuerKeySetOptions = {
  /** Finds the address of the key set; asked until the set was fetched once. */
  readonly locate: (signal: AbortSignal) => Promise<URL>;
  readonly now: () => Date;
  readonly fetch: Fetch;
  /** Told of every failed fetch, also when older keys cover it up. */
  readonly onFetchFailed: (error: unknown) => void;
};

/** An issuer's key set (RFC 7517 §5) as it was last fetched. */
export type IssuerKeySet = {
  /** The keys, or null as long as none were fetched. A refresh renews them in place. */
  readonly keys: RemoteJWKSet | null;
  /** How old they are, in milliseconds. */
  readonly age: number;
  readonly isRefreshing: boolean;
  /** Whether a fetch failed a moment ago, so that the next one has to wait. */
  readonly isResting: boolean;
  /**
   * Fetches the keys, or joins whoever does so already. What cannot be fetched or read leaves the old keys as they are.
   *
   * @throws {IssuerUnavailableError}
   */
  refresh(): Promise<RemoteJWKSet>;
};

/** Creates the holder of an issuer's keys. It fetches nothing by itself, and one thing at a time when told to. */
export function createIssuerKeySet({ locate, now, fetch, onFetchFailed }: IssuerKeySetOptions): IssuerKeySet {
  let keys: RemoteJWKSet | null = null;
  let pending: Promise<RemoteJWKSet> | null = null;
  let fetchedAt = -Infinity;
  let failedAt = -Infinity;

  async function load(): Promise<RemoteJWKSet> {
    try {
      const found = keys ?? remoteKeys(await locate(AbortSignal.timeout(TIMEOUT)), fetch);
      await found.reload();
      fetchedAt = now().getTime();
      keys = found;
      return found;
    } catch (error) {
      failedAt = now().getTime();
      onFetchFailed(error);
      throw new IssuerUnavailableError('The keys of the issuer cannot be fetched', { cause: error });
    }
  }

  return {
    get keys() {
      return keys;
    },
    get age() {
      return now().getTime() - fetchedAt;
    },
    get isRefreshing() {
      return pending !== null;
    },
    get isResting() {
      return pending === null && now().getTime() - failedAt < RETRY_AFTER;
    },
    refresh() {
      pending ??= load().finally(() => {
        pending = null;
      });
      return pending;
    },
  };
}

/** jose fetches and reads the set; when to do so is not left to it, so that failures are followed by a rest, too. */
function remoteKeys(url: URL, fetch: Fetch): RemoteJWKSet {
  const never = { cooldownDuration: Infinity, cacheMaxAge: Infinity };
  return createRemoteJWKSet(url, { ...never, timeoutDuration: TIMEOUT, [customFetch]: fetch });
}
