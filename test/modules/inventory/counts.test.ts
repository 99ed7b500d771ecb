import { setTimeout as sleep } from 'node:timers/promises';
import type { FormattedExecutionResult } from 'graphql';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  AddInventoryItemDocument,
  InventoryItemDocument,
  SetInventoryCountDocument,
  UpdateInventoryItemDocument,
} from '../../generated/graphql.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { change } from '../../support/rows.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
});
afterAll(() => app.close());

const data = { count: 4, colour: 'red', sizes: [1, { deep: true }], note: null };

beforeEach(async () => {
  await change(app, 'delete from inventory_items');
  await app
    .as('MANAGER')
    .query(AddInventoryItemDocument, { input: { name: 'Anvil', data } })
    .data();
});

async function stored() {
  const { inventoryItem } = await app.as('SALES').query(InventoryItemDocument, { name: 'Anvil' }).data();
  return inventoryItem;
}

function set(count: number, version?: number, name = 'Anvil') {
  return app.as('WAREHOUSE').query(SetInventoryCountDocument, { name, count, version: version ?? null });
}

function update(wanted: unknown, who: 'WAREHOUSE' | 'MANAGER' = 'WAREHOUSE') {
  return app.as(who).query(UpdateInventoryItemDocument, { input: { name: 'Anvil', data: wanted } });
}

describe('setting a count', () => {
  it.each([0, 1, 2 ** 31 - 1])('setting the count to %i keeps the rest of the data', async (count) => {
    const { setInventoryCount } = await set(count).data();
    expect(setInventoryCount).toMatchObject({ name: 'Anvil', data: { ...data, count }, version: 2 });
    expect(await stored()).toEqual(setInventoryCount);
  });

  it.each([-1, -(2 ** 31)])('a count of %i is refused', async (count) => {
    const { errors } = await set(count).partial();
    expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'count' });
    expect((await stored())?.version).toBe(1);
  });

  it('a version that was read is accepted once', async () => {
    await set(5, 1).data();
    expect(await set(6, 1).codes()).toEqual(['CONFLICT']);
    expect((await stored())?.data).toEqual({ ...data, count: 5 });
  });

  it('of concurrent changes of one version one succeeds', async () => {
    const changes = Array.from({ length: 20 }, (_, index) => set(index, 1).data());
    const outcomes = await Promise.allSettled(changes);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect((await stored())?.version).toBe(2);
  });

  it.each(['Bellows', '', 'a\u0007'])('an unknown item gets NOT_FOUND: %j', async (name) => {
    expect(await set(1, undefined, name).codes()).toEqual(['NOT_FOUND']);
    expect((await stored())?.version).toBe(1);
  });
});

describe('updating as WAREHOUSE', () => {
  it.each([
    ['the same data', data],
    ['another count', { ...data, count: 9 }],
    ['another order of keys', { note: null, sizes: [1, { deep: true }], colour: 'red', count: 2 }],
  ])('WAREHOUSE may send %s', async (_, wanted) => {
    expect((await update(wanted).data()).updateInventoryItem?.data).toEqual(wanted);
  });

  it.each([
    ['another value', { ...data, colour: 'blue' }],
    ['a value below', { ...data, sizes: [1, { deep: false }] }],
    ['another order of a list', { ...data, sizes: [{ deep: true }, 1] }],
    ['one value more', { ...data, weight: 1 }],
    ['one that is null', { ...data, weight: null }],
    ['one value less', { count: 4, colour: 'red', note: null }],
    ['nothing but a count', { count: 4 }],
    ['another type', { ...data, colour: ['red'] }],
  ])('WAREHOUSE is refused %s, at the field, and MANAGER may change it', async (_, wanted) => {
    const { errors } = await update(wanted).partial();
    expect(errors.map(({ extensions }) => extensions)).toMatchObject([{ code: 'FORBIDDEN', field: 'input.data' }]);
    expect(await stored()).toMatchObject({ data, version: 1 });
    expect((await update(wanted, 'MANAGER').data()).updateInventoryItem?.data).toEqual(wanted);
  });
});

describe('adjusting a count by 100 at once', () => {
  const source = 'mutation ($by: Int!) { adjustInventoryCount(name: "Anvil", by: $by) { data } }';

  /** Adjusts the count. Sends again what a busy server has turned away (503): it has changed nothing. */
  async function adjustWhenServed(by: number): Promise<FormattedExecutionResult> {
    for (;;) {
      const { body } = await app.as('WAREHOUSE').request(source, { by });
      if (body.errors?.[0]?.extensions?.['code'] !== 'SERVICE_UNAVAILABLE') {
        return body;
      }
      await sleep(50);
    }
  }

  it('a hundred concurrent adjustments are all counted', async () => {
    await set(0).data();
    const answers = await Promise.all(Array.from({ length: 100 }, (_, by) => adjustWhenServed(by)));
    expect(answers.flatMap(({ errors }) => errors ?? [])).toEqual([]);
    expect(await stored()).toMatchObject({ data: { ...data, count: 4_950 }, version: 102 });
  });

  it('concurrent adjustments take no more than there is', async () => {
    await set(30).data();
    const answers = await Promise.all(Array.from({ length: 100 }, () => adjustWhenServed(-1)));
    const codes = answers.map(({ errors }) => errors?.[0]?.extensions?.['code'] ?? 'data');
    expect(codes.filter((code) => code === 'data')).toHaveLength(30);
    expect(codes.filter((code) => code === 'CONFLICT')).toHaveLength(70);
    expect(await stored()).toMatchObject({ data: { ...data, count: 0 }, version: 32 });
  });
});
