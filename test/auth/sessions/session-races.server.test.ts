import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { killBeforeAnswer, raceRefreshes, raceRevocation, Replicas, spread } from '../../support/session-races.ts';

/** Shortened: `npm run proof` does each of them some hundred times. */
let replicas: Replicas;
beforeAll(async () => {
  replicas = await Replicas.start(3);
});
afterAll(() => replicas.close());

describe('three processes on one database', () => {
  it('fifty concurrent refreshes on three processes get one successor, which works', async () => {
    for (let trial = 0; trial < 3; trial++) {
      expect(await raceRefreshes(replicas, 50)).toEqual({ answers: 50, live: 1 });
    }
  });

  it.each(['logout', 'password change', 'disabling'] as const)('no token outlives a concurrent %s', async (what) => {
    const figures = await raceRevocation(replicas, what, 6);
    expect(figures).toMatchObject({ goodHere: 0, refreshed: 0, goodElsewhere: 0 });
    expect(figures.minted).toBeGreaterThanOrEqual(6);
  });

  it('no user is logged out when a process is killed between the rotation and its answer', async () => {
    expect(await killBeforeAnswer(replicas)).toBe(true);
  });

  it('every process knows of a revocation within a second', async () => {
    const times = [await spread(replicas), await spread(replicas), await spread(replicas)];
    expect(Math.max(...times)).toBeLessThan(1_000);
  });
});
