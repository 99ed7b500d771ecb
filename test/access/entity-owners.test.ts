import type { GraphQLObjectType, GraphQLResolveInfo } from 'graphql';
import { expect, test } from 'vitest';
import type { GuardOptions, AccessViewer } from '../../src/access/index.ts';
import { type Answer, ask, guarded, viewer } from './support.ts';

// Clients that ask a subgraph directly write the representations themselves.

const SDL = `
  directive @key(fields: String!) repeatable on OBJECT | INTERFACE
  directive @external on FIELD_DEFINITION | OBJECT
  directive @federation__external on FIELD_DEFINITION
  scalar _Any
  interface Paper @public { id: ID by: ID }
  type Note implements Paper @key(fields: "id") @auth(owner: "by") { id: ID by: ID text: String }
  type Field implements Paper @key(fields: "id") @public { id: ID by: ID text: String @auth(owner: "by") }
  type User @key(fields: "id") @auth(owner: "id") { id: ID text: String }
  type Parcel @key(fields: "id") @auth(owner: "by") { id: ID by: ID @external text: String }
  type Letter @key(fields: "id") @auth(owner: "by") { id: ID by: ID @federation__external text: String }
  type Pair @key(fields: "id") @key(fields: "by number") @auth(owner: "by") { id: ID by: ID number: Int text: String }
  type Account @public { id: ID owner: ID }
  type Bill @key(fields: "account { id }") @auth(owner: "account.owner") { account: Account text: String }
  type Claim @key(fields: "id account { owner }") @auth(owner: "account.owner") { id: ID account: Account text: String }
  union _Entity = Note | Field | User | Parcel | Letter | Pair | Bill | Claim
  type Query { _entities(representations: [_Any!]!): [_Entity]! }
`;

interface Representations {
  readonly representations: readonly Readonly<Record<string, unknown>>[];
}

/** Resolves an entity as libraries do without a `__resolveReference`, or with one that copies what it is given. */
const copies = (_source: unknown, { representations }: Representations): unknown[] =>
  representations.map((one) => ({ text: 'text', ...one, __typename: String(one['__typename']) }));

function entities(
  representations: readonly unknown[],
  resolve: (source: unknown, args: Representations) => unknown = copies,
  options: Partial<GuardOptions<AccessViewer>> = {},
): Promise<Answer> {
  const types = ['Note', 'Field', 'User', 'Parcel', 'Letter', 'Pair', 'Bill', 'Claim'];
  const source = `query ($r: [_Any!]!) { _entities(representations: $r) {
    __typename ${types.map((name) => `... on ${name} { text }`).join(' ')} } }`;
  return ask(guarded(SDL, { Query: { _entities: resolve } }, options), viewer('USER'), source, { r: representations });
}

test.each<readonly [string, object]>([
  ['of the type', { __typename: 'Note', id: 1, by: 'me' }],
  ['that is a name in a list', { __typename: ['Note'], id: 1, by: 'me' }],
  ['within an object of the key', { __typename: 'Bill', account: { id: 1, owner: 'me' } }],
])('an owner that a client sends decides nothing: %s', async (_name, representation) => {
  const { data, denied } = await entities([representation]);
  expect([data, denied]).toEqual([{ _entities: [null] }, ['Query._entities FORBIDDEN at _entities.0']]);
});

test('an owner that a client sends decides nothing: of a field', async () => {
  expect(await entities([{ __typename: 'Field', id: 1, by: 'me' }])).toEqual({
    data: { _entities: [{ __typename: 'Field', text: null }] },
    denied: ['Field.text FORBIDDEN at _entities.0.text'],
  });
});

test('an owner that a client sends decides nothing: in a representation of an interface', async () => {
  const { data } = await entities([{ __typename: 'Paper', id: 1, by: 'me' }], (_source, { representations }) =>
    representations.map((one) => ({ ...one, __typename: 'Note' })),
  );
  expect(data).toEqual({ _entities: [null] });
});

test.each<readonly [string, object]>([
  ['a key', { __typename: 'User', id: 'me' }],
  ['one of several keys', { __typename: 'Pair', by: 'me', number: 1 }],
  ['within a key', { __typename: 'Claim', id: 1, account: { owner: 'me' } }],
  ['external', { __typename: 'Parcel', id: 1, by: 'me' }],
  ['external, by the full name of the directive', { __typename: 'Letter', id: 1, by: 'me' }],
])('an owner that a gateway sends decides: %s', async (_name, representation) => {
  const other = JSON.parse(JSON.stringify(representation).replace('me', 'you')) as object;
  const { data } = await entities([representation, other]);
  expect(data).toEqual({ _entities: [expect.objectContaining({ text: 'text' }), null] });
});

test('the resolver gets all else that is sent, and decides the owner', async () => {
  const seen: unknown[] = [];
  const representation = { __typename: 'Note', id: 1, by: 'you', other: { by: 'you' } };
  const { data } = await entities([representation], (_source, { representations }) => {
    seen.push(...representations);
    return representations.map((one) => ({ ...one, by: 'me', text: 'mine' }));
  });
  expect(seen).toEqual([{ __typename: 'Note', id: 1, other: { by: 'you' } }]);
  expect(data).toEqual({ _entities: [{ __typename: 'Note', text: 'mine' }] });
});

test('an owner that a client sends decides nothing: beside representations that are passed on as they are', async () => {
  const { data } = await entities([
    { __typename: 'User', id: 'me' },
    { __typename: 'Note', id: 1, by: 'me' },
  ]);
  expect(data).toEqual({ _entities: [{ __typename: 'User', text: 'text' }, null] });
});

const WRITER = 'type Writer @auth(owner: "by") { by: ID }';
const DIRECTIVES = `
  directive @myexternal on FIELD_DEFINITION directive @externalNote on FIELD_DEFINITION
  directive @monkey(fields: String!) on OBJECT directive @keyed(fields: String!) on OBJECT
`;

test.each<readonly [string, string, object, object]>([
  [
    'only the owner goes from an object of the key',
    'type Thing @key(fields: "account { id }") @auth(owner: "account.owner") { account: Account }',
    { account: { id: 1, owner: 'me', number: 2 }, text: 't' },
    { account: { id: 1, number: 2 }, text: 't' },
  ],
  [
    'an object of the key without an owner stays',
    'type Thing @key(fields: "account { id }") @auth(owner: "account.owner") { account: Account }',
    { account: { id: 1 } },
    { account: { id: 1 } },
  ],
  [
    'what should be an object of the key stays',
    'type Thing @key(fields: "account { id }") @auth(owner: "account.owner") { account: Account }',
    { account: null },
    { account: null },
  ],
  [
    'an object that is in no key goes as a whole',
    'type Thing @key(fields: "id") @auth(owner: "account.owner") { id: ID account: Account }',
    { id: 1, account: { id: 1, owner: 'me' } },
    { id: 1 },
  ],
  [
    'the owner field of another type stays',
    `${WRITER} type Thing @key(fields: "id") @public { id: ID by: ID writer: Writer }`,
    { id: 1, by: 'me' },
    { id: 1, by: 'me' },
  ],
  ['a type without a key is no entity', 'type Thing @auth(owner: "by") { by: ID }', { by: 'me' }, { by: 'me' }],
  [
    'a type may be external as a whole',
    'type Thing @key(fields: "id") @external @auth(owner: "by") { id: ID by: ID }',
    { id: 1, by: 'me' },
    { id: 1, by: 'me' },
  ],
  [
    'another field is external',
    'type Thing @key(fields: "id") @auth(owner: "by") { id: ID by: ID text: String @external }',
    { id: 1, by: 'me', text: 't' },
    { id: 1, text: 't' },
  ],
  [
    'directives of other names say nothing',
    'type Thing @key(fields: "id") @monkey(fields: "by") @keyed(fields: "by") @auth(owner: "by") { id: ID by: ID @myexternal @externalNote }',
    { id: 1, by: 'me' },
    { id: 1 },
  ],
  [
    'a fragment in a key says nothing',
    'type Thing @key(fields: "id ... { by }") @auth(owner: "by") { id: ID by: ID }',
    { id: 1, by: 'me' },
    { id: 1 },
  ],
])('what a resolver gets of a representation: %s', async (_name, type, sent, received) => {
  const seen: unknown[] = [];
  const resolve = (_source: unknown, { representations }: Representations): unknown[] => {
    seen.push(...representations);
    return representations.map(() => null);
  };
  const sdl = SDL.replace('| Claim', '| Claim | Thing').concat(DIRECTIVES, type);
  const source = 'query ($r: [_Any!]!) { _entities(representations: $r) { __typename } }';
  await ask(guarded(sdl, { Query: { _entities: resolve } }), viewer('USER'), source, {
    r: [{ __typename: 'Thing', ...sent }],
  });
  expect(seen).toEqual([{ __typename: 'Thing', ...received }]);
});

test('a guard that observes changes no representation', async () => {
  const { data } = await entities([{ __typename: 'Note', id: 1, by: 'you' }], copies, { enforcement: 'observe' });
  expect(data).toEqual({ _entities: [{ __typename: 'Note', text: 'text' }] });
});

test.each([true, false])(
  'entities of an async iterable keep their places beside denied ones: it ends: %s',
  async (ends) => {
    const types =
      'scalar _Any type Shut @auth(requires: ADMIN) { id: ID } type Open @public { id: ID } union _Entity = Open | Shut';
    let isEnded = false;
    async function* generated(): AsyncGenerator {
      try {
        yield { __typename: 'Open', id: 1 };
        yield { __typename: 'Open', id: 2 };
      } finally {
        isEnded = true;
      }
    }
    const resolved = (): AsyncIterable<unknown> => {
      const list = generated();
      return ends ? list : { [Symbol.asyncIterator]: () => ({ next: async () => list.next() }) };
    };
    const schema = guarded(`${types} type Query { _entities(representations: [_Any!]!): [_Entity]! }`, {
      Query: { _entities: resolved },
    });
    const query = schema.getQueryType() as GraphQLObjectType;
    const field = query.getFields()['_entities'];
    const info = {
      schema,
      variableValues: {},
      fieldName: '_entities',
      fieldNodes: [],
      parentType: query,
      returnType: field?.type,
      path: { prev: undefined, key: '_entities', typename: 'Query' },
    } as unknown as GraphQLResolveInfo;
    const representations = ['Shut', 'Open', 'Shut', 'Open'].map((__typename) => ({ __typename }));
    const list = (await field?.resolve?.({}, { representations }, viewer('USER'), info)) as AsyncIterable<unknown>;
    const items: unknown[] = [];
    for await (const item of list) {
      items.push(item);
    }
    const denied = expect.objectContaining({ message: 'Permission denied' });
    expect(items).toEqual([denied, { __typename: 'Open', id: 1 }, denied, { __typename: 'Open', id: 2 }]);
    expect(isEnded).toBe(ends);
  },
);
