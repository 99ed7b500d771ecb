import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  AddInventoryItemDocument,
  AdjustInventoryCountDocument,
  AuditEventAddedDocument,
  CreateDocumentDocument,
  DeleteDocumentDocument,
  DeleteInventoryItemDocument,
  DocumentChangedDocument,
  DocumentContentChangedDocument,
  InventoryChangedDocument,
  UpdateDocumentDocument,
  UpdateInventoryItemDocument,
} from '../generated/graphql.ts';
import { systemScope } from '../../src/database/scopes.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { change } from '../support/rows.ts';
import { connectAs, type TestSocket, untilOpen } from './client.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
});
afterAll(() => app.close());

const add = (name: string, count = 3) =>
  app
    .as('MANAGER')
    .query(AddInventoryItemDocument, { input: { name, data: { count } } })
    .data();
const adjust = (name: string, by: number) =>
  app.as('WAREHOUSE').query(AdjustInventoryCountDocument, { name, by }).data();
const remove = (name: string) => app.as('MANAGER').query(DeleteInventoryItemDocument, { name }).data();

async function close(...sockets: readonly TestSocket[]): Promise<void> {
  await Promise.all(sockets.map((socket) => socket.close()));
  await untilOpen(app, 0);
}

describe('inventoryChanged', () => {
  it('inventoryChanged reports additions, counts, changes and deletions, in that order', async () => {
    const socket = await connectAs(app, 'SALES');
    const changes = socket.subscribe(InventoryChangedDocument);
    await untilOpen(app, 1);
    await add('Bellows');
    expect(await changes.data()).toEqual({
      inventoryChanged: { kind: 'CREATED', name: 'Bellows', item: { name: 'Bellows', data: { count: 3 }, version: 1 } },
    });
    await adjust('bellows', 4);
    expect(await changes.data()).toMatchObject({ inventoryChanged: { kind: 'UPDATED', item: { data: { count: 7 } } } });
    const input = { name: 'BELLOWS', data: { count: 1, shelf: 'C' } };
    await app.as('MANAGER').query(UpdateInventoryItemDocument, { input }).data();
    expect(await changes.data()).toMatchObject({ inventoryChanged: { kind: 'UPDATED', item: { data: input.data } } });
    await remove('Bellows');
    expect(await changes.data()).toEqual({ inventoryChanged: { kind: 'DELETED', name: 'Bellows', item: null } });
    await close(socket);
  });

  it('inventoryChanged with a name reports changes of that item, ignoring case', async () => {
    const socket = await connectAs(app, 'SALES');
    const changes = socket.subscribe(InventoryChangedDocument, { name: ' aNVIL' });
    await untilOpen(app, 1);
    await add('Bellows');
    await add('Anvil');
    expect(await changes.data()).toMatchObject({ inventoryChanged: { kind: 'CREATED', name: 'Anvil' } });
    await remove('Bellows');
    await remove('Anvil');
    expect(await changes.data()).toMatchObject({ inventoryChanged: { kind: 'DELETED', name: 'Anvil' } });
    await close(socket);
  });

  it('inventoryChanged does not report what was rolled back, or refused', async () => {
    const socket = await connectAs(app, 'SALES');
    const changes = socket.subscribe(InventoryChangedDocument);
    await untilOpen(app, 1);
    await add('Chisel', 1);
    await changes.data();
    await app.as('WAREHOUSE').query(AdjustInventoryCountDocument, { name: 'Chisel', by: -2 }).errors();
    await app.as('SALES').query(AdjustInventoryCountDocument, { name: 'Chisel', by: -1 }).errors();
    await remove('Chisel');
    expect(await changes.data()).toMatchObject({ inventoryChanged: { kind: 'DELETED' } });
    await close(socket);
  });

  it('inventoryChanged serves many subscriptions on many connections, until each ends', async () => {
    const [one, two] = [await connectAs(app, 'SALES'), await connectAs(app, 'ADMIN')];
    const [first, second] = [one.subscribe(InventoryChangedDocument), one.subscribe(InventoryChangedDocument)];
    const third = two.subscribe(InventoryChangedDocument);
    await untilOpen(app, 3);
    await add('Drill');
    await Promise.all([first, second, third].map((changes) => changes.data()));
    one.cancel(1);
    await untilOpen(app, 2);
    await remove('Drill');
    await Promise.all([second, third].map((changes) => changes.data()));
    expect(first.unread).toBe(0);
    await close(one, two);
  });
});

describe('documentChanged', () => {
  const input = { title: 'Doors', content: 'A door has keys.' };

  it('documentChanged reports to every viewer; the directive guards the text, and row-level security the author', async () => {
    const [anonymous, manager] = [await connectAs(app, 'ANONYMOUS'), await connectAs(app, 'ACCOUNT_MANAGER')];
    const titles = anonymous.subscribe(DocumentChangedDocument);
    const closed = anonymous.subscribe(DocumentContentChangedDocument);
    const texts = manager.subscribe(DocumentContentChangedDocument);
    await untilOpen(app, 3);
    await app.as('DEVELOPER').query(CreateDocumentDocument, { input }).data();
    expect(await titles.data()).toMatchObject({
      documentChanged: { kind: 'CREATED', document: { title: 'Doors', authorName: expect.any(String) } },
    });
    const denied = await closed.answer();
    expect(denied?.data).toEqual({ documentChanged: { kind: 'CREATED', document: { content: null, author: null } } });
    expect(denied?.errors?.map(({ extensions }) => extensions?.['code'])).toEqual([
      'UNAUTHENTICATED',
      'UNAUTHENTICATED',
    ]);
    // The developer belongs to no account of the manager's: that user does not exist for them.
    expect(await texts.data()).toEqual({
      documentChanged: { kind: 'CREATED', document: { content: input.content, author: null } },
    });
    await close(anonymous, manager);
  });

  it('documentChanged with an id reports changes of that document', async () => {
    const socket = await connectAs(app, 'ANONYMOUS');
    const all = socket.subscribe(DocumentChangedDocument);
    await untilOpen(app, 1);
    const { createDocument } = await app.as('STANDARD').query(CreateDocumentDocument, { input }).data();
    const id = createDocument?.id ?? '';
    await all.data();
    const changes = socket.subscribe(DocumentChangedDocument, { id: id.toUpperCase() });
    await untilOpen(app, 2);
    await app.as('STANDARD').query(CreateDocumentDocument, { input }).data();
    await app
      .as('STANDARD')
      .query(UpdateDocumentDocument, { id, input: { title: 'Keys' } })
      .data();
    expect(await changes.data()).toMatchObject({
      documentChanged: { kind: 'UPDATED', id, document: { title: 'Keys' } },
    });
    await app.as('STANDARD').query(DeleteDocumentDocument, { id }).data();
    expect(await changes.data()).toEqual({ documentChanged: { kind: 'DELETED', id, document: null } });
    await close(socket);
  });
});

/** A filter for events of the tests alone: a login just before the subscription may be reported as well. */
const OF_STOCK = { filter: { action: 'inventory.*' } };

describe('auditEventAdded', () => {
  it('auditEventAdded reports what matches the filter of the list', async () => {
    const socket = await connectAs(app, 'ADMIN');
    const all = socket.subscribe(AuditEventAddedDocument, OF_STOCK);
    const added = socket.subscribe(AuditEventAddedDocument, { filter: { action: 'inventory.a*', search: 'Fo' } });
    await untilOpen(app, 2);
    await add('Easel');
    await add('Forge');
    const event = { action: 'inventory.added', targetType: 'inventoryItem', actorUser: { username: 'manager' } };
    expect(await all.data()).toEqual({ auditEventAdded: { ...event, target: 'Easel' } });
    expect(await all.data()).toEqual({ auditEventAdded: { ...event, target: 'Forge' } });
    expect(await added.data()).toEqual({ auditEventAdded: { ...event, target: 'Forge' } });
    expect(added.unread).toBe(0);
    await close(socket);
  });
});

/** Adds an event as a process does that ends before it has notified any other: without a notification. */
const recordSilently = (action: string, target: string) =>
  change(
    app,
    `insert into audit_events (id, at, action, target_type, target_id, details)
     values (gen_random_uuid(), now(), ?, 'inventoryItem', ?, '{}')`,
    action,
    target,
  );

describe('a committed change', () => {
  it('a change is reported once even when its notification was lost, whether it is sealed by then or not', async () => {
    const socket = await connectAs(app, 'ADMIN');
    const all = socket.subscribe(AuditEventAddedDocument, OF_STOCK);
    await untilOpen(app, 1);
    await recordSilently('inventory.added', 'Gouge');
    expect(await all.data()).toMatchObject({ auditEventAdded: { target: 'Gouge' } });
    await recordSilently('inventory.added', 'Hammer');
    await app.audit.sealer.seal();
    expect(await all.data()).toMatchObject({ auditEventAdded: { target: 'Hammer' } });
    await add('Iron');
    expect(await all.data()).toMatchObject({ auditEventAdded: { target: 'Iron' } });
    await app.audit.sealer.seal();
    await remove('Iron');
    expect(await all.data()).toMatchObject({ auditEventAdded: { target: 'Iron', action: 'inventory.deleted' } });
    expect(all.unread).toBe(0);
    await close(socket);
  });

  it('a change is left out when its row is deleted by then, but the deletion is reported', async () => {
    const socket = await connectAs(app, 'SALES');
    const changes = socket.subscribe(InventoryChangedDocument);
    await untilOpen(app, 1);
    await recordSilently('inventory.added', 'Jigsaw');
    await recordSilently('inventory.deleted', 'Jigsaw');
    expect(await changes.data()).toEqual({ inventoryChanged: { kind: 'DELETED', name: 'Jigsaw', item: null } });
    await close(socket);
  });

  it('nothing is reported where nothing was committed', async () => {
    const socket = await connectAs(app, 'ADMIN');
    const all = socket.subscribe(AuditEventAddedDocument, OF_STOCK);
    await untilOpen(app, 1);
    const failing = app.database.run(systemScope, async (em) => {
      await em.execute(
        `insert into audit_events (id, at, action, details) values (gen_random_uuid(), now(), 'inventory.added', '{}')`,
        [],
        'run',
      );
      throw new Error('taken back');
    });
    await expect(failing).rejects.toThrow('taken back');
    await add('Kettle');
    expect(await all.data()).toMatchObject({ auditEventAdded: { target: 'Kettle' } });
    await close(socket);
  });
});
