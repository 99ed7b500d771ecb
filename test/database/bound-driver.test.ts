import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import { AccountEntity, type Tables, UserEntity } from '../../src/database/entities/index.ts';
import { recordEvent } from '../../src/database/events/record.ts';
import type { EntityManager } from '../../src/database/orm.ts';
import { systemScope } from '../../src/database/scopes.ts';
import type { UnitOfWork } from '../../src/database/unit-of-work.ts';
import { adminScope, openTestDatabase } from '../support/database.ts';

let database: Database;
let unit: UnitOfWork;

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(() => {
  unit = database.unitOfWork(adminScope);
});
afterEach(() => unit.close());

type Use = (em: EntityManager) => Promise<unknown>;

const ROLE = 'select current_user::text as role';
const IN_SCOPE = [{ role: adminScope.role }];
const onEmbedded = (): boolean => database.engine === 'pglite';

const ONE_AT_A_TIME = 'one transaction at a time';
const update: Use = (em) => em.getDriver().nativeUpdate(AccountEntity, { name: 'no such' }, { description: 'x' });

/** Returns what a promise yields, or its error, as text. */
const outcome = (promise: Promise<unknown>): Promise<string> => promise.then(String, String);

/** Matches objects, alone or in a list, that have at least these properties. */
const matching = (found: unknown): unknown => {
  if (Array.isArray(found)) {
    return found.map(matching);
  }
  return typeof found === 'object' && found !== null ? expect.objectContaining(found) : found;
};

/** Runs work in a reading and in a writing transaction, on entity managers that have no missing methods. */
const WAYS: Readonly<Record<string, (use: Use) => Promise<unknown>>> = {
  read: (use) => unit.read((em) => use(em as EntityManager)),
  write: (use) => unit.write(use),
};

describe.each(Object.entries(WAYS))('the driver and the connection in "unit.%s"', (way, run) => {
  it.each<[string, Use, unknown]>([
    ['driver.find', (em) => em.getDriver().find(UserEntity, { username: 'guest' }), [{ username: 'guest' }]],
    ['driver.findOne', (em) => em.getDriver().findOne(UserEntity, { username: 'guest' }), { username: 'guest' }],
    ['driver.count', (em) => em.getDriver().count(UserEntity, {}), 210],
    ['driver.execute', (em) => em.getDriver().execute(ROLE), IN_SCOPE],
    ['driver.getConnection', (em) => em.getDriver().getConnection().execute(ROLE), IN_SCOPE],
    ['connection.execute', (em) => em.getConnection().execute(ROLE), IN_SCOPE],
    ['the connection for reads', (em) => em.getConnection('read').execute(ROLE), IN_SCOPE],
    [
      'the connection of a nested fork',
      (em) => em.fork({ keepTransactionContext: true }).getConnection().execute(ROLE),
      IN_SCOPE,
    ],
    ['its client', async (em) => (await sql.raw(ROLE).execute(em.getConnection().getClient())).rows, IN_SCOPE],
    ['isConnected', (em) => em.getConnection().isConnected(), true],
    [
      'the query builder of the driver',
      (em) => em.getDriver().createQueryBuilder(UserEntity).select('username').where({ username: 'guest' }).execute(),
      [{ username: 'guest' }],
    ],
  ])('work in its transaction: %s', async (_, use, found) => {
    expect(await run(use)).toEqual(matching(found));
    await expect(unit.read((em) => em.execute(ROLE))).resolves.toEqual(IN_SCOPE);
  });

  it.each<[string, Use]>([
    ['reset role', (em) => em.execute('reset role')],
    ['set_config', (em) => em.execute("select set_config('role', ?, true)", ['rolegate_system'])],
    ['set role', (em) => em.getConnection().execute('set role rolegate_system')],
  ])('do not leave the row scope: %s', async (words, use) => {
    await expect(run(use)).rejects.toThrow(`"${words}" is not available`);
    await expect(unit.read((em) => em.execute(ROLE))).resolves.toEqual(IN_SCOPE);
  });

  it.each<[string, Use, string]>([
    ['a query builder', (em) => em.execute(em.getKysely<Tables>().selectFrom('users') as never), 'must be text'],
    ['a zero byte', (em) => em.find(UserEntity, { username: 'a\0b' }), 'zero byte'],
    ['a parameter without a value', (em) => em.execute('select $1::int'), 'parameter'],
  ])('refuse what is no statement, and go on: %s', async (_, use, words) => {
    await expect(run(use)).rejects.toThrow(words);
    await unit.close();
    unit = database.unitOfWork(adminScope);
    await expect(unit.read((em) => em.count(UserEntity))).resolves.toBe(210);
    await expect(unit.write((em) => em.count(UserEntity))).resolves.toBe(210);
  });

  it('begin another transaction only where there is another connection', async () => {
    const begun = await outcome(run((em) => em.getConnection().transactional(async () => 'done')));
    const alone = onEmbedded() ? ONE_AT_A_TIME : 'done';
    expect(begun).toContain(way === 'read' ? 'where rows are only read' : alone);
  });
});

describe('writing', () => {
  it('by the driver is refused by the database in "unit.read", and happens in "unit.write"', async () => {
    await expect(WAYS['read']?.(update)).rejects.toThrow('read-only transaction');
    await expect(WAYS['write']?.(update)).resolves.toMatchObject({ affectedRows: 0 });
  });

  it('has savepoints, and forks that keep the transaction', async () => {
    const roles = await unit.write(async (em) => [
      await em.transactional((nested) => nested.execute(ROLE)),
      await em.transactional((nested) => nested.execute('select nothing')).catch(() => 'failed'),
      await em.fork({ keepTransactionContext: true }).execute(ROLE),
    ]);
    expect(roles).toEqual([IN_SCOPE, 'failed', IN_SCOPE]);
  });

  it('with a fork that begins its own transaction waits for nothing', async () => {
    const counted = await outcome(unit.write((em) => em.fork().count(UserEntity)));
    expect(counted).toContain(onEmbedded() ? ONE_AT_A_TIME : '210');
  });
});

const none = (): void => undefined;

describe('events', () => {
  const by = { actorId: null, address: null, now: new Date('2026-01-15T12:00:00Z') };
  const event = { action: 'users.imported', target: null, details: { users: 0 } } as const;

  it.each<[string, Use]>([
    ['at once', (em) => recordEvent(em, by, event)],
    ['after an entity', async (em) => [await em.count(UserEntity), await recordEvent(em, by, event)]],
    ['in a nested transaction', (em) => em.transactional((nested) => recordEvent(nested, by, event))],
    ['in a fork', (em) => recordEvent(em.fork({ keepTransactionContext: true }), by, event)],
  ])('are announced after the commit when they are recorded %s', async (_, record) => {
    const heard = Promise.withResolvers<string>();
    const stop = await database.listen({ onCommit: () => heard.resolve('announced'), onUp: none, onDown: none });
    await database.run(systemScope, record);
    await expect(heard.promise).resolves.toBe('announced');
    await stop();
  });
});
