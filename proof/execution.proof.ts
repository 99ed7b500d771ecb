import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestApp, type TestApp } from '../test/support/app.ts';
import { expectSameBytes } from '../test/graphql/execute/differential.ts';
import { report } from './report.ts';

const RUNS = 6_000;

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
});
afterAll(() => app.close());

test('random operations are answered by their plans as by graphql-js, to the byte', async () => {
  const statuses = await expectSameBytes(app, { runs: RUNS, seed: 2026 });
  const byPlan = app.pipeline.executions.get('plan') ?? 0;
  expect(byPlan).toBeGreaterThan(RUNS / 10);
  report('operations asked twice, with one answer', { operations: RUNS, ...statuses, 'executed by plan': byPlan });
  report('left to graphql-js', Object.fromEntries(app.pipeline.executions));
});
