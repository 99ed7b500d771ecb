import * as fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  AddInventoryItemDocument,
  AdjustInventoryCountDocument,
  DeleteInventoryItemDocument,
  InventoryItemDocument,
  InventoryItemsDocument,
  UpdateInventoryItemDocument,
} from '../../generated/graphql.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { change, look } from '../../support/rows.ts';
import { BAD_DATA, BAD_LITERALS, isKeepable, LARGEST, nested, sorted } from './item-data.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
});
afterAll(() => app.close());

beforeEach(() => change(app, 'delete from inventory_items'));

function add(name: string, data: unknown = { count: 1 }) {
  return app.as('MANAGER').query(AddInventoryItemDocument, { input: { name, data } });
}

function update(name: string, data: unknown, version?: number | null) {
  return app.as('MANAGER').query(UpdateInventoryItemDocument, { input: { name, data, version: version ?? null } });
}

function adjust(name: string, by: number) {
  return app.as('WAREHOUSE').query(AdjustInventoryCountDocument, { name, by });
}

async function stored(name: string) {
  const { inventoryItem } = await app.as('SALES').query(InventoryItemDocument, { name }).data();
  return inventoryItem;
}

function items(): Promise<{ name: string }[]> {
  return look(app, 'select name, data, version from inventory_items order by name_key');
}

describe('adding', () => {
  it('addInventoryItem returns the item, as it is read from then on', async () => {
    const data = { count: 4, colour: 'red', sizes: [1, 2.5, null, { deep: true }], '': 'no name', constructor: 'own' };
    const { addInventoryItem } = await add('  Anvil  ', data).data();
    expect(addInventoryItem).toEqual({ name: 'Anvil', data, updatedAt: app.clock.now().toISOString(), version: 1 });
    expect(await stored('Anvil')).toEqual(addInventoryItem);
  });

  // oxfmt-ignore
  it.each([
    ['Anvil', 'Anvil'], ['Anvil', 'ANVIL'], ['Anvil', ' anvil '], ['Straße', 'STRASSE'], ['ﬁle', 'FILE'],
    ['Ａnvil', 'anvil'], ['Cafe\u0301', 'CAFÉ'], ['ΟΔΟΣ', 'οδος'], ['Kelvin \u212a', 'kelvin k'], ['½ inch', '1⁄2 INCH'],
  ])('a taken name is a conflict, however it is written: %j, %j', async (first, second) => {
    await add(first).data();
    expect(await add(second).codes()).toEqual(['CONFLICT']);
    expect(await items()).toHaveLength(1);
    expect((await stored(second))?.name).toBe(first.normalize('NFC'));
  });

  it.each(['Anvil 2', 'Änvil', 'Anvi', 'An vil', 'Ånvil'])('another name is another item: %j', async (name) => {
    await add('Anvil').data();
    await add(name).data();
    expect(await items()).toHaveLength(2);
  });

  it('of concurrent additions of one name one succeeds', async () => {
    const source = 'mutation ($input: AddInventoryItemInput!) { addInventoryItem(input: $input) { name } }';
    const codes = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const input = { name: index % 2 === 0 ? 'Anvil' : 'ANVIL', data: { count: index } };
        const { body } = await app.as('MANAGER').request(source, { input });
        return body.errors?.[0]?.extensions?.['code'] ?? 'data';
      }),
    );
    expect(codes.filter((code) => code === 'data')).toHaveLength(1);
    expect(new Set(codes)).toEqual(new Set(['data', 'CONFLICT']));
  });

  it.each(['', '   ', 'x'.repeat(201), 'a\nb', 'a\u0007', '\u0085'])('%j is refused as a name', async (name) => {
    expect(await add(name).codes()).toEqual(['BAD_USER_INPUT']);
    expect(await items()).toEqual([]);
  });
});

describe('data', () => {
  it.each(BAD_DATA)('%s is refused, added or updated', async (_, data) => {
    await add('Anvil').data();
    const before = await items();
    expect(await add('Bellows', data).codes()).toEqual(['BAD_USER_INPUT']);
    expect(await update('Anvil', data).codes()).toEqual(['BAD_USER_INPUT']);
    expect(await items()).toEqual(before);
    expect(Object.keys({})).toEqual([]);
    expect('admin' in {}).toBe(false);
  });

  it.each(BAD_LITERALS)('%s in the document is refused as an error of the client', async (_, literal) => {
    const source = `mutation { addInventoryItem(input: { name: "Anvil", data: ${literal} }) { name } }`;
    const { status, body } = await app.as('MANAGER').request(source);
    expect(status).toBeLessThan(500);
    expect(body.errors?.map(({ extensions }) => extensions?.['code'])).not.toContain('INTERNAL_SERVER_ERROR');
    expect(body.errors).toHaveLength(1);
    expect(await items()).toEqual([]);
  });

  it.each([0, 1, LARGEST, 1e3])('a count of %i is accepted', async (count) => {
    await add('Anvil', { count }).data();
    expect(await stored('Anvil')).toMatchObject({ data: { count } });
  });

  it('10 levels of objects are accepted, the input among them', async () => {
    await add('Anvil', { count: 1, more: nested(8) }).data();
    expect(await stored('Anvil')).toMatchObject({ data: { more: nested(8) } });
    expect(await add('Bellows', { count: 1, more: nested(9) }).codes()).toEqual(['BAD_USER_INPUT']);
  });

  it('16 KiB of data are accepted, and no more', async () => {
    const frame = JSON.stringify({ count: 1, note: '' }).length;
    await add('Anvil', { count: 1, note: 'x'.repeat(16_384 - frame) }).data();
    expect(await add('Bellows', { count: 1, note: 'x'.repeat(16_385 - frame) }).codes()).toEqual(['BAD_USER_INPUT']);
  });

  it('data is returned unchanged, whatever else it holds', async () => {
    const data = fc.record({ count: fc.nat(LARGEST), more: fc.jsonValue({ maxDepth: 5 }) });
    await fc.assert(
      fc.asyncProperty(data.filter(isKeepable), async (value) => {
        await change(app, 'delete from inventory_items');
        await add('Anvil', value).data();
        expect(JSON.stringify(sorted((await stored('Anvil'))?.data))).toBe(JSON.stringify(sorted(value)));
      }),
      { numRuns: 50 },
    );
  });
});

describe('updating', () => {
  it('updateInventoryItem replaces the data, and counts the change', async () => {
    await add('Anvil', { count: 1, colour: 'red' }).data();
    app.clock.advance(60);
    const { updateInventoryItem } = await update('ANVIL', { count: 2, weight: 7 }).data();
    const expected = {
      name: 'Anvil',
      data: { count: 2, weight: 7 },
      updatedAt: app.clock.now().toISOString(),
      version: 2,
    };
    expect(updateInventoryItem).toEqual(expected);
    expect(await stored('Anvil')).toEqual(expected);
  });

  it('a version that was read is accepted once', async () => {
    await add('Anvil').data();
    await update('Anvil', { count: 2 }, 1).data();
    expect(await update('Anvil', { count: 3 }, 1).codes()).toEqual(['CONFLICT']);
    expect(await update('Anvil', { count: 3 }, 0).codes()).toEqual(['CONFLICT']);
    expect(await update('Anvil', { count: 3 }, 99).codes()).toEqual(['CONFLICT']);
    expect(await stored('Anvil')).toMatchObject({ data: { count: 2 }, version: 2 });
  });

  it('of concurrent updates of one version one succeeds', async () => {
    await add('Anvil').data();
    const source = 'mutation ($input: UpdateInventoryItemInput!) { updateInventoryItem(input: $input) { version } }';
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        app.as('WAREHOUSE').request(source, { input: { name: 'Anvil', data: { count: index + 2 }, version: 1 } }),
      ),
    );
    const codes = answers.map(({ body }) => body.errors?.[0]?.extensions?.['code'] ?? 'data');
    expect(codes.filter((code) => code === 'data')).toHaveLength(1);
    expect(codes.filter((code) => code === 'CONFLICT')).toHaveLength(19);
    expect((await stored('Anvil'))?.version).toBe(2);
  });
});

describe('what does not exist', () => {
  it.each(['\ud800', 'x\0'])('a name with characters that a text cannot hold is refused: %j', async (name) => {
    expect(await app.as('SALES').query(InventoryItemDocument, { name }).codes()).toEqual(['BAD_USER_INPUT']);
    expect(await adjust(name, 1).codes()).toEqual(['BAD_USER_INPUT']);
  });

  it.each(['Anvil', '', 'a\u0007', 'x'.repeat(5_000)])(
    'an unknown item gets NOT_FOUND, and adjusting neither reveals nor creates it: %j',
    async (name) => {
      expect(await app.as('SALES').query(InventoryItemDocument, { name }).codes()).toEqual(['NOT_FOUND']);
      expect(await update(name, { count: 1 }).codes()).toEqual(['NOT_FOUND']);
      expect(await adjust(name, 1).codes()).toEqual(['NOT_FOUND']);
      expect(await adjust(name, -1).codes()).toEqual(['NOT_FOUND']);
      expect(await app.as('MANAGER').query(DeleteInventoryItemDocument, { name }).codes()).toEqual(['NOT_FOUND']);
      expect(await items()).toEqual([]);
    },
  );
});

describe('adjusting', () => {
  it('adjusting adds to the count and keeps the rest', async () => {
    await add('Anvil', { count: 5, colour: 'red' }).data();
    app.clock.advance(60);
    const { adjustInventoryCount } = await adjust('anvil', -5).data();
    const expected = {
      name: 'Anvil',
      data: { count: 0, colour: 'red' },
      updatedAt: app.clock.now().toISOString(),
      version: 2,
    };
    expect(adjustInventoryCount).toEqual(expected);
    expect(await stored('Anvil')).toEqual(expected);
    expect((await adjust('Anvil', LARGEST).data()).adjustInventoryCount?.data).toMatchObject({ count: LARGEST });
  });

  it.each([
    [5, -6],
    [0, -1],
    [0, -(2 ** 31)],
    [LARGEST, 1],
    [1, LARGEST],
    [LARGEST, LARGEST],
  ])('adjusting %i by %i is a conflict, and changes nothing', async (count, by) => {
    await add('Anvil', { count }).data();
    const before = await items();
    expect(await adjust('Anvil', by).codes()).toEqual(['CONFLICT']);
    expect(await items()).toEqual(before);
  });

  it('adjusting makes the version that was read stale', async () => {
    await add('Anvil').data();
    await adjust('Anvil', 1).data();
    expect(await update('Anvil', { count: 9 }, 1).codes()).toEqual(['CONFLICT']);
  });
});

describe('deleting', () => {
  it('deleteInventoryItem returns the item as it was, and frees its name', async () => {
    const { addInventoryItem } = await add('Anvil', { count: 8 }).data();
    const deleted = await app.as('MANAGER').query(DeleteInventoryItemDocument, { name: 'ANVIL' }).data();
    expect(deleted.deleteInventoryItem).toEqual(addInventoryItem);
    expect(await items()).toEqual([]);
    expect((await add('anvil').data()).addInventoryItem?.version).toBe(1);
  });
});

async function found(search: string) {
  const { inventoryItems } = await app.as('SALES').query(InventoryItemsDocument, { filter: { search } }).data();
  return inventoryItems?.nodes?.map((item) => item?.name);
}

describe('lists', () => {
  it('lists are searched by a part of the name, in any case', async () => {
    await add('Steel anvil').data();
    await add('100% bellows').data();
    expect(await found('ANV')).toEqual(['Steel anvil']);
    expect(await found('%')).toEqual(['100% bellows']);
    expect(await found('')).toEqual(['100% bellows', 'Steel anvil']);
    expect(await found('nothing')).toEqual([]);
  });
});

it('the trail records who did what to which item', async () => {
  await add('Anvil').data();
  await update('Anvil', { count: 2 }).data();
  await adjust('Anvil', 3).data();
  await app.as('MANAGER').query(DeleteInventoryItemDocument, { name: 'Anvil' }).data();
  const before = await look(app, 'select 1 from audit_events');
  await add('', {}).codes();
  await adjust('Anvil', 3).codes();
  const trail = await look(
    app,
    `select username, action, target_id, details from audit_events join users on users.id = actor_id
     where target_type = 'inventoryItem' order by audit_events.id desc limit 4`,
  );
  expect(trail.toReversed()).toEqual([
    { username: 'manager', action: 'inventory.added', target_id: 'Anvil', details: {} },
    { username: 'manager', action: 'inventory.updated', target_id: 'Anvil', details: {} },
    { username: 'warehouse', action: 'inventory.updated', target_id: 'Anvil', details: { by: 3 } },
    { username: 'manager', action: 'inventory.deleted', target_id: 'Anvil', details: {} },
  ]);
  expect(await look(app, 'select 1 from audit_events')).toHaveLength(before.length);
});
