import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createTestApp, type TestApp } from '../support/app.ts';
import { addressOf, connect, connectAs, type TestSocket, untilOpen } from './client.ts';

const QUERY = 'subscription { inventoryChanged { kind item { name } } }';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
});
afterAll(() => app.close());
afterEach(() => untilOpen(app, 0));

/** Returns a connection, and the messages that arrive on it beside the acknowledgement. */
async function open(): Promise<{ socket: TestSocket; messages: { id: string; type: string }[] }> {
  const socket = await connectAs(app, 'SALES');
  const messages: { id: string; type: string }[] = [];
  socket.socket.on('message', (data) => messages.push(JSON.parse((data as Buffer).toString()) as (typeof messages)[0]));
  return { socket, messages };
}

const subscribe = (socket: TestSocket, id = 'a'): void =>
  socket.send({ id, type: 'subscribe', payload: { query: QUERY } });
const complete = (socket: TestSocket, id = 'a'): void => socket.send({ id, type: 'complete' });

let added = 0;
/** Adds an item, which is one event. */
async function add(): Promise<void> {
  added += 1;
  const name = `Reused ${added}`;
  const mutation = 'mutation ($input: AddInventoryItemInput!) { addInventoryItem(input: $input) { name } }';
  const { body } = await app.as('MANAGER').request(mutation, { input: { name, data: { count: 1 } } });
  expect(body.errors).toBeUndefined();
}

/** Waits until all that was sent on the connection before has been handled, and events have been told. */
async function settle(socket: TestSocket): Promise<void> {
  const other = socket.subscribe(QUERY);
  await untilOpen(app, app.liveCounts().subscriptions + 1);
  await add();
  await other.answer();
}

describe('an id that is used again', () => {
  it.each([1, 2, 5])(
    'an id that is used again at once after it was completed, %i times, is one subscription',
    async (times) => {
      const { socket, messages } = await open();
      for (let time = 0; time < times; time += 1) {
        subscribe(socket);
        complete(socket);
      }
      subscribe(socket);
      await untilOpen(app, 1);
      await add();
      await expect.poll(() => messages.length).toBe(1);
      complete(socket);
      await untilOpen(app, 0);
      expect(messages).toMatchObject([{ id: 'a', type: 'next' }]);
      await socket.close();
    },
  );

  it('an id that is used again after it was open and completed is another subscription', async () => {
    const { socket, messages } = await open();
    for (let time = 1; time <= 3; time += 1) {
      subscribe(socket);
      await untilOpen(app, 1);
      await add();
      await expect.poll(() => messages.length).toBe(time);
      complete(socket);
    }
    subscribe(socket);
    complete(socket);
    await untilOpen(app, 0);
    expect(messages.map(({ type }) => type)).toEqual(['next', 'next', 'next']);
    await socket.close();
  });

  it('an id that is completed again before it was open gets no event', async () => {
    const { socket, messages } = await open();
    [0, 1, 2].forEach(() => {
      subscribe(socket);
      complete(socket);
    });
    await settle(socket);
    expect(app.liveCounts().subscriptions).toBe(1);
    expect(messages.filter(({ id }) => id === 'a')).toEqual([]);
    await socket.close();
    await untilOpen(app, 0);
  });

  it.each([
    [
      'while it is open',
      async (socket: TestSocket) => {
        subscribe(socket);
        await untilOpen(app, 1);
        subscribe(socket);
      },
    ],
    [
      'while it opens',
      async (socket: TestSocket) => {
        subscribe(socket);
        subscribe(socket);
      },
    ],
    [
      'twice after it was completed',
      async (socket: TestSocket) => {
        subscribe(socket);
        complete(socket);
        subscribe(socket);
        subscribe(socket);
      },
    ],
  ])('an id that is used again %s closes the connection with 4409', async (_, send) => {
    const { socket } = await open();
    await send(socket);
    expect(await socket.closed).toEqual({ code: 4409, reason: 'Subscriber for a already exists' });
    await untilOpen(app, 0);
  });

  it('no subscription is left when the connection closes meanwhile', async () => {
    const { socket } = await open();
    [0, 1, 2].forEach(() => {
      subscribe(socket);
      complete(socket);
    });
    subscribe(socket);
    await socket.close();
    const other = await connect(await addressOf(app));
    await settleAnonymous(other);
    expect(app.liveCounts()).toEqual({ sockets: 1, subscriptions: 0 });
    await other.close();
  });
});

/** Waits until the server has answered a message of another connection. */
async function settleAnonymous(socket: TestSocket): Promise<void> {
  await socket.subscribe(QUERY).outcome();
}
