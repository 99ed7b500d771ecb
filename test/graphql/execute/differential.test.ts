import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { expectSameBytes } from './differential.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
});
afterAll(() => app.close());

it('random operations are answered by their plans as by graphql-js, to the byte', async () => {
  const statuses = await expectSameBytes(app, { runs: 300, seed: 1 });
  // Otherwise they would have compared nothing but refusals, or graphql-js with itself.
  expect(statuses['200']).toBeGreaterThan(150);
  expect(app.pipeline.executions.get('plan')).toBeGreaterThan(100);
});
