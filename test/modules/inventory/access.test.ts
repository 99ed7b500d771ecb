import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  AddInventoryItemDocument,
  AdjustInventoryCountDocument,
  DeleteInventoryItemDocument,
  InventoryItemDocument,
  InventoryItemsDocument,
  SetInventoryCountDocument,
  UpdateInventoryItemDocument,
} from '../../generated/graphql.ts';
import { rowScopeOf } from '../../../src/database/scopes.ts';
import type { Answer } from '../../support/answer.ts';
import { type Actor, createTestApp, type TestApp, type Who } from '../../support/app.ts';
import { expectOutcome, openTo, type Outcome } from '../../support/outcomes.ts';
import { addPeople, people } from '../../support/people.ts';
import { change, look } from '../../support/rows.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
  await addPeople(app);
});
afterAll(() => app.close());

const readers = ['SALES', 'WAREHOUSE', 'MANAGER', 'ADMIN', 'SUPER_ADMIN'];
const changers = readers.filter((role) => role !== 'SALES');
const managers = changers.filter((role) => role !== 'WAREHOUSE');

interface Operation {
  readonly path: string;
  readonly open: readonly Who[];
  readonly run: (actor: Actor) => Answer<object>;
  readonly writes: boolean;
}

const name = 'Anvil';
const data = { count: 3 };

const operations: readonly Operation[] = [
  { path: 'inventoryItems', open: readers, writes: false, run: (who) => who.query(InventoryItemsDocument) },
  { path: 'inventoryItem', open: readers, writes: false, run: (who) => who.query(InventoryItemDocument, { name }) },
  {
    path: 'addInventoryItem',
    open: managers,
    writes: true,
    run: (who) => who.query(AddInventoryItemDocument, { input: { name: 'Bellows', data } }),
  },
  {
    path: 'updateInventoryItem',
    open: changers,
    writes: true,
    run: (who) => who.query(UpdateInventoryItemDocument, { input: { name, data } }),
  },
  {
    path: 'setInventoryCount',
    open: changers,
    writes: true,
    run: (who) => who.query(SetInventoryCountDocument, { name, count: 3 }),
  },
  {
    path: 'adjustInventoryCount',
    open: changers,
    writes: true,
    run: (who) => who.query(AdjustInventoryCountDocument, { name, by: -1 }),
  },
  {
    path: 'deleteInventoryItem',
    open: managers,
    writes: true,
    run: (who) => who.query(DeleteInventoryItemDocument, { name }),
  },
];

beforeEach(async () => {
  await change(app, `delete from inventory_items where name_key in ('anvil', 'bellows')`);
  await change(
    app,
    `insert into inventory_items (name_key, name, data, updated_at) values ('anvil', 'Anvil', '{"count": 7}', now())`,
  );
});

/** Viewers who write documents, of whichever account, have the outcome of every viewer who is not listed. */
function tableOf(open: readonly Who[]): (readonly [Who, Outcome])[] {
  return [...openTo(...open), ...people.map((who) => [who, 'FORBIDDEN'] as const)];
}

function stock(): Promise<unknown[]> {
  return look(app, 'select name, data, version from inventory_items order by name_key');
}

describe.each(operations)('$path', ({ path, open, run, writes }) => {
  const coordinate = `${writes ? 'Mutation' : 'Query'}.${path}`;

  it.each(tableOf(open))('the operation answers %s with %s', async (who, outcome) => {
    const before = await stock();
    const data = await expectOutcome(run(app.as(who)), outcome, { path, coordinate });
    const asked = [...app.statements];
    const changed = JSON.stringify(await stock()) !== JSON.stringify(before);
    expect(changed).toBe(writes && outcome === 'data');
    expect(asked.length > 0).toBe(outcome === 'data');
    expect(Object.keys(data ?? {})).toEqual([path]);
  });

  it('a denied viewer gets the same answer whether or not the item exists', async () => {
    const closed = tableOf(open).flatMap(([who, outcome]) => (outcome === 'data' ? [] : [who]));
    const ask = (who: Who) => run(app.as(who)).partial();
    const before = await Promise.all(closed.map(ask));
    await change(app, 'delete from inventory_items where name_key = ?', 'anvil');
    expect(await Promise.all(closed.map(ask))).toEqual(before);
  });
});

describe('rights that come in other ways', () => {
  const users = 'select id, ? from users where username = any(?::text[])';

  beforeAll(async () => {
    await change(app, `insert into roles (name) values ('Stockkeeper')`);
    await change(app, `insert into role_inheritance (role, inherits) values ('Stockkeeper', 'WAREHOUSE')`);
    await change(app, `insert into role_assignments (user_id, role) ${users}`, 'Stockkeeper', '{guest}');
    await change(
      app,
      `update users set account_id = (select id from accounts order by id limit 1) where username = 'sales'`,
    );
  });

  it.each(operations)(
    'an added role that inherits WAREHOUSE satisfies the same requirements: $path',
    async (operation) => {
      const { path, open, run, writes } = operation;
      const at = { path, coordinate: `${writes ? 'Mutation' : 'Query'}.${path}` };
      await expectOutcome(run(app.as('guest')), open.includes('WAREHOUSE') ? 'data' : 'FORBIDDEN', at);
    },
  );

  it('stock is read by every seller, whichever account they belong to', async () => {
    const { inventoryItems } = await app.as('sales').query(InventoryItemsDocument).data();
    expect(inventoryItems?.totalCount).toBe((await stock()).length);
  });
});

describe('row-level security', () => {
  it('STANDARD, and a transaction without rights on stock, neither read nor write a row', async () => {
    const standard = rowScopeOf(await app.as('STANDARD').viewer());
    for (const scope of [standard, { role: standard.role, viewerId: standard.viewerId, accountId: null }]) {
      for (const sql of ['table inventory_items', 'delete from inventory_items returning 1 as one']) {
        expect(await app.database.run(scope, (em) => em.execute(sql))).toEqual([]);
      }
      const insert = `insert into inventory_items (name_key, name, data, updated_at) values ('x', 'x', '{}', now())`;
      await expect(app.database.run(scope, (em) => em.execute(insert))).rejects.toThrow(/row-level security/);
    }
  });

  it('no public scope reaches the table', async () => {
    const scope = { role: 'rolegate_public', viewerId: null, accountId: null } as const;
    for (const sql of [
      'table inventory_items',
      'delete from inventory_items',
      `update inventory_items set version = 9`,
    ]) {
      await expect(app.database.run(scope, (em) => em.execute(sql))).rejects.toThrow(/permission denied/);
    }
  });
});
