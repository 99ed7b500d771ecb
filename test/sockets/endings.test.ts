import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  AddInventoryItemDocument,
  ChangePasswordDocument,
  CreateApiKeyDocument,
  DocumentChangedDocument,
  InventoryChangedDocument,
  LogoutDocument,
  RevokeApiKeyDocument,
} from '../generated/graphql.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { change, changeAccess, somethingElseChanges, userId } from '../support/rows.ts';
import { ask, bearer, type Headers, passwordOf, signIn } from '../support/signed-in.ts';
import { addressOf, closingOf, connect, connectAs, type TestSocket, untilOpen } from './client.ts';

let app: TestApp;
let url: string;
beforeAll(async () => {
  app = await createTestApp();
  url = await addressOf(app);
});
afterAll(() => app.close());
beforeEach(() => change(app, 'update users set active = true'));

const connectWith = ({ authorization = '' }: Headers): Promise<TestSocket> =>
  connect(url, { parameters: { authorization } });

interface Credential {
  readonly socket: TestSocket;
  readonly end: () => Promise<unknown>;
}

/** Everything that ends a credential. */
const endings: readonly [string, () => Promise<Credential>][] = [
  [
    'logging out',
    async () => {
      const { headers } = await signIn(app, 'sales');
      return { socket: await connectWith(headers), end: () => ask(app, headers, LogoutDocument) };
    },
  ],
  [
    'logging out of a session in a cookie',
    async () => {
      const { headers, cookie } = await signIn(app, 'sales', { cookie: true });
      const socket = await connect(url, { headers: { cookie: cookie ?? '' } });
      return { socket, end: () => ask(app, headers, LogoutDocument) };
    },
  ],
  [
    'disabling the user',
    async () => {
      const { headers } = await signIn(app, 'sales');
      const id = await userId(app, 'sales');
      return {
        socket: await connectWith(headers),
        end: () => changeAccess(app, 'update users set active = false where id = ?', id),
      };
    },
  ],
  [
    'changing the password elsewhere',
    async () => {
      const [{ headers }, elsewhere] = [await signIn(app, 'sales'), await signIn(app, 'sales')];
      const [current, next] = [passwordOf('sales'), 'a quiet wooden bridge'];
      return {
        socket: await connectWith(headers),
        end: () => ask(app, elsewhere.headers, ChangePasswordDocument, { current, next }),
      };
    },
  ],
  [
    'revoking the API key',
    async () => {
      const { headers } = await signIn(app, 'warehouse');
      const { createApiKey } = await ask(app, headers, CreateApiKeyDocument, {
        input: { name: 'machine', roles: ['SALES'] },
      });
      const id = createApiKey?.apiKey?.id ?? '';
      const socket = await connectWith(bearer(createApiKey?.key ?? ''));
      return { socket, end: () => ask(app, headers, RevokeApiKeyDocument, { id }) };
    },
  ],
  [
    'the end of the access token',
    async () => {
      const { headers } = await signIn(app, 'warehouse');
      return { socket: await connectWith(headers), end: async () => app.clock.advance(15 * 60) };
    },
  ],
];

describe('the end of a session', () => {
  it.each(endings)('an idle connection is closed within a second by %s', async (_, prepare) => {
    const { socket, end } = await prepare();
    const changes = socket.subscribe(InventoryChangedDocument);
    await untilOpen(app, 1);
    await somethingElseChanges(app);
    await end();
    const { code, reason, after } = await closingOf(socket);
    expect([code, reason]).toEqual([4401, expect.stringMatching(/sign in again/)]);
    expect(after).toBeLessThan(1_000);
    expect([changes.unread, changes.isComplete]).toEqual([0, false]);
    await untilOpen(app, 0);
  });
});

/** Revokes a role of a user. */
const take = (role: string, username: string) =>
  changeAccess(
    app,
    'delete from role_assignments where role = ? and user_id = (select id from users where username = ?)',
    role,
    username,
  );

describe('a role that is taken away', () => {
  it('its subscriptions end within a second, and the others stay', async () => {
    const socket = await connectAs(app, 'MANAGER');
    const [stock, documents] = [socket.subscribe(InventoryChangedDocument), socket.subscribe(DocumentChangedDocument)];
    await untilOpen(app, 2);
    const since = performance.now();
    await take('MANAGER', 'manager');
    const { data, errors } = await stock.answer();
    await stock.complete();
    expect(performance.now() - since).toBeLessThan(1_000);
    expect([data, errors?.map(({ extensions }) => extensions)]).toEqual([
      undefined,
      [{ code: 'FORBIDDEN', coordinate: 'Subscription.inventoryChanged' }],
    ]);
    await untilOpen(app, 1);
    expect(documents.isComplete).toBe(false);
    await socket.close();
    await untilOpen(app, 0);
  });

  it('the next event is not sent', async () => {
    const socket = await connectAs(app, 'WAREHOUSE');
    const stock = socket.subscribe(InventoryChangedDocument);
    await untilOpen(app, 1);
    await take('WAREHOUSE', 'warehouse');
    const input = { name: 'Hammer', data: { count: 1 } };
    await app.as('ADMIN').query(AddInventoryItemDocument, { input }).data();
    const { data, errors } = await stock.answer();
    await stock.complete();
    expect([data, errors?.[0]?.extensions?.['code']]).toEqual([undefined, 'FORBIDDEN']);
    expect(stock.unread).toBe(0);
    await socket.close();
    await untilOpen(app, 0);
  });
});

it('changes of access do not affect anonymous connections', async () => {
  const socket = await connectAs(app, 'ANONYMOUS');
  const documents = socket.subscribe(DocumentChangedDocument);
  await untilOpen(app, 1);
  await somethingElseChanges(app);
  app.clock.advance(365 * 24 * 3_600);
  await new Promise((resolve) => {
    setTimeout(resolve, 300);
  });
  expect([app.liveCounts().subscriptions, documents.isComplete]).toEqual([1, false]);
  await socket.close();
});
