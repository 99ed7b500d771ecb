import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { recordEvents } from '../../src/database/events/record.ts';
import { systemScope } from '../../src/database/scopes.ts';
import { AddInventoryItemDocument, InventoryChangedDocument } from '../generated/graphql.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { closingOf, connectAs, untilOpen } from './client.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
  const data = { count: 1, text: 'x'.repeat(15_000) };
  await app
    .as('MANAGER')
    .query(AddInventoryItemDocument, { input: { name: 'Large', data } })
    .data();
});
afterAll(() => app.close());

/** Records so many changes at once. */
const tell = (count: number) =>
  app.database.run(systemScope, (em) => {
    const by = { actorId: null, address: null, now: app.clock.now() };
    const event = { action: 'inventory.updated', target: { type: 'inventoryItem', id: 'Large' } } as const;
    return recordEvents(
      em,
      Array.from({ length: count }, () => ({ by, event })),
    );
  });

/** 300 kB an answer. */
const HEAVY = `subscription { inventoryChanged { item {
  ${Array.from({ length: 20 }, (_, n) => `a${n}: data`).join(' ')}
} } }`;

/** Returns the bytes that are held outside of V8's heap after a garbage collection. */
function heldBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { external, arrayBuffers } = process.memoryUsage();
  return external + arrayBuffers;
}

/** The code that a client finds which does not read the reason within a second. */
const CUT_OFF = 1006;

const SLOW = { code: 1013, reason: 'Too slow: reconnect, and read the list again' };

it(
  'a client that does not read is disconnected, others are not, and memory stays as it was',
  { timeout: 120_000 },
  async () => {
    const [slow, quick] = [await connectAs(app, 'SALES'), await connectAs(app, 'SALES')];
    slow.subscribe(HEAVY);
    const changes = quick.subscribe(InventoryChangedDocument);
    await untilOpen(app, 2);
    slow.socket.pause();
    const before = heldBytes();
    let told = 0;
    // The operating system holds some megabytes for a client, then the queue fills.
    for (; app.liveCounts().sockets === 2 && told < 10_000; told += 200) {
      await tell(200);
      for (let count = 0; count < 200; count++) {
        await changes.data();
      }
    }
    const after = heldBytes();
    expect(app.liveCounts()).toEqual({ sockets: 1, subscriptions: 1 });
    expect(after - before).toBeLessThan(20_000_000);
    slow.socket.resume();
    expect([SLOW.code, CUT_OFF]).toContain((await slow.closed).code);
    await tell(1);
    expect(await changes.data()).toMatchObject({ inventoryChanged: { name: 'Large' } });
    await quick.close();
  },
);

it('a connection is closed when it has more events than its client can receive', async () => {
  const socket = await connectAs(app, 'SALES');
  socket.subscribe(InventoryChangedDocument);
  await untilOpen(app, 1);
  await tell(5_000);
  expect(await closingOf(socket)).toMatchObject(SLOW);
  await untilOpen(app, 0);
});

it('a client that goes on sending without reading the answers is disconnected', async () => {
  const socket = await connectAs(app, 'SALES');
  socket.socket.pause();
  const payload = 'x'.repeat(400_000);
  for (let count = 0; count < 90; count++) {
    socket.send({ type: 'ping', payload: { payload } });
  }
  await untilClosed();
  expect(app.liveCounts().sockets).toBe(0);
});

/** Waits until the server has no connection. */
async function untilClosed(): Promise<void> {
  while (app.liveCounts().sockets > 0) {
    await new Promise((resolve) => {
      setTimeout(resolve, 10);
    });
  }
}
