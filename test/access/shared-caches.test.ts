import { ApolloServer, HeaderMap } from '@apollo/server';
import type { GraphQLResolveInfo } from 'graphql';
import { expect, test } from 'vitest';
import type { AccessViewer } from '../../src/access/index.ts';
import { ANONYMOUS, guarded, viewer } from './support.ts';

const CACHE_CONTROL = `
  enum CacheControlScope { PUBLIC PRIVATE }
  directive @cacheControl(maxAge: Int, scope: CacheControlScope, inheritMaxAge: Boolean)
    on FIELD_DEFINITION | OBJECT | INTERFACE | UNION
`;
const SDL = `
  ${CACHE_CONTROL}
  interface Thing @public { id: ID @cacheControl(maxAge: 60) }
  type Open implements Thing @public { id: ID @cacheControl(maxAge: 60) }
  type Closed implements Thing @auth(requires: USER) { id: ID @cacheControl(maxAge: 60) }
  type Note @public {
    id: ID @cacheControl(maxAge: 60) text: String @auth(requires: USER) @cacheControl(maxAge: 60)
    owned: Int @auth(owner: "id") ruled: Int @auth(policy: "mine") taken(secret: Int @auth(requires: USER)): Int
    sorted(by: Order): Int next: Note @cacheControl(inheritMaxAge: true)
  }
  enum Order { ID TEXT @reads(fields: ["Note.text"]) }
  union Any = Note | Open
  type Group @public @cacheControl(maxAge: 60) { things: [Thing] @cacheControl(maxAge: 60) }
  type Query {
    open: Int @public @cacheControl(maxAge: 60)
    guarded: Int @auth(requires: USER) @cacheControl(maxAge: 60)
    public: Int @auth(requires: USER) @cacheControl(maxAge: 60, scope: PUBLIC)
    input(secret: Int @auth(requires: USER)): Int @public @cacheControl(maxAge: 60)
    note: Note @public @cacheControl(maxAge: 60)
    notes: [Note] @public @cacheControl(maxAge: 60)
    thing: Thing @public @cacheControl(maxAge: 60)
    any: Any @public @cacheControl(maxAge: 60)
    anything: [Any] @public @cacheControl(maxAge: 60)
    empty: [Note] @public @cacheControl(maxAge: 60)
    groups: [Group] @public @cacheControl(maxAge: 60)
    hinted: Int @auth(requires: USER) @cacheControl(maxAge: 60)
  }
`;

const note = {
  __typename: 'Note',
  id: 'me',
  text: 'text',
  owned: 1,
  ruled: 1,
  taken: 1,
  sorted: 1,
  next: { id: 'next', text: 'text' },
};
const resolvers = {
  Query: {
    open: () => 1,
    guarded: () => 2,
    public: () => 3,
    input: () => 4,
    note: () => note,
    notes: () => [note, note],
    thing: () => ({ __typename: 'Closed', id: 'closed' }),
    any: () => note,
    anything: async () => [Promise.resolve(note), { __typename: 'Open', id: 'open' }],
    empty: () => [],
    groups: () => [],
    hinted: (_source: unknown, _args: object, _context: unknown, info: object) => {
      const { cacheControl } = info as { cacheControl?: { setCacheHint(hint: object): void } };
      cacheControl?.setCacheHint({ maxAge: 60, scope: 'PUBLIC' });
      return 5;
    },
  },
};
const policies = { mine: () => true };
const schema = guarded(SDL, resolvers, { policies });
const observing = guarded(SDL, resolvers, { policies, enforcement: 'observe' });
const rejecting = guarded(SDL, resolvers, { policies, denial: 'reject' });
const silent = guarded(SDL, resolvers, { policies, errorLimit: 0 });
const sorting = guarded(`${SDL} directive @sort(by: Order) on FIELD`, resolvers, { policies });

/** Returns the header that tells caches what they may keep of an answer. */
async function cacheControlOf(query: string, context: AccessViewer, asked = schema): Promise<string | undefined> {
  const { headers } = await respond(query, context, asked);
  return headers.get('cache-control');
}

/** Sends a query to an Apollo Server. */
async function respond(query: string, context: AccessViewer, asked: typeof schema) {
  const server = new ApolloServer<AccessViewer>({ schema: asked });
  await server.start();
  const response = await server.executeHTTPGraphQLRequest({
    httpGraphQLRequest: {
      method: 'POST',
      headers: new HeaderMap([['content-type', 'application/json']]),
      search: '',
      body: { query },
    },
    context: () => Promise.resolve(context),
  });
  await server.stop();
  return response;
}

test('the answer of a field that every viewer may read stays public', async () => {
  for (const asked of [schema, observing, rejecting, silent, sorting]) {
    for (const query of ['{ open note { id } }', '{ any { ... on Note { id } } }', '{ anything { __typename } }']) {
      expect(await cacheControlOf(query, ANONYMOUS, asked)).toBe('max-age=60, public');
    }
  }
});

test('the answer of a field that depends on the viewer is private', async () => {
  expect(await cacheControlOf('{ open @sort(by: TEXT) }', viewer('USER'), sorting)).toBe('max-age=60, private');
  expect(await cacheControlOf('{ open guarded }', viewer('USER'))).toBe('max-age=60, private');
});

test.each([
  ['a field', '{ guarded }'],
  ['a field that is called public', '{ public }'],
  ['a field beside open ones', '{ open guarded }'],
  ['a field behind a fragment', '{ ... on Query { open } ...F } fragment F on Query { g: guarded }'],
  ['a field of an object', '{ note { id text } }'],
  ['a field of the objects of a list', '{ notes { text } }'],
  ['an argument', '{ input(secret: 1) }'],
  ['a member of an interface', '{ thing { id } }'],
  ['a field of an object of an open union', '{ any { ... on Note { text } } }'],
  ['a field of the objects of an open union', '{ open anything { ... on Note { id text } } }'],
  ['an owner', '{ any { ... on Note { owned } } }'],
  ['a policy', '{ any { ... on Note { ruled } } }'],
  ['an argument further down', '{ any { ... on Note { taken(secret: 1) } } }'],
  ['an enum value', '{ any { ... on Note { sorted(by: TEXT) } } }'],
  ['a field of an object that inherits its age', '{ any { ... on Note { next { text } } } }'],
  ['a field whose resolver says that it is public', '{ hinted open }'],
])('what depends on the viewer is never public: %s', async (_name, query) => {
  for (const context of [viewer('USER'), viewer(), ANONYMOUS]) {
    for (const asked of [schema, observing, rejecting, silent]) {
      const header = await cacheControlOf(query, context, asked);
      expect(header ?? 'no-store').not.toContain('public');
    }
  }
});

test.each(['{ empty { text } }', '{ groups { things { id } } }', '{ groups { things { ... on Closed { id } } } }'])(
  'where an operation may be rejected, its answer is never public, though nothing guarded is resolved: %s',
  async (query) => {
    for (const context of [viewer('USER'), viewer('ADMIN'), ANONYMOUS]) {
      expect(await cacheControlOf(query, context, schema)).toBe('max-age=60, public');
      expect((await cacheControlOf(query, context, rejecting)) ?? 'no-store').not.toContain('public');
    }
  },
);

test('an object of an abstract type is answered, though its field is marked twice', async () => {
  const { body } = await respond('{ thing { id } }', viewer('USER'), schema);
  expect(body.kind === 'complete' && body.string).toBe('{"data":{"thing":{"id":"closed"}}}\n');
});

test('a hint of another implementation of cache control is restricted', () => {
  const told: unknown[] = [];
  const info = {
    schema,
    variableValues: {},
    cacheControl: { cacheHint: { restrict: (hint: object) => told.push(hint) } },
  };
  const { resolve } = schema.getQueryType()?.getFields()['guarded'] ?? {};
  resolve?.({}, {}, viewer('USER'), info as unknown as GraphQLResolveInfo);
  expect(told).toEqual([{ scope: 'PRIVATE' }]);
});
