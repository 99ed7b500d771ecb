import { expect, it } from 'vitest';
import { expectSameOutcomes } from './execute.random.ts';

it('random operations have the outcome that they have with graphql-js', async () => {
  const counts = await expectSameOutcomes({ numRuns: 300, seed: 1 });
  expect(counts['with several errors']).toBeGreaterThan(50);
  expect(counts.promises).toBeGreaterThan(200);
});
