import { type EventSubscriber, NotNullConstraintViolationException } from '@mikro-orm/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import { InventoryItemEntity, UserEntity } from '../../src/database/entities/index.ts';
import type { EntityManager } from '../../src/database/orm.ts';
import { lockRow, updateRow } from '../../src/database/rows.ts';
import { systemScope } from '../../src/database/scopes.ts';
import { openTestDatabase } from '../support/database.ts';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

const run = <T>(work: (em: EntityManager) => Promise<T>): Promise<T> => database.run(systemScope, work);

const nameOfGuest = (): Promise<unknown> =>
  run(async (em) => {
    const [row] = await em.execute<{ name: string }[]>(
      `select display_name as name from users where username = 'guest'`,
    );
    return row?.name;
  });

const rename = (em: EntityManager, name: string): Promise<unknown> =>
  em.execute(`update users set display_name = ? where username = 'guest'`, [name], 'run');

/** Changes an item by a statement that is sent with the next one. */
async function adjust(em: EntityManager, name: string): Promise<string> {
  const [{ key } = { key: '' }] = await em.execute<{ key: string }[]>(
    'select name_key as key from inventory_items order by name_key limit 1',
  );
  const row = await lockRow(em, InventoryItemEntity, 'nameKey', key);
  if (row !== null) {
    await updateRow(em, InventoryItemEntity, 'nameKey', row, { name });
  }
  return key;
}

const nameOfItem = (key: string): Promise<unknown> =>
  run(async (em) => (await em.findOneOrFail(InventoryItemEntity, { nameKey: key })).name);

describe('the entity manager of a transaction', () => {
  it('the entity manager is one of MikroORM’s, and has one transaction for text and for entities', async () => {
    await run(async (em) => {
      await rename(em, 'By text');
      const guest = await em.findOneOrFail(UserEntity, { username: 'guest' });
      expect(guest.displayName).toBe('By text');
      expect(em.isInTransaction()).toBe(true);
      guest.displayName = 'By an entity';
      await em.flush();
      expect(await em.execute('select txid_current() = txid_current() as same')).toEqual([{ same: true }]);
      expect(await em.execute(`select display_name from users where username = ?`, ['guest'], 'get')).toEqual({
        display_name: 'By an entity',
      });
    });
    expect(await nameOfGuest()).toBe('By an entity');
  });

  it('changes of entities are written before the commit', async () => {
    await run(async (em) => {
      (await em.findOneOrFail(UserEntity, { username: 'guest' })).displayName = 'Without a flush';
    });
    expect(await nameOfGuest()).toBe('Without a flush');
  });

  it('all writes are undone when the work fails', async () => {
    const failed = run(async (em) => {
      await rename(em, 'Taken back');
      (await em.findOneOrFail(UserEntity, { username: 'guest' })).displayName = 'Taken back as well';
      await em.flush();
      throw new Error('No');
    });
    await expect(failed).rejects.toThrow('No');
    expect(await nameOfGuest()).toBe('Without a flush');
  });

  it('transactions nest, and an inner one may fail by itself', async () => {
    const key = await run(async (em) => {
      await rename(em, 'Outer');
      const inner = em.transactional(async (nested) => {
        await rename(nested, 'Inner');
        await adjust(nested, 'Taken back');
        throw new Error('Only this');
      });
      await expect(inner).rejects.toThrow('Only this');
      return em.transactional((nested) => adjust(nested, 'Kept'));
    });
    expect(await nameOfGuest()).toBe('Outer');
    expect(await nameOfItem(key)).toBe('Kept');
  });

  it('statements of Kysely run with their parameters, after those that are held back', async () => {
    const key = await run(async (em) => {
      const found = await adjust(em, 'Before Kysely');
      const kysely = em.getKysely<{ inventory_items: { name: string; name_key: string } }>();
      const [row] = await kysely.selectFrom('inventory_items').select('name').where('name_key', '=', found).execute();
      expect(row).toEqual({ name: 'Before Kysely' });
      await kysely.updateTable('inventory_items').set({ name: 'By Kysely' }).where('name_key', '=', found).execute();
      return found;
    });
    expect(await nameOfItem(key)).toBe('By Kysely');
  });

  it('the error of a statement that is held back fails the work', async () => {
    const failed = run(async (em) => {
      await adjust(em, null as unknown as string);
      await em.execute('select 1');
    });
    await expect(failed).rejects.toBeInstanceOf(NotNullConstraintViolationException);
  });

  it('affected rows are returned', async () => {
    const result = await run((em) =>
      em.execute(`update users set display_name = display_name where username in ('guest', 'nobody')`, [], 'run'),
    );
    expect(result).toMatchObject({ affectedRows: 1 });
  });

  it('subscribers of entities and of a transaction are notified', async () => {
    const heard: string[] = [];
    const subscriber: EventSubscriber = {
      beforeUpdate: async () => void heard.push('beforeUpdate'),
      beforeTransactionCommit: async () => void heard.push('beforeTransactionCommit'),
      afterTransactionCommit: async () => void heard.push('afterTransactionCommit'),
    };
    await run(async (em) => {
      em.getEventManager().registerSubscriber(subscriber);
      (await em.findOneOrFail(UserEntity, { username: 'guest' })).displayName = 'Heard of';
    });
    expect(heard).toEqual(['beforeUpdate', 'beforeTransactionCommit', 'afterTransactionCommit']);
    await run((em) => rename(em, 'Not heard of'));
    expect(heard).toHaveLength(3);
  });

  it.each<[string, (em: EntityManager) => Promise<unknown>]>([
    ['text', (em) => em.execute('select 1')],
    ['entities', (em) => em.find(UserEntity, {})],
  ])('the entity manager is refused after its transaction, for %s', async (_, use) => {
    for (const before of [async () => null, use]) {
      const em = await run(async (found) => {
        await before(found);
        return found;
      });
      await expect((async () => use(em))()).rejects.toThrow(/ended|committed/);
    }
  });
});
