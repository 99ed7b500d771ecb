import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AuditBy, recordEvent } from '../../../src/database/events/record.ts';
import { databaseRoles, type DatabaseRole, type RowScope, scopes, viewerRoles } from '../../../src/database/scopes.ts';
import { ACTOR, NOW, openTrail, type Trail } from './support.ts';

const SYSTEM = 'rolegate_system' satisfies DatabaseRole;
const STRANGER = '0198c0de-0000-7000-8000-000000000002';
const viewers: readonly DatabaseRole[] = [
  ...scopes.public,
  ...[...viewerRoles.keys()].filter((role) => /viewer_(?:self_own|all_write_all_write)/.test(role)),
];
const readers: ReadonlySet<DatabaseRole> = new Set([
  ...[...viewerRoles.keys()].filter((role) => viewerRoles.get(role)?.includes('rolegate_audit_read')),
  SYSTEM,
]);

let trail: Trail;
beforeAll(async () => {
  trail = await openTrail();
  await trail.batch(2);
});
afterAll(() => trail.close());

const scopeOf = (role: DatabaseRole): RowScope => ({
  role,
  viewerId: [...viewerRoles.keys()].some((viewer) => viewer === role) ? ACTOR : null,
  accountId: null,
});

const byOf = (role: DatabaseRole): AuditBy => ({ actorId: scopeOf(role).viewerId, address: '192.0.2.1', now: NOW });

const attempt = (role: DatabaseRole, sql: string): Promise<unknown> =>
  trail.database.run(scopeOf(role), (em) => em.execute(sql));

const INSERT = `insert into audit_events (id, at, action, details, actor_id) values`;

describe.each(databaseRoles)('%s', (role) => {
  it('the role adds events', async () => {
    await trail.database.run(scopeOf(role), (em) => recordEvent(em, byOf(role), { action: 'role.created' }));
    expect((await trail.verify()).damage).toEqual([]);
  });

  it.each([
    `update audit_events set action = 'x'`,
    `update audit_events set at = now()`,
    `update audit_events set actor_id = null`,
    `update audit_events set details = '{}'`,
    `update audit_events set count = 0`,
    `update audit_events set seal = null, action = 'x'`,
    'truncate audit_events',
    'truncate audit_seals',
    `update audit_seals set hash = ''`,
    'update audit_checkpoints set events = 0',
    'drop table audit_events',
    'alter table audit_events disable row level security',
    'create policy mine on audit_events using (true)',
    `${INSERT} (gen_random_uuid(), now(), 'x', '{}', null) on conflict (id) do update set action = 'y'`,
  ])('the role may not %s', async (sql) => {
    await expect(attempt(role, sql)).rejects.toThrow(/permission denied|must be owner/);
  });

  it('the role adds no event that is sealed already', async () => {
    const sql = `insert into audit_events (id, at, action, details, seal) values (gen_random_uuid(), now(), 'x', '{}', 1)`;
    await expect(attempt(role, sql)).rejects.toThrow(/permission denied/);
  });
});

describe.each(databaseRoles.filter((role) => role !== SYSTEM))('%s', (role) => {
  it.each([
    'delete from audit_events',
    'update audit_events set seal = 1',
    'table audit_seals',
    'delete from audit_seals',
    'table audit_checkpoints',
    `insert into audit_checkpoints values (1, '', 1, now(), '')`,
    `insert into audit_seals values (9, '', '', '', 0, '', now())`,
    'lock table audit_events in exclusive mode',
  ])('a role other than the system may not %s', async (sql) => {
    await expect(attempt(role, sql)).rejects.toThrow(/permission denied/);
  });
});

describe.each(databaseRoles.filter((role) => !readers.has(role)))('%s', (role) => {
  it.each([
    'table audit_events',
    'select count(*) from audit_events',
    `${INSERT} (gen_random_uuid(), now(), 'x', '{}', null) returning id`,
  ])('a role that does not read the trail may not %s', async (sql) => {
    await expect(attempt(role, sql)).rejects.toThrow(/permission denied|row-level security/);
  });
});

describe.each(viewers)('%s', (role) => {
  it.each([STRANGER, role === 'rolegate_public' ? ACTOR : null])(
    'the role adds no event of another user: %s',
    async (actorId) => {
      const forged = trail.database.run(scopeOf(role), (em) =>
        recordEvent(em, { ...byOf(role), actorId }, { action: 'role.created' }),
      );
      await expect(forged).rejects.toThrow(/row-level security/);
    },
  );
});

describe('the system', () => {
  it('the system seals an event once, and changes no seal', async () => {
    const [before] = await trail.database.run(scopeOf(SYSTEM), (em) =>
      em.execute<unknown[]>('select id, seal from audit_events where seal is not null limit 1'),
    );
    await attempt(SYSTEM, 'update audit_events set seal = seal + 1 where seal is not null');
    await attempt(SYSTEM, 'update audit_events set seal = null where seal is not null');
    const [after] = await trail.database.run(scopeOf(SYSTEM), (em) =>
      em.execute<unknown[]>('select id, seal from audit_events where seal is not null limit 1'),
    );
    expect(after).toEqual(before);
  });

  it('the system deletes no event that is not sealed', async () => {
    const unsealed = 'select count(*) as n from audit_events where seal is null';
    const before = await attempt(SYSTEM, unsealed);
    await attempt(SYSTEM, 'delete from audit_events where seal is null');
    expect(await attempt(SYSTEM, unsealed)).toEqual(before);
  });
});
