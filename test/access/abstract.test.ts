import {
  GraphQLInterfaceType,
  GraphQLList,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
  graphql,
  GraphQLUnionType,
  GraphQLEnumType,
} from 'graphql';
import { describe, expect, test } from 'vitest';
import { type AccessViewer, type Denial, describeRequirement, guardSchema } from '../../src/access/index.ts';
import { ANONYMOUS, ask, guarded, viewer } from './support.ts';

const SDL = `
  interface Thing @public { name: String }
  type Open implements Thing @public { name: String }
  type Closed implements Thing @auth(requires: EDITOR) { name: String }
  union Both = Open | Closed
  union Shut = Closed | Locked
  type Locked @auth(permissions: "x:y") { name: String }
  type Query @public { thing: Thing things: [Thing] both: Both shut: Shut shuts: [Shut] }
`;

const closed = { __typename: 'Closed', name: 'closed' };
const open = { __typename: 'Open', name: 'open' };

describe('the type that an object turns out to have decides', () => {
  test.each<readonly [string, Readonly<Record<string, unknown>>]>([
    ['by __typename', {}],
    ['by resolveType', { Thing: { __resolveType: ({ __typename }: typeof open) => __typename } }],
    ['by an asynchronous resolveType', { Thing: { __resolveType: async ({ __typename }: typeof open) => __typename } }],
    [
      'by isTypeOf',
      {
        Open: { __isTypeOf: ({ name }: typeof open) => name === 'open' },
        Closed: { __isTypeOf: ({ name }: typeof open) => name === 'closed' },
      },
    ],
  ])('%s', async (_name, resolvers) => {
    const strip = resolvers['Open'] !== undefined;
    const values = [open, closed].map(({ name, __typename }) => (strip ? { name } : { name, __typename }));
    const schema = guarded(SDL, { Query: { things: () => values, thing: () => values[1] }, ...resolvers });
    expect(await ask(schema, viewer('USER'), '{ things { __typename name } thing { name } }')).toEqual({
      data: { things: [{ __typename: 'Open', name: 'open' }, null], thing: null },
      denied: expect.arrayContaining(['Query.things FORBIDDEN at things.1', 'Query.thing FORBIDDEN at thing']),
    });
    expect((await ask(schema, viewer('ADMIN'), '{ things { name } thing { name } }')).denied).toEqual([]);
  });

  test('before the resolver is called, if every member is denied', async () => {
    let called = 0;
    const give = (): unknown => {
      called += 1;
      return [closed];
    };
    const schema = guarded(SDL, { Query: { shut: give, shuts: give } });
    expect(await ask(schema, viewer('USER'), '{ shut { __typename } shuts { __typename } }')).toEqual({
      data: { shut: null, shuts: null },
      denied: ['Query.shut FORBIDDEN at shut', 'Query.shuts FORBIDDEN at shuts'],
    });
    expect(called).toBe(0);
  });

  test('which requirements a denial reports', async () => {
    const denials: Denial[] = [];
    const schema = guarded(
      `type Two @auth(requires: USER) @auth(requires: EDITOR, owner: "by") { by: ID }
       ${SDL.replace('union Both =', 'union Both = Two |')}`,
      { Query: { both: () => ({ __typename: 'Two', by: 'you' }), thing: () => closed } },
      { onDenied: (denial) => denials.push(denial) },
    );
    await ask(schema, viewer('USER'), '{ both { __typename } }');
    await ask(schema, viewer(), '{ both { __typename } thing { name } }');
    const told = denials.map(
      ({ path, requirements }) => `${path.join()}: ${requirements.map(describeRequirement).sort().join(', ')}`,
    );
    expect(told.sort()).toEqual(['both: EDITOR or owner(by)', 'both: EDITOR or owner(by), USER', 'thing: EDITOR']);
  });

  test('although a role satisfies one requirement, and the owner the other', async () => {
    const schema = guarded(
      `type Two @auth(requires: USER) @auth(requires: EDITOR, owner: "by") { by: ID }
       ${SDL.replace('union Both =', 'union Both = Two |')}`,
      { Query: { both: () => ({ __typename: 'Two', by: 'me' }) } },
    );
    const source = '{ both { ... on Two { by } } }';
    expect(await ask(schema, viewer('USER'), source)).toEqual({ data: { both: { by: 'me' } }, denied: [] });
    expect(await ask(schema, viewer(), source)).toEqual({
      data: { both: null },
      denied: ['Query.both FORBIDDEN at both'],
    });
  });

  test('separately for fields with other members', async () => {
    const schema = guarded(`
      type A @auth(requires: EDITOR) { a: Int }
      type B @auth(requires: ADMIN) { b: Int }
      type C @auth(requires: AUDITOR) { c: Int }
      union One = A | B
      union Other = B | C
      type Query @public { one: One other: Other }`);
    const source = '{ one { __typename } other { __typename } }';
    expect((await ask(schema, viewer('EDITOR'), source)).denied).toEqual(['Query.other FORBIDDEN at other']);
    expect((await ask(schema, viewer('AUDITOR'), source)).denied).toEqual(['Query.one FORBIDDEN at one']);
  });

  test('after the resolver was called, if one member is allowed', async () => {
    const schema = guarded(SDL, { Query: { shuts: () => [closed, { __typename: 'Locked', name: 'locked' }] } });
    expect((await ask(schema, viewer([], ['x:y']), '{ shuts { ... on Locked { name } } }')).data).toEqual({
      shuts: [null, { name: 'locked' }],
    });
  });

  test('unless a type resolver fails, or names no member', async () => {
    const failing = guarded(SDL, {
      Query: { both: () => closed },
      Both: {
        __resolveType: () => {
          throw new Error('broken');
        },
      },
    });
    expect((await ask(failing, viewer('ADMIN'), '{ both { __typename } }')).denied).toEqual(['broken at both']);
    const lying = guarded(SDL, { Query: { both: () => closed }, Both: { __resolveType: () => 'Locked' } });
    expect((await ask(lying, viewer('ADMIN'), '{ both { __typename } }')).denied).toEqual([
      expect.stringContaining('not a possible type'),
    ]);
    const undecided = guarded(SDL, { Query: { both: () => ({}) } });
    expect((await ask(undecided, ANONYMOUS, '{ both { __typename } }')).denied).toEqual([
      expect.stringContaining('must resolve to an Object type'),
    ]);
  });

  test('nothing about null and errors, which stay as they were', async () => {
    const schema = guarded(SDL, { Query: { things: () => [null, new Error('item')], thing: () => null } });
    expect(await ask(schema, ANONYMOUS, '{ things { name } thing { name } }')).toEqual({
      data: { things: [null, null], thing: null },
      denied: ['item at things.1'],
    });
  });
});

describe('interfaces', () => {
  test('a guard on an interface reaches every implementer, asked for as itself', async () => {
    const sdl = `
      interface I @auth(requires: EDITOR) { a: Int }
      interface J @public { b: Int @auth(requires: ADMIN) c: Int }
      type T implements I { a: Int z: Int }
      type U implements J @public { b: Int c: Int }
      type Query @public { t: T u: U }`;
    const schema = guarded(sdl, { Query: { t: () => ({ a: 1, z: 1 }), u: () => ({ b: 1, c: 1 }) } });
    expect(await ask(schema, viewer('USER'), '{ t { z } u { b c } }')).toEqual({
      data: { t: null, u: { b: null, c: 1 } },
      denied: ['Query.t FORBIDDEN at t', 'U.b FORBIDDEN at u.b'],
    });
  });
});

describe('connections', () => {
  const sdl = `
    type Note @auth(requires: EDITOR, owner: "by") { by: ID }
    type NoteConnection { edges: [NoteEdge] nodes: [Note] pageInfo: PageInfo! totalCount: Int }
    type NoteEdge { node: Note cursor: String }
    type PageInfo { hasNextPage: Boolean! }
    type Query @public { notes: NoteConnection }`;
  const notes = [{ by: 'me' }, { by: 'you' }];
  const page = {
    edges: notes.map((node) => ({ node, cursor: 'c' })),
    nodes: notes,
    totalCount: 2,
    pageInfo: { hasNextPage: false },
  };
  const source = '{ notes { edges { cursor node { by } } nodes { by } pageInfo { hasNextPage } totalCount } }';

  test('have nodes that are judged one by one, and a count that only a role may read', async () => {
    const schema = guarded(sdl, { Query: { notes: () => page } });
    const { data, denied } = await ask(schema, viewer('USER'), source);
    expect(data).toEqual({
      notes: {
        edges: [
          { cursor: 'c', node: { by: 'me' } },
          { cursor: 'c', node: null },
        ],
        nodes: [{ by: 'me' }, null],
        pageInfo: { hasNextPage: false },
        totalCount: null,
      },
    });
    expect([...denied].sort()).toEqual([
      'NoteConnection.nodes FORBIDDEN at notes.nodes.1',
      'NoteConnection.totalCount FORBIDDEN at notes.totalCount',
      'NoteEdge.node FORBIDDEN at notes.edges.1.node',
    ]);
    expect((await ask(schema, viewer('EDITOR'), source)).denied).toEqual([]);
  });

  test('are denied to anonymous viewers', async () => {
    let called = false;
    const schema = guarded(sdl, {
      Query: {
        notes: () => {
          called = true;
          return page;
        },
      },
    });
    expect((await ask(schema, ANONYMOUS, source)).denied).toEqual(['Query.notes UNAUTHENTICATED at notes']);
    expect(called).toBe(false);
  });

  test('of owned nodes are denied to an anonymous viewer whom a policy allows the field', async () => {
    const open = sdl.replace('notes: NoteConnection', 'notes: NoteConnection @auth(policy: "open")');
    const schema = guarded(open, { Query: { notes: () => page } }, { policies: { open: () => true } });
    expect(await ask(schema, ANONYMOUS, '{ notes { pageInfo { hasNextPage } } }')).toEqual({
      data: { notes: null },
      denied: ['Query.notes UNAUTHENTICATED at notes'],
    });
    expect((await ask(schema, viewer('USER'), '{ notes { nodes { by } } }')).data).toEqual({
      notes: { nodes: [{ by: 'me' }, null] },
    });
  });

  test('of an abstract node take the requirements of whichever member is allowed', async () => {
    const abstract = `${SDL.replace('type Query @public {', 'type Query @public { all: AllConnection')}
      type AllConnection { edges: [AllEdge] totalCount: Int } type AllEdge { node: Shut }`;
    const schema = guarded(abstract, { Query: { all: () => ({ edges: [{ node: closed }], totalCount: 1 }) } });
    const query = '{ all { edges { node { __typename } } totalCount } }';
    expect((await ask(schema, viewer('USER'), query)).denied).toEqual(['Query.all FORBIDDEN at all']);
    expect((await ask(schema, viewer('EDITOR'), query)).data).toEqual({
      all: { edges: [{ node: { __typename: 'Closed' } }], totalCount: null },
    });
    expect((await ask(schema, viewer('EDITOR', ['x:y']), query)).data).toEqual({
      all: { edges: [{ node: { __typename: 'Closed' } }], totalCount: 1 },
    });
  });
});

test('types of a code-first schema are resolved by their own resolvers', async () => {
  const Thing: GraphQLInterfaceType = new GraphQLInterfaceType({
    name: 'Thing',
    fields: { name: { type: GraphQLString, extensions: { directives: { public: {} } } } },
    resolveType: () => 'Closed',
  });
  const Closed = new GraphQLObjectType({
    name: 'Closed',
    interfaces: [Thing],
    fields: { name: { type: GraphQLString } },
    extensions: { directives: { auth: { requires: 'ADMIN' } } },
  });
  const Role = new GraphQLEnumType({ name: 'Role', values: { ADMIN: {} } });
  const Query = new GraphQLObjectType({
    name: 'Query',
    fields: {
      thing: { type: Thing, resolve: () => ({ name: 'x' }), extensions: { directives: { public: {} } } },
      all: {
        type: new GraphQLList(new GraphQLUnionType({ name: 'U', types: [Closed], resolveType: () => 'Closed' })),
        extensions: { directives: { public: true } },
        resolve: () => [1],
      },
    },
  });
  const schema = guardSchema(new GraphQLSchema({ query: Query, types: [Closed, Role] }), {
    viewer: (context: AccessViewer) => context,
  });
  const run = async (contextValue: AccessViewer): Promise<unknown> =>
    (await graphql({ schema, source: '{ thing { name } all { __typename } }', contextValue })).data;
  expect(await run(viewer())).toEqual({ thing: null, all: null });
  expect(await run(viewer('ADMIN'))).toEqual({ thing: { name: 'x' }, all: [{ __typename: 'Closed' }] });
});
