import { afterEach, expect, it, vi } from 'vitest';
import { validate, version } from 'uuid';
import { orderedUuid } from '../../src/lib/ordered-uuid.ts';

afterEach(() => vi.useRealTimers());

const many = (): string[] => Array.from({ length: 2_000 }, orderedUuid);

it('ids are of version 7, all different, and rise', () => {
  const ids = many();
  expect(ids.every((id) => validate(id) && version(id) === 7)).toBe(true);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.toSorted()).toEqual(ids);
});

it('ids have the time in milliseconds, and are random behind it', () => {
  vi.useFakeTimers({ now: Date.now() + 60_000, toFake: ['Date'] });
  const ids = [orderedUuid(), orderedUuid()];
  for (const id of ids) {
    expect(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toBe(Date.now());
  }
  expect(new Set(ids.map((id) => id.slice(-12))).size).toBe(2);
});

it('ids rise while the clock is set back', () => {
  vi.useFakeTimers({ now: Date.now() + 120_000, toFake: ['Date'] });
  const before = orderedUuid();
  vi.setSystemTime(Date.now() - 3_600_000);
  const ids = [before, ...many()];
  expect(ids.toSorted()).toEqual(ids);
  expect(new Set(ids).size).toBe(ids.length);
});
