import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { Refused, Session } from '../../examples/typed-client/client.ts';
import { ChangesDocument, SellDocument, StackDocument } from '../../examples/typed-client/generated/graphql.ts';
import { run } from '../../examples/typed-client/program.ts';
import { createTestApp, type TestApp } from '../support/app.ts';

let app: TestApp;
let url: string;
beforeAll(async () => {
  app = await createTestApp();
  await app.http.listen({ host: '127.0.0.1', port: 0 });
  url = `http://127.0.0.1:${(app.http.server.address() as AddressInfo).port}/graphql`;
});
afterAll(() => app.close());

const QUARTER_OF_AN_HOUR = 15 * 60;

it('the client signs in, pages, is refused, refreshes an expired token, writes with versions, and subscribes', async () => {
  const lines: string[] = [];
  await run(url, (line) => {
    lines.push(line);
    if (line.startsWith('There are')) {
      app.clock.advance(QUARTER_OF_AN_HOUR + 1);
    }
  });
  expect(lines).toEqual([
    'Signed in as manager',
    'accounts is denied to managers',
    'There are 62 items on 4 pages',
    'Version 1 was stale: read 2, wrote 3',
    'Received 3 sales as they happened',
    'The access token was refreshed 1 times',
    'Signed out',
  ]);
});

it('the client distinguishes wrong passwords and denied fields by their codes', async () => {
  const wrong = Session.open(url, 'manager', 'not the password of anybody');
  await expect(wrong).rejects.toSatisfy((error) => Refused.is(error, 'UNAUTHENTICATED'));
  const guest = await Session.open(url, 'guest', 'rolegate-demo-guest');
  const closed = guest.run(StackDocument, { name: 'Anything', data: { count: 1 } });
  await expect(closed).rejects.toSatisfy((error) => Refused.is(error, 'FORBIDDEN'));
  await expect(closed).rejects.toThrow('addInventoryItem: Permission denied (FORBIDDEN)');
});

it('the client refreshes once for all requests that find the token expired at the same time', async () => {
  const session = await Session.open(url, 'manager', 'rolegate-demo-manager');
  app.clock.advance(QUARTER_OF_AN_HOUR + 1);
  const names = ['One', 'Two', 'Three'];
  await Promise.all(names.map((name) => session.run(StackDocument, { name, data: { count: 1 } })));
  expect(session.refreshed).toBe(1);
});

it('the client connects again for a subscription whose access token has expired', async () => {
  const session = await Session.open(url, 'manager', 'rolegate-demo-manager');
  app.clock.advance(QUARTER_OF_AN_HOUR + 1);
  const changes = session.subscribe(ChangesDocument, { name: 'Four' });
  const first = changes.next();
  await vi.waitUntil(() => session.refreshed === 1);
  const other = await Session.open(url, 'manager', 'rolegate-demo-manager');
  await other.run(StackDocument, { name: 'Four', data: { count: 9 } });
  const selling = setInterval(() => void other.run(SellDocument, { name: 'Four', by: -1 }), 100);
  expect(await first).toMatchObject({
    done: false,
    value: { inventoryChanged: { item: { data: expect.anything() } } },
  });
  clearInterval(selling);
  await changes.return();
});
