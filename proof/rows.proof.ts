import type { AddressInfo } from 'node:net';
import pLimit from 'p-limit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestApp, type TestApp } from '../test/support/app.ts';
import { look } from '../test/support/rows.ts';
import { report } from './report.ts';
import {
  knownToOthers,
  makeTwoAccounts,
  type Member,
  type Outcome,
  requestsOf,
  send,
  strayRows,
} from './two-accounts.ts';

const REQUESTS = 10_000;
const AT_ONCE = 32;

let app: TestApp;
let url: string;
let members: readonly Member[];
beforeAll(async () => {
  app = await createTestApp();
  await app.http.listen({ host: '127.0.0.1', port: 0 });
  url = `http://127.0.0.1:${(app.http.server.address() as AddressInfo).port}/graphql`;
  members = await makeTwoAccounts(app);
});
afterAll(() => app.close());

/** Numbers below 1 that look like chance, and are the same in every run (a linear congruential generator). */
function createChance(): () => number {
  let state = 20_261_120;
  return () => (state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32) / 2 ** 32;
}

it(`${REQUESTS} requests of two accounts, ${AT_ONCE} at once, never bleed`, async () => {
  const chance = createChance();
  const pick = <T>(from: readonly T[]): T => from[Math.floor(chance() * from.length)] as T;
  const outcomes: Record<Outcome, number> = { answered: 0, aborted: 0, turnedAway: 0, bled: 0, unexpected: 0 };
  let writes = 0;
  const limit = pLimit(AT_ONCE);
  const all = Array.from({ length: REQUESTS }, (_, turn) => {
    const member = pick(members);
    const request = pick(requestsOf(member, members, turn));
    const patience = chance() < 0.15 ? Math.floor(chance() * 40) : null;
    writes += request.writes ? 1 : 0;
    return limit(async () => {
      outcomes[await send(url, member, request, knownToOthers(member, members), patience)] += 1;
    });
  });
  await Promise.all(all);
  const stray = await strayRows(app);
  const [audited] = await look<{ count: number }>(app, `select count(*)::int as count from audit_events`);
  report(
    `${app.database.engine}: ${REQUESTS} requests of ${members.length} viewers of two accounts, ${AT_ONCE} at once`,
    {
      ...outcomes,
      writes,
      auditEvents: audited?.count ?? 0,
      strayRows: stray,
    },
  );
  expect({ bled: outcomes.bled, unexpected: outcomes.unexpected, stray }).toEqual({ bled: 0, unexpected: 0, stray: 0 });
  expect(outcomes.aborted).toBeGreaterThan(REQUESTS / 100);
  expect(outcomes.answered).toBeGreaterThan(REQUESTS * 0.75);
});
