import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { killBeforeAnswer, raceRefreshes, raceRevocation, Replicas, spread } from '../test/support/session-races.ts';
import { report } from './report.ts';

let replicas: Replicas;
beforeAll(async () => {
  replicas = await Replicas.start(3);
});
afterAll(() => replicas.close());

describe('three processes on one PostgreSQL database', () => {
  it('50 concurrent refreshes of one token get one successor, 100 times', async () => {
    const figures = { trials: 0, answered: 0, withOneLiveSuccessor: 0 };
    for (let trial = 0; trial < 100; trial++) {
      const { answers, live } = await raceRefreshes(replicas, 50);
      figures.trials += 1;
      figures.answered += answers;
      figures.withOneLiveSuccessor += live === 1 ? 1 : 0;
    }
    report('50 parallel refreshes of one token over 3 processes', figures);
    expect(figures).toEqual({ trials: 100, answered: 5_000, withOneLiveSuccessor: 100 });
  });

  it.each(['logout', 'password change', 'disabling'] as const)(
    'no token outlives a concurrent %s, 300 times',
    async (what) => {
      const figures = await raceRevocation(replicas, what, 300);
      report(`Refreshes against ${what}, 300 trials`, { ...figures });
      expect(figures).toMatchObject({ goodHere: 0, refreshed: 0, goodElsewhere: 0 });
    },
  );

  it('no user is logged out by kill -9 between the rotation and its answer, 30 times', async () => {
    const outcomes: boolean[] = [];
    for (let trial = 0; trial < 30; trial++) {
      outcomes.push(await killBeforeAnswer(replicas));
    }
    report('kill -9 between the rotation and its answer', {
      trials: 30,
      retriesThatWork: outcomes.filter(Boolean).length,
    });
    expect(outcomes).not.toContain(false);
  });

  it('a revocation in one process is known in another, 100 times', async () => {
    const times: number[] = [];
    for (let trial = 0; trial < 100; trial++) {
      times.push(await spread(replicas));
    }
    times.sort((a, b) => a - b);
    const at = (share: number): number => Math.round(times[Math.ceil(times.length * share) - 1] ?? 0);
    report('A logout in one process, until another refuses the token (ms)', {
      trials: 100,
      p50: at(0.5),
      p99: at(0.99),
      max: at(1),
    });
    expect(at(1)).toBeLessThan(1_000);
  });
});
