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
  it('is not asked again under the same version', async () => {
    const { get, state } = build();
    expect([await get('a', 'old'), await get('a', 'new')]).toEqual(['old', 'old']);
    expect(state.loads).toBe(1);
  });

  it('is asked again under another, a lower one too', async () => {
    const { get, state } = build();
    await get('a', 'first');
    state.version = 2;
    expect(await get('a', 'second')).toBe('second');
    state.version = 1;
    expect(await get('a', 'third')).toBe('third');
  });

  it('is trusted for nothing while there is no version, and is kept out of what is known', async () => {
    const { get, state } = build();
    await get('a', 'old');
    state.version = null;
    expect(await get('a', 'new')).toBe('new');
    state.version = 1;
    expect(await get('a', 'newest')).toBe('old');
  });

  it('of one key is not that of another', async () => {
    const { get } = build();
    await get('a', 'of a');
    expect(await get('b', 'of b')).toBe('of b');
    expect(await get('__proto__', 'of proto')).toBe('of proto');
  });
});

describe('a load that began before a change', () => {
  it('is neither served nor kept after it', async () => {
    const { cache, state, get } = build();
    const slow = Promise.withResolvers<string>();
    const before = cache.get('a', () => slow.promise);
    state.version = 2;
    expect(await get('a', 'after')).toBe('after');
    slow.resolve('before');
    expect(await before).toBe('before');
    expect(await get('a', 'unasked')).toBe('after');
  });

  it('is not kept when it ends after the change, without a read in between', async () => {
    const { cache, state, get } = build();
    const slow = Promise.withResolvers<string>();
    const before = cache.get('a', () => slow.promise);
    state.version = 2;
    slow.resolve('before');
    await before;
    expect(await get('a', 'after')).toBe('after');
  });

  it('that fails takes nothing with it that was learnt since', async () => {
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
  it('are one', async () => {
    const { get, state } = build();
    await Promise.all([get('a', '1'), get('a', '2'), get('a', '3')]);
    expect(state.loads).toBe(1);
  });

  it('that fail are forgotten', async () => {
    const { cache, get } = build();
    const failing = () => cache.get('a', () => Promise.reject(new Error('away')));
    const both = await Promise.allSettled([failing(), failing()]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await get('a', 'well')).toBe('well');
  });
});

describe('size', () => {
  it('is bounded: the least recently used value is evicted', async () => {
    const { get, state } = build(2);
    await get('a', 'a');
    await get('b', 'b');
    await get('a', 'again');
    await get('c', 'c');
    expect(state.loads).toBe(3);
    expect([await get('c', 'again'), await get('a', 'again'), await get('b', 'again')]).toEqual(['c', 'a', 'again']);
  });
});
