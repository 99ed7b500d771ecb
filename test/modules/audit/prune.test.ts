import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { auditCommand } from '../../../src/cli/audit.ts';
import { readConfig } from '../../../src/config/config.ts';
import { systemScope } from '../../../src/database/scopes.ts';
import { TEST_SECRET } from '../../support/app.ts';
import { NOW, openTrail, type Trail } from './support.ts';

const [OLD, OLDER] = [new Date('2025-06-01T12:00:00.000Z'), new Date('2025-01-01T12:00:00.000Z')];
const config = readConfig({ JWT_SECRET: TEST_SECRET });

let trail: Trail;
beforeEach(async () => {
  trail = await openTrail();
  await trail.batch(3, OLDER);
  await trail.batch(2, OLD);
  await trail.batch(4, NOW);
});
afterEach(() => trail.close());

/** The trail's own, which a command does not close for the test. */
const openDatabase = async () => ({ ...trail.database, close: async () => undefined });

async function run(...args: string[]): Promise<{ code: number; said: string }> {
  const lines: string[] = [];
  const say = (line: string): void => void lines.push(line);
  const code = await auditCommand(args, config, { out: say, err: say, now: () => NOW, openDatabase });
  return { code, said: lines.join('\n') };
}

const eventsLeft = async (): Promise<string[]> => {
  const rows = await trail.database.run(systemScope, (em) =>
    em.execute<{ action: string }[]>('select action from audit_events order by id'),
  );
  return rows.map(({ action }) => action);
};

describe('prune', () => {
  it('prune removes older events, leaves a checkpoint, and records it in the trail', async () => {
    expect(await run('prune', '--before', '2025-12-31')).toMatchObject({
      code: 0,
      said: expect.stringContaining('Removed 5 events'),
    });
    expect(await eventsLeft()).toEqual([...Array.from({ length: 4 }, () => 'role.assigned'), 'audit.pruned']);
    expect(await trail.verify()).toMatchObject({ damage: [], seals: 2, events: 5, pruned: 5, unsealed: { count: 0 } });
  });

  it('prune continues from one checkpoint to the next', async () => {
    await run('prune', '--before', '2025-03-01');
    expect(await trail.verify()).toMatchObject({ damage: [], pruned: 3 });
    await trail.batch(1);
    await run('prune', '--before', '2025-12-31T00:00:00Z');
    expect(await trail.verify()).toMatchObject({ damage: [], pruned: 5 });
    await trail.batch(1);
    expect(await trail.verify()).toMatchObject({ damage: [], head: { number: 7 } });
  });

  it('prune may remove all events, and the chain continues', async () => {
    await run('prune', '--before', NOW.toISOString());
    expect(await trail.verify()).toMatchObject({ damage: [], events: 5 });
    await run('prune', '--before', '2026-01-15');
    expect(await trail.verify()).toMatchObject({ damage: [] });
  });

  it('prune keeps a seal that holds a single younger event', async () => {
    await trail.tamper('delete from audit_events', 'delete from audit_seals');
    const { database } = trail;
    await database.run(systemScope, (em) =>
      em.execute(
        `insert into audit_events (id, at, action, details) values (gen_random_uuid(), ?, 'x', '{}'),
           (gen_random_uuid(), ?, 'x', '{}')`,
        [OLDER, NOW],
      ),
    );
    await trail.batch(1, OLDER);
    expect((await run('prune', '--before', '2025-12-31')).said).toContain('nothing to remove');
    expect(await eventsLeft()).toHaveLength(3);
  });

  it('prune with --dry-run says what it would remove', async () => {
    expect(await run('prune', '--before', '2025-12-31', '--dry-run')).toEqual({
      code: 0,
      said: 'Would remove 5 events in 2 seals, all from before 2025-12-31T00:00:00.000Z.',
    });
    expect(await trail.verify()).toMatchObject({ events: 9, pruned: 0 });
  });

  it('prune leaves a damaged trail as evidence, except with --even-if-damaged', async () => {
    await trail.tamper(`update audit_events set action = 'x' where seal = 1`);
    expect(await run('prune', '--before', '2025-12-31')).toMatchObject({ code: 1 });
    expect(await eventsLeft()).toHaveLength(9);
    expect(await run('prune', '--before', '2025-12-31', '--even-if-damaged')).toMatchObject({ code: 0 });
  });

  const senseless = [
    [],
    ['prune'],
    ['prune', '--before'],
    ['prune', '--before', 'yesterday'],
    ['prune', '--before', '2025-02-31'],
    ['prune', '--before', '2025-13-01'],
    ['prune', '--before', '31.12.2025'],
    ['prune', '--before', '2025-12-31T00:00'],
    ['prune', '--before', '2026-02-01'],
    ['prune', '--before', '2025-12-31', '--force'],
    ['prune', '2025-12-31'],
    ['verify', 'x'],
    ['verify', '--head', '4'],
    ['forget'],
  ];
  it('arguments that are not valid print the usage, and change nothing', async () => {
    for (const args of senseless) {
      expect(await run(...args), args.join(' ')).toMatchObject({ code: 2, said: expect.stringContaining('Usage') });
      expect(await eventsLeft()).toHaveLength(9);
    }
  });
});

describe('a checkpoint', () => {
  beforeEach(async () => {
    await run('prune', '--before', '2025-03-01');
  });

  const forged = [
    ['number', 'number + 1'],
    ['number', 'number - 1'],
    ['hash', `repeat('a', 64)`],
    ['events', 'events - 1'],
    ['made_at', `made_at + interval '1 millisecond'`],
    ['signature', `repeat('b', 64)`],
  ];
  it('a checkpoint with any changed column is found', async () => {
    for (const [column, value] of forged) {
      const damage = await trail.damageAfter(`update audit_checkpoints set ${column} = ${value}`);
      expect(damage[0], column).toMatch(/^The checkpoint at seal \d+ was altered or forged/);
    }
  });

  it('a checkpoint that is removed, doubled, or moved over more seals is found', async () => {
    expect((await trail.damageAfter('delete from audit_checkpoints'))[0]).toBe('Seal 1 is missing.');
    const doubled =
      'insert into audit_checkpoints select number - 1, hash, events, made_at, signature from audit_checkpoints';
    expect(await trail.damageAfter(doubled)).toEqual(['A checkpoint (at seal 0) was inserted.']);
    const further = await trail.damageAfter(
      'delete from audit_events where seal = 2',
      `update audit_checkpoints set number = 2, hash = (select hash from audit_seals where number = 2)`,
      'delete from audit_seals where number = 2',
    );
    expect(further[0]).toMatch(/^The checkpoint at seal 2 was altered or forged/);
  });
});

describe('verify', () => {
  it('verify says that the trail is intact, and what to record', async () => {
    const { code, said } = await run('verify');
    expect(code).toBe(0);
    expect(said).toMatch(/^The audit trail is intact\.\n {2}Sealed {5}9 events in 3 seals\n {2}Unsealed {3}0 events\n/);
    const [, head = ''] = /Last seal {2}(\S+)/.exec(said) ?? [];
    expect(await run('verify', '--head', head)).toMatchObject({ code: 0 });
    await trail.tamper('delete from audit_events where seal = 3', 'delete from audit_seals where number = 3');
    expect(await run('verify')).toMatchObject({ code: 0 });
    expect(await run('verify', '--head', head)).toMatchObject({
      code: 1,
      said: expect.stringContaining('seal 3 was cut off'),
    });
  });

  it('verify lists the first damages, up to a limit', async () => {
    for (let seal = 4; seal < 30; seal++) {
      await trail.batch(1);
    }
    await trail.tamper(`update audit_events set action = 'x'`);
    const { code, said } = await run('verify');
    expect(code).toBe(1);
    expect(said).toMatch(/^The audit trail is damaged:\n {2}Event \S+ of seal 1 was altered\.\n/);
    expect(said).toContain('… and 15 more.');
  });

  it('verify reports the events that are not sealed yet', async () => {
    await trail.tamper(`update audit_events set seal = null`, 'delete from audit_seals');
    expect((await run('verify')).said).toContain('Unsealed   9 events, the oldest of 2025-01-01T12:00:00.000Z');
  });

  it('verify says so when another process holds the embedded database', async () => {
    const lines: string[] = [];
    const code = await auditCommand(['verify'], config, {
      out: (line) => void lines.push(line),
      err: (line) => void lines.push(line),
      now: () => NOW,
      openDatabase: () => Promise.reject(new Error('The data in ".data" is held by process 7')),
    });
    expect({ code, lines }).toEqual({ code: 2, lines: ['The data in ".data" is held by process 7'] });
  });

  it('verify says what to do where PostgreSQL cannot be reached', async () => {
    const lines: string[] = [];
    const url = 'postgres://rolegate@127.0.0.1:1/rolegate';
    const issuer = 'https://api.example.com';
    const settings = { JWT_SECRET: TEST_SECRET, JWT_ISSUER: issuer, JWT_AUDIENCE: issuer, DATABASE_URL: url };
    const code = await auditCommand(['verify'], readConfig(settings), {
      out: (line) => void lines.push(line),
      err: (line) => void lines.push(line),
      now: () => NOW,
    });
    expect(code).toBe(2);
    expect(lines).toEqual([
      expect.stringMatching(/^The PostgreSQL server at 127\.0\.0\.1:1 cannot be reached .* Start it/),
    ]);
  });
});
