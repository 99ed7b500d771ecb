import { createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey, type RemoteJWKSet } from 'jose';
import { z } from 'zod';
import { IssuerUnavailableError } from '../../lib/errors.ts';
import { SingleFlight } from '../../lib/single-flight.ts';

const SECOND = 1000;
/** The pause after a failed fetch, in milliseconds. */
const RETRY_AFTER = 5 * SECOND;
/** The timeout of one fetch, in milliseconds. */
const TIMEOUT = 3 * SECOND;
/** The age from which keys are renewed in the background: the longest time for which a withdrawn key is accepted. */
const FRESH_FOR = 600 * SECOND;
/** The age up to which keys are used while the issuer cannot be reached. */
const STALE_FOR = 86_400 * SECOND;
/** The time within which tokens with unknown keys cause at most one fetch. */
const MISS_COOLDOWN = 30 * SECOND;

/** The part of the global `fetch` that is used for external issuers. */
export type Fetch = (url: string, options: RequestInit) => Promise<Response>;

/** The source of an issuer's keys. */
export type IssuerKeySetOptions = {
  /** Returns the URL of the key set. Called until the set was fetched once. */
  readonly locate: (signal: AbortSignal) => Promise<URL>;
  readonly now: () => Date;
  readonly fetch: Fetch;
  /** Called for every failed fetch, also if older keys are used instead. */
  readonly onFetchFailed: (error: unknown) => void;
};

/** An issuer's key set (RFC 7517 §5) as it was last fetched. */
type IssuerKeySet = {
  /** The keys; null until they were fetched once. A refresh renews them in place. */
  readonly keys: RemoteJWKSet | null;
  /** The age of the keys, in milliseconds. */
  readonly age: number;
  readonly isRefreshing: boolean;
  /** True if a fetch failed just now, so that the next one has to wait. */
  readonly isResting: boolean;
  /**
   * Fetches the keys, or joins a fetch that is running. A failed fetch leaves the old keys unchanged.
   *
   * @throws {IssuerUnavailableError}
   */
  refresh(): Promise<RemoteJWKSet>;
};

/** Creates the holder of an issuer's keys. It fetches only on request, once at a time. */
function createIssuerKeySet({ locate, now, fetch, onFetchFailed }: IssuerKeySetOptions): IssuerKeySet {
  let keys: RemoteJWKSet | null = null;
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

  const loads = new SingleFlight(load);
  return {
    get keys() {
      return keys;
    },
    get age() {
      return now().getTime() - fetchedAt;
    },
    get isRefreshing() {
      return loads.running !== null;
    },
    get isResting() {
      return loads.running === null && now().getTime() - failedAt < RETRY_AFTER;
    },
    refresh: () => loads.run(),
  };
}

/** Returns a set that jose fetches and reads, but only on request, so that there is a pause after a failure as well. */
function remoteKeys(url: URL, fetch: Fetch): RemoteJWKSet {
  const never = { cooldownDuration: Infinity, cacheMaxAge: Infinity };
  return createRemoteJWKSet(url, { ...never, timeoutDuration: TIMEOUT, [customFetch]: fetch });
}

/**
 * Creates the lookup of an issuer's keys, which are fetched when first needed and shared by all requests. Any number of
 * tokens with unknown keys causes at most one fetch per cool-down. The first such fetch does not wait for an earlier
 * one, so that a key that was rotated in just now is found. While the issuer cannot be reached, the known keys are used
 * for up to a day.
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
        set.refresh().catch(() => {}); // onFetchFailed was called; the known keys are used.
      }
      return set.keys;
    }
    if (set.isResting) {
      throw new IssuerUnavailableError('The keys of the issuer could not be fetched just now');
    }
    return set.refresh();
  }

  /** Fetches the keys again for a token that matches none. Returns true if that was due and succeeded. */
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
      return false; // onFetchFailed was called.
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
        missedAt = now().getTime(); // The keys were fetched for this token.
        throw error;
      }
      if (!(await renew())) {
        throw error;
      }
      return keys(header, token);
    }
  };
}

const Metadata = z.object({ issuer: z.string(), jwks_uri: z.url() });

/**
 * Discovers the URL of an issuer's keys from its metadata (OpenID Connect Discovery 1.0 §4).
 *
 * @throws {Error} if the metadata cannot be fetched, belong to another issuer, or lead from https to http
 */
export async function discoverKeys(issuer: string, fetch: Fetch, signal: AbortSignal): Promise<URL> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const response = await fetch(url, { signal, redirect: 'manual', headers: { accept: 'application/json' } });
  if (response.status !== 200) {
    throw new Error(`The issuer's metadata answered with status ${response.status}`);
  }
  const metadata = Metadata.parse(await response.json());
  const keys = new URL(metadata.jwks_uri);
  if (metadata.issuer !== issuer || keys.protocol !== new URL(issuer).protocol) {
    throw new Error('The metadata belong to another issuer');
  }
  return keys;
}
