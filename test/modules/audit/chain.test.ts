import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuditSigner } from '../../../src/modules/audit/seal.ts';
import { eventId, openTrail, type Trail } from './support.ts';

let trail: Trail;
beforeAll(async () => {
  trail = await openTrail();
  for (const events of [4, 1, 4, 4]) {
    await trail.batch(events);
  }
});
afterAll(() => trail.close());

const ID = '[0-9a-f-]{36}';
const onlyDamage = (pattern: string) => [expect.stringMatching(new RegExp(`^${pattern}$`))];

const copyInto = (seal: number): string =>
  `insert into audit_events select gen_random_uuid(), at, actor_id, action, target_type, target_id, address, details,
     count, ${seal} from audit_events where id = ${eventId(3, 0)}`;

const copyOfSeal = (number: number): string =>
  `insert into audit_seals select ${number}, prev_hash, hash, signature, count, digests, sealed_at
     from audit_seals where number = 4`;

it('an unchanged trail is intact', async () => {
  const { damage, seals, events, head, unsealed, pruned } = await trail.verify();
  expect({ damage, seals, events, unsealed, pruned }).toEqual({
    damage: [],
    seals: 4,
    events: 13,
    unsealed: { count: 0, oldest: null },
    pruned: 0,
  });
  expect(head).toEqual({ number: 4, hash: expect.stringMatching(/^[0-9a-f]{64}$/) });
});

it('verification reads the stored values, independently of time zone and formats of the session', async () => {
  const settings = [`set local timezone = 'Asia/Kathmandu'`, `set local datestyle = 'German'`];
  expect(await trail.damageAfter(...settings, 'set local extra_float_digits = -10')).toEqual([]);
});

describe('an event', () => {
  it.each([
    ['at', `at + interval '1 millisecond'`],
    ['actor_id', `gen_random_uuid()`],
    ['actor_id', 'null'],
    ['action', `'role.revoked'`],
    ['action', `action || ' '`],
    ['target_type', `'account'`],
    ['target_type', 'null'],
    ['target_id', `'user 99'`],
    ['target_id', 'null'],
    ['target_id', `''`],
    ['address', `'192.0.2.2'`],
    ['address', 'null'],
    ['details', `details || '{"role":"ADMIN"}'`],
    ['details', `details || '{"more":1}'`],
    ['details', `'{}'`],
    ['details', `jsonb_set(details, '{role}', 'null')`],
    ['details', `'[]'`],
    ['count', 'count + 1'],
  ])('an event whose %s becomes %s is found', async (column, value) => {
    const damage = await trail.damageAfter(`update audit_events set ${column} = ${value} where id = ${eventId(3, 1)}`);
    expect(damage).toEqual(onlyDamage(`Event ${ID} of seal 3 was altered\\.`));
  });

  it('events with a changed id are found missing, and inserted', async () => {
    const damage = await trail.damageAfter(
      `update audit_events set id = gen_random_uuid() where id = ${eventId(3, 1)}`,
    );
    expect(damage).toEqual([
      expect.stringMatching(`Event ${ID} is missing from seal 3`),
      expect.stringMatching(`Event ${ID} was inserted into seal 3`),
    ]);
  });

  it('an event is found altered where a number has another spelling, which JSON considers equal', async () => {
    const [one, other] = [
      await trail.damageAfter(`update audit_events set details = '{"n":1}' where id = ${eventId(3, 1)}`),
      await trail.damageAfter(`update audit_events set details = '{"n":1.0}' where id = ${eventId(3, 1)}`),
    ];
    expect([one.length, other.length]).toEqual([1, 1]);
  });

  it.each([
    ['first', 0],
    ['second', 1],
    ['last', 3],
  ])('an event that is removed as the %s of its batch is found', async (_, index) => {
    const damage = await trail.damageAfter(`delete from audit_events where id = ${eventId(3, index)}`);
    expect(damage).toEqual(onlyDamage(`Event ${ID} is missing from seal 3\\.`));
  });

  it.each([1, 2, 3, 4])('a batch that is removed is found: %i', async (seal) => {
    const damage = await trail.damageAfter(`delete from audit_events where seal = ${seal}`);
    expect(new Set(damage.map((line) => line.replace(new RegExp(ID), '…')))).toEqual(
      new Set([`Event … is missing from seal ${seal}.`]),
    );
  });

  it.each([1, 4])('an event that is inserted into seal %i is found', async (seal) => {
    expect(await trail.damageAfter(copyInto(seal))).toEqual(
      onlyDamage(`Event ${ID} was inserted into seal ${seal}\\.`),
    );
  });

  it.each([0, -1, 5, 2 ** 40])('an event that names seal %i, which does not exist, is found', async (seal) => {
    const damage = await trail.damageAfter(copyInto(seal));
    expect(damage).toEqual(onlyDamage(`Event ${ID} names seal ${seal}, which does not exist\\.`));
  });

  it('an event whose seal was cleared is found missing', async () => {
    const damage = await trail.damageAfter(`update audit_events set seal = null where id = ${eventId(2, 0)}`);
    expect(damage).toEqual(onlyDamage(`Event ${ID} is missing from seal 2\\.`));
  });

  it('an event that was moved to another seal is found in both', async () => {
    const damage = await trail.damageAfter(`update audit_events set seal = 4 where id = ${eventId(3, 0)}`);
    expect(damage).toEqual([
      expect.stringMatching('is missing from seal 3'),
      expect.stringMatching('was inserted into seal 4'),
    ]);
  });

  it('two events whose contents were exchanged are both found', async () => {
    const damage = await trail.damageAfter(
      `create temporary table swapped as select id, row_number() over (order by id) as place, target_id
         from audit_events where seal = 3 order by id limit 2`,
      `update audit_events e set target_id = other.target_id from swapped mine, swapped other
         where e.id = mine.id and other.place = 3 - mine.place`,
    );
    expect(damage).toHaveLength(2);
    expect(damage.every((line) => line.includes('of seal 3 was altered'))).toBe(true);
  });
});

describe('a seal', () => {
  it.each([
    ['prev_hash', `repeat('c', 64)`],
    ['hash', `repeat('a', 64)`],
    ['signature', `repeat('b', 64)`],
    ['signature', `''`],
    ['count', 'count + 1'],
    ['digests', `''`],
    ['digests', `digests || digests`],
    ['sealed_at', `sealed_at + interval '1 millisecond'`],
  ])('a seal whose %s becomes %s is found', async (column, value) => {
    for (const seal of [1, 2, 4]) {
      const damage = await trail.damageAfter(`update audit_seals set ${column} = ${value} where number = ${seal}`);
      expect(damage[0], `seal ${seal}`).toMatch(new RegExp(`^Seal ${seal} (was altered|does not follow)`));
    }
  });

  it.each([1, 2, 3])('a seal that is removed is found: %i', async (seal) => {
    const damage = await trail.damageAfter(`delete from audit_seals where number = ${seal}`);
    expect(damage[0]).toBe(`Seal ${seal} is missing.`);
  });

  it('a seal that is removed from the end is found by the events that name it', async () => {
    const damage = await trail.damageAfter('delete from audit_seals where number = 4');
    expect(damage[0]).toMatch(/names seal 4, which does not exist/);
  });

  it('several seals that are removed are reported together', async () => {
    const damage = await trail.damageAfter('delete from audit_seals where number in (2, 3)');
    expect(damage[0]).toBe('Seals 2 to 3 are missing.');
  });

  it('a seal with another number is found', async () => {
    expect(await trail.damageAfter('update audit_seals set number = 9 where number = 4')).toContain(
      'Seal 9 was altered.',
    );
  });

  it('a seal that is inserted before the first, or behind the last, is found', async () => {
    expect((await trail.damageAfter(copyOfSeal(0)))[0]).toMatch('Seal 0 was inserted');
    expect((await trail.damageAfter(copyOfSeal(-7)))[0]).toMatch('Seal -7 was inserted');
    expect((await trail.damageAfter(copyOfSeal(5)))[0]).toMatch('Seal 5 does not follow');
  });

  it('a seal that is removed with its events is found; at the end only by the recorded seal', async () => {
    const [middle, end] = [3, 4].map((seal) => [
      `delete from audit_events where seal = ${seal}`,
      `delete from audit_seals where number = ${seal}`,
    ]);
    expect((await trail.damageAfter(...(middle ?? [])))[0]).toBe('Seal 3 is missing.');
    expect(await trail.damageAfter(...(end ?? []))).toEqual([]);
    const { head } = await trail.verify();
    expect((await trail.verify({ known: { number: head.number + 1, hash: head.hash } })).damage).toEqual([
      'The chain ends with seal 4: seal 5 was cut off.',
    ]);
  });
});

describe('an attacker who writes the complete chain again', () => {
  it('an attacker without a key is found, since the last seal is not signed', async () => {
    const stranger = createAuditSigner(['somebody-elses-secret-of-32-bytes-or-more']);
    const { damage } = await trail.verify({ signer: stranger });
    expect(damage).toEqual([expect.stringMatching(/^The last seal, 4, was not made by this server/)]);
  });

  it('an attacker with a key is found by the recorded seal', async () => {
    const { head } = await trail.verify();
    expect((await trail.verify({ known: head })).damage).toEqual([]);
    const other = { ...head, hash: 'f'.repeat(64) };
    expect((await trail.verify({ known: other })).damage).toEqual([expect.stringMatching('the chain was rebuilt')]);
  });

  it('a replaced secret still verifies, as long as it is listed', async () => {
    const rotated = createAuditSigner(['a-new-secret-of-at-least-thirty-two-bytes', TEST_SECRET]);
    expect((await trail.verify({ signer: rotated })).damage).toEqual([]);
  });
});

const TEST_SECRET = 'only-the-tests-sign-with-this-9f8e7d6c5b4a';
