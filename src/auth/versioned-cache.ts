import { LRUCache } from 'lru-cache';

/** A cache of values that are valid under the version under which they were loaded. */
export interface VersionedCache<Value> {
  /**
   * Returns the value of a key, or loads it. Concurrent loads of one key are one load; a load that fails is not cached.
   */
  readonly get: (key: string, load: () => Promise<Value>) => Promise<Value>;
  readonly forget: (key: string) => void;
}

interface Entry<Value> {
  readonly version: number;
  readonly value: Promise<Value>;
}

/**
 * Creates a cache whose entries are valid while `version()` stays the same; null means that no entry is valid.
 *
 * @param size the number of values that are held; the least recently used one is evicted first
 */
export function createVersionedCache<Value>(version: () => number | null, size: number): VersionedCache<Value> {
  const entries = new LRUCache<string, Entry<Value>>({ max: size });
  return {
    get(key, load) {
      const now = version();
      if (now === null) {
        return load();
      }
      const known = entries.get(key);
      if (known?.version === now) {
        return known.value;
      }
      const entry = { version: now, value: load() };
      entries.set(key, entry);
      entry.value.catch(() => {
        if (entries.peek(key) === entry) {
          entries.delete(key);
        }
      });
      return entry.value;
    },
    forget: (key) => void entries.delete(key),
  };
}
