import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordEvent } from '../../../src/database/events/record.ts';
import { systemScope } from '../../../src/database/scopes.ts';
import { type AuditEventFilter, AuditEventsDocument } from '../../generated/graphql.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { expectOutcome, openTo } from '../../support/outcomes.ts';
import { userId } from '../../support/rows.ts';

let app: TestApp;
let admin: string;
let developer: string;
const GONE = '0198c0de-0000-4000-8000-00000000000a';

const at = (minute: number): Date => new Date(Date.UTC(2026, 0, 1, 12, minute));

const by = (actorId: string | null, minute: number) => ({ actorId, address: '192.0.2.1', now: at(minute) });

beforeAll(async () => {
  app = await createTestApp();
  [admin, developer] = [await userId(app, 'admin'), await userId(app, 'developer')];
  await app.database.run(systemScope, async (em) => {
    await recordEvent(em, by(null, 0), { action: 'login.failed', details: { reason: 'unknown user' } });
    await recordEvent(em, by(admin, 1), { action: 'role.assigned', target: { type: 'user', id: developer } });
    await recordEvent(em, by(admin, 2), { action: 'role.created', target: { type: 'role', id: 'AUDITOR_100%' } });
    await recordEvent(em, by(developer, 3), { action: 'account.updated', target: { type: 'account', id: 'a_1' } });
    await recordEvent(em, by(GONE, 4), {
      action: 'access.denied',
      target: { type: 'field', id: 'Query.users' },
      count: 7,
    });
    await recordEvent(em, by(developer, 4), { action: 'login.succeeded', target: { type: 'session', id: 's' } });
  });
});
afterAll(() => app.close());

async function found(filter: AuditEventFilter): Promise<(string | undefined)[]> {
  const { auditEvents } = await app.as('ADMIN').query(AuditEventsDocument, { filter }).data();
  expect(auditEvents?.nodes).toHaveLength(auditEvents?.totalCount ?? -1);
  return auditEvents?.nodes?.map((event) => event?.action) ?? [];
}

describe('auditEvents', () => {
  it.each(openTo('ADMIN', 'SUPER_ADMIN'))('auditEvents answers %s with %s', async (who, outcome) => {
    const where = { path: 'auditEvents', coordinate: 'Query.auditEvents' };
    const data = await expectOutcome(app.as(who).query(AuditEventsDocument), outcome, where);
    expect(data?.auditEvents?.totalCount).toBe(outcome === 'data' ? 6 : undefined);
  });

  it('auditEvents lists who did what, to what, when and from where, the newest first', async () => {
    const { auditEvents } = await app.as('ADMIN').query(AuditEventsDocument, { first: 2 }).data();
    expect(auditEvents?.nodes).toEqual([
      expect.objectContaining({ action: 'login.succeeded', actor: developer, actorUser: { username: 'developer' } }),
      {
        id: expect.any(String),
        at: at(4).toISOString(),
        actor: GONE,
        actorUser: null,
        action: 'access.denied',
        target: 'Query.users',
        targetType: 'field',
        address: '192.0.2.1',
        details: {},
        count: 7,
        sealed: false,
      },
    ]);
  });

  it('auditEvents shows which events are sealed', async () => {
    await app.audit.sealer.seal();
    const { auditEvents } = await app.as('ADMIN').query(AuditEventsDocument).data();
    expect(auditEvents?.nodes?.every((event) => event?.sealed)).toBe(true);
  });

  it.each<[AuditEventFilter, string[]]>([
    [{ action: 'login.failed' }, ['login.failed']],
    [{ action: 'login.*' }, ['login.succeeded', 'login.failed']],
    [
      { action: '*' },
      ['login.succeeded', 'access.denied', 'account.updated', 'role.created', 'role.assigned', 'login.failed'],
    ],
    [{ action: 'LOGIN.FAILED' }, []],
    [{ action: '%' }, []],
    [{ action: '' }, []],
    [{ target: 'a_1' }, ['account.updated']],
    [{ target: 'a%1' }, []],
    [{ targetType: 'role' }, ['role.created']],
    [{ targetType: 'field', target: 'Query.users' }, ['access.denied']],
    [{ targetType: 'field', target: 'a_1' }, []],
    [{ actor: GONE }, ['access.denied']],
    [{ actor: 'nobody' }, []],
    [{ actor: `${GONE}' or true` }, []],
    [{ from: at(3) }, ['login.succeeded', 'access.denied', 'account.updated']],
    [{ to: at(1) }, ['login.failed']],
    [{ from: at(1), to: at(3) }, ['role.created', 'role.assigned']],
    [{ from: at(3), to: at(1) }, []],
    [{ search: 'LOGIN' }, ['login.succeeded', 'login.failed']],
    [{ search: 'ogin.f' }, ['login.failed']],
    [{ search: 'AUDITOR' }, ['role.created']],
    [{ search: 'AUDITOR_100%' }, ['role.created']],
    [{ search: 'AUDITOR%1' }, []],
    [{ search: 'A_' }, []],
    [{ search: 'Query.us' }, ['access.denied']],
    [{ search: GONE }, ['access.denied']],
    [{ search: GONE.toUpperCase() }, ['access.denied']],
    [{ search: 'no such thing' }, []],
    [{ search: 'login', from: at(1) }, ['login.succeeded']],
    [
      { action: null, target: null, actor: null, from: null, targetType: null, search: '', to: at(1) },
      ['login.failed'],
    ],
  ])('auditEvents is filtered by %j', async (filter, actions) => {
    expect(await found(filter)).toEqual(actions);
  });

  it.each([{ action: '\0' }, { target: '\ud800' }, { search: '\0' }, { search: 'Alder\udfff' }])(
    'a filter with characters that a text cannot hold is refused: %j',
    async (filter) => {
      expect(await app.as('ADMIN').query(AuditEventsDocument, { filter }).codes()).toEqual(['BAD_USER_INPUT']);
    },
  );

  it('filters find what an administrator did, and what was done to a user', async () => {
    expect(await found({ actor: admin })).toEqual(['role.created', 'role.assigned']);
    expect(await found({ target: developer })).toEqual(['role.assigned']);
    expect(await found({ search: developer })).toEqual(['login.succeeded', 'account.updated', 'role.assigned']);
  });

  it.each(['ASC', 'DESC'] as const)(
    'pages in the order %s use keyset cursors, and one statement for the actors',
    async (direction) => {
      const orderBy = { field: 'AT', direction } as const;
      const { auditEvents: whole } = await app.as('ADMIN').query(AuditEventsDocument, { orderBy }).data();
      const ids: (string | undefined)[] = [];
      let after: string | null = null;
      do {
        const page = await app.as('ADMIN').query(AuditEventsDocument, { first: 2, after, orderBy }).data();
        ids.push(...(page.auditEvents?.nodes ?? []).map((event) => event?.id));
        after = page.auditEvents?.pageInfo.endCursor ?? null;
        expect(app.statements).toHaveLength(page.auditEvents?.nodes?.some((event) => event?.actor) ? 3 : 2);
      } while (after !== null && ids.length < 10);
      expect(ids).toEqual(whole?.nodes?.map((event) => event?.id));
    },
  );
});

describe('an index serves', () => {
  it.each([
    'order by at desc, id desc',
    `where actor_id = '${GONE}' order by at desc, id desc`,
    `where action = 'login.failed' order by at desc, id desc`,
    `where target_id = 'a_1' order by at desc, id desc`,
    `where target_type = 'role' order by at desc, id desc`,
    `where at >= '2026-01-01' and at < '2026-01-02' order by at desc, id desc`,
    `where (action = any('{login.failed}') or target_id like 'AUDIT%' or actor_id = '${GONE}')`,
    'where seal is null order by id',
    'where seal between 1 and 2 order by seal, id',
  ])('an index is used for: %s', async (query) => {
    const plan = await app.database.run(systemScope, async (em) => {
      await em.execute('set local enable_seqscan = off');
      await em.execute('set local enable_sort = off');
      return em.execute<object[]>(`explain select id from audit_events ${query} limit 20`);
    });
    expect(JSON.stringify(plan)).not.toMatch(/Seq Scan|Sort/);
  });
});
