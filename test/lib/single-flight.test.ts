import { describe, expect, it } from 'vitest';
import { SingleFlight } from '../../src/lib/single-flight.ts';

describe('SingleFlight', () => {
  it('callers at the same time share one run, and a later caller starts the next one', async () => {
    let runs = 0;
    const flight = new SingleFlight(() => Promise.resolve((runs += 1)));
    const [first, second] = [flight.run(), flight.run()];
    expect(second).toBe(first);
    expect(flight.running).toBe(first);
    expect(await second).toBe(1);
    expect(flight.running).toBe(null);
    expect(await flight.run()).toBe(2);
  });

  it('a failed run fails for all who wait for it, and for none after it', async () => {
    const outcomes = [Promise.reject(new Error('away')), Promise.resolve('back')];
    const flight = new SingleFlight(() => outcomes.shift() as Promise<string>);
    await expect(Promise.allSettled([flight.run(), flight.run()])).resolves.toMatchObject([
      { reason: { message: 'away' } },
      { reason: { message: 'away' } },
    ]);
    expect(await flight.run()).toBe('back');
  });
});
