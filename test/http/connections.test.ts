import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { startToyServer, type ToyOptions, type ToyServer } from '../support/toy-server.ts';

const BODY = '{"query":"{ hello }"}';
const POST = 'POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n';
const WHOLE = `${POST}content-length: ${BODY.length}\r\n\r\n${BODY}`;

/** Beginnings of a request that are never continued. */
const HALF_SENT = [
  ['nothing', ''],
  ['half a request line', 'POST /gra'],
  ['half a header', 'GET /healthz HTTP/1.1\r\nhost: x\r\nx-half: '],
  ['a header without its end', POST],
  ['half a body', `${POST}content-length: 100\r\n\r\n{"query":`],
  ['half a chunk', `${POST}transfer-encoding: chunked\r\n\r\nff\r\n{"query":`],
] as const;

async function portOf(server: ToyServer): Promise<number> {
  return Number(new URL(await server.http.listen({ port: 0, host: '127.0.0.1' })).port);
}

/** A connection whose client keeps its own side open whatever the server does. */
class Client {
  readonly socket: Socket;
  readonly closed: Promise<unknown>;
  received = '';

  private constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    this.socket.setEncoding('utf8').on('data', (text: string) => (this.received += text));
    this.socket.on('error', () => undefined);
    this.closed = once(this.socket, 'close');
    onTestFinished(() => void this.socket.destroy());
  }

  static async open(port: number, bytes = ''): Promise<Client> {
    const client = new Client(port);
    await once(client.socket, 'connect');
    client.socket.write(bytes);
    return client;
  }

  async receives(pattern: RegExp): Promise<void> {
    for (const until = performance.now() + 5_000; !pattern.test(this.received); await sleep(10)) {
      if (performance.now() > until) {
        throw new Error(`Nothing that matches ${String(pattern)} was received: ${this.received}`);
      }
    }
  }
}

/** The connections that the server holds open: the system's descriptors, not what clients believe. */
function openConnections({ http }: ToyServer): Promise<number> {
  return new Promise((resolve, reject) => {
    http.server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
  });
}

const SHORT: ToyOptions['server'] = { timeouts: { header: 200, arrival: 300, check: 50, keepAlive: 300, stall: 400 } };

describe('a request that does not arrive', () => {
  it.each(HALF_SENT)('a request that does not arrive gets 408, and its connection is closed: %s', async (_, bytes) => {
    const server = await startToyServer({ server: SHORT });
    const client = await Client.open(await portOf(server), bytes);
    await client.receives(/^HTTP\/1\.1 408 Request Timeout\r\n[^]*connection: close\r\n[^]*"BAD_REQUEST"/i);
    // The client does not close its side, and the descriptor is free all the same.
    await vi.waitFor(async () => expect(await openConnections(server)).toBe(0), 3_000);
  });

  it('many such requests hold no descriptor for long', async () => {
    const server = await startToyServer({ server: SHORT });
    const port = await portOf(server);
    await Promise.all(Array.from({ length: 100 }, (_, at) => Client.open(port, HALF_SENT[at % 6]?.[1])));
    await vi.waitFor(async () => expect(await openConnections(server)).toBe(0), 5_000);
  });

  it('a connection that does not speak HTTP is closed too', async () => {
    const server = await startToyServer();
    const client = await Client.open(await portOf(server), 'hello\r\n\r\n');
    await client.receives(/^HTTP\/1\.1 400 /);
    client.socket.write('and more');
    await vi.waitFor(async () => expect(await openConnections(server)).toBe(0), 3_000);
    expect(client.received.match(/HTTP\/1\.1/g)).toHaveLength(1);
  });
});

describe('a connection', () => {
  it('an idle connection is closed in time after a request, without a response', async () => {
    const server = await startToyServer({ server: SHORT });
    const client = await Client.open(await portOf(server), WHOLE);
    await client.receives(/"hello"/);
    const before = client.received;
    await vi.waitFor(async () => expect(await openConnections(server)).toBe(0), 5_000);
    expect(client.received).toBe(before);
  });

  it('a connection answers one request after the other, also pipelined', async () => {
    const server = await startToyServer();
    const client = await Client.open(await portOf(server), WHOLE.repeat(3));
    await vi.waitFor(() => expect(client.received.match(/"hello"}}/g)).toHaveLength(3));
    client.socket.write(WHOLE);
    await vi.waitFor(() => expect(client.received.match(/"hello"}}/g)).toHaveLength(4));
  });
});

describe('connections of one address that ask for nothing', () => {
  const limited = { config: { idleConnectionsPerAddress: 5 } };

  it('idle connections of one address are limited: the oldest are closed, whatever they have sent', async () => {
    const server = await startToyServer(limited);
    const port = await portOf(server);
    const idle = await Client.open(port, WHOLE);
    await idle.receives(/"hello"/);
    const answered = idle.received;
    const silent = await Promise.all(HALF_SENT.map(([, bytes]) => Client.open(port, bytes)));
    await sleep(50);
    const newest = await Promise.all([1, 2, 3, 4, 5].map(() => Client.open(port)));
    await vi.waitFor(async () => expect(await openConnections(server)).toBe(5), 4_000);
    const [first, ...others] = silent.map(({ received }) => received.slice(0, 12));
    expect([first, ...others]).toEqual(['', ...others.map(() => 'HTTP/1.1 408')]);
    expect(idle.received).toBe(answered);
    newest[0]?.socket.write(WHOLE);
    await newest[0]?.receives(/"hello"/);
  });

  it('connections that wait for an answer are not closed', async () => {
    const gate = Promise.withResolvers<object>();
    const server = await startToyServer({ ...limited, context: () => gate.promise });
    const port = await portOf(server);
    const asking = await Promise.all(Array.from({ length: 12 }, () => Client.open(port, WHOLE)));
    await sleep(1_600);
    expect(await openConnections(server)).toBe(12);
    gate.resolve({});
    await Promise.all(asking.map((client) => client.receives(/"hello"/)));
  });

  it('connections are not limited where the address is a trusted proxy', async () => {
    const server = await startToyServer({ config: { ...limited.config, trustProxy: ['127.0.0.1'] } });
    const port = await portOf(server);
    await Promise.all(Array.from({ length: 12 }, () => Client.open(port)));
    await sleep(1_600);
    expect(await openConnections(server)).toBe(12);
  });
});

describe('a server that closes', () => {
  it.each(HALF_SENT)('a closing server waits at most a second for a connection that has sent %s', async (_, bytes) => {
    const server = await startToyServer();
    const client = await Client.open(await portOf(server), bytes);
    await sleep(50);
    const since = performance.now();
    await server.http.close();
    expect(performance.now() - since).toBeLessThan(3_500);
    expect(client.received).toMatch(bytes === '' ? /^$/ : /^HTTP\/1\.1 408/);
  });

  it('a closing server waits for a request whose end is still on its way', async () => {
    const server = await startToyServer();
    const client = await Client.open(await portOf(server), WHOLE.slice(0, -5));
    await sleep(50);
    const closed = server.http.close();
    await sleep(100);
    client.socket.write(WHOLE.slice(-5));
    await client.receives(/connection: close[^]*"hello"/i);
    client.socket.end();
    expect(await closed).toBeUndefined();
  });

  it('a closing server does not wait for a client that does not read its response', async () => {
    const big = 'x'.repeat(1_000);
    const server = await startToyServer();
    server.http.get('/big', (_request, reply) => reply.send(big.repeat(30_000)));
    const client = await Client.open(await portOf(server));
    client.socket.pause();
    client.socket.write('GET /big HTTP/1.1\r\nhost: x\r\n\r\n');
    await sleep(200);
    const since = performance.now();
    await server.http.close();
    expect(performance.now() - since).toBeLessThan(6_000);
  });
});

describe('a server that is about to stop', () => {
  it('a server that will stop is not ready, is alive, answers, and closes each connection after its response', async () => {
    const stopping = new AbortController();
    const server = await startToyServer({ server: { stopping: stopping.signal } });
    const port = await portOf(server);
    const before = await Client.open(port, WHOLE);
    await before.receives(/connection: keep-alive[^]*"hello"/i);
    stopping.abort();
    const url = `http://127.0.0.1:${port}`;
    const ready = await fetch(`${url}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([503, { status: 'stopping' }]);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    const after = await Client.open(port, WHOLE);
    await after.receives(/connection: close[^]*"hello"/i);
    before.socket.write(WHOLE);
    await before.receives(/"hello"[^]*connection: close[^]*"hello"/i);
  });
});
