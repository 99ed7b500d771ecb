import { request } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { InventoryChangedDocument, DocumentChangedDocument } from '../generated/graphql.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { look } from '../support/rows.ts';
import { basic, signIn } from '../support/signed-in.ts';
import { addressOf, connect, type ConnectOptions, TestSocket, untilOpen } from './client.ts';

const FRIEND = 'https://console.example.com';

let app: TestApp;
let url: string;
beforeAll(async () => {
  app = await createTestApp({ environment: { CORS_ORIGINS: FRIEND } });
  url = await addressOf(app);
});
afterAll(() => app.close());

const tokenOf = (who: string): Promise<string> => app.as(who).token();

/** Tries to connect: `open` to whom inventory is, or `anonymous`; or why not. */
async function tryToConnect(options: ConnectOptions): Promise<string> {
  const socket = new TestSocket(url, options);
  let refusal: string | null = null;
  socket.socket.once('unexpected-response', (_request, response) => {
    refusal = String(response.statusCode);
    socket.socket.terminate();
  });
  if (!(await socket.hello(options.parameters))) {
    const { code, reason } = await socket.closed;
    return refusal ?? `${code} ${reason}`;
  }
  const { errors = [] } = await Promise.race([
    socket.subscribe(InventoryChangedDocument).answer(),
    untilOpen(app, 1).then(() => ({ errors: [] })),
  ]);
  await socket.close();
  await untilOpen(app, 0);
  return errors.length === 0 ? 'open' : String(errors[0]?.extensions?.['code']);
}

const parameters = async (who: string) => ({ parameters: { authorization: `Bearer ${await tokenOf(who)}` } });

/** The origin of the server's own pages. */
const own = (): string => url.replace('ws:', 'http:').replace('/graphql', '');

describe('a credential', () => {
  it.each<[string, () => Promise<ConnectOptions>, string]>([
    ['in what is said first', () => parameters('SALES'), 'open'],
    ['in another case', async () => ({ parameters: { Authorization: `bearer ${await tokenOf('SALES')}` } }), 'open'],
    ['in the header', async () => ({ headers: { authorization: `Bearer ${await tokenOf('SALES')}` } }), 'open'],
    ['that is Basic', async () => ({ headers: basic('sales') }), 'open'],
    ['that is missing', async () => ({}), 'UNAUTHENTICATED'],
    ['of another user', () => parameters('GUEST'), 'FORBIDDEN'],
    [
      'that is bad',
      async () => ({ parameters: { authorization: 'Bearer x' } }),
      '4401 The token is not valid: sign in again',
    ],
    [
      'that is a bad key',
      async () => ({ parameters: { authorization: 'Bearer rg_key_x' } }),
      '4401 The token is not valid: sign in again',
    ],
    [
      'that is a bad cookie',
      async () => ({ headers: { cookie: 'rolegate_session=x' } }),
      '4401 The session has ended: sign in again',
    ],
    [
      'of an unknown scheme',
      async () => ({ parameters: { authorization: 'Digest x' } }),
      '4400 The scheme of the Authorization header must be Bearer or Basic',
    ],
    [
      'twice',
      async () => ({ ...(await parameters('SALES')), headers: { authorization: `Bearer ${await tokenOf('SALES')}` } }),
      '4400 There are two Authorization headers: send one',
    ],
    [
      'that is no text',
      async () => ({ parameters: { authorization: ['Bearer x'] } }),
      '4400 The authorization must be a text',
    ],
    [
      'and a cookie of another user',
      async () => ({
        ...(await parameters('SALES')),
        headers: { cookie: (await signIn(app, 'admin', { cookie: true })).cookie ?? '' },
      }),
      '4400 The Authorization header and the session cookie are of different people: send one',
    ],
  ])('a connection is opened or refused by its credential: %s', async (_, prepare, outcome) => {
    expect(await tryToConnect(await prepare())).toBe(outcome);
  });

  it('a credential in the URL is not read', async () => {
    const token = await tokenOf('SALES');
    const socket = await connect(`${url}?access_token=${token}&authorization=Bearer%20${token}`);
    const { errors } = await socket.subscribe(InventoryChangedDocument).answer();
    expect(errors?.[0]?.extensions?.['code']).toBe('UNAUTHENTICATED');
    await socket.close();
  });
});

describe('a page of another origin', () => {
  let cookie: string;
  beforeEach(async () => {
    cookie = (await signIn(app, 'sales', { cookie: true })).cookie ?? '';
  });

  it.each<[string, () => Record<string, string>, string]>([
    ['may not use the cookie', () => ({ cookie, origin: 'https://evil.example.com' }), '403'],
    ['may not connect without one either', () => ({ origin: 'https://evil.example.com' }), '403'],
    ['that hides where it is from may not', () => ({ cookie, origin: 'null' }), '403'],
    ['that the browser calls foreign may not', () => ({ cookie, 'sec-fetch-site': 'cross-site' }), '403'],
    ['of the same name on another port may not', () => ({ cookie, origin: 'http://127.0.0.1:1' }), '403'],
    ['that is listed may', () => ({ cookie, origin: FRIEND }), 'open'],
    ['that is this server’s own may', () => ({ cookie, origin: own() }), 'open'],
    ['does not matter to programs', () => ({ cookie }), 'open'],
  ])('a page of another origin %s', async (_, headers, outcome) => {
    expect(await tryToConnect({ headers: headers() })).toBe(outcome);
  });
});

describe('the protocol', () => {
  it.each(['graphql-ws', 'something-else'])('the protocol %s is refused', async (protocol) => {
    const socket = new TestSocket(url, { protocol });
    expect((await socket.closed).code).toBe(1006); // the client finds its protocol missing from the answer
  });

  it.each<[string, (socket: TestSocket) => void, number]>([
    ['what is no JSON', (socket) => socket.socket.send('{'), 4400],
    ['what is no text', (socket) => socket.socket.send(Buffer.from([0, 1, 2])), 4400],
    ['what is no message', (socket) => socket.send({ type: 'hello' }), 4400],
    ['a second hello', (socket) => socket.send({ type: 'connection_init' }), 4429],
    ['one id twice', (socket) => [1, 2].forEach(() => socket.send(START)), 4409],
    ['a message that is too long', (socket) => socket.socket.send('x'.repeat(512 * 1024 + 1)), 1009],
  ])('a connection is closed for %s', async (_, act, code) => {
    const socket = await connect(url);
    act(socket);
    expect((await socket.closed).code).toBe(code);
  });

  const START = { id: 'x', type: 'subscribe', payload: { query: 'subscription { documentChanged { id } }' } };

  it('a connection without connection_init is closed', async () => {
    const socket = await connect(url, { hello: false });
    socket.send(START);
    expect((await socket.closed).code).toBe(4401);
  });

  it('a ping gets a pong', async () => {
    const socket = await connect(url);
    const pong = new Promise((resolve) => socket.socket.once('message', (data: Buffer) => resolve(data.toString())));
    socket.send({ type: 'ping' });
    expect(await pong).toBe('{"type":"pong"}');
    await socket.close();
  });
});

describe('an upgrade', () => {
  it.each([
    ['h2c', '/healthz', 200],
    ['websocket', '/healthz', 200],
    ['websocket', '/nowhere', 404],
  ])('an upgrade to %s of %s gets the answer of a request', async (protocol, path, status) => {
    const target = new URL(path, url.replace('ws:', 'http:'));
    const answer = await new Promise((resolve, reject) => {
      request(target, { headers: { connection: 'upgrade', upgrade: protocol } })
        .once('response', (response) => resolve(response.resume().statusCode))
        .once('error', reject)
        .end();
    });
    expect(answer).toBe(status);
  });
});

/** Returns the code and message with which the server refuses a subscription. */
async function refusalOf(query: string, variables: object = {}): Promise<unknown> {
  const socket = await connect(url, { parameters: { authorization: `Bearer ${await tokenOf('ADMIN')}` } });
  const [error] = await socket.subscribe(query, variables).errors();
  await socket.close();
  return `${String(error?.extensions?.['code'])}: ${error?.message}`;
}

describe('operations over a connection', () => {
  it.each<[string, string, object, RegExp]>([
    ['a query', '{ me { id } }', {}, /^BAD_REQUEST: Send queries and mutations over HTTP/],
    ['a mutation', 'mutation { logout }', {}, /^BAD_REQUEST: Send queries and mutations over HTTP/],
    ['introspection', '{ __schema { types { name } } }', {}, /^BAD_REQUEST: Send queries/],
    ['no GraphQL', 'subscription {', {}, /^GRAPHQL_PARSE_FAILED: Syntax Error/],
    [
      'too many words',
      `subscription { ${'a '.repeat(5_000)} }`,
      {},
      /^GRAPHQL_VALIDATION_FAILED: The document holds more/,
    ],
    ['no such field', 'subscription { nothing }', {}, /^GRAPHQL_VALIDATION_FAILED: Cannot query field "nothing"/],
    [
      'two at once',
      'subscription { documentChanged { id } inventoryChanged { name } }',
      {},
      /^GRAPHQL_VALIDATION_FAILED: .*must select only one top level field/,
    ],
    [
      'a condition',
      'subscription ($no: Boolean!) { ... { documentChanged @skip(if: $no) { id } } }',
      { no: true },
      /^GRAPHQL_VALIDATION_FAILED: The field of a subscription must not depend on/,
    ],
    [
      'too deep',
      `subscription { documentChanged { document { author { ${'account { users { nodes { '.repeat(5)} id ${'} } }'.repeat(5)} } } } }`,
      {},
      /^GRAPHQL_VALIDATION_FAILED: .*deep/,
    ],
    ['a text with NUL', 'subscription ($id: ID) { documentChanged(id: $id) { id } }', { id: '\0' }, /^BAD_USER_INPUT/],
  ])('a socket refuses %s', async (_, query, variables, refusal) => {
    expect(await refusalOf(query, variables)).toMatch(refusal);
  });

  it('a variable of another type is refused, and its value is not repeated', async () => {
    const socket = await connect(url);
    const subscription = socket.subscribe('subscription ($id: ID) { documentChanged(id: $id) { id } }', {
      id: ['s3cret'],
    });
    const { errors } = await subscription.answer();
    expect(errors).toEqual([
      expect.objectContaining({
        message: 'Variable "$id" is not valid: expected a value of type "ID".',
        extensions: { code: 'BAD_USER_INPUT' },
      }),
    ]);
    await socket.close();
  });

  it.each([
    'subscription { documentChanged { id } }',
    'subscription { inventoryChanged { name } }',
    'subscription ($no: Boolean!) { documentChanged @skip(if: $no) { id } }',
  ])('a subscription over HTTP is refused: %s', async (query) => {
    const { status, body } = await app.post({ query, variables: { no: true } });
    expect([status, body.errors?.[0]?.message]).toEqual([400, expect.stringMatching(/over WebSocket|@skip/)]);
  });

  it('a connection has at most 20 subscriptions', async () => {
    const socket = await connect(url);
    for (let count = 0; count < 20; count++) {
      socket.subscribe(DocumentChangedDocument);
    }
    await untilOpen(app, 20);
    const [error] = await socket.subscribe(DocumentChangedDocument).errors();
    expect(error?.extensions?.['code']).toBe('RATE_LIMITED');
    await socket.close();
    await untilOpen(app, 0);
  });

  it('a connection that sends 100 messages in a moment is closed', async () => {
    const socket = await connect(url);
    for (let count = 0; count < 100; count++) {
      socket.send({ type: 'ping' });
    }
    expect(await socket.closed).toEqual({ code: 4429, reason: 'Too many messages' });
  });
});

it('an address has at most 100 connections', async () => {
  const sockets = await Promise.all(Array.from({ length: 100 }, () => connect(url)));
  onTestFinished(() => sockets.forEach(({ socket }) => socket.terminate()));
  expect(app.liveCounts().sockets).toBe(100);
  expect(await tryToConnect({})).toBe('429');
  await sockets[0]?.close();
  expect(await tryToConnect({})).toBe('UNAUTHENTICATED');
});

describe('a schema for each viewer', () => {
  it('a hidden subscription gets the answer of one that does not exist, and is counted as a denial', async () => {
    const pruned = await createTestApp({ environment: { SCHEMA_VISIBILITY: 'role' } });
    onTestFinished(() => pruned.close());
    const socket = await connect(await addressOf(pruned), {
      parameters: { authorization: `Bearer ${await pruned.as('GUEST').token()}` },
    });
    const [hidden] = await socket.subscribe('subscription { inventoryChanged { name } }').errors();
    const [missing] = await socket.subscribe('subscription { inventoryChanges { name } }').errors();
    expect(JSON.stringify(hidden).replace('inventoryChanged', 'inventoryChanges')).toBe(JSON.stringify(missing));
    await pruned.audit.denials.flush('all');
    const sql = `select target_id as target from audit_events where action = 'access.denied' order by 1`;
    expect(await look(pruned, sql)).toEqual([
      { target: 'InventoryChange.name' },
      { target: 'Subscription.inventoryChanged' },
    ]);
    await socket.close();
  });
});
