/** Values that are as good as the version they were learnt under. */
export interface VersionedCache<Value> {
  /**
   * The value of a key: what is known, or what `load` says now. Loads of one key at one time are one load; one that
   * fails is forgotten.
   */
  readonly get: (key: string, load: () => Promise<Value>) => Promise<Value>;
  readonly forget: (key: string) => void;
}

interface Entry<Value> {
  readonly version: number;
  readonly value: Promise<Value>;
}

/**
 * Creates a cache that trusts what it holds while `version()` stays the same; null means that nothing is to be trusted.
 *
 * @param size how many values are held; the one that was learnt first goes first
 */
export function createVersionedCache<Value>(version: () => number | null, size: number): VersionedCache<Value> {
  const entries = new Map<string, Entry<Value>>();
  const forget = (key: string): void => {
    entries.delete(key);
  };
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
      forget(key);
      entries.set(key, entry);
      entry.value.catch(() => {
        if (entries.get(key) === entry) {
          forget(key);
        }
      });
      const [oldest] = entries.keys();
      if (entries.size > size && oldest !== undefined) {
        forget(oldest);
      }
      return entry.value;
    },
    forget,
  };
}
