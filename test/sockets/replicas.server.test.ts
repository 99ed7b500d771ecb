import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, inject, it, vi } from 'vitest';
import { openServer } from '../../src/database/database.ts';
import { recordEvent } from '../../src/database/events/record.ts';
import { systemScope } from '../../src/database/scopes.ts';
import {
  AddInventoryItemDocument,
  DeleteInventoryItemDocument,
  InventoryChangedDocument,
  LogoutDocument,
} from '../generated/graphql.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { createServerDatabase, type ServerDatabase } from '../support/database.ts';
import { onServer } from '../support/environment.ts';
import { changeAccess } from '../support/rows.ts';
import { ask, signIn } from '../support/signed-in.ts';
import { addressOf, closingOf, connect, type TestSocket, untilOpen } from './client.ts';

let database: ServerDatabase;
let here: TestApp;
let there: TestApp;

const start = (): Promise<TestApp> =>
  createTestApp({
    openDatabase: (hooks) => openServer({ url: database.url, adminUrl: null, production: true, poolSize: 4 }, hooks),
  });

beforeAll(async () => {
  database = await createServerDatabase();
  [here, there] = [await start(), await start()];
});
afterAll(async () => {
  await here.close();
  await there.close();
  await database.drop();
});
beforeEach(() => Promise.all([untilOpen(here, 0), untilOpen(there, 0)]));

async function connectThere(authorization = ''): Promise<TestSocket> {
  return connect(await addressOf(there), { parameters: { authorization } });
}

const add = (name: string) =>
  here
    .as('MANAGER')
    .query(AddInventoryItemDocument, { input: { name, data: { count: 1 } } })
    .data();
const remove = (name: string) => here.as('MANAGER').query(DeleteInventoryItemDocument, { name }).data();

/** Cuts the connections that listen, as a restart of the database or of something on the way would. */
async function cutListeners(): Promise<void> {
  const { serverUrl } = inject('database');
  const name = new URL(database.url).pathname.slice(1);
  const sql = `select pg_terminate_backend(pid) from pg_stat_activity
    where datname = '${name}' and (query like 'listen %' or query like 'select pg_notify($1%')`;
  await onServer(serverUrl ?? '', sql);
}

it('an event on one replica reaches subscribers of the other', async () => {
  const { headers } = await signIn(there, 'sales');
  const socket = await connectThere(headers['authorization']);
  const changes = socket.subscribe(InventoryChangedDocument);
  await untilOpen(there, 1);
  const name = `Item ${randomUUID()}`;
  await add(name);
  expect(await changes.data()).toMatchObject({ inventoryChanged: { kind: 'CREATED', name, item: { version: 1 } } });
  await remove(name);
  expect(await changes.data()).toMatchObject({ inventoryChanged: { kind: 'DELETED', name } });
  await socket.close();
});

it('a late commit is reported late, also when its event is older and others are sealed', async () => {
  const { headers } = await signIn(there, 'sales');
  const socket = await connectThere(headers['authorization']);
  const changes = socket.subscribe(InventoryChangedDocument);
  await untilOpen(there, 1);
  const names = [`Late ${randomUUID()}`, `Soon ${randomUUID()}`];
  const [begun, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const late = here.database.run(systemScope, async (em) => {
    const item = `insert into inventory_items (name_key, name, data, updated_at, version) values (lower(?), ?, '{}', now(), 1)`;
    await em.execute(item, [names[0], names[0]], 'run');
    const event = { action: 'inventory.added', target: { type: 'inventoryItem', id: names[0] ?? '' } } as const;
    await recordEvent(em, { actorId: null, address: null, now: here.clock.now() }, event);
    begun.resolve();
    await go.promise;
  });
  await begun.promise;
  await add(names[1] ?? '');
  expect(await changes.data()).toMatchObject({ inventoryChanged: { name: names[1] } });
  await here.audit.sealer.seal();
  go.resolve();
  await late;
  expect(await changes.data()).toMatchObject({ inventoryChanged: { name: names[0] } });
  await Promise.all(names.map(remove));
  expect([await changes.data(), await changes.data()]).toMatchObject(
    expect.arrayContaining([{ inventoryChanged: { kind: 'DELETED', name: names[0], item: null } }]),
  );
  expect(changes.unread).toBe(0);
  await socket.close();
});

it('a session that ends on one replica closes connections on the other within a second', async () => {
  const { headers } = await signIn(here, 'sales');
  const socket = await connectThere(headers['authorization']);
  socket.subscribe(InventoryChangedDocument);
  await untilOpen(there, 1);
  await ask(here, headers, LogoutDocument);
  const { code, after } = await closingOf(socket);
  expect([code, after < 1_000]).toEqual([4401, true]);
});

it('a role that is revoked on one replica ends its subscriptions on the other within a second', async () => {
  const { headers } = await signIn(here, 'manager');
  const socket = await connectThere(headers['authorization']);
  const changes = socket.subscribe(InventoryChangedDocument);
  await untilOpen(there, 1);
  const of = `user_id = (select id from users where username = 'manager')`;
  await changeAccess(here, `delete from role_assignments where role = 'MANAGER' and ${of}`);
  const since = performance.now();
  const { errors } = await changes.answer();
  expect([errors?.[0]?.extensions?.['code'], performance.now() - since < 1_000]).toEqual(['FORBIDDEN', true]);
  await changeAccess(
    here,
    `insert into role_assignments (user_id, role) select id, 'MANAGER' from users where username = 'manager'`,
  );
  await socket.close();
});

it('connections are closed where notifications stop, and can be opened again', async () => {
  const { headers } = await signIn(there, 'sales');
  const socket = await connectThere(headers['authorization']);
  socket.subscribe(InventoryChangedDocument);
  await untilOpen(there, 1);
  await cutListeners();
  const reason = 'Events may have been missed: reconnect, and read the list again';
  expect(await closingOf(socket)).toMatchObject({ code: 1013, reason });
  const again = await connectThere(headers['authorization']);
  const changes = await vi.waitFor(
    async () => {
      const opened = again.subscribe(InventoryChangedDocument);
      await untilOpen(there, 1);
      return opened;
    },
    { timeout: 20_000 },
  );
  await add('Jack');
  expect(await changes.data()).toMatchObject({ inventoryChanged: { name: 'Jack' } });
  await cutListeners();
  await ask(here, headers, LogoutDocument);
  expect((await closingOf(again)).code).toBeOneOf([1013, 4401]);
});

it('a session that ends closes its connections also while notifications do not arrive', async () => {
  const { headers } = await signIn(here, 'sales');
  const socket = await connectThere(headers['authorization']);
  await cutListeners();
  await ask(here, headers, LogoutDocument);
  const { code, after } = await closingOf(socket);
  expect([code, after < 1_000]).toEqual([4401, true]);
});
