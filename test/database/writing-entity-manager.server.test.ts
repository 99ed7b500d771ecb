import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { Database } from '../../src/database/database.ts';
import { InventoryItemEntity, UserEntity } from '../../src/database/entities/index.ts';
import { systemScope } from '../../src/database/scopes.ts';
import { openTestDatabase } from '../support/database.ts';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

it('a transaction streams rows of entities and of Kysely', async () => {
  await database.run(systemScope, async (em) => {
    const names: string[] = [];
    for await (const { username } of em.stream(UserEntity, { orderBy: { username: 'asc' }, where: {} })) {
      names.push(username);
    }
    expect(names.length).toBeGreaterThan(200);
    expect(names).toContain('guest');
    const kysely = em.getKysely<{ users: { username: string; display_name: string } }>();
    const seen: string[] = [];
    for await (const { username } of kysely
      .selectFrom('users')
      .select('username')
      .where('username', '<', 'h')
      .stream(7)) {
      seen.push(username);
    }
    expect(seen.toSorted()).toEqual(names.filter((name) => name < 'h').toSorted());
    const update = kysely.updateTable('users').set({ display_name: 'Streamed' }).where('username', '=', 'guest');
    for await (const row of update.returning('display_name').stream()) {
      expect(row).toEqual({ display_name: 'Streamed' });
    }
  });
});

it('a statement is cancelled when its caller asks for it', async () => {
  const said = vi.spyOn(console, 'error').mockImplementation(() => undefined); // Kysely tells of what it has cancelled
  const cancelled = database.run(systemScope, async (em) => {
    const signal = AbortSignal.timeout(50);
    await em.execute('select pg_sleep(5)', [], { signal, inflightQueryAbortStrategy: 'cancel query' });
  });
  await expect(cancelled).rejects.toThrow(/abort|timeout/i);
  await vi.waitFor(() => expect(said).toHaveBeenCalled());
  said.mockRestore();
  expect(await database.run(systemScope, (em) => em.count(InventoryItemEntity))).toBeGreaterThan(0);
});

it('a commit fails when the database has rolled back because of an error that was caught', async () => {
  const swallowed = database.run(systemScope, async (em) => {
    await em.execute(`update users set display_name = 'Lost' where username = 'guest'`);
    await em.execute('select 1 / 0').catch(() => null);
  });
  await expect(swallowed).rejects.toThrow('was rolled back');
  const [row] = await database.run(systemScope, (em) =>
    em
      .getKysely()
      .selectNoFrom(sql<string>`(select display_name from users where username = 'guest')`.as('name'))
      .execute(),
  );
  expect(row?.name).toBe('Streamed');
});
