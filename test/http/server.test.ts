import { once } from 'node:events';
import { connect } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import type { FastifyRequest } from 'fastify';
import { getIntrospectionQuery, GraphQLSchema } from 'graphql';
import { describe, expect, it, vi } from 'vitest';
import { BadRequest, HttpRefusal, RateLimited, ServiceUnavailable } from '../../src/lib/errors.ts';
import { startToyServer, type ToyOptions, type ToyServer } from '../support/toy-server.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const HELLO = '{ hello }';

interface ErrorBody {
  data?: unknown;
  errors: { message: string; extensions: Record<string, unknown> }[];
}

function post(server: ToyServer, payload: string | Buffer, headers: Record<string, string> = JSON_TYPE) {
  return server.http.inject({ method: 'POST', url: '/graphql', headers, payload });
}

function get(server: ToyServer, url: string, headers: Record<string, string> = {}) {
  return server.http.inject({ method: 'GET', url, headers });
}

/** A server that answers no request, for this reason. */
async function refusing(error: Error): Promise<ToyServer> {
  return startToyServer({
    context: async () => {
      throw error;
    },
  });
}

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

/** A server whose requests wait until they are let go. */
async function startWaiting(server: ToyOptions['server']) {
  const gate = Promise.withResolvers<object>();
  return { gate, server: await startToyServer({ context: () => gate.promise, ...(server && { server }) }) };
}

describe('a request that is refused before its document is looked at', () => {
  const expired = new HttpRefusal({
    status: 401,
    code: 'UNAUTHENTICATED',
    message: 'The token has expired.',
    headers: { 'www-authenticate': 'Bearer error="invalid_token"', 'set-cookie': 'rolegate_session=; Max-Age=0' },
    cause: new Error('exp'),
  });

  it.each([
    ['a query', { query: HELLO }],
    ['a mutation', { query: 'mutation { login(login: "a", password: "b") }' }],
    ['introspection', { query: getIntrospectionQuery() }],
    ['a document with errors', { query: '{ nope' }],
    ['an empty document', { query: '' }],
    ['a batch', [{ query: HELLO }]],
    ['nothing that is GraphQL', { hello: 1 }],
    ['a hostile document', { query: `{ ${'hello '.repeat(3000)} }` }],
  ])('is answered alike for %s', async (_, payload) => {
    const server = await refusing(expired);
    const answer = await server.http.inject({ method: 'POST', url: '/graphql', payload });
    expect(answer.statusCode).toBe(401);
    expect(answer.headers).toMatchObject({
      'www-authenticate': 'Bearer error="invalid_token"',
      'set-cookie': 'rolegate_session=; Max-Age=0',
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
    });
    expect(answer.json()).toEqual({
      errors: [{ message: 'The token has expired.', extensions: { code: 'UNAUTHENTICATED' } }],
    });
    expect(server.resolved).toEqual([]);
  });

  it('is answered alike over GET, and in the media type that was asked for', async () => {
    const server = await refusing(expired);
    const answer = await get(server, `/graphql?query=${encodeURIComponent(HELLO)}`, {
      'apollo-require-preflight': '1',
      accept: 'application/graphql-response+json',
    });
    expect(answer.statusCode).toBe(401);
    expect(answer.headers['content-type']).toBe('application/graphql-response+json; charset=utf-8');
  });

  it.each([
    [new HttpRefusal({ status: 400, code: 'BAD_REQUEST', message: 'Two credentials.' }), 400, 'BAD_REQUEST', {}],
    [
      new HttpRefusal({ status: 401, code: 'UNAUTHENTICATED', message: 'x' }),
      401,
      'UNAUTHENTICATED',
      { 'www-authenticate': 'Bearer' },
    ],
    [
      new HttpRefusal({ status: 429, code: 'RATE_LIMITED', message: 'x', headers: { 'retry-after': '9' } }),
      429,
      'RATE_LIMITED',
      { 'retry-after': '9' },
    ],
    [new ServiceUnavailable('The database is away.', 2), 503, 'SERVICE_UNAVAILABLE', { 'retry-after': '2' }],
    [new RateLimited('Slow down.', 7), 429, 'RATE_LIMITED', { 'retry-after': '7' }],
    [new BadRequest('No such scheme.'), 400, 'BAD_REQUEST', {}],
    [new TypeError('secret detail'), 500, 'INTERNAL_SERVER_ERROR', {}],
  ])('has status, headers and code: %#', async (error, status, code, headers) => {
    const server = await refusing(error);
    const answer = await post(server, JSON.stringify({ query: HELLO }));
    expect(answer.statusCode).toBe(status);
    expect(answer.headers).toMatchObject(headers);
    expect(answer.json<ErrorBody>().errors[0]?.extensions['code']).toBe(code);
    expect(answer.json()).not.toHaveProperty('data');
    expect(answer.body).not.toContain('secret detail');
  });
});

describe('a body', () => {
  it.each([
    ['is too large', 413, `{"query":"{ hello }","x":"${'x'.repeat(600_000)}"}`, JSON_TYPE],
    ['is text', 415, '{ hello }', { 'content-type': 'text/plain' }],
    ['is a form', 415, 'query={hello}', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['is multipart', 415, '--x--', { 'content-type': 'multipart/form-data; boundary=x' }],
    ['is GraphQL without JSON', 415, '{ hello }', { 'content-type': 'application/graphql' }],
    ['has a type that is none', 415, '{}', { 'content-type': 'application/json, text/plain' }],
    ['is cut off', 400, '{"query":', JSON_TYPE],
    ['is empty', 400, '', JSON_TYPE],
    ['is null', 400, 'null', JSON_TYPE],
    ['is a number', 400, '7', JSON_TYPE],
    ['is an empty object', 400, '{}', JSON_TYPE],
    ['is a batch', 400, '[{"query":"{ hello }"}]', JSON_TYPE],
    ['is an empty batch', 400, '[]', JSON_TYPE],
    ['has no query', 400, '{"variables":{}}', JSON_TYPE],
    ['has a query that is no text', 400, '{"query":{"kind":"Document"}}', JSON_TYPE],
    ['has variables that are a list', 400, '{"query":"{ hello }","variables":[]}', JSON_TYPE],
    ['has variables that are text', 400, '{"query":"{ hello }","variables":"{}"}', JSON_TYPE],
    ['reaches for prototypes', 400, '{"query":"{ hello }","variables":{"__proto__":{"a":1}}}', JSON_TYPE],
    ['reaches for constructors', 400, '{"query":"{ hello }","variables":{"constructor":{"prototype":{}}}}', JSON_TYPE],
    ['has a query with NUL', 400, '{"query":"{ hello }\\u0000"}', JSON_TYPE],
    ['has a query with half a surrogate pair', 400, '{"query":"{ hello \\ud800 }"}', JSON_TYPE],
    ['holds raw NUL', 400, '{"query":"{ hello }\0"}', JSON_TYPE],
    ['is no UTF-8', 400, Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), JSON_TYPE],
    ['nests without end', 400, `{"query":"{ hello }","x":${'['.repeat(100_000)}`, JSON_TYPE],
  ])('that %s is answered with %i, as GraphQL errors', async (_, status, payload, headers) => {
    const server = await startToyServer();
    const answer = await post(server, payload, headers);
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
    const { errors, ...rest } = answer.json<ErrorBody>();
    expect(rest).toEqual({});
    expect(errors).toEqual(
      [
        {
          message: expect.any(String),
          extensions: { code: expect.stringMatching(/^(BAD_REQUEST|GRAPHQL_PARSE_FAILED)$/) },
        },
      ].map((error) => expect.objectContaining(error)),
    );
    expect(server.resolved).toEqual([]);
  });

  it('may start with a byte order mark, and name its charset', async () => {
    const server = await startToyServer();
    const answer = await post(server, `\uFEFF{"query":"{ hello }"}`, {
      'content-type': 'application/json; charset=utf-8',
    });
    expect(answer.json()).toEqual({ data: { hello: 'hello' } });
  });
});

describe('cross-site requests', () => {
  it.each([
    ['a link', `/graphql?query=${encodeURIComponent(HELLO)}`, {}],
    ['an image', `/graphql?query=${encodeURIComponent(HELLO)}`, { accept: 'image/*' }],
    ['a form', `/graphql?query=${encodeURIComponent(HELLO)}`, { 'content-type': 'text/plain' }],
  ])('by %s over GET run nothing', async (_, url, headers) => {
    const server = await startToyServer();
    expect((await get(server, url, headers)).statusCode).toBeGreaterThanOrEqual(400);
    expect(server.resolved).toEqual([]);
  });

  it('over POST without a type run nothing', async () => {
    const server = await startToyServer();
    expect((await post(server, '', {})).statusCode).toBe(400);
    expect(server.resolved).toEqual([]);
  });

  it('GET runs queries for clients that say so, and never mutations', async () => {
    const server = await startToyServer();
    const header = { 'apollo-require-preflight': '1' };
    expect((await get(server, `/graphql?query=${encodeURIComponent(HELLO)}`, header)).json()).toEqual({
      data: { hello: 'hello' },
    });
    const mutation = encodeURIComponent('mutation { login(login: "a", password: "b") }');
    const answer = await get(server, `/graphql?query=${mutation}`, header);
    expect(answer).toMatchObject({ statusCode: 405, headers: { allow: 'POST' } });
    expect(server.resolved).toEqual(['hello']);
  });

  it.each(['PUT', 'PATCH', 'DELETE', 'HEAD'] as const)('%s is not served', async (method) => {
    const server = await startToyServer();
    const answer = await server.http.inject({ method, url: '/graphql' });
    expect(answer).toMatchObject({ statusCode: 405, headers: { allow: 'GET, POST' } });
  });
});

describe('CORS', () => {
  const config = { corsOrigins: ['https://app.example'] };

  it('lets the listed origins in, and nobody else', async () => {
    const server = await startToyServer({ config });
    for (const origin of [
      'https://app.example',
      'https://evil.example',
      'null',
      'https://app.example.evil',
      'http://app.example',
    ]) {
      const answer = await post(server, JSON.stringify({ query: HELLO }), { ...JSON_TYPE, origin });
      const allowed = origin === 'https://app.example' ? origin : undefined;
      expect(answer.headers['access-control-allow-origin']).toBe(allowed);
      expect(answer.headers.vary).toMatch(/\bOrigin\b/);
    }
  });

  it('answers preflights, of others without permission', async () => {
    const server = await startToyServer({ config });
    const asks = {
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type',
    };
    const preflight = (origin: string) =>
      server.http.inject({ method: 'OPTIONS', url: '/graphql', headers: { ...asks, origin } });
    expect((await preflight('https://app.example')).headers).toMatchObject({
      'access-control-allow-origin': 'https://app.example',
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers': 'authorization,content-type',
      'access-control-allow-credentials': 'true',
      'access-control-max-age': '600',
    });
    const refused = await preflight('https://evil.example');
    expect(refused.headers).not.toHaveProperty('access-control-allow-origin');
    expect(refused.headers.vary).toMatch(/\bOrigin\b/);
  });

  it('varies by origin even when nobody is let in', async () => {
    const server = await startToyServer({ config: { corsOrigins: [] } });
    const answer = await post(server, JSON.stringify({ query: HELLO }), {
      ...JSON_TYPE,
      origin: 'https://evil.example',
    });
    expect(answer.headers.vary).toMatch(/\bOrigin\b/);
    expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
  });

  it('lets listed pages of the internet reach a private network', async () => {
    const server = await startToyServer({ config });
    const asks = { 'access-control-request-method': 'POST', 'access-control-request-private-network': 'true' };
    const answers = await Promise.all(
      ['https://app.example', 'https://evil.example'].map((origin) =>
        server.http.inject({ method: 'OPTIONS', url: '/graphql', headers: { ...asks, origin } }),
      ),
    );
    expect(answers.map(({ headers }) => headers['access-control-allow-private-network'])).toEqual(['true', undefined]);
  });

  it('shows errors of the HTTP layer to listed pages too', async () => {
    const server = await startToyServer({ config });
    const answer = await post(server, '{', { ...JSON_TYPE, origin: 'https://app.example' });
    expect(answer).toMatchObject({
      statusCode: 400,
      headers: { 'access-control-allow-origin': 'https://app.example' },
    });
  });
});

describe('headers', () => {
  it.each(['/graphql', '/healthz', '/readyz', '/nowhere', '/graphql%zz'])(
    '%s is not sniffed, framed, cached or leaked',
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

  it('tell browsers to remember https only where it is served', async () => {
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
  ])('X-Request-Id: %s is taken over: %s', async (id, isTaken) => {
    const server = await startToyServer();
    const answer = await get(server, '/healthz', { 'x-request-id': id });
    expect(answer.headers['x-request-id'] === id).toBe(isTaken);
  });

  it('of forwarded addresses count only from proxies that are trusted', async () => {
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

  it.each(['a b', '[', 'x:y', 'exa%mple', '@'])('Host: %s is refused', async (host) => {
    const answer = await post(await startToyServer(), JSON.stringify({ query: HELLO }), { ...JSON_TYPE, host });
    expect(answer.statusCode).toBe(400);
  });
});

describe('the log', () => {
  it('has one line for each request, without query string, headers or body', async () => {
    const server = await startToyServer();
    const secret = 'hunter2-secret';
    await get(server, `/graphql?query={hello}&token=${secret}&access_token=${secret}`, {
      authorization: `Bearer ${secret}`,
    });
    await post(server, JSON.stringify({ query: `{ hello(name: "${secret}") }`, variables: { secret } }));
    await post(server, `{"query": ${secret}`);
    await get(server, `/${secret}`);
    expect(server.logged.map(({ msg, method, path, status }) => [msg, method, path, status])).toEqual([
      ['answered', 'GET', '/graphql', 400],
      ['answered', 'POST', '/graphql', 200],
      ['answered', 'POST', '/graphql', 400],
      ['answered', 'GET', 'unknown path', 404],
    ]);
    expect(JSON.stringify(server.logged)).not.toContain(secret);
  });
});

describe('probes', () => {
  it('say that the process lives, whatever it depends on', async () => {
    const server = await startToyServer({ server: { ready: () => Promise.reject(new Error('down')) } });
    expect((await get(server, '/healthz')).statusCode).toBe(200);
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
  ])('say whether it can serve: %s', async (_, ready, status) => {
    const answer = await get(await startToyServer({ server: { ready } }), '/readyz');
    expect(answer.statusCode).toBe(status);
    expect(answer.body).not.toContain('down');
  });
});

describe('load', () => {
  it('beyond what is answered at a time is turned away at once, and nothing else is', async () => {
    const { gate, server } = await startWaiting({ mostInFlight: 2 });
    const body = JSON.stringify({ query: HELLO });
    const waiting = [post(server, body), post(server, body)];
    await setImmediate();
    const turnedAway = await post(server, body);
    expect(turnedAway).toMatchObject({ statusCode: 503, headers: { 'retry-after': '1' } });
    expect(turnedAway.json<ErrorBody>().errors[0]?.extensions['code']).toBe('SERVICE_UNAVAILABLE');
    expect((await get(server, '/readyz')).statusCode).toBe(200);
    gate.resolve({});
    expect((await Promise.all(waiting)).map(({ statusCode }) => statusCode)).toEqual([200, 200]);
    expect((await post(server, body)).statusCode).toBe(200);
  });

  it('counts until it is done, also when its client has left', async () => {
    const { gate, server } = await startWaiting({ mostInFlight: 1 });
    const { url } = await listen(server);
    const ask = async (signal: AbortSignal): Promise<number> => {
      const options = { method: 'POST', headers: JSON_TYPE, body: JSON.stringify({ query: HELLO }), signal };
      return (await fetch(`${url}/graphql`, options)).status;
    };
    await expect(ask(AbortSignal.timeout(150))).rejects.toThrow('timeout');
    expect(await ask(AbortSignal.timeout(1_000))).toBe(503);
    gate.resolve({});
    await vi.waitFor(async () => expect(await ask(AbortSignal.timeout(1_000))).toBe(200));
  });

  it('that takes too long is cut off with 503', async () => {
    const server = await startToyServer({
      context: () => new Promise<object>(() => undefined),
      server: { deadlineMs: 50 },
    });
    const answer = await post(server, JSON.stringify({ query: HELLO }));
    expect(answer).toMatchObject({ statusCode: 503, headers: { 'retry-after': '5' } });
    expect(answer.json<ErrorBody>().errors).toEqual([
      { message: 'The request took too long.', extensions: { code: 'SERVICE_UNAVAILABLE', retryAfterSeconds: 5 } },
    ]);
  });
});

describe('a schema for each viewer', () => {
  it('answers with the schema of the one who asks', async () => {
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
  ])('%s is answered with an error', async (_, bytes, status) => {
    const { port } = await listen(await startToyServer());
    expect(await talk(port, bytes)).toMatch(new RegExp(`^HTTP/1\\.1 ${status}`));
  });

  it('a connection that says nothing, as browsers open in advance, does not keep the server from closing', async () => {
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
