import { afterAll, beforeAll, expect, it } from 'vitest';
import { expectSameOutcomes } from './execute.random.ts';

const listeners = process.listeners('unhandledRejection');

// graphql-js leaves the promises of earlier items unhandled where a later item of a list fails that must not be null.
beforeAll(() => {
  process.removeAllListeners('unhandledRejection').on('unhandledRejection', () => undefined);
});
afterAll(() => {
  process.removeAllListeners('unhandledRejection');
  listeners.forEach((listener) => process.on('unhandledRejection', listener));
});

it('random operations have the outcome that they have with graphql-js', async () => {
  const counts = await expectSameOutcomes({ numRuns: 600, seed: 1 });
  expect(counts['with several errors']).toBeGreaterThan(30);
  expect(counts.promises).toBeGreaterThan(100);
});
