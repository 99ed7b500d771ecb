import { once } from 'node:events';
import { connect } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { GraphQLSchema } from 'graphql';
import { describe, expect, it } from 'vitest';
import { startToyServer, type ToyServer } from '../support/toy-server.ts';
import { get, HELLO, JSON_TYPE, post } from './toy-requests.ts';

async function sizeOf({ headers }: FastifyRequest): Promise<{ size: string }> {
  return { size: String(headers['x-size']) };
}

async function hsts(config: object, headers = {}): Promise<unknown> {
  return (await get(await startToyServer({ config }), '/healthz', headers)).headers['strict-transport-security'];
}

async function listen(server: ToyServer): Promise<{ port: number; url: string }> {
  const url = await server.http.listen({ port: 0, host: '127.0.0.1' });
  return { port: Number(new URL(url).port), url };
}

/** Sends bytes as they are, and reads until the server closes. */
async function talk(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.end(bytes);
  return (await socket.setEncoding('utf8').toArray()).join('');
}

describe('headers', () => {
  it.each(['/graphql', '/healthz', '/livez', '/readyz', '/version', '/nowhere', '/graphql%zz'])(
    'the response at %s is not sniffed, framed, cached or leaked',
    async (url) => {
      const server = await startToyServer();
      expect((await get(server, url)).headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'cache-control': 'no-store',
        'x-request-id': expect.stringMatching(/^[\w.-]{8,64}$/),
      });
    },
  );

  it('a request with two hosts is refused', async () => {
    const { port } = await listen(await startToyServer());
    const ask = (...hosts: string[]): Promise<string> =>
      talk(port, `GET /graphql?query={__typename} HTTP/1.1\r\n${hosts.map((host) => `${host}\r\n`).join('')}\r\n`);
    expect(await ask('Host: a.example', 'apollo-require-preflight: 1', 'connection: close')).toMatch(/^HTTP\/1.1 200 /);
    for (const second of ['Host: a.example', 'host: b.example']) {
      const answer = await ask('Host: a.example', second, 'apollo-require-preflight: 1', 'connection: close');
      expect(answer).toMatch(/^HTTP\/1.1 400 [^]*The header \\"Host\\" is not valid/);
    }
  });

  it('browsers are told to remember https only where it is served', async () => {
    expect(await hsts({})).toBeUndefined();
    expect(await hsts({}, { 'x-forwarded-proto': 'https' })).toBeUndefined();
    expect(await hsts({ production: true })).toBe('max-age=31536000');
    expect(await hsts({ publicUrl: 'https://api.example' })).toBe('max-age=31536000');
    expect(await hsts({ trustProxy: ['127.0.0.1'] }, { 'x-forwarded-proto': 'https' })).toBe('max-age=31536000');
  });

  it.each([
    ['abcd-1234.ef_5', true],
    ['short', false],
    ['x'.repeat(65), false],
    ['with blank inside', false],
    ['"><script>', false],
    ['a\tb-cdefgh', false],
  ])('the id "%s" of X-Request-Id is used: %s', async (id, isTaken) => {
    const server = await startToyServer();
    const answer = await get(server, '/healthz', { 'x-request-id': id });
    expect(answer.headers['x-request-id'] === id).toBe(isTaken);
  });

  it('forwarded addresses count only from proxies that are trusted', async () => {
    const seen: string[] = [];
    const context = async (request: FastifyRequest) => {
      seen.push(request.ip);
      return {};
    };
    const forwarded = { ...JSON_TYPE, 'x-forwarded-for': '203.0.113.7, 10.1.2.3' };
    for (const trustProxy of [[], ['127.0.0.1'], ['127.0.0.1', '10.0.0.0/8'], ['10.0.0.0/8']]) {
      await post(
        await startToyServer({ context, config: { trustProxy } }),
        JSON.stringify({ query: HELLO }),
        forwarded,
      );
    }
    expect(seen).toEqual(['127.0.0.1', '10.1.2.3', '203.0.113.7', '127.0.0.1']);
  });

  it.each(['a b', '[', 'x:y', 'exa%mple', '@'])('the host %s is refused', async (host) => {
    const answer = await post(await startToyServer(), JSON.stringify({ query: HELLO }), { ...JSON_TYPE, host });
    expect(answer.statusCode).toBe(400);
  });
});

describe('the log', () => {
  it('the log has one line for each request, without query string, headers or body', async () => {
    const server = await startToyServer();
    const secret = 'hunter2-secret';
    await get(server, `/graphql?query={hello}&token=${secret}&access_token=${secret}`, {
      authorization: `Bearer ${secret}`,
    });
    await post(server, JSON.stringify({ query: `{ hello(name: "${secret}") }`, variables: { secret } }));
    await post(server, `{"query": ${secret}`);
    await get(server, `/${secret}`);
    expect(server.logged.map(({ msg, method, path, status }) => [msg, method, path, status])).toEqual([
      ['answered', 'GET', '/graphql', 200],
      ['answered', 'POST', '/graphql', 200],
      ['answered', 'POST', '/graphql', 400],
      ['answered', 'GET', 'unknown path', 404],
    ]);
    expect(JSON.stringify(server.logged)).not.toContain(secret);
  });

  it('the log has no line for a request if that is configured', async () => {
    const server = await startToyServer({ config: { accessLog: false } });
    await get(server, '/livez');
    expect(server.logged).toEqual([]);
  });

  it('requests share one logger', async () => {
    const server = await startToyServer();
    const seen = new Set<unknown>();
    server.http.addHook('onRequest', (request, _reply, done) => {
      seen.add(request.log);
      done();
    });
    await get(server, '/livez');
    await get(server, '/livez');
    expect(seen.size).toBe(1);
  });

  const [trace, span] = ['4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7'];

  it.each([`00-${trace}-${span}-01`, `00-${trace}-${span}-00`, `01-${trace}-${span}-01-more`])(
    'the log names the trace of traceparent: %s',
    async (traceparent) => {
      const server = await startToyServer();
      await get(server, '/livez', { traceparent });
      expect(server.logged).toMatchObject([{ trace_id: trace, parent_span_id: span }]);
    },
  );

  it.each([
    '',
    'hunter2',
    `ff-${trace}-${span}-01`,
    `00-${trace.toUpperCase()}-${span}-01`,
    `00-${'0'.repeat(32)}-${span}-01`,
    `00-${trace}-${'0'.repeat(16)}-01`,
    `00-${trace}-${span}`,
    `00-${trace}-${span}-01x`,
    `0-${trace}-${span}-01`,
  ])('the log names no trace for the traceparent %j', async (traceparent) => {
    const server = await startToyServer();
    await get(server, '/livez', { traceparent });
    expect(server.logged).toHaveLength(1);
    expect(server.logged[0]).not.toHaveProperty('trace_id');
  });
});

describe('probes', () => {
  it('the liveness probe succeeds, whatever the process depends on', async () => {
    const server = await startToyServer({ server: { ready: () => Promise.reject(new Error('down')) } });
    for (const path of ['/healthz', '/livez']) {
      expect(await get(server, path)).toMatchObject({ statusCode: 200, headers: { 'cache-control': 'no-store' } });
    }
  });

  it('the probes state the release', async () => {
    const answer = await get(await startToyServer({ server: { version: '1.2.3' } }), '/version');
    expect(answer).toMatchObject({ statusCode: 200, headers: { 'cache-control': 'no-store' } });
    expect(answer.json()).toEqual({ version: '1.2.3' });
  });

  it.each([
    ['yes', async () => true, 200],
    ['no', async () => false, 503],
    ['an error', () => Promise.reject(new Error('down')), 503],
    [
      'an error at once',
      () => {
        throw new Error('down');
      },
      503,
    ],
    ['no answer', () => new Promise<boolean>(() => undefined), 503],
  ])('the readiness probe says if the server can answer: %s', async (_, ready, status) => {
    const answer = await get(await startToyServer({ server: { ready } }), '/readyz');
    expect(answer.statusCode).toBe(status);
    expect(answer.body).not.toContain('down');
  });
});

describe('a schema for each viewer', () => {
  it('each viewer gets the schema that belongs to them', async () => {
    const [small, large] = [await startToyServer(), await startToyServer()];
    const schemas: Record<string, GraphQLSchema> = {
      small: new GraphQLSchema({ ...small.schema.toConfig(), mutation: null }),
      large: large.schema,
    };
    const fallback = small.schema;
    const server = await startToyServer({
      context: sizeOf,
      schema: (viewer) => ('size' in viewer ? schemas[String(viewer.size)] : undefined) ?? fallback,
    });
    const mutation = 'mutation { login(login: "a", password: "b") }';
    for (const [size, status] of [
      ['small', 400],
      ['large', 200],
      ['small', 400],
    ] as const) {
      expect((await server.query(mutation, {}, { 'x-size': size })).status).toBe(status);
    }
  });
});

describe('on a real connection', () => {
  it.each([
    ['no HTTP', 'hello\r\n\r\n', '400'],
    ['a header without end', `GET / HTTP/1.1\r\nhost: x\r\nx: ${'x'.repeat(40_000)}\r\n\r\n`, '431'],
    ['two lengths', 'POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}', '400'],
    [
      'length and chunks',
      'POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
      '400',
    ],
    ['no host', 'GET /healthz HTTP/1.1\r\n\r\n', '400'],
  ])('a request with %s gets an error', async (_, bytes, status) => {
    const { port } = await listen(await startToyServer());
    expect(await talk(port, bytes)).toMatch(new RegExp(`^HTTP/1\\.1 ${status}`));
  });

  it('a silent connection, as browsers open in advance, does not keep the server from closing', async () => {
    const server = await startToyServer();
    const { port } = await listen(server);
    const silent = connect(port, '127.0.0.1');
    await once(silent, 'connect');
    await talk(port, 'GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n'); // by then the other one was accepted
    const ended = once(silent, 'close');
    await server.http.close();
    await ended;
    expect(silent.bytesRead).toBe(0);
  });

  it('every connection that was established before the listener closes gets its answer', async () => {
    const server = await startToyServer();
    const { port } = await listen(server);
    await talk(port, 'GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n');
    const answers = Array.from({ length: 40 }, () => talk(port, 'GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n'));
    const closed = server.http.close(); // Node accepts one of them in a turn of its event loop
    expect((await Promise.all(answers)).filter((answer) => !answer.startsWith('HTTP/1.1 200'))).toEqual([]);
    await closed;
  });

  it('a request in flight is finished while the server closes', async () => {
    const started = Promise.withResolvers<void>();
    const finish = Promise.withResolvers<object>();
    const server = await startToyServer({
      context: async () => {
        started.resolve();
        return finish.promise;
      },
    });
    const { url } = await listen(server);
    const answer = fetch(`${url}/graphql`, {
      method: 'POST',
      headers: JSON_TYPE,
      body: JSON.stringify({ query: HELLO }),
    });
    await started.promise;
    const closed = server.http.close();
    finish.resolve({});
    expect(await (await answer).json()).toEqual({ data: { hello: 'hello' } });
    await closed;
  });
});
