import { expect, test } from 'vitest';
import { expectSameBytes } from '../test/graphql/execute/differential.ts';
import { expectSameOutcomes } from '../test/graphql/execute/execute.random.ts';
import { createTestApp } from '../test/support/app.ts';
import { report } from './report.ts';

const [OPERATIONS, DOCUMENTS] = [2_000, 10_000];

test('random operations on odd schemas have the outcome that they have with graphql-js', async () => {
  const counts = await expectSameOutcomes({ numRuns: DOCUMENTS, seed: 2026 });
  expect(counts.executions).toBeGreaterThan(DOCUMENTS);
  report('outcomes compared', { documents: DOCUMENTS, ...counts });
});

test('random operations on the server are answered by plans as by graphql-js, to the byte', async () => {
  const app = await createTestApp();
  try {
    const statuses = await expectSameBytes(app, { runs: OPERATIONS, seed: 2026 });
    const byPlan = app.pipeline.executions.get('plan') ?? 0;
    expect(byPlan).toBeGreaterThan(OPERATIONS / 4);
    const byStatus = Object.entries(statuses).map(([status, count]) => [`status ${status}`, count]);
    report('operations answered twice', { operations: OPERATIONS, ...Object.fromEntries(byStatus) });
    report('executions', Object.fromEntries(app.pipeline.executions));
  } finally {
    await app.close();
  }
});
