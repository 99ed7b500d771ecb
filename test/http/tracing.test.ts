import { connect } from 'node:net';
import { context, propagation, type Span, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { array, assert, date, integer, oneof, property, string } from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { literalOf } from '../../src/database/literals.ts';
import { withoutValues } from '../../src/database/traced-statement.ts';
import { inSpan, observeCall, traceHeaders } from '../../src/lib/tracing.ts';
import { createTestApp, type HttpAnswer, type TestApp } from '../support/app.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = 'b7ad6b7169203331';
const CALLER = { traceparent: `00-${TRACE}-${PARENT}-01` };

const exporter = new InMemorySpanExporter();
let app: TestApp;
let token: string;

beforeAll(async () => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }));
  app = await createTestApp({ environment: { TRACE_RESOLVERS_PERCENT: '100' } });
  token = await app.as('DEVELOPER').token();
});
afterAll(async () => {
  await app.close();
  trace.disable();
  context.disable();
  propagation.disable();
});
beforeEach(() => exporter.reset());

const send = (query: string, variables: object = {}, headers: object = CALLER): Promise<HttpAnswer> =>
  app.post({ query, variables }, { ...headers, authorization: `Bearer ${token}` });

const filterBy = (name: string): object => ({ filter: { search: name } });

interface Accounts {
  readonly data: { readonly accounts: { readonly nodes: readonly { readonly id: string }[] } };
}

/** Returns the spans as a tree of names. */
function tree(spans: readonly ReadableSpan[], parent: string | undefined = PARENT): object {
  const children = spans.filter(({ parentSpanContext }) => parentSpanContext?.spanId === parent);
  return Object.fromEntries(children.map((span) => [span.name, tree(spans, span.spanContext().spanId)]));
}

/** Returns everything that a span says. */
function textOf({ name, attributes, events, status, resource }: ReadableSpan): string {
  return JSON.stringify({ name, attributes, events, status, resource: resource.attributes });
}

const finished = (): readonly ReadableSpan[] => exporter.getFinishedSpans();
/** Returns the id of the parent of each span with the name. */
const parentsOf = (name: string): unknown[] =>
  finished()
    .filter((span) => span.name === name)
    .map((span) => span.parentSpanContext?.spanId);
const named = (name: RegExp): readonly ReadableSpan[] => finished().filter((span) => name.test(span.name));

describe('a recorded request', () => {
  const QUERY = `query Mine($filter: AccountFilter) {
    me { username }
    accounts(first: 2, filter: $filter) { totalCount nodes { id name } }
  }`;

  it('a request has a span for each step, below the span of the caller', async () => {
    const { status } = await send(QUERY, filterBy('needle'));
    expect(status).toBe(200);
    expect(new Set(finished().map((span) => span.spanContext().traceId))).toEqual(new Set([TRACE]));
    expect(tree(finished())).toMatchObject({
      'POST /graphql': {
        authenticate: expect.anything(),
        'graphql.parse': {},
        'graphql.validate': {},
        query: { 'Query.accounts': expect.objectContaining({}) },
      },
    });
    const statements = named(/^SELECT /);
    expect(statements.length).toBeGreaterThan(0);
    expect(statements[0]?.attributes).toMatchObject({
      'db.system.name': 'postgresql',
      'db.operation.name': 'SELECT',
      'db.query.text': expect.stringMatching(/^select /i),
    });
  });

  it('spans have the attributes of the conventions, without a value and without a person', async () => {
    const secret = 'a-text-that-only-this-viewer-has-sent';
    await send(`${QUERY} # ${secret}`, filterBy(secret));
    const [request] = named(/^POST/);
    expect(request?.attributes).toEqual({
      'http.request.method': 'POST',
      'http.route': '/graphql',
      'url.scheme': 'http',
      'network.protocol.version': '1.1',
      'http.response.status_code': 200,
    });
    expect(named(/^query$/)[0]?.attributes).toEqual({
      'graphql.operation.type': 'query',
      'graphql.operation.name': 'Mine',
    });
    const everything = finished().map(textOf).join('\n');
    expect(everything).not.toContain(secret);
    expect(everything).not.toContain('developer');
    expect(everything).not.toContain('127.0.0.1');
    expect(everything).not.toContain(token);
  });

  it('statements of writes are recorded, without their values', async () => {
    const secret = 'wrong-password-9';
    await app.post({ query: `mutation { login(login: "standard", password: "${secret}") { accessToken } }` });
    const login = 'mutation($password: String!) { login(login: "standard", password: $password) { accessToken } }';
    await app.post({ query: login, variables: { password: 'rolegate-demo-standard' } });
    expect(named(/^mutation$/)).toHaveLength(2);
    expect(named(/^Mutation\.login$/)).toHaveLength(2);
    const [, succeeded] = named(/^POST/);
    const below = finished().filter((span) => span.spanContext().traceId === succeeded?.spanContext().traceId);
    expect(below.filter(({ name }) => /^(?:SELECT|INSERT|UPDATE)/.test(name)).length).toBeGreaterThan(0);
    expect(finished().map(textOf).join('\n')).not.toMatch(/wrong-password|rolegate-demo|"standard|'standard/);
  });

  it('resolvers below the root fields of a mutation have spans', async () => {
    const { body } = await send('{ accounts(first: 1) { nodes { id } } }');
    const [{ id } = { id: '' }] = (body as Accounts).data.accounts.nodes;
    exporter.reset();
    const field = 'updateAccount(id: $id, input: {}) { id users(first: 1) { totalCount } }';
    await send(`mutation($id: ID!) { first: ${field} second: ${field} }`, { id });
    const [mutation] = named(/^mutation$/);
    const parent = mutation?.spanContext().spanId;
    expect(parentsOf('Mutation.updateAccount')).toEqual([parent, parent]);
    expect(parentsOf('Account.users')).toEqual([parent, parent]);
  });

  it('denials and errors are recorded by their code', async () => {
    await send('{ users(first: 1) { nodes { id } } }');
    const events = finished().flatMap((span) => span.events);
    expect(events).toContainEqual(
      expect.objectContaining({
        name: 'access.denied',
        attributes: { 'rolegate.coordinate': 'Query.users', 'error.type': 'FORBIDDEN' },
      }),
    );
  });

  it('a line of the log has the ids of its span', async () => {
    await send('{ me { id } }');
    const [span] = named(/^POST/);
    const line = app.logged.findLast(({ msg }) => msg === 'answered');
    expect(line).toMatchObject({ trace_id: TRACE, span_id: span?.spanContext().spanId, parent_span_id: PARENT });
  });

  it('the span of a request ends when its client leaves, and is not marked as failed', async () => {
    const address = await app.http.listen({ port: 0, host: '127.0.0.1' });
    const socket = connect(Number(new URL(address).port), '127.0.0.1');
    socket.write(
      'POST /graphql HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{',
      () => setTimeout(() => socket.destroy(), 50),
    );
    await vi.waitFor(() => expect(named(/^POST/)).toHaveLength(1), { timeout: 5_000 });
    const [span] = named(/^POST/);
    expect(span?.attributes).toMatchObject({ 'error.type': 'aborted', 'http.route': '/graphql' });
    expect(span?.attributes).not.toHaveProperty('http.response.status_code');
    expect(span?.status).toEqual({ code: SpanStatusCode.UNSET });
  });

  it('a list has at most a hundred spans of resolvers', async () => {
    await send('{ accounts(first: 200) { nodes { id users(first: 1) { totalCount } } } }');
    expect(named(/^[A-Z]\w+\.\w+$/)).toHaveLength(100);
  });
});

it.each([
  ['a caller that does not record', { traceparent: `00-${TRACE}-${PARENT}-00` }, 0],
  ['no caller', {}, 1],
  ['a header that is not valid', { traceparent: 'ff-0-0-0' }, 1],
])('%s decides if a request is recorded', async (_, headers, roots) => {
  await send('{ __typename }', {}, headers);
  expect(named(/^POST/)).toHaveLength(roots);
});

it('the trace is passed on, and an error is recorded only by its kind', async () => {
  const seen: string[] = [];
  const root: Span = trace.getTracer('test').startSpan('root');
  await context.with(trace.setSpan(context.active(), root), async () => {
    const failing = inSpan(
      () => ({ name: 'failing' }),
      () => {
        seen.push(traceHeaders()['traceparent'] ?? '');
        return Promise.reject(Object.assign(new Error('a value: 42'), { code: '23505' }));
      },
    );
    await expect(failing).rejects.toThrow('a value');
    const promise = Promise.resolve('the same');
    expect(observeCall({ name: 'call' }, () => promise)).toBe(promise);
    expect(() =>
      observeCall({ name: 'thrown' }, () => {
        throw new TypeError('a value: 43');
      }),
    ).toThrow(TypeError);
    await promise;
  });
  const [failing] = named(/^failing$/);
  expect(seen).toEqual([`00-${root.spanContext().traceId}-${failing?.spanContext().spanId}-01`]);
  expect(failing?.attributes).toEqual({ 'error.type': '23505' });
  expect(named(/^thrown$/)[0]?.attributes).toEqual({ 'error.type': 'TypeError' });
  expect(finished().map(textOf).join('\n')).not.toContain('a value');
});

describe('statements', () => {
  it.each([
    [
      "select * from users where name = 'O''Hara' and n in (1, 2.5)",
      'select * from users where name = ? and n in (?, ?)',
    ],
    [String.raw`select E'a\'b', "col1" from t2 where x = $1`, 'select ?, "col1" from t2 where x = $1'],
    ['do $$ begin secret; end $$', 'do ?'],
    ["select $tag$ it's $tag$", 'select ?'],
    ['select -12e3 as a1, null, true', 'select -? as a1, null, true'],
  ])('the statement %s is recorded as %s', (sql, expected) => {
    expect(withoutValues(sql)).toBe(expected);
  });

  it('statements show no value of any kind', () => {
    assert(
      property(
        oneof(string({ unit: 'binary' }), integer(), date({ noInvalidDate: true }), array(string())),
        (value) => {
          expect(withoutValues(`select ${literalOf(value)} as b, ${literalOf('x')}`)).toMatch(
            /^select +(?:\?|-\?|\(-\?\)) as b, \?$/,
          );
        },
      ),
      { numRuns: 300 },
    );
  });
});
