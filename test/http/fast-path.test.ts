import { ApolloServer, type ApolloServerPlugin, HeaderMap } from '@apollo/server';
import { makeExecutableSchema } from '@graphql-tools/schema';
import type { FastifyRequest } from 'fastify';
import { GraphQLError, GraphQLScalarType } from 'graphql';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Pipeline } from '../../src/graphql/pipeline.ts';
import { type ApolloOptions, createApollo, type SchemaServer } from '../../src/http/apollo.ts';
import { RateLimited, ServiceUnavailable } from '../../src/lib/errors.ts';
import { isPreloaded } from '../../src/lib/tracing.ts';
import { createTestApp } from '../support/app.ts';
import { type Faults, startToyServer, type ToyServer } from '../support/toy-server.ts';
import { HELLO } from './toy-requests.ts';

type Plugin = ApolloServerPlugin<object>;

const TIMES = [1, 2, 3];

/** An error with a status and a header for Apollo Server, of no declared type. */
function teapot(): GraphQLError {
  const extensions: Record<string, unknown> = { http: { status: 418, headers: new Map([['x-tea', 'yes']]) } };
  return new GraphQLError('Teapot', { extensions });
}

const FAULTS: Faults = {
  bug: () => new TypeError('secret'),
  denied: () => new GraphQLError('No', { extensions: { code: 'FORBIDDEN' } }),
  busy: () => new ServiceUnavailable('Later', 7),
  limited: () => new RateLimited('Slowly', 9),
  status: teapot,
};

const TAKES = 'query ($age: Int, $data: JSON) { takes(person: { name: "a", age: $age, data: $data }) }';
const TWO = 'query A { hello } query B { nothing }';

/** Leaves out the stacks of errors, which name the functions that were called. */
function withoutStacks(seen: unknown): unknown {
  return JSON.parse(JSON.stringify(seen, (key, value: unknown) => (key === 'stack' ? undefined : value)));
}

function throwBug(): never {
  throw new TypeError('secret');
}

const CIRCULAR: unknown[] = [];
CIRCULAR.push(CIRCULAR);

/** Bodies of requests, each of which is sent three times. */
const BODIES: readonly unknown[] = [
  { query: HELLO },
  { query: '{ node { id name __typename } nodes { nodes { id } } nothing }' },
  { query: HELLO, variables: null, operationName: null, extensions: null, documentId: null },
  { query: HELLO, variables: {}, extensions: { clientLibrary: { name: 'x' } }, other: 1 },
  { query: HELLO, variables: 'text' },
  { query: HELLO, variables: [] },
  { query: HELLO, variables: { unknown: [1, { a: 'b' }] } },
  { query: HELLO, extensions: 'text' },
  { query: HELLO, extensions: [] },
  { query: HELLO, extensions: { persistedQuery: { version: 1, sha256Hash: 'x' } } },
  { query: HELLO, extensions: { persistedQuery: null } },
  { query: HELLO, operationName: '' },
  { query: HELLO, operationName: 'Hello' },
  { query: HELLO, operationName: 1 },
  { query: HELLO, documentId: 'x' },
  { query: [HELLO] },
  { query: { kind: 'Document' } },
  { query: '' },
  { query: null },
  {},
  [],
  [{ query: HELLO }],
  { query: TWO },
  { query: TWO, operationName: 'A' },
  { query: TWO, operationName: 'B' },
  { query: TWO, operationName: 'C' },
  { query: TAKES, variables: { age: 3, data: { a: [null, 1.5] } } },
  { query: TAKES, variables: { age: 'three' } },
  { query: TAKES, variables: { age: 3, data: 'x'.repeat(300_000) } },
  { query: TAKES, variables: JSON.parse(`{ "data": ${'['.repeat(200)}${']'.repeat(200)} }`) as unknown },
  { query: 'query ($id: ID!) { node(id: $id) { id } }', variables: {} },
  { query: '{ broken { color never } hello }' },
  { query: '{ required }' },
  { query: '{ node { thrown(what: "x") } }' },
  { query: '{ nodes(first: 100000) { nodes { children(first: 100000) { nodes { id } } } } }' },
  { query: '{ hello ' },
  { query: '{ missing }' },
  { query: '{ __schema { types { name } } }' },
  { query: 'mutation { login(login: "a", password: "b") }' },
  { query: 'mutation { throws(what: "bug") }' },
  ...Object.keys(FAULTS).flatMap((what) => [
    { query: `{ throws(what: "${what}") }` },
    { query: `{ hello throws(what: "${what}") }` },
    { query: `mutation { throws(what: "${what}") login(login: "a", password: "b") }` },
  ]),
];

const HEADERS: readonly Record<string, string>[] = [
  {},
  { accept: '*/*' },
  { accept: 'application/graphql-response+json, application/json;q=0.9' },
  { accept: 'application/json;q=0, application/graphql-response+json' },
  { accept: 'multipart/mixed; deferSpec=20220824, application/json' },
  { accept: 'text/html' },
  { accept: 'image/png' },
  { origin: 'https://elsewhere.example', 'apollo-require-preflight': '1' },
  { 'content-type': 'application/json; charset=utf-8' },
  { 'content-type': 'application/json; charset=latin1' },
  { 'content-type': 'text/plain' },
  { 'content-encoding': 'gzip' },
];

/** Sends a request, and returns everything that it leads to, except for the id and the date. */
async function observe({ http, resolved, logged }: ToyServer, body: unknown, headers: Record<string, string>) {
  const id = { 'x-request-id': 'one-request' };
  const type = { 'content-type': 'application/json' };
  const payload = JSON.stringify(body);
  const answer = await http.inject({
    method: 'POST',
    url: '/graphql',
    headers: { ...type, ...id, ...headers },
    payload,
  });
  const { date: _date, ...rest } = answer.headers;
  const lines = logged.splice(0).map(({ time: _time, ms: _ms, ...line }) => line);
  return { status: answer.statusCode, headers: rest, text: answer.body, resolved: resolved.splice(0), lines };
}

describe('the fast path of requests', () => {
  it.each(HEADERS)('an answer is that of Apollo Server, in every respect: %o', async (headers) => {
    const faults = FAULTS;
    const fast = await startToyServer({ faults });
    const apollo = await startToyServer({ faults, server: { plugins: [{}] } });
    for (const body of BODIES) {
      for (const time of TIMES) {
        const expected = await observe(apollo, body, headers);
        expect(await observe(fast, body, headers), `${JSON.stringify(body).slice(0, 200)} ${time}`).toEqual(expected);
      }
    }
  });

  it.each([
    ['a value that JSON cannot hold', () => 10n],
    ['a value whose own toJSON fails', () => ({ toJSON: throwBug })],
    ['a value that writes itself', () => ({ toJSON: () => [1, { a: undefined }] })],
    ['a list with itself', () => CIRCULAR],
  ])('a response with %s is that of Apollo Server, also where a hook has set a status', async (_, data) => {
    const servers = [await startToyServer(), await startToyServer({ server: { plugins: [{}] } })];
    const seen = servers.map(async (server) => {
      server.http.addHook('preHandler', async (_request, reply) => void reply.code(207));
      const { hello } = server.schema.getQueryType()?.getFields() ?? {};
      Object.assign(hello ?? {}, { resolve: data, type: new GraphQLScalarType({ name: 'Anything' }) });
      const answers = [];
      for (const time of TIMES) {
        answers.push(await observe(server, { query: `{ hello }` }, {}), time);
      }
      return answers;
    });
    const [fast, apollo] = await Promise.all(seen);
    expect(withoutStacks(fast)).toEqual(withoutStacks(apollo));
  });

  it('an operation is charged once, whatever becomes of it', async () => {
    const environment = { COST_PER_VIEWER: '400', COST_PER_ADDRESS: '3000' };
    const apps = [await createTestApp({ environment }), await createTestApp({ environment, plugins: [{}] })];
    onTestFinished(async () => void (await Promise.all(apps.map((app) => app.close()))));
    const seen = apps.map(async (app) => {
      const budgets: unknown[] = [];
      for (const query of ['{ __typename }', '{ users(first: 5) { totalCount } }', '{ document(id: "x") { id } }']) {
        for (let time = 0; time < 9; time += 1) {
          const { status, headers, text } = await app.as('DEVELOPER').request(query);
          const body = text.replaceAll(/"requestId":"[^"]*"/g, '');
          const left = String(headers['ratelimit']).replaceAll(/;t=\d+/g, '');
          budgets.push([status, left, 'retry-after' in headers, body.replaceAll(/"retryAfterSeconds":\d+/g, '')]);
        }
      }
      return budgets;
    });
    const [fast, apollo] = await Promise.all(seen);
    expect(fast).toEqual(apollo);
    expect(new Set(fast?.map((budget) => JSON.stringify(budget))).size).toBeGreaterThan(20);
  });
});

/** Creates a server, and has its Apollo Server answer a query, whose text is known from then on. */
async function answerOnce(options: Partial<ApolloOptions<object>> = {}, directive = ''): Promise<SchemaServer<object>> {
  const log = pino({ level: 'silent' });
  const schema = makeExecutableSchema({ typeDefs: `${directive} type Query { hello: String }` });
  const pipeline = new Pipeline<object>({ schema, log, requestId: () => null });
  const created = createApollo(schema, { pipeline, plugins: [], log, requestId: () => null, ...options });
  await created.server.start();
  onTestFinished(() => created.server.stop());
  const headers = new HeaderMap([['content-type', 'application/json']]);
  const httpGraphQLRequest = { method: 'POST', headers, search: '', body: { query: HELLO } };
  await created.server.executeHTTPGraphQLRequest({ httpGraphQLRequest, context: async () => ({}) });
  return created;
}

function ask({ fastPath }: SchemaServer<object>, query = HELLO) {
  return fastPath({ method: 'POST', headers: {}, body: { query } } as FastifyRequest, {});
}

const ANSWER = { contentType: 'application/json; charset=utf-8', body: '{"data":{"hello":null}}\n' };
const CACHE_CONTROL = 'directive @cacheControl(maxAge: Int) on FIELD_DEFINITION';

describe('the use of the fast path', () => {
  it('an operation is answered once Apollo Server has found its document to be valid', async () => {
    const server = await answerOnce();
    expect(await ask(server)).toEqual(ANSWER);
    expect(await ask(server, '{ hello }\n')).toBeNull();
  });

  it('the documents of one server are not known to another', async () => {
    const [one, other] = [await answerOnce(), await answerOnce()];
    expect(await ask(one)).toEqual(ANSWER);
    expect(await ask(other)).toEqual(ANSWER);
    expect(await ask(await answerOnce({}, 'scalar A'), '{ hello } ')).toBeNull();
  });

  it.each<[string, Partial<ApolloOptions<object>>, string]>([
    ['the installation has a plugin', { plugins: [{}] }, ''],
    ['a module was loaded before the program', { isInstrumented: true }, ''],
    ['Apollo Server computes cache hints', {}, CACHE_CONTROL],
  ])('no request is answered where %s', async (_, options, directive) => {
    expect(await ask(await answerOnce(options, directive))).toBeNull();
  });

  it('no request is answered any more once a plugin was added to the running server', async () => {
    const created = await answerOnce();
    const { plugins } = Reflect.get(created.server, 'internals') as { plugins: Plugin[] };
    plugins.push({});
    expect(await ask(created)).toBeNull();
  });

  it('no request is answered where the method of Apollo Server was replaced before this server was loaded', async () => {
    const spy = vi.spyOn(ApolloServer.prototype, 'executeHTTPGraphQLRequest');
    onTestFinished(() => spy.mockRestore());
    vi.resetModules();
    const { isOriginal } = await import('../../src/http/fast-path.ts');
    expect(isOriginal(new ApolloServer({ typeDefs: 'type Query { a: ID }' }))).toBe(false);
  });

  it('no request is answered while the method of Apollo Server is replaced', async () => {
    const created = await answerOnce();
    const spy = vi.spyOn(ApolloServer.prototype, 'executeHTTPGraphQLRequest');
    onTestFinished(() => spy.mockRestore());
    expect(await ask(created)).toBeNull();
    spy.mockRestore();
    expect(await ask(created)).toEqual(ANSWER);
  });
});

describe('the modules that Node loads before the program', () => {
  it.each([
    [[], '', false],
    [['--import', './bin/require-node.mjs'], '', false],
    [['--import=file:///app/require-node.mjs'], '', false],
    [['--import', './bin/require-node.mjs', '--import', './trace.mjs'], '', true],
    [['--max-old-space-size=100', '--conditions=import'], '--enable-source-maps', false],
    [['-r', 'dd-trace/init'], '', true],
    [['--require=dd-trace/init'], '', true],
    [[], '--max-old-space-size=100 --import dd-trace/initialize.mjs', true],
    [[], '--loader=./hooks.mjs', true],
  ])('%j with NODE_OPTIONS "%s": %s', (args, variable, isFound) => {
    expect(isPreloaded(args, variable)).toBe(isFound);
  });
});
