import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { LiveEvent } from '../../src/database/events/committed-events.ts';
import { entities, UserEntity } from '../../src/database/entities/index.ts';
import { selectRow } from '../../src/database/rows.ts';
import { rowScopeOf, type RowScope } from '../../src/database/scopes.ts';
import { sharedRow } from '../../src/modules/live-field.ts';
import {
  AddInventoryItemDocument,
  AdjustInventoryCountDocument,
  AuditEventAddedDocument,
  CreateDocumentDocument,
  DocumentChangedDocument,
  InventoryChangedDocument,
} from '../generated/graphql.ts';
import { createTestApp, type TestApp, type Who } from '../support/app.ts';
import { addPeople, people } from '../support/people.ts';
import { changeAccess, userId } from '../support/rows.ts';
import { connectAs, type TestSocket, untilOpen } from './client.ts';

let app: TestApp;
const sockets: TestSocket[] = [];

/** Users of one role, who differ in nothing that an item of the inventory depends on. */
const SELLERS = ['sales', 'standard', 'guest'] as const;
const withRole = (role: string, name: string): Promise<void> =>
  changeAccess(
    app,
    `insert into role_assignments (user_id, role) select id, ? from users where username = ?`,
    role,
    name,
  );

beforeAll(async () => {
  app = await createTestApp();
  await addPeople(app);
  for (const name of SELLERS.slice(1)) {
    await withRole('SALES', name);
  }
});
afterAll(() => app.close());
afterEach(async () => {
  await Promise.all(sockets.splice(0).map((socket) => socket.close()));
  await untilOpen(app, 0);
});

async function open(who: Who): Promise<TestSocket> {
  const socket = await connectAs(app, who);
  sockets.push(socket);
  return socket;
}

const add = (name: string, count = 3) =>
  app
    .as('MANAGER')
    .query(AddInventoryItemDocument, { input: { name, data: { count } } })
    .data();
const adjust = (name: string, by: number) =>
  app.as('WAREHOUSE').query(AdjustInventoryCountDocument, { name, by }).data();

/** The statements that have read one row of a table since the last operation began. */
const reads = (table: string): string[] =>
  app.statements.filter((sql) => sql.includes(`from ${table} where`) && sql.includes(' in ('));

describe('an event with many subscribers', () => {
  it('an event reads its row once for each row scope, whatever its subscribers select', async () => {
    const [first, second, third] = [await open(SELLERS[0]), await open(SELLERS[1]), await open(SELLERS[2])];
    const complete = Array.from({ length: 18 }, () => first.subscribe(InventoryChangedDocument));
    const others = Array.from({ length: 18 }, () => second.subscribe(InventoryChangedDocument));
    const named = third.subscribe(InventoryChangedDocument, { name: 'anvil' });
    const kinds = third.subscribe('subscription { a: inventoryChanged { kind } }');
    const elsewhere = third.subscribe(InventoryChangedDocument, { name: 'Bench' });
    const counting = (await open('WAREHOUSE')).subscribe(InventoryChangedDocument);
    await untilOpen(app, 40);
    await add('Anvil');
    const item = { name: 'Anvil', data: { count: 3 }, version: 1 };
    const told = { inventoryChanged: { kind: 'CREATED', name: 'Anvil', item } };
    const all = await Promise.all([...complete, ...others, named, counting].map((changes) => changes.data()));
    expect(all).toEqual(Array.from({ length: 38 }, () => told));
    expect(await kinds.data()).toEqual({ a: { kind: 'CREATED' } });
    // One read for those who sell, and one for who counts.
    expect(reads('inventory_items')).toHaveLength(2);
    await adjust('Anvil', 1);
    const changed = await Promise.all([...complete, ...others, named].map((changes) => changes.data()));
    expect(new Set(changed.map(({ inventoryChanged }) => JSON.stringify(inventoryChanged?.item?.data)))).toEqual(
      new Set(['{"count":4}']),
    );
    expect(elsewhere.unread).toBe(0);
  });

  it('an event reads a document once for all signed-in viewers, whose ids its policies name', async () => {
    const opened = await Promise.all(SELLERS.map(open));
    const changes = opened.map((socket) => socket.subscribe(DocumentChangedDocument));
    const titles = (await open('ANONYMOUS')).subscribe(DocumentChangedDocument);
    await untilOpen(app, 4);
    await app
      .as('author')
      .query(CreateDocumentDocument, { input: { title: 'Doors', content: 'Keys' } })
      .data();
    await Promise.all([...changes, titles].map((one) => one.data()));
    expect(reads('documents')).toHaveLength(2);
  });

  it('an event reads the trail once for each filter, and is sent only where it matches', async () => {
    const admin = await open('ADMIN');
    const filtered = [1, 2, 3].map(() =>
      admin.subscribe(AuditEventAddedDocument, { filter: { action: 'inventory.u*' } }),
    );
    const other = admin.subscribe(AuditEventAddedDocument, { filter: { action: 'document.*' } });
    await untilOpen(app, 4);
    await adjust('Anvil', 1);
    expect(await Promise.all(filtered.map((one) => one.data()))).toMatchObject(
      filtered.map(() => ({ auditEventAdded: { action: 'inventory.updated', target: 'Anvil' } })),
    );
    expect(reads('audit_events')).toHaveLength(2);
    expect(other.unread).toBe(0);
  });

  it('an event does not reach a viewer whose role was revoked, though others with that role get it', async () => {
    const [stays, goes] = [await open(SELLERS[0]), await open(SELLERS[1])];
    const [kept, lost] = [stays.subscribe(InventoryChangedDocument), goes.subscribe(InventoryChangedDocument)];
    await untilOpen(app, 2);
    await adjust('Anvil', 1);
    await Promise.all([kept.data(), lost.data()]);
    const of = 'user_id = (select id from users where username = ?)';
    await changeAccess(app, `delete from role_assignments where role = 'SALES' and ${of}`, SELLERS[1]);
    await adjust('Anvil', 1);
    expect(await kept.data()).toMatchObject({ inventoryChanged: { kind: 'UPDATED' } });
    const { data, errors } = await lost.outcome();
    expect([data?.inventoryChanged ?? null, errors?.[0]?.extensions?.['code']]).toEqual([null, 'FORBIDDEN']);
    await withRole('SALES', SELLERS[1]);
  });
});

const scopeOf = async (who: Who): Promise<RowScope> => rowScopeOf(await app.as(who).viewer());

describe('a shared row', () => {
  const event: LiveEvent = { id: 'an event', action: 'user.updated', target: null };

  /** Reads a user, as each of the viewers, for one event. */
  async function readAs(id: string, viewers: readonly Who[]): Promise<{ names: (string | null)[]; count: number }> {
    let count = 0;
    const read = sharedRow(UserEntity, (reader, _event, of: string) => {
      count += 1;
      return selectRow(reader, UserEntity, 'id', of);
    });
    const names = viewers.map(async (who) => {
      const unit = app.database.unitOfWork(await scopeOf(who));
      const row = await read({ unit }, event, id);
      await unit.close();
      return row?.username ?? null;
    });
    return { names: await Promise.all(names), count };
  }

  it('a shared row reaches only viewers for whom it exists', async () => {
    const own = await userId(app, 'author');
    // Each of the three reads once without ids for their role, and once with their own.
    expect(await readAs(own, people)).toEqual({ names: ['author', null, null], count: 4 });
    expect(await readAs(own, ['ADMIN', 'ADMIN', 'SUPER_ADMIN', 'author'])).toMatchObject({
      names: ['author', 'author', 'author', 'author'],
    });
    expect(
      await readAs(await userId(app, 'standard'), ['ACCOUNT_MANAGER', 'ACCOUNT_ADMIN', 'DEVELOPER', 'GUEST']),
    ).toMatchObject({
      names: ['standard', 'standard', null, null],
    });
  });

  it('a shared row is read again after a second, and after a failure', async () => {
    let outcomes = ['fails', 'one', 'two', 'three'];
    const read = sharedRow(UserEntity, async () => {
      const [outcome, ...others] = outcomes;
      outcomes = others;
      if (outcome === 'fails') {
        throw new Error('The database is not available');
      }
      return { username: outcome } as never;
    });
    const unit = app.database.unitOfWork(await scopeOf('ADMIN'));
    const later = { ...event };
    await expect(read({ unit }, later, undefined)).rejects.toThrow('The database is not available');
    expect(await read({ unit }, later, undefined)).toEqual({ username: 'one' });
    expect(await read({ unit }, later, undefined)).toEqual({ username: 'one' });
    const clock = vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 1_001);
    expect(await read({ unit }, later, undefined)).toEqual({ username: 'two' });
    clock.mockRestore();
    expect(await read({ unit }, { ...event }, undefined)).toEqual({ username: 'three' });
    await unit.close();
  });

  it('a row that is read without the ids of a viewer is visible with them, in any table', async () => {
    const hidden: string[] = [];
    for (const role of [
      'STANDARD',
      'ACCOUNT_MANAGER',
      'ACCOUNT_ADMIN',
      'DEVELOPER',
      'WAREHOUSE',
      'ADMIN',
      'ANONYMOUS',
    ]) {
      const scope = await scopeOf(role);
      for (const { meta } of entities) {
        const sql = `select (${meta.primaryKeys.map((key) => meta.properties[key as never]['fieldNames'][0]).join(', ')})::text as key from ${meta.tableName}`;
        const keys = async (as: RowScope): Promise<string[]> => {
          const unit = app.database.unitOfWork(as);
          const rows = await unit.read((reader) => reader.execute<{ key: string }[]>(sql)).catch(() => []);
          await unit.close();
          return rows.map(({ key }) => key);
        };
        const withIds = new Set(await keys(scope));
        const without = await keys({ ...scope, viewerId: null, accountId: null });
        hidden.push(...without.filter((key) => !withIds.has(key)).map((key) => `${role} ${meta.tableName} ${key}`));
      }
    }
    expect(hidden).toEqual([]);
  });
});
