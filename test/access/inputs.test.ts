import type { GraphQLResolveInfo } from 'graphql';
import { describe, expect, test } from 'vitest';
import { ask, guarded, viewer } from './support.ts';

const SDL = `
  scalar JSON
  type Account @public { id: ID! iban: String @auth(requires: EDITOR) }
  enum Sort { ID IBAN @reads(fields: ["Account.iban"]) }
  input Filter {
    id: ID
    iban: String @reads(fields: ["Account.iban"])
    sort: Sort
    all: [Filter!]
    deep: Deep
  }
  input Deep { secret: Int @auth(permissions: "x:y") open: Int = 3 }
  type Query @public {
    find(json: JSON @auth(requires: USER), id: ID, secret: Int @auth(requires: ADMIN), filter: Filter, filters: [[Filter]], orderBy: [Sort!], sort: Sort): String
    plain(id: ID): String
  }
  type Mutation @public { set(input: Filter): String }
`;

async function supply(source: string, variables: Readonly<Record<string, unknown>> = {}, who = viewer('USER')) {
  const calls: unknown[] = [];
  const record = (_source: unknown, args: unknown): string => {
    calls.push(args);
    return 'found';
  };
  const schema = guarded(SDL, { Query: { find: record }, Mutation: { set: record } });
  return { ...(await ask(schema, who, source, variables)), calls };
}

describe('a supplied input whose requirement is not satisfied denies the field that takes it', () => {
  const cases: readonly (readonly [string, string, Readonly<Record<string, unknown>>, string])[] = [
    ['a literal', '{ find(secret: 1) }', {}, 'Query.find(secret:)'],
    ['null', '{ find(secret: null) }', {}, 'Query.find(secret:)'],
    ['a variable', 'query($s: Int) { find(secret: $s) }', { s: 1 }, 'Query.find(secret:)'],
    ['a variable that is null', 'query($s: Int) { find(secret: $s) }', { s: null }, 'Query.find(secret:)'],
    ["a variable's default", 'query($s: Int = 1) { find(secret: $s) }', {}, 'Query.find(secret:)'],
    ['an input field', '{ find(filter: { iban: "x" }) }', {}, 'Filter.iban'],
    ['an input field that is null', '{ find(filter: { iban: null }) }', {}, 'Filter.iban'],
    ['an input field by a variable', 'query($x: String) { find(filter: { iban: $x }) }', { x: 'x' }, 'Filter.iban'],
    ['inside a variable', 'query($f: Filter) { find(filter: $f) }', { f: { iban: 'x' } }, 'Filter.iban'],
    ['null inside a variable', 'query($f: Filter) { find(filter: $f) }', { f: { iban: null } }, 'Filter.iban'],
    ["inside a variable's default", 'query($f: Filter = { iban: "x" }) { find(filter: $f) }', {}, 'Filter.iban'],
    ['nested', '{ find(filter: { all: [{ id: 1 }, { iban: "x" }] }) }', {}, 'Filter.iban'],
    ['a single one for a list', '{ find(filter: { all: { iban: "x" } }) }', {}, 'Filter.iban'],
    ['deep', '{ find(filter: { all: [{ all: [{ deep: { secret: 1 } }] }] }) }', {}, 'Deep.secret'],
    [
      'deep inside a variable',
      'query($f: Filter) { find(filter: $f) }',
      { f: { all: [{ deep: { secret: null } }] } },
      'Deep.secret',
    ],
    [
      'a variable within a literal within a list',
      'query($d: Deep) { find(filter: { all: [{ deep: $d }] }) }',
      { d: { secret: 1 } },
      'Deep.secret',
    ],
    ['in lists of lists', '{ find(filters: [[{ id: 1 }, null], null, [{ iban: "x" }]]) }', {}, 'Filter.iban'],
    ['a single one for a list of lists', '{ find(filters: { iban: "x" }) }', {}, 'Filter.iban'],
    ['an enum value', '{ find(sort: IBAN) }', {}, 'Sort.IBAN'],
    ['an enum value by a variable', 'query($s: Sort) { find(sort: $s) }', { s: 'IBAN' }, 'Sort.IBAN'],
    ['an enum value in a list', '{ find(orderBy: [ID, IBAN]) }', {}, 'Sort.IBAN'],
    ['a single enum value for a list', '{ find(orderBy: IBAN) }', {}, 'Sort.IBAN'],
    ['an enum value in a list by a variable', 'query($s: [Sort!]) { find(orderBy: $s) }', { s: ['IBAN'] }, 'Sort.IBAN'],
    ['an enum value in an input field', '{ find(filter: { sort: IBAN }) }', {}, 'Sort.IBAN'],
  ];

  test.each(cases)('%s', async (_name, source, variables, coordinate) => {
    expect(await supply(source, variables)).toEqual({
      data: { find: null },
      denied: [`${coordinate} FORBIDDEN at find`],
      calls: [],
    });
  });

  test.each(cases)('%s, with the key', async (_name, source, variables) => {
    const { data, denied, calls } = await supply(source, variables, viewer('ADMIN', ['x:y']));
    expect({ data, denied, calls: calls.length }).toEqual({ data: { find: 'found' }, denied: [], calls: 1 });
  });

  test('anonymous viewers are told to sign in', async () => {
    const { denied } = await supply('{ find(secret: 1) }', {}, { id: null, roles: [], permissions: [] });
    expect(denied).toEqual(['Query.find(secret:) UNAUTHENTICATED at find']);
  });

  test('siblings, and the same field without it, resolve', async () => {
    expect(await supply('{ a: find(secret: 1) b: find(id: 1) c: find(filter: { id: 1 }) }')).toMatchObject({
      data: { a: null, b: 'found', c: 'found' },
      denied: ['Query.find(secret:) FORBIDDEN at a'],
    });
  });

  test('a mutation writes nothing', async () => {
    expect(await supply('mutation { set(input: { iban: "x" }) }')).toEqual({
      data: { set: null },
      denied: ['Filter.iban FORBIDDEN at set'],
      calls: [],
    });
  });
});

describe('an input that is not supplied denies nothing', () => {
  test.each<readonly [string, string, Readonly<Record<string, unknown>>]>([
    ['omitted', '{ find }', {}],
    ['a variable without a value', 'query($s: Int) { find(secret: $s) }', {}],
    ['an input field by a variable without a value', 'query($s: String) { find(filter: { id: 1, iban: $s }) }', {}],
    ['an input object by a variable without a value', 'query($f: Filter) { find(filter: $f) }', {}],
    ['null for the input object', '{ find(filter: null) }', {}],
    ['an empty input object', '{ find(filter: {}) }', {}],
    ['an empty list', '{ find(orderBy: [], filters: []) }', {}],
    ['open values', '{ find(orderBy: [ID], sort: ID, filter: { sort: ID, all: [{ id: 1 }] }) }', {}],
    ['a default of an open input field', '{ find(filter: { deep: {} }) }', {}],
    ['the same in a variable', 'query($f: Filter) { find(filter: $f) }', { f: { deep: {} } }],
    ['an object for which one has the key', 'query($j: JSON) { find(json: $j) }', { j: { secret: [{ iban: 1 }] } }],
  ])('%s', async (_name, source, variables) => {
    expect(await supply(source, variables)).toMatchObject({ data: { find: 'found' }, denied: [] });
  });
});

test('a list is looked into, even where an executor should have supplied no list', async () => {
  const sdl = `input I { open: Int shut: Int @auth(requires: ADMIN) }
    type Query @public { f(i: I): String }`;
  const schema = guarded(sdl, { Query: { f: () => 'ok' } });
  const info = { schema, variableValues: {}, path: { prev: undefined, key: 'f' } } as unknown as GraphQLResolveInfo;
  const call = (i: unknown) => () => schema.getQueryType()?.getFields()['f']?.resolve?.({}, { i }, viewer(), info);
  expect(call([{ open: 1 }])()).toBe('ok');
  expect(call([{ open: 1 }, [{ shut: 1 }]])).toThrow('Permission denied');
});

test('names of Object.prototype are names like others', async () => {
  const sdl = `
    enum E { constructor toString @reads(fields: ["Query.hidden"]) }
    input I { constructor: Int @auth(requires: ADMIN) hasOwnProperty: Int }
    type Query @public { f(i: I, constructor: Int @auth(requires: ADMIN), e: E): String hidden: Int @auth(requires: ADMIN) }`;
  const schema = guarded(sdl, { Query: { f: () => 'ok' } });
  const who = viewer('USER');
  expect((await ask(schema, who, '{ f }')).denied).toEqual([]);
  expect((await ask(schema, who, '{ f(i: { hasOwnProperty: 1 }, e: constructor) }')).denied).toEqual([]);
  expect((await ask(schema, who, '{ f(i: { constructor: 1 }) }')).denied).toEqual(['I.constructor FORBIDDEN at f']);
  expect((await ask(schema, who, '{ f(constructor: 1) }')).denied).toEqual(['Query.f(constructor:) FORBIDDEN at f']);
  expect((await ask(schema, who, '{ f(e: toString) }')).denied).toEqual(['E.toString FORBIDDEN at f']);
});

test('enum values are distinguished by what resolvers see, under any name', async () => {
  const sdl = `
    enum Sort { ID IBAN @reads(fields: ["Query.hidden"]) ALSO_IBAN }
    type Query @public { f(s: Sort): String hidden: Int @auth(requires: ADMIN) }`;
  const schema = guarded(sdl, { Query: { f: () => 'ok' }, Sort: { ID: 0, IBAN: 1, ALSO_IBAN: 1 } });
  expect((await ask(schema, viewer(), '{ f(s: ID) }')).denied).toEqual([]);
  expect((await ask(schema, viewer(), '{ f(s: IBAN) }')).denied).toEqual(['Sort.IBAN FORBIDDEN at f']);
  expect((await ask(schema, viewer(), '{ f(s: ALSO_IBAN) }')).denied).toEqual(['Sort.IBAN FORBIDDEN at f']);
});

test('an enum value may stand for nothing, or for a list', async () => {
  const sdl = `
    enum Sort { OPEN NONE @reads(fields: ["Query.hidden"]) LIST @reads(fields: ["Query.hidden"]) }
    type Query @public { f(s: Sort): String hidden: Int @auth(requires: ADMIN) }`;
  const schema = guarded(sdl, { Query: { f: () => 'ok' }, Sort: { OPEN: 0, NONE: null, LIST: ['a', 'b'] } });
  expect((await ask(schema, viewer(), '{ f(s: OPEN) }')).denied).toEqual([]);
  expect((await ask(schema, viewer(), '{ f(s: LIST) }')).denied).toEqual(['Sort.LIST FORBIDDEN at f']);
  expect((await ask(schema, viewer(), 'query($s: Sort) { f(s: $s) }', { s: 'LIST' })).denied).toEqual([
    'Sort.LIST FORBIDDEN at f',
  ]);
  expect((await ask(schema, viewer(), '{ f(s: NONE) }')).denied).toEqual(['Sort.NONE FORBIDDEN at f']);
});

test('the requirements of an argument reach from the interface to its implementers', async () => {
  const sdl = `
    interface I @public { f(a: Int @auth(requires: ADMIN)): String }
    type T implements I @public { f(a: Int): String }
    type Query @public { t: T i: I }`;
  const t = { __typename: 'T', f: () => 'ok' };
  const schema = guarded(sdl, { Query: { t: () => t, i: () => t } });
  expect((await ask(schema, viewer(), '{ t { f(a: 1) } i { f(a: 1) } u: t { f } }')).denied).toEqual([
    'T.f(a:) FORBIDDEN at t.f',
    'T.f(a:) FORBIDDEN at i.f',
  ]);
});
