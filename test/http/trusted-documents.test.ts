import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { getIntrospectionQuery } from 'graphql';
import { systemScope } from '../../src/database/scopes.ts';
import { hashOfDocument, publishDocuments, removeDocuments } from '../../src/database/trusted-documents.ts';
import { connectAs, untilOpen } from '../sockets/client.ts';
import { createTestApp, type TestApp, type Who } from '../support/app.ts';
import { Recorder } from './recorder.ts';

const PUBLIC = 'query Hello { publicMessage { text } }';
const GUARDED = 'query Accounts { accounts(first: 1) { nodes { id } } }';
const MIXED = 'query Mixed { publicMessage { text } me { id } }';
const UNCACHED = 'query Uncached { publicMessage { text } __typename }';
const LIVE = 'subscription Live { documentChanged { id } }';
const UNKNOWN = 'query Unknown { publicMessage { text } again: __typename }';
const AGES = new Map([
  [PUBLIC, 60],
  [GUARDED, 60],
  [MIXED, 60],
  [UNCACHED, null],
  [LIVE, null],
]);

const byId = (text: string) => ({ documentId: `sha256:${hashOfDocument(text)}` });
const byHash = (text: string) => ({ documentId: hashOfDocument(text) });
const apq = (sha256Hash: string) => ({ extensions: { persistedQuery: { version: 1, sha256Hash } } });
const byApq = (text: string) => apq(hashOfDocument(text));
const search = (parameters: Record<string, unknown>): string =>
  `/graphql?${new URLSearchParams(
    Object.entries(parameters).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  ).toString()}`;

async function start(mode: string, recorder?: Recorder): Promise<TestApp> {
  const app = await createTestApp({
    environment: { TRUSTED_DOCUMENTS: mode, METRICS_PORT: '' },
    ...(recorder && { plugins: [recorder.plugin] }),
  });
  await app.database.run(systemScope, (em) =>
    publishDocuments(
      em,
      [...AGES].map(([text, maxAge]) => ({ hash: hashOfDocument(text), text, maxAge })),
      app.clock.now(),
    ),
  );
  await app.refreshDocuments();
  return app;
}

const recorders = { off: new Recorder('its end'), prefer: new Recorder('its end'), only: new Recorder('its end') };
const apps = {} as Record<keyof typeof recorders, TestApp>;
beforeAll(async () => {
  for (const mode of ['off', 'prefer', 'only'] as const) {
    apps[mode] = await start(mode, recorders[mode]);
  }
});
afterAll(() => Promise.all(Object.values(apps).map((app) => app.close())));

/** The outcome of a request: the code of its first error, or the names of the data. */
async function outcome(mode: keyof typeof apps, body: object, who: Who = 'ANONYMOUS'): Promise<unknown[]> {
  const authorization = who === 'ANONYMOUS' ? {} : { authorization: `Bearer ${await apps[mode].as(who).token()}` };
  const { status, body: answer } = await apps[mode].post(body, authorization);
  return [status, answer.errors?.[0]?.extensions?.['code'] ?? Object.keys(answer.data ?? {}).join()];
}

const NOT_FOUND = 'PERSISTED_QUERY_NOT_FOUND';
const UNSUPPORTED = 'PERSISTED_QUERY_NOT_SUPPORTED';
const ONLY = 'PERSISTED_QUERY_ONLY';
const HELLO = [200, 'publicMessage'];

describe.each([
  ['a published text', { query: PUBLIC }, HELLO, HELLO, HELLO],
  ['its id', byId(PUBLIC), [400, UNSUPPORTED], HELLO, HELLO],
  ['its hash as id', byHash(PUBLIC), [400, UNSUPPORTED], HELLO, HELLO],
  ['its hash by APQ', byApq(PUBLIC), [200, UNSUPPORTED], HELLO, HELLO],
  ['its hash by APQ with a text of null', { query: null, ...byApq(PUBLIC) }, [200, UNSUPPORTED], HELLO, HELLO],
  ['an empty text and its id', { query: '', ...byId(PUBLIC) }, [400, UNSUPPORTED], HELLO, HELLO],
  ['a guarded document', byId(GUARDED), [400, UNSUPPORTED], [200, 'UNAUTHENTICATED'], [200, 'UNAUTHENTICATED']],
  ['another text', { query: '{ publicMessage { text } }' }, HELLO, HELLO, [400, ONLY]],
  [
    'another text under a published id',
    { query: UNKNOWN, ...byId(PUBLIC) },
    [200, 'publicMessage,again'],
    [400, 'BAD_REQUEST'],
    [400, ONLY],
  ],
  [
    'another text under a published hash',
    { query: UNKNOWN, ...byApq(PUBLIC) },
    [200, UNSUPPORTED],
    [400, 'BAD_REQUEST'],
    [400, ONLY],
  ],
  ['a published text with a blank more', { query: `${PUBLIC} ` }, HELLO, HELLO, [400, ONLY]],
  [
    'a text that does not parse',
    { query: '{' },
    [400, 'GRAPHQL_PARSE_FAILED'],
    [400, 'GRAPHQL_PARSE_FAILED'],
    [400, ONLY],
  ],
  ['introspection', { query: getIntrospectionQuery() }, [200, '__schema'], [200, '__schema'], [400, ONLY]],
  ['an unknown id', byId('{ __typename }'), [400, UNSUPPORTED], [400, NOT_FOUND], [400, NOT_FOUND]],
  ['an id of another kind', { documentId: 'x-mine:1' }, [400, UNSUPPORTED], [400, NOT_FOUND], [400, NOT_FOUND]],
  ['an unknown hash by APQ', apq('0'.repeat(64)), [200, UNSUPPORTED], [200, NOT_FOUND], [200, NOT_FOUND]],
  [
    'another version of APQ',
    { extensions: { persistedQuery: { version: 2, sha256Hash: hashOfDocument(PUBLIC) } } },
    [200, UNSUPPORTED],
    [400, 'BAD_REQUEST'],
    [400, 'BAD_REQUEST'],
  ],
  ['an id that is no text', { documentId: 1 }, [400, 'BAD_REQUEST'], [400, 'BAD_REQUEST'], [400, 'BAD_REQUEST']],
  [
    'a query that is no text',
    { query: { a: 1 }, ...byId(PUBLIC) },
    [400, 'BAD_REQUEST'],
    [400, 'BAD_REQUEST'],
    [400, 'BAD_REQUEST'],
  ],
  ['a batch', [{ query: PUBLIC }], [400, 'BAD_REQUEST'], [400, 'BAD_REQUEST'], [400, 'BAD_REQUEST']],
])('%s', (_, body, off, prefer, only) => {
  it.each([
    ['off', off],
    ['prefer', prefer],
    ['only', only],
  ] as const)('the request gets its outcome in the mode "%s"', async (mode, expected) => {
    expect(await outcome(mode, body)).toEqual(expected);
  });
});

it.each([
  ['ANONYMOUS', 'UNAUTHENTICATED'],
  ['STANDARD', 'FORBIDDEN'],
  ['DEVELOPER', 'accounts'],
  ['SUPER_ADMIN', 'accounts'],
] as const)('a published document gives no rights: %s', async (who, expected) => {
  expect(await outcome('only', byId(GUARDED), who)).toEqual([200, expected]);
});

describe('automatic persisted queries', () => {
  const text = 'query Automatic { publicMessage { text } x: __typename }';
  it('a hash is answered as Apollo Client and urql send it: first alone, then with the text, then alone', async () => {
    const first = await apps.prefer.post(byApq(text));
    expect(first.body.errors?.[0]).toMatchObject({ message: 'PersistedQueryNotFound' }); // compared by clients
    expect(await outcome('prefer', { query: text, ...byApq(text) })).toEqual([200, 'publicMessage,x']);
    expect(await outcome('prefer', byApq(text))).toEqual([200, 'publicMessage,x']);
    expect(await outcome('prefer', byId(text))).toEqual([200, 'publicMessage,x']);
  });

  it('a text that is not valid is not registered', async () => {
    const wrong = '{ nothing }';
    expect(await outcome('prefer', { query: wrong, ...byApq(wrong) })).toEqual([400, 'GRAPHQL_VALIDATION_FAILED']);
    expect(await outcome('prefer', byApq(wrong))).toEqual([200, NOT_FOUND]);
  });

  it('in the mode "only" no text is registered, and clients get PERSISTED_QUERY_ONLY', async () => {
    expect(await outcome('only', byApq(text))).toEqual([200, NOT_FOUND]);
    expect(await outcome('only', { query: text, ...byApq(text) })).toEqual([400, ONLY]);
    expect(await outcome('only', byApq(text))).toEqual([200, NOT_FOUND]);
  });
});

async function get(mode: keyof typeof apps, url: string, headers: Record<string, string> = {}) {
  const { statusCode, headers: got, body } = await apps[mode].http.inject({ method: 'GET', url, headers });
  return { status: statusCode, cache: got['cache-control'], vary: got['vary'], body };
}

describe('GET', () => {
  it('a query over GET is answered as urql sends it: the hash first, then both, then the hash', async () => {
    const text = 'query ByGet { publicMessage { text } }';
    const hash = `&extensions=${encodeURIComponent(JSON.stringify(byApq(text).extensions))}`;
    const preflighted = { 'apollo-require-preflight': '1' };
    const both = `/graphql?query=${encodeURIComponent(text)}${hash}`;
    expect((await get('prefer', `/graphql?variables={}${hash}`)).body).toContain('PersistedQueryNotFound');
    expect((await get('prefer', both)).status).toBe(400);
    expect((await get('prefer', both, preflighted)).status).toBe(200);
    expect((await get('prefer', `/graphql?variables={}${hash}`)).status).toBe(200);
  });

  const PRIVATE = 'no-store';
  const SHARED = 'public, max-age=60';
  const cookie = { cookie: 'theirs=1' };

  it.each([
    ['a public document', byId(PUBLIC), SHARED],
    ['the same by APQ', byApq(PUBLIC), SHARED],
    ['a document without a maximum age', byId(UNCACHED), PRIVATE],
    ['a guarded document', byId(GUARDED), PRIVATE],
    ['a document with a guarded field', byId(MIXED), PRIVATE],
  ])('the response has the right Cache-Control: %s', async (_, parameters, cache) => {
    for (const mode of ['prefer', 'only'] as const) {
      const answer = await get(mode, search(parameters));
      expect([answer.status, answer.cache]).toEqual([200, cache]);
      expect(answer.vary).toContain(cache === SHARED ? 'Origin, Accept, Authorization, Cookie' : 'Origin');
    }
  });

  it.each(['STANDARD', 'DEVELOPER', 'SUPER_ADMIN'])(
    'the response of %s is never kept by a shared cache',
    async (who) => {
      const headers = { authorization: `Bearer ${await apps.only.as(who).token()}` };
      for (const text of [PUBLIC, GUARDED, MIXED]) {
        expect((await get('only', search(byId(text)), headers)).cache).not.toContain('public');
      }
    },
  );

  it('a request with a cookie is not cached, and needs the header that other sites cannot send', async () => {
    expect((await get('only', search(byId(PUBLIC)), cookie)).status).toBe(400);
    const sent = await get('only', search(byId(PUBLIC)), { ...cookie, 'apollo-require-preflight': '1' });
    expect([sent.status, sent.cache]).toEqual([200, PRIVATE]);
  });

  it.each([
    ['a text', search({ query: PUBLIC }), 400],
    ['a text beside an id', search({ query: PUBLIC, ...byId(PUBLIC) }), 400],
    ['two ids', `${search(byId(PUBLIC))}&documentId=x`, 400],
    ['extensions that are no JSON', '/graphql?extensions=%7B', 400],
  ])('a request with %s needs that header, too', async (_, url, status) => {
    const answer = await get('prefer', url);
    expect([answer.status, answer.body.includes('CSRF')]).toEqual([status, true]);
  });

  it('variables are accepted, and subscriptions and unknown ids refused', async () => {
    expect((await get('only', search({ ...byId(PUBLIC), variables: {}, operationName: 'Hello' }))).status).toBe(200);
    expect((await get('only', search(byId(LIVE)))).status).toBe(405);
    expect((await get('only', search(byId(UNKNOWN)))).status).toBe(400);
    expect((await get('off', search(byId(PUBLIC)))).cache).not.toContain('public');
  });
});

describe('over a socket', () => {
  it.each([
    ['off', { query: LIVE }, 'open'],
    ['off', { query: '', ...byId(LIVE) }, UNSUPPORTED],
    ['prefer', { query: '', ...byId(LIVE) }, 'open'],
    ['prefer', { query: '', ...byApq(LIVE) }, 'open'],
    ['prefer', { query: LIVE, ...byApq(PUBLIC) }, 'BAD_REQUEST'],
    ['prefer', { query: '', ...byId(UNKNOWN) }, NOT_FOUND],
    ['only', { query: '', ...byId(LIVE) }, 'open'],
    ['only', { query: LIVE, ...byApq(LIVE) }, 'open'],
    ['only', { query: 'subscription { documentChanged { id title } }' }, ONLY],
    ['only', { query: '', ...byId(UNKNOWN) }, NOT_FOUND],
  ] as const)('in the mode "%s" the message %j gets %s', async (mode, payload, expected) => {
    const app = apps[mode];
    const socket = await connectAs(app, 'ANONYMOUS');
    const subscription = socket.request(payload);
    const refused = subscription.outcome().then(({ errors }) => errors?.[0]?.extensions?.['code']);
    expect(await (expected === 'open' ? untilOpen(app, 1).then(() => 'open') : refused)).toBe(expected);
    await socket.close();
    await untilOpen(app, 0);
  });
});

it('plugins see every request, with the text that its hash stands for', async () => {
  recorders.only.take(false);
  await apps.only.post(byId(PUBLIC));
  const hooks = JSON.stringify(recorders.only.take(false));
  expect(hooks).toContain('didResolveSource');
  expect(hooks).toContain('willSendResponse');
  await apps.only.post({ query: '{ __typename }' });
  const refused = JSON.stringify(recorders.only.take(false));
  expect(refused).toContain('willSendResponse');
  expect(refused).not.toContain('parsingDidStart');
});

it('each denied document is a line of the log', async () => {
  apps.only.logged.length = 0;
  await outcome('only', { query: '{ denied: __typename }' }, 'STANDARD');
  await outcome('only', { documentId: 'y'.repeat(1_000) });
  expect(apps.only.logged.filter(({ msg }) => msg === 'document denied')).toMatchObject([
    { outcome: 'refused', document: hashOfDocument('{ denied: __typename }'), viewerId: expect.any(String) },
    { outcome: 'unknown', document: 'y'.repeat(64), viewerId: null },
  ]);
});

it('a document that is removed is not answered any more', async () => {
  const text = 'query Removed { __typename }';
  const change = (work: Parameters<typeof apps.only.database.run>[1]) => apps.only.database.run(systemScope, work);
  await change((em) => publishDocuments(em, [{ hash: hashOfDocument(text), text, maxAge: null }], new Date()));
  await apps.only.refreshDocuments();
  expect(await outcome('only', byId(text))).toEqual([200, '__typename']);
  await change((em) => removeDocuments(em, [hashOfDocument(text)], new Date()));
  await apps.only.refreshDocuments();
  expect(await outcome('only', byId(text))).toEqual([400, NOT_FOUND]);
});
