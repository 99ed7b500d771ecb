import fs from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { EmbeddedPostgres } from '../../src/database/embedded-postgres.ts';
import { systemScope } from '../../src/database/scopes.ts';
import {
  AddInventoryItemDocument,
  InventoryChangedDocument,
  InventoryItemDocument,
  UpdateInventoryItemDocument,
} from '../generated/graphql.ts';
import { connectAs, untilOpen } from '../sockets/client.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { codesOf, type Headers, send, signIn, tryToSignIn } from '../support/signed-in.ts';

let app: TestApp;
let manager: Headers;
/** The instances of the engine, in the order in which they were started. */
const instances: EmbeddedPostgres[] = [];
const prepare: (this: EmbeddedPostgres) => Promise<void> = Reflect.get(EmbeddedPostgres.prototype, '_initArrayTypes');
const started = vi.spyOn(EmbeddedPostgres.prototype, '_initArrayTypes');
started.mockImplementation(function (this: EmbeddedPostgres) {
  instances.push(this);
  return prepare.call(this);
});

/** The instance that runs. */
function running(): EmbeddedPostgres {
  const last = instances.at(-1);
  if (last === undefined) {
    throw new Error('No engine has been started');
  }
  return last;
}

beforeAll(async () => {
  app = await createTestApp();
  manager = (await signIn(app, 'manager')).headers;
});
afterAll(async () => {
  started.mockRestore();
  await app.close();
});

const statusOf = async (url: string): Promise<number> => (await app.http.inject({ url })).statusCode;
const read = (name: string) => send(app, manager, InventoryItemDocument, { name });
const write = (name: string) => send(app, manager, AddInventoryItemDocument, { input: { name, data: { count: 1 } } });

async function expectRecovery(): Promise<void> {
  await vi.waitFor(async () => expect(await statusOf('/readyz')).toBe(200), { timeout: 20_000, interval: 20 });
}

/** Sends a statement to the engine that fails in the middle of it: the stack ends before PostgreSQL's own limit. */
const exhaustStack = (): Promise<unknown> =>
  app.database
    .run(systemScope, (em) => em.execute('select ?::jsonb', ['['.repeat(100_000) + ']'.repeat(100_000)]))
    .catch((error: unknown) => error);

const damage = (byte: number) => async (): Promise<unknown> =>
  (running().Module as unknown as { readonly HEAPU8: Uint8Array }).HEAPU8.fill(byte);

/** Refuses each write to a file, as a full disk does. */
async function fillDisk(): Promise<unknown> {
  const full = vi.spyOn(fs, 'writeSync').mockImplementation(() => {
    throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  });
  const answers = await Promise.all([write('Full 1'), write('Full 2'), write('Full 3')]);
  full.mockRestore();
  return answers;
}

describe.each<[failure: string, fail: () => Promise<unknown>]>([
  ['exhausts its stack', exhaustStack],
  ['traps, its memory overwritten', damage(255)],
  ['traps, its memory empty', damage(0)],
  ['aborts, since the disk is full', fillDisk],
])('an engine that %s', (failure, fail) => {
  it('the engine is started again: requests in flight get 503, and acknowledged writes are there', async () => {
    const before = instances.length;
    expect((await write(`Before: ${failure}`)).body.errors).toBeUndefined();
    await fail();
    const names = Array.from({ length: 12 }, (_, index) => `During ${index}: ${failure}`);
    const answers = await Promise.all(names.map((name) => write(name)));
    expect(new Set(answers.map(({ status }) => status))).toContain(503);
    for (const answer of answers.filter(({ status }) => status !== 200)) {
      expect([answer.status, codesOf(answer)]).toEqual([503, ['SERVICE_UNAVAILABLE']]);
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
      expect(answer.text).not.toMatch(/memory|stack|abort|engine|ENOSPC/i);
    }
    expect(await statusOf('/livez')).toBe(200);
    await expectRecovery();
    expect(instances.length).toBe(before + 1);
    const kept = await Promise.all(names.map((name) => read(name)));
    const isThere = ({ body }: (typeof kept)[number]): boolean => (body.data?.['inventoryItem'] ?? null) !== null;
    expect(kept.map(isThere)).toEqual(answers.map(({ status }) => status === 200));
    expect(isThere(await read(`Before: ${failure}`))).toBe(true);
    expect((await tryToSignIn(app, 'developer')).status).toBe(200);
  });
});

describe('what depends on the engine', () => {
  it('subscriptions that may have missed an event are closed, and new ones are accepted', async () => {
    await write('Watched');
    const socket = await connectAs(app, 'SALES');
    socket.subscribe(InventoryChangedDocument, { name: 'Watched' });
    await untilOpen(app, 1);
    await exhaustStack();
    expect(await socket.closed).toEqual({ code: 1013, reason: expect.stringContaining('reconnect') });
    await expectRecovery();
    const again = await connectAs(app, 'SALES');
    const changes = again.subscribe(InventoryChangedDocument, { name: 'Watched' });
    await untilOpen(app, 1);
    await send(app, manager, UpdateInventoryItemDocument, { input: { name: 'Watched', data: { count: 2 } } });
    expect(await changes.data()).toMatchObject({ inventoryChanged: { kind: 'UPDATED', item: { data: { count: 2 } } } });
    await again.close();
  });

  it('transactions have the same rights as before', async () => {
    await expect(running().query('select * from credentials')).rejects.toThrow('permission denied');
  });

  it('work is refused while the engine cannot be started, and runs once it can', async () => {
    started.mockRejectedValueOnce(new Error('It does not start')).mockRejectedValueOnce(new Error('Nor now'));
    await exhaustStack();
    expect((await read('Watched')).status).toBe(503);
    await expectRecovery();
    expect((await read('Watched')).status).toBe(200);
    const failures = app.logged.filter(({ msg }) => String(msg).startsWith('The engine of the embedded database'));
    expect(failures.length).toBeGreaterThanOrEqual(3);
  });

  it('work is refused at once while the engine starts again', async () => {
    await exhaustStack();
    await expect(app.close()).resolves.toBeUndefined();
  });
});
