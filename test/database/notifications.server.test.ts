import { afterAll, beforeAll, expect, it } from 'vitest';
import { listenToServer } from '../../src/database/notifications.ts';
import { createServerDatabase, type ServerDatabase } from '../support/database.ts';

let database: ServerDatabase;
let other: ServerDatabase;

beforeAll(async () => {
  [database, other] = [await createServerDatabase(), await createServerDatabase()];
});
afterAll(async () => {
  await database.drop();
  await other.drop();
});

/** Listens for a moment, and returns what the listener was called with. */
async function heard(url: string, notifyUrl: string): Promise<string[]> {
  const calls: string[] = [];
  const stop = await listenToServer(
    url,
    notifyUrl,
  )({
    onCommit: () => void calls.push('commit'),
    onUp: () => void calls.push('up'),
    onDown: (error) => void calls.push(String(error)),
  });
  await stop();
  return calls;
}

it('the heartbeat crosses from the connection of transactions to the one that listens', async () => {
  expect(await heard(database.url, database.url)).toEqual(['up']);
});

it('a listener on another database than the one that is written to is not up', async () => {
  const calls = await heard(other.url, database.url);
  expect(calls).toEqual(['Error: Notifications do not arrive: LISTEN needs a direct connection (DATABASE_LISTEN_URL)']);
});

it('a listener is not up while the database that is written to cannot be reached', async () => {
  const away = new URL(database.url);
  away.port = '1';
  const [call, ...more] = await heard(database.url, away.href);
  expect(call).toContain('ECONNREFUSED');
  expect(more).toEqual([]);
});
