import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  AddInventoryItemDocument,
  AdjustInventoryCountDocument,
  DeleteInventoryItemDocument,
  InventoryChangedDocument,
} from '../generated/graphql.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { addressOf, connect } from './client.ts';

let app: TestApp;
let url: string;
beforeAll(async () => {
  app = await createTestApp();
  url = await addressOf(app);
});
afterAll(() => app.close());

describe('inventoryChanged', () => {
  it('tells what was added, counted and deleted, in that order', async () => {
    const socket = await connect(url, { parameters: { authorization: `Bearer ${await app.as('SALES').token()}` } });
    const changes = socket.subscribe(InventoryChangedDocument);
    await socket.settled();
    await app
      .as('MANAGER')
      .query(AddInventoryItemDocument, { input: { name: 'Bellows', data: { count: 3 } } })
      .data();
    expect(await changes.data()).toEqual({
      inventoryChanged: {
        kind: 'CREATED',
        name: 'Bellows',
        item: { name: 'Bellows', data: { count: 3 }, version: 1 },
      },
    });
    await app.as('WAREHOUSE').query(AdjustInventoryCountDocument, { name: 'bellows', by: 4 }).data();
    expect(await changes.data()).toMatchObject({ inventoryChanged: { kind: 'UPDATED', item: { data: { count: 7 } } } });
    await app.as('MANAGER').query(DeleteInventoryItemDocument, { name: 'Bellows' }).data();
    expect(await changes.data()).toEqual({ inventoryChanged: { kind: 'DELETED', name: 'Bellows', item: null } });
    await socket.close();
  });
});
