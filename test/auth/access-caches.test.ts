import { describe, expect, it } from 'vitest';
import { createVersionedCache } from '../../src/auth/access-caches.ts';

/** A cache whose version a test moves, and loads that end when it says so. */
function build(size = 10) {
  const state: { version: number | null; loads: number } = { version: 1, loads: 0 };
  const cache = createVersionedCache<string>(() => state.version, size);
  const get = (key: string, value: string): Promise<string> =>
    cache.get(key, async () => {
      state.loads += 1;
      return value;
    });
  return { cache, state, get };
}

describe('a cached state', () => {
  it('a cached state is not loaded again under the same version', async () => {
    const { get, state } = build();
    expect([await get('a', 'old'), await get('a', 'new')]).toEqual(['old', 'old']);
    expect(state.loads).toBe(1);
  });

  it('a cached state is loaded again under another version, also a lower one', async () => {
    const { get, state } = build();
    await get('a', 'first');
    state.version = 2;
    expect(await get('a', 'second')).toBe('second');
    state.version = 1;
    expect(await get('a', 'third')).toBe('third');
  });

  it('a cached state is neither used nor replaced while the version is unknown', async () => {
    const { get, state } = build();
    await get('a', 'old');
    state.version = null;
    expect(await get('a', 'new')).toBe('new');
    state.version = 1;
    expect(await get('a', 'newest')).toBe('old');
  });

  it('each key has a state of its own', async () => {
    const { get } = build();
    await get('a', 'of a');
    expect(await get('b', 'of b')).toBe('of b');
    expect(await get('__proto__', 'of proto')).toBe('of proto');
  });
});

describe('a load that began before a change', () => {
  it('the result of a load that began before a change is not used after it', async () => {
    const { cache, state, get } = build();
    const slow = Promise.withResolvers<string>();
    const before = cache.get('a', () => slow.promise);
    state.version = 2;
    expect(await get('a', 'after')).toBe('after');
    slow.resolve('before');
    expect(await before).toBe('before');
    expect(await get('a', 'unasked')).toBe('after');
  });

  it('the result of such a load is not kept when nothing was read in between', async () => {
    const { cache, state, get } = build();
    const slow = Promise.withResolvers<string>();
    const before = cache.get('a', () => slow.promise);
    state.version = 2;
    slow.resolve('before');
    await before;
    expect(await get('a', 'after')).toBe('after');
  });

  it('a failed load that began before a change leaves newer states in the cache', async () => {
    const { cache, state, get } = build();
    const slow = Promise.withResolvers<string>();
    const before = cache.get('a', () => slow.promise);
    state.version = 2;
    await get('a', 'after');
    slow.reject(new Error('the database is away'));
    await expect(before).rejects.toThrow('away');
    expect(await get('a', 'unasked')).toBe('after');
  });
});

describe('loads of one key at one time', () => {
  it('loads of one key at one time share one call', async () => {
    const { get, state } = build();
    await Promise.all([get('a', '1'), get('a', '2'), get('a', '3')]);
    expect(state.loads).toBe(1);
  });

  it('a failed load is not cached', async () => {
    const { cache, get } = build();
    const failing = () => cache.get('a', () => Promise.reject(new Error('away')));
    const both = await Promise.allSettled([failing(), failing()]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await get('a', 'well')).toBe('well');
  });
});

describe('the size of the cache', () => {
  it('the least recently used state is evicted when the cache is full', async () => {
    const { get, state } = build(2);
    await get('a', 'a');
    await get('b', 'b');
    await get('a', 'again');
    await get('c', 'c');
    expect(state.loads).toBe(3);
    expect([await get('c', 'again'), await get('a', 'again'), await get('b', 'again')]).toEqual(['c', 'a', 'again']);
  });
});
