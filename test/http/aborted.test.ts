import { type AddressInfo, connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ApolloServerPlugin, type GraphQLRequestContext, type GraphQLResponse, HeaderMap } from '@apollo/server';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createRegistry } from '../../src/http/metrics.ts';
import { createTestApp } from '../support/app.ts';
import { startToyServer, type ToyServer } from '../support/toy-server.ts';
import { get, HELLO } from './toy-requests.ts';

const MIXED = 'accept: multipart/mixed; deferSpec=20220824, application/json\r\n';

const bodyOf = (query: string): string => JSON.stringify({ query });

function headOf(body: string, more = ''): string {
  const length = `content-length: ${Buffer.byteLength(body)}\r\n`;
  return `POST /graphql HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n${length}${more}\r\n`;
}

async function open({ http }: Pick<ToyServer, 'http'>): Promise<Socket> {
  if (!http.server.listening) {
    await http.listen({ port: 0, host: '127.0.0.1' });
  }
  const socket = connect((http.server.address() as AddressInfo).port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  return socket.on('error', () => undefined).resume();
}

/** A point in the execution that a test waits for, and one that waits for the test. */
class Gate {
  readonly reached = Promise.withResolvers<void>();
  readonly opened = Promise.withResolvers<void>();

  async pass(): Promise<void> {
    this.reached.resolve();
    await this.opened.promise;
  }
}

/** A server whose field `hello` waits for the test, and everything that is heard of its requests. */
async function startWaiting(hasPlugin: boolean) {
  const heard: string[] = [];
  const gates: Gate[] = [];
  const plugin: ApolloServerPlugin<object> = {
    requestDidStart: async () => ({
      didResolveOperation: async () => void heard.push('resolved operation'),
      executionDidStart: async () => ({ executionDidEnd: async () => void heard.push('executed') }),
      willSendResponse: async () => void heard.push('will send'),
    }),
  };
  const finish = (): void => void heard.push('finished');
  const toy = await startToyServer({ server: { finish, plugins: hasPlugin ? [plugin] : [] } });
  const registry = createRegistry(toy.http, []);
  await toy.query(HELLO);
  const { hello } = toy.schema.getQueryType()?.getFields() ?? {};
  Object.assign(hello ?? {}, { resolve: () => gates.shift()?.pass() });
  heard.length = 0;
  toy.logged.length = 0;
  return { ...toy, heard, gates, registry };
}

const HOOKS = ['resolved operation', 'executed', 'will send'];

const LEAVING: readonly [string, (socket: Socket) => unknown][] = [
  ['closes its connection', (socket) => socket.destroy()],
  ['resets its connection', (socket) => socket.resetAndDestroy()],
];

describe.each([true, false])('a client leaves, with a plugin: %s', (hasPlugin) => {
  it.each(LEAVING)('an operation is executed to its end when its client %s', async (_, leave) => {
    const server = await startWaiting(hasPlugin);
    const rejections: unknown[] = [];
    const note = (error: unknown): void => void rejections.push(error);
    process.on('unhandledRejection', note);
    onTestFinished(() => void process.off('unhandledRejection', note));
    const gate = new Gate();
    server.gates.push(gate);
    const socket = await open(server);
    const body = bodyOf(HELLO);
    socket.write(headOf(body) + body);
    await gate.reached.promise;
    leave(socket);
    await vi.waitFor(() => expect(server.logged.at(-1)).toMatchObject({ msg: 'aborted by the client' }));
    expect(server.heard).not.toContain('finished');
    gate.opened.resolve();
    await vi.waitFor(() => expect(server.heard).toEqual([...(hasPlugin ? HOOKS : []), 'finished']));
    expect(await server.registry.metrics()).toContain('status="aborted"} 1');
    expect((await server.query(HELLO)).body).toEqual({ data: { hello: null } });
    const lines = server.logged.filter(({ method }) => method === 'POST');
    expect(lines).toMatchObject([
      { level: 30, msg: 'aborted by the client', path: '/graphql', requestId: expect.any(String) },
      { level: 30, msg: 'answered', status: 200 },
    ]);
    expect(lines[0]).not.toHaveProperty('status');
    expect(rejections).toEqual([]);
  });

  it.each(LEAVING)('nothing is executed when a client %s before its body is complete', async (_, leave) => {
    const server = await startWaiting(hasPlugin);
    const socket = await open(server);
    const body = bodyOf(HELLO);
    socket.write(headOf(body) + body.slice(0, 5));
    await sleep(50);
    leave(socket);
    await vi.waitFor(() => expect(server.logged.at(-1)).toMatchObject({ msg: 'aborted by the client' }));
    expect(server.heard).toEqual([]);
    expect(server.logged.filter(({ level }) => Number(level) > 30)).toEqual([]);
  });

  it('an answered request is logged once, and its connection takes the next one', async () => {
    const server = await startWaiting(hasPlugin);
    const socket = await open(server);
    let text = '';
    socket.on('data', (chunk) => (text += String(chunk)));
    for (const time of [1, 2, 3]) {
      socket.write(headOf(bodyOf(HELLO)) + bodyOf(HELLO));
      await vi.waitFor(() => expect(text.match(/\{"data":\{"hello":null\}\}/g)).toHaveLength(time));
    }
    socket.destroy();
    await sleep(50);
    const lines = server.logged.filter(({ method }) => method === 'POST').map(({ msg }) => msg);
    expect(lines).toEqual(['answered', 'answered', 'answered']);
  });
});

/** A server whose plugin answers in parts, each of which the test lets pass. */
async function startStreaming(deadlineMs?: number) {
  const heard: string[] = [];
  const gates = [new Gate(), new Gate()];
  async function* parts(): AsyncGenerator<never> {
    try {
      for (const [index, gate] of gates.entries()) {
        await gate.pass();
        heard.push(`part ${index}`);
        yield { hasNext: index < gates.length - 1 } as never;
      }
    } finally {
      heard.push('closed');
    }
  }
  const body = (): GraphQLResponse['body'] => ({
    kind: 'incremental',
    initialResult: { data: { hello: 'hello' }, hasNext: true },
    subsequentResults: parts(),
  });
  const responseForOperation = async () => {
    await sleep(deadlineMs === undefined ? 0 : 2 * deadlineMs);
    return { http: { headers: new HeaderMap() }, body: body() };
  };
  const requestDidStart = async ({ request }: GraphQLRequestContext<object>) => {
    request.query ??= HELLO; // a visit has none
    return { responseForOperation };
  };
  const plugins: ApolloServerPlugin<object>[] = [{ requestDidStart }];
  const finish = (): void => void heard.push('finished');
  const toy = await startToyServer({ server: { plugins, finish, ...(deadlineMs !== undefined && { deadlineMs }) } });
  return { ...toy, heard, gates };
}

describe('an answer in parts', () => {
  it('an operation is finished after its last part, since each may read', async () => {
    const server = await startStreaming();
    const socket = await open(server);
    socket.write(headOf(bodyOf(HELLO), MIXED) + bodyOf(HELLO));
    await server.gates[0]?.reached.promise;
    await sleep(20);
    expect(server.heard).toEqual([]);
    server.gates.forEach(({ opened }) => opened.resolve());
    await vi.waitFor(() => expect(server.heard).toEqual(['part 0', 'part 1', 'closed', 'finished']));
  });

  it('an operation is finished, and its parts closed, when the client leaves between them', async () => {
    const server = await startStreaming();
    const socket = await open(server);
    socket.write(headOf(bodyOf(HELLO), MIXED) + bodyOf(HELLO));
    server.gates[0]?.opened.resolve();
    await server.gates[1]?.reached.promise;
    socket.destroy();
    await vi.waitFor(() => expect(server.logged.at(-1)).toMatchObject({ msg: 'aborted by the client', status: 200 }));
    server.gates[1]?.opened.resolve();
    await vi.waitFor(() => expect(new Set(server.heard)).toEqual(new Set(['part 0', 'part 1', 'closed', 'finished'])));
    expect(server.heard.filter((word) => word === 'finished')).toHaveLength(1);
  });

  it('an operation whose parts come after the deadline is finished', async () => {
    const server = await startStreaming(20);
    expect((await server.query(HELLO, {}, { accept: 'multipart/mixed; deferSpec=20220824' })).status).toBe(503);
    await vi.waitFor(() => expect(server.heard).toEqual(['finished']));
  });

  it('an operation whose parts a visitor is not sent is finished', async () => {
    const server = await startStreaming();
    const accept = 'text/html, multipart/mixed; deferSpec=20220824';
    const { statusCode, headers } = await get(server, '/graphql', { accept, 'apollo-require-preflight': '1' });
    expect([statusCode, headers.location]).toEqual([303, '/']);
    await vi.waitFor(() => expect(server.heard).toEqual(['finished']));
  });
});

it('clients that leave while rows are read keep no connection and no transaction', async () => {
  const app = await createTestApp();
  onTestFinished(() => app.close());
  const token = await app.as('ADMIN').token();
  await app.http.listen({ port: 0, host: '127.0.0.1' });
  const query = '{ users(first: 20) { totalCount nodes { username } } accounts(first: 5) { nodes { name } } }';
  const answer = await app.as('ADMIN').request(query);
  for (const wait of [0, 1, 2, 3, 5, 8, 13]) {
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        const socket = await open(app);
        socket.write(headOf(bodyOf(query), `authorization: Bearer ${token}\r\n`) + bodyOf(query));
        await sleep(wait);
        socket.resetAndDestroy();
      }),
    );
  }
  expect((await app.as('ADMIN').request(query)).text).toBe(answer.text);
  expect(app.logged.filter(({ level }) => Number(level) > 30)).toEqual([]);
});
