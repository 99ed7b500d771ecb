import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { countDenials, type Denials, type Refusal } from '../../../src/database/events/denials.ts';
import type { Run } from '../../../src/database/database.ts';
import { createTestApp, TestClock, type TestApp } from '../../support/app.ts';
import { look, userId } from '../../support/rows.ts';

interface Row {
  readonly actor: string | null;
  readonly target: string | null;
  readonly address: string | null;
  readonly details: { readonly code: string };
  readonly count: number;
  readonly at: string;
}

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
});
afterAll(() => app.close());

let denials: Denials;
let clock: TestClock;
let isDown = false;
const run: Run = (scope, work) => (isDown ? Promise.reject(new Error('down')) : app.database.run(scope, work));

beforeEach(async () => {
  await denied();
  clock = new TestClock();
  isDown = false;
  denials = countDenials({ database: { run }, now: clock.now, log: { warn: () => undefined } });
});

let seen = 0;

/** The rows that were written since this was last asked. */
async function denied(): Promise<Row[]> {
  const rows = await look<Row>(
    app,
    `select actor_id as actor, target_id as target, address, details, count,
       to_char(at at time zone 'UTC', 'HH24:MI:SS') as at
     from audit_events where action = 'access.denied' order by id offset ?`,
    seen,
  );
  seen += rows.length;
  return rows;
}

const anonymous: Refusal = { actorId: null, address: '192.0.2.1', coordinate: 'Query.users', code: 'UNAUTHENTICATED' };
const ALICE = '0198c0de-0000-4000-8000-00000000000a';

function count(times: number, refusal: Partial<Refusal> = {}): void {
  for (let time = 0; time < times; time++) {
    denials.count({ ...anonymous, ...refusal });
  }
}

describe('denials are counted', () => {
  it('denials are counted by the minute, in one row each', async () => {
    count(3);
    clock.advance(59);
    count(2);
    await denials.flush();
    expect(await denied()).toEqual([]);
    clock.advance(1);
    count(4);
    await denials.flush();
    expect(await denied()).toEqual([
      {
        actor: null,
        target: 'Query.users',
        address: '192.0.2.1',
        details: { code: 'UNAUTHENTICATED' },
        count: 5,
        at: '12:00:00',
      },
    ]);
    await denials.stop();
    expect(await denied()).toMatchObject([{ count: 4, at: '12:01:00' }]);
  });

  it('denials are counted by viewer, whatever the address, and those of anonymous viewers by address', async () => {
    count(1, { actorId: ALICE, code: 'FORBIDDEN' });
    count(1, { actorId: ALICE, code: 'FORBIDDEN', address: '192.0.2.9' });
    count(1);
    count(1, { address: '192.0.2.9' });
    await denials.stop();
    const rows = await denied();
    expect(rows.map(({ actor, address, count }) => [actor, address, count])).toEqual([
      [ALICE, '192.0.2.1', 2],
      [null, '192.0.2.1', 1],
      [null, '192.0.2.9', 1],
    ]);
  });

  it('denials are counted by network where an address is one of IPv6: a client has 2^64 of them', async () => {
    for (let host = 0; host < 100; host++) {
      count(1, { address: `2001:db8::${host.toString(16)}` });
    }
    count(1, { address: '2001:db8:0:1::1' });
    await denials.stop();
    expect((await denied()).map((row) => row.count)).toEqual([100, 1]);
  });

  it('denials are counted by coordinate', async () => {
    count(1);
    count(2, { coordinate: 'Query.roles' });
    await denials.stop();
    expect((await denied()).map(({ target, count }) => [target, count])).toEqual([
      ['Query.users', 1],
      ['Query.roles', 2],
    ]);
  });

  it('denials beyond the limit of rows are counted together', async () => {
    for (let host = 0; host < 10_050; host++) {
      count(1, { address: `10.${host >> 16}.${(host >> 8) & 255}.${host & 255}` });
    }
    await denials.stop();
    const rows = await denied();
    expect(rows).toHaveLength(10_001);
    expect(rows.filter(({ target }) => target === null)).toMatchObject([{ address: null, count: 50 }]);
  });

  it('denials are counted while the database is unavailable, and written later', async () => {
    count(2);
    clock.advance(60);
    isDown = true;
    await expect(denials.flush()).rejects.toThrow('down');
    clock.advance(-30);
    count(1);
    isDown = false;
    await denials.stop();
    expect(await denied()).toMatchObject([{ count: 3 }]);
  });

  it('a text that is not an address is recorded as unknown', async () => {
    count(1, { address: 'evil\r\n2026-01-15 granted' });
    await denials.stop();
    expect(await denied()).toMatchObject([{ address: 'unknown' }]);
  });
});

describe('denials of a server', () => {
  it('every denied coordinate counts once in an operation: of a field, of each row, of an argument', async () => {
    const id = await userId(app, 'standard');
    for (let time = 0; time < 3; time++) {
      await app.as('STANDARD').request('{ users { totalCount } a: roles { totalCount } b: roles { totalCount } }');
      await app.as('ANONYMOUS').request('{ me { id } }');
    }
    await app.audit.denials.flush('all');
    const rows = await denied();
    expect(rows.map(({ actor, target, details, count }) => [actor, target, details.code, count])).toEqual([
      [id, 'Query.users', 'FORBIDDEN', 3],
      [id, 'Query.roles', 'FORBIDDEN', 3],
      [null, 'Query.me', 'UNAUTHENTICATED', 3],
    ]);
  });

  it('every refusal of a service counts under its field', async () => {
    const [me, other] = [await userId(app, 'standard'), await userId(app, 'admin')];
    await app.as('STANDARD').request(`{ hidden: user(id: "${other}") { id } }`);
    await app.as('STANDARD').request('mutation { createApiKey(input: { name: "x", roles: ["ADMIN"] }) { key } }');
    await app.as('STANDARD').request('mutation { changePassword(current: "wrong wrong wrong", next: "x") }');
    await app.as('ANONYMOUS').request('mutation { refreshSession(refreshToken: "x") { accessToken } }');
    await app.audit.denials.flush('all');
    const rows = await denied();
    expect(rows.map(({ actor, target, details, count }) => [actor, target, details.code, count])).toEqual([
      [me, 'Query.user', 'FORBIDDEN', 1],
      [me, 'Mutation.createApiKey', 'FORBIDDEN', 1],
      [me, 'Mutation.changePassword', 'UNAUTHENTICATED', 1],
      [null, 'Mutation.refreshSession', 'UNAUTHENTICATED', 1],
    ]);
  });

  it('requests that succeed, name a missing row or are malformed do not count', async () => {
    await app
      .as('ADMIN')
      .request('{ users(first: 1) { totalCount } user(id: "none") { id } roles(first: -1) { totalCount } }');
    await app.audit.denials.flush('all');
    expect(await denied()).toEqual([]);
  });

  it('denials are written after each minute', async () => {
    await app.as('STANDARD').request('{ users { totalCount } }');
    app.clock.advance(60);
    await expect.poll(denied, { timeout: 5_000 }).toMatchObject([{ target: 'Query.users', count: 1 }]);
  });
});
