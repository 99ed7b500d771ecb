import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { clockOffset, followClock } from '../../src/database/clock.ts';
import type { Database } from '../../src/database/database.ts';

const START = Date.parse('2026-01-15T12:00:00.000Z');

beforeEach(() => {
  vi.useFakeTimers({ now: START });
});
afterEach(() => {
  vi.useRealTimers();
});

const now = (): Date => new Date();

/** A database whose clock is ahead of the process's by so many milliseconds, and whose answers take their time. */
function databaseWith(state: { ahead: number; takes?: number; isAway?: boolean }): Pick<Database, 'engine' | 'run'> {
  const execute = async (): Promise<unknown[]> => {
    if (state.isAway === true) {
      throw new Error('The database is not available');
    }
    const at = Date.now() + state.ahead;
    vi.setSystemTime(Date.now() + (state.takes ?? 0));
    return [{ at }];
  };
  const run = ((_scope: unknown, work: (em: unknown) => Promise<unknown>) => work({ execute })) as Database['run'];
  return { engine: 'postgresql', run };
}

it.each([
  ['equal', 0, 0, 0],
  ['ahead', -3_600_000, 0, 3_600],
  ['behind', 3_600_000, 0, -3_600],
  ['equal, with a slow answer', 0, 9_000, 0],
  ['ahead, with a slow answer', -60_000, 9_000, 60],
  ['behind, with a slow answer', 60_000, 9_000, -51],
])('the difference is measured to a clock that is %s', async (_name, ahead, takes, expected) => {
  expect(await clockOffset(databaseWith({ ahead, takes }).run, now)).toBe(expected);
});

it('a warning is logged when the clocks begin to differ, and a line when they agree again', async () => {
  const log = { info: vi.fn<() => void>(), warn: vi.fn<() => void>() };
  const state = { ahead: 1_500, isAway: false };
  const stop = followClock({ database: databaseWith(state), now, log });
  const later = async (change: Partial<typeof state>): Promise<[number, number]> => {
    Object.assign(state, change);
    await vi.advanceTimersByTimeAsync(10_000);
    return [log.warn.mock.calls.length, log.info.mock.calls.length];
  };
  expect(await later({})).toEqual([0, 0]);
  expect(await later({ ahead: 120_000 })).toEqual([1, 0]);
  expect(log.warn).toHaveBeenCalledWith(
    { seconds: -120 },
    expect.stringMatching(/^The clock differs from that of the/),
  );
  expect(await later({})).toEqual([1, 0]);
  expect(await later({ isAway: true })).toEqual([1, 0]);
  expect(await later({ isAway: false, ahead: 0 })).toEqual([1, 1]);
  expect(await later({ ahead: -86_400_000 })).toEqual([2, 1]);
  stop();
  expect(await later({ ahead: 0 })).toEqual([2, 1]);
});
