import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RequestContext } from '../../../src/context.ts';
import { createAuditVerifier } from '../../../src/modules/audit/verify.ts';
import { systemScope } from '../../../src/database/scopes.ts';
import { AuditVerificationDocument } from '../../generated/graphql.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { expectOutcome, openTo } from '../../support/outcomes.ts';
import { openTrail, signer, type Trail } from './support.ts';

let app: TestApp;
let trail: Trail;
beforeAll(async () => {
  app = await createTestApp();
  trail = await openTrail();
});
afterAll(async () => {
  await app.close();
  await trail.close();
});

/** Runs a verification of the trail as an operation of its own. */
async function run(verify: RequestContext['verifyAudit']) {
  const unit = trail.database.unitOfWork(systemScope);
  try {
    return await verify(unit);
  } finally {
    await unit.close();
  }
}

describe('auditVerification', () => {
  it.each(openTo('ADMIN', 'SUPER_ADMIN'))('auditVerification answers %s with %s', async (who, outcome) => {
    const where = { path: 'auditVerification', coordinate: 'Query.auditVerification' };
    const data = await expectOutcome(app.as(who).query(AuditVerificationDocument), outcome, where);
    expect(data?.auditVerification?.intact).toBe(outcome === 'data' ? true : undefined);
  });

  it('auditVerification runs beside other fields, and once at a time', async () => {
    const query =
      '{ users(first: 1) { totalCount } a: auditVerification { intact } b: auditVerification { intact } me { id } }';
    const { body } = await app.as('ADMIN').request(query);
    expect(body).toMatchObject({
      data: { users: { totalCount: expect.any(Number) }, a: { intact: true }, b: null, me: { id: expect.any(String) } },
      errors: [{ path: ['b'], extensions: { code: 'CONFLICT' } }],
    });
  });
});

describe('a verification', () => {
  it('auditVerification counts events and seals, and lists the differences', async () => {
    await trail.batch(3);
    await trail.batch(2);
    const verify = createAuditVerifier({ signer });
    expect(await run(verify)).toEqual({
      intact: true,
      complete: true,
      seals: 2,
      events: 5,
      unsealed: 0,
      damage: [],
      head: expect.stringMatching(/^2:[0-9a-f]{64}$/),
    });
    await trail.tamper('delete from audit_events where seal = 1');
    const { intact, damage } = await run(verify);
    expect({ intact, damage: damage.length }).toEqual({ intact: false, damage: 3 });
  });

  it('auditVerification ends at its time limit with the result so far', async () => {
    for (let seal = 0; seal < 60; seal++) {
      await trail.batch(1);
    }
    const { complete, seals } = await run(createAuditVerifier({ signer, timeLimit: -1 }));
    expect({ complete, seals }).toEqual({ complete: false, seals: 50 });
  });
});
