import { getIntrospectionQuery } from 'graphql';
import { describe, expect, it } from 'vitest';
import { BadRequest, HttpRefusal, RateLimited, ServiceUnavailable } from '../../src/lib/errors.ts';
import { startToyServer, type ToyServer } from '../support/toy-server.ts';
import { type ErrorBody, get, HELLO, JSON_TYPE, post } from './toy-requests.ts';

/** A server that answers no request, for this reason. */
async function refusing(error: Error): Promise<ToyServer> {
  return startToyServer({
    context: async () => {
      throw error;
    },
  });
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
  ])('a request that is refused before its document is read gets the same answer for %s', async (_, payload) => {
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

  it('such a request gets the same answer over GET, and in the media type that was asked for', async () => {
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
    [new ServiceUnavailable('The database is not available.', 2), 503, 'SERVICE_UNAVAILABLE', { 'retry-after': '2' }],
    [new RateLimited('Slow down.', 7), 429, 'RATE_LIMITED', { 'retry-after': '7' }],
    [new BadRequest('No such scheme.'), 400, 'BAD_REQUEST', {}],
    [new TypeError('secret detail'), 500, 'INTERNAL_SERVER_ERROR', {}],
  ])('a refusal has its status, headers and code: %#', async (error, status, code, headers) => {
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
  ])('a body that %s gets %i, as GraphQL errors', async (_, status, payload, headers) => {
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

  it('a body may start with a byte order mark, and name its charset', async () => {
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
  ])('a cross-site request by %s over GET runs nothing', async (_, url, headers) => {
    const server = await startToyServer();
    expect((await get(server, url, headers)).statusCode).toBeGreaterThanOrEqual(400);
    expect(server.resolved).toEqual([]);
  });

  it('a cross-site POST without a type runs nothing', async () => {
    const server = await startToyServer();
    expect((await post(server, '', {})).statusCode).toBe(400);
    expect(server.resolved).toEqual([]);
  });

  it('GET runs queries for clients that send the preflight header, and never mutations', async () => {
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

  it.each(['PUT', 'PATCH', 'DELETE', 'HEAD'] as const)('the method %s gets 405', async (method) => {
    const server = await startToyServer();
    const answer = await server.http.inject({ method, url: '/graphql' });
    expect(answer).toMatchObject({ statusCode: 405, headers: { allow: 'GET, POST' } });
  });
});

describe('encoded bodies', () => {
  it.each(['gzip', 'br', 'deflate', 'gzip, identity', 'x-unknown'])(
    'a body in the encoding %s gets 415',
    async (encoding) => {
      const server = await startToyServer();
      for (const name of ['content-encoding', 'x-content-encoding']) {
        const answer = await post(server, JSON.stringify({ query: HELLO }), { ...JSON_TYPE, [name]: encoding });
        expect(answer.statusCode).toBe(415);
        expect(answer.headers['accept-encoding']).toBe('identity');
        expect(answer.json()).toMatchObject({ errors: [{ message: expect.stringContaining('Content-Encoding') }] });
      }
    },
  );

  it('a body may say that it is not encoded', async () => {
    const server = await startToyServer();
    const answer = await post(server, JSON.stringify({ query: HELLO }), {
      ...JSON_TYPE,
      'content-encoding': 'identity',
    });
    expect(answer.statusCode).toBe(200);
  });
});

const getHello = async (headers: Record<string, string>) => {
  const server = await startToyServer();
  const url = `/graphql?query=${encodeURIComponent(HELLO)}`;
  return server.http.inject({
    method: 'GET',
    url,
    headers: { accept: 'application/graphql-response+json', ...headers },
  });
};

describe('a query over GET, as urql sends it', () => {
  it.each(['Bearer x.y.z', 'bearer x'])(
    'a query over GET needs no preflight header beside a token: %s',
    async (authorization) => {
      expect((await getHello({ authorization })).statusCode).toBe(200);
    },
  );

  it.each<Record<string, string>>([{}, { authorization: 'Basic eDp5' }, { cookie: 'rolegate_session=x' }])(
    'a query over GET without a token needs the preflight header: %j',
    async (headers) => {
      expect((await getHello(headers)).statusCode).toBe(400);
    },
  );
});
