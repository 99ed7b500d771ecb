import { execute, parse, subscribe, versionInfo } from 'graphql';
import { describe, expect, test } from 'vitest';
import { authTypeDefsFor, readPolicy } from '../../src/access/index.ts';
import { ask, guarded, ROLES, viewer } from './support.ts';

// With `denial: 'reject'` an operation runs as a whole or not at all.

const SDL = `
  interface Node @public { id: ID }
  type A implements Node @public { id: ID secret: Int @auth(requires: ADMIN) next: A take(x: Int @auth(requires: ADMIN)): Int many(xs: [Int] @auth(requires: ADMIN)): Int }
  type B implements Node @public { id: ID secret: Int }
  type C implements Node @auth(requires: ADMIN) { id: ID more: Int @auth(permissions: "x") }
  type D implements Node @public { id: ID @auth(requires: ADMIN) }
  type Query @public { a(x: Int @auth(requires: ADMIN)): A b: B node: Node nodes: [[Node]] own: D }
  type Subscription @public { ticks: A }
`;
const a = { __typename: 'A', id: 'a', secret: 1, take: 2, next: { id: 'n', next: { id: 'm' } } };
const b = { __typename: 'B', id: 'b', secret: 1 };

function schemaOf(called: string[]) {
  const give = (name: string, value: unknown) => () => {
    called.push(name);
    return value;
  };
  const subscription = {
    subscribe: async function* () {
      called.push('ticks');
      yield { ticks: a };
    },
  };
  return guarded(
    SDL,
    {
      Query: { a: give('a', a), b: give('b', b), node: give('node', b), nodes: give('nodes', [[a, b]]) },
      Subscription: { ticks: subscription },
    },
    { denial: 'reject' },
  );
}

test.each<readonly [string, string | null]>([
  ['{ a { secret } }', 'A.secret'],
  ['{ b { secret } }', null],
  ['{ b { id } a { next { next { secret } } } }', 'A.secret'],
  ['{ a { id next { id next { id } } } }', null],
  ['{ a { take } }', null],
  ['{ a { take(x: 1) } }', 'A.take(x:)'],
  ['query ($x: Int) { a { take(x: $x) } }', null],
  ['{ node { ... on B { secret } } }', null],
  ['{ node { id } }', 'D.id'],
  ['{ a { id } own { id } }', 'D.id'],
  ['{ node { ... on A { secret } } }', 'A.secret'],
  ['{ nodes { ... on A { secret } } }', 'A.secret'],
  ['{ node { ...F ...G } } fragment F on B { secret } fragment G on A { secret }', 'A.secret'],
  ['{ node { ... { ... on Node { ... on A { secret } } } } }', 'A.secret'],
  ['{ b { ... on Node { ... on A { secret } } } }', null],
  ['{ b { ...N } a { ...N } } fragment N on Node { id ... on A { secret } }', 'A.secret'],
  ['{ b { ...N } a { id } } fragment N on Node { id ... on A { secret } }', null],
  ['{ a { ...R next { ...R } } } fragment R on A { id }', null],
  ['{ a { id } ...Q } fragment Q on Query { a { secret } }', 'A.secret'],
  ['{ a { id secret @skip(if: true) } }', null],
  ['{ a { id secret @skip(if: false) } }', 'A.secret'],
  ['{ a { id ... @include(if: false) { secret } } }', null],
  ['{ a { id ...S @include(if: true) } } fragment S on A { secret }', 'A.secret'],
  ['query ($yes: Boolean = true) { a { id secret @skip(if: $yes) } }', null],
  ['query ($yes: Boolean = true) { a { id secret @include(if: $yes) } }', 'A.secret'],
  ['query ($yes: Boolean = true) { a { id secret @include(if: $yes) @skip(if: $yes) } }', null],
  ['{ node { ... on C { id more } } }', null],
  ['{ __schema { queryType { name } } __typename a { __typename } }', null],
])('%s', async (source, coordinate) => {
  const called: string[] = [];
  const { data, denied } = await ask(schemaOf(called), viewer('USER'), source);
  const rejected = coordinate !== null;
  expect([
    data === undefined || Object.values(data ?? {}).every((value) => value === null),
    called.length === 0,
  ]).toEqual([rejected, rejected]);
  expect(new Set(denied.map((one) => one.split(' ')[0]))).toEqual(new Set(rejected ? [coordinate] : []));
  expect((await ask(schemaOf([]), viewer('ADMIN', ['x']), source)).denied).toEqual([]);
});

test.each<readonly [string, string, readonly string[]]>([
  ['USER', 'subscription { ticks { secret } }', []],
  ['ADMIN', 'subscription { ticks { secret } }', ['ticks']],
  ['USER', 'subscription { ticks { id } }', ['ticks']],
])('for %s, %s opens its source or not', async (role, source, opened) => {
  const called: string[] = [];
  const result = await subscribe({ schema: schemaOf(called), document: parse(source), contextValue: viewer(role) });
  const answers: unknown[] = [];
  if (Symbol.asyncIterator in result) {
    for await (const { errors } of result) {
      answers.push(errors);
    }
  } else {
    answers.push(result.errors?.map(({ message }) => message));
  }
  expect(called).toEqual(opened);
  expect(answers).toEqual(opened.length === 0 ? [['Permission denied']] : [undefined]);
});

const read = (sdl: string) => () => readPolicy([authTypeDefsFor('Role'), ROLES, sdl], { denial: 'reject' });

const withField = (field: string): string =>
  `type N @public { id: ID by: ID ${field} } input In { y: Int @auth(policy: "p") } type Query @public { n: N }`;

describe('a rejection', () => {
  const SDL = `
    type Query @public { open: Int! shut: Int! @auth(requires: ADMIN) find(x: Int @auth(requires: ADMIN), in: In): Int! page: Page! thing: Thing }
    input In { y: Int @auth(requires: ADMIN) }
    type Page @public { id: ID! secret: ID! @auth(requires: ADMIN) }
    interface Thing @public { id: ID } type Open implements Thing @public { id: ID } type Secret implements Thing @auth(requires: ADMIN) { id: ID }
    type Mutation @public { write: Int! shut: Int! @auth(requires: ADMIN) }
  `;
  const called: string[] = [];
  const note = (name: string, value: unknown) => () => {
    called.push(name);
    return value;
  };
  const schema = guarded(
    SDL,
    {
      Query: {
        open: note('open', 1),
        shut: note('shut', 2),
        find: note('find', 3),
        page: note('page', { id: 1, secret: 2 }),
        thing: note('thing', { id: 1 }),
      },
      Mutation: { write: note('write', 1), shut: note('write shut', 1) },
      Thing: { __resolveType: () => 'Open' },
    },
    { denial: 'reject' },
  );

  test.each<readonly [string, string, string]>([
    ['a field', '{ open shut }', 'Query.shut'],
    ['a field further down', '{ open page { id secret } }', 'Page.secret'],
    ['within a fragment', '{ open ...F } fragment F on Query { page { ... on Page { x: secret } } }', 'Page.secret'],
    ['an argument', '{ open find(x: null) }', 'Query.find(x:)'],
    ['an input field by variable', 'query ($in: In = { y: 1 }) { open find(in: $in) }', 'In.y'],
    ['a later mutation', 'mutation { write shut }', 'Mutation.shut'],
  ])('fails the whole operation for %s', async (_name, operation, coordinate) => {
    called.length = 0;
    const { data, denied } = await ask(schema, viewer('USER'), operation);
    expect(data).toBeNull();
    expect(denied[0]).toContain(`${coordinate} FORBIDDEN`);
    expect(called).toEqual([]);
    expect((await ask(schema, viewer('ADMIN'), operation)).denied).toEqual([]);
  });

  test.each([
    '{ open page { id secret @include(if: false) } }',
    'query ($no: Boolean = false) { open ... @include(if: $no) { shut } }',
    '{ open thing { id } __typename }',
  ])('does not happen for %s', async (operation) => {
    expect((await ask(schema, viewer('USER'), operation)).denied).toEqual([]);
  });

  test.each<readonly [string, string, object, string]>([
    ['an argument', 'query ($x: Int = 1) { open page { must(x: $x, y: 1) } }', { page: { must: null } }, 'page.must'],
    ['@skip', 'query ($x: Boolean = true) { open page { id secret @skip(if: $x) } }', { page: null }, 'page'],
    ['@include', 'query ($x: Boolean = true) { open page { id secret @include(if: $x) } }', { page: null }, 'page'],
  ])('leaves %s that is not valid to the executor', async (_name, source, data, path) => {
    const nullable = guarded(
      `type Query @public { open: Int page: Page }
       type Page @public { id: ID secret: Int @auth(requires: ADMIN) must(x: Int!, y: Int @auth(requires: ADMIN)): Int @auth(requires: USER) }`,
      { Query: { open: () => 1, page: () => ({ id: 1 }) } },
      { denial: 'reject' },
    );
    for (const role of ['ADMIN', 'USER']) {
      const answer = await ask(nullable, viewer(role), source, { x: null });
      expect(answer).toEqual({
        data: { open: 1, ...data },
        denied: [expect.stringMatching(new RegExp(`not (to )?be null.* at ${path}$`))],
      });
    }
  });

  test('follows fragments that validation would refuse, as an executor does', async () => {
    const document = parse(`{ page { ...F } ...Missing }
      fragment F on Page { id ...F next { ...F } }`);
    const cyclic = guarded(
      'type Query @public { page: Page } type Page @public { id: ID next: Page secret: Int @auth(requires: ADMIN) }',
      { Query: { page: () => ({ id: 1, next: { id: 2 } }) } },
      { denial: 'reject' },
    );
    const { data, errors } = await execute({ schema: cyclic, document, contextValue: viewer('USER') });
    expect(errors).toBeUndefined();
    expect(JSON.parse(JSON.stringify(data))).toEqual({ page: { id: '1', next: { id: '2', next: null } } });
  });

  test.each([0, 1])('has its code, though only %i errors are listed', async (errorLimit) => {
    const limited = guarded(
      'type Query @public { a: Int @auth(requires: ADMIN) b: Int c: Int }',
      {},
      { denial: 'reject', errorLimit },
    );
    expect((await ask(limited, viewer('USER'), '{ a b c }')).denied).toEqual([
      'Query.a FORBIDDEN at a',
      'Query.a FORBIDDEN at b',
      'Query.a FORBIDDEN at c',
    ]);
  });

  test('needs nullable fields only where an object decides', () => {
    expect(read('type Query @public { a: Int! @auth(requires: ADMIN) }')).not.toThrow();
    expect(read('type N @auth(owner: "id") { id: ID } type Query @public { n: N! }')).toThrow(/Query.n: may be denied/);
    for (const field of [
      'a: Int! @auth(owner: "id")',
      'a: Int! @auth(requires: ADMIN) @auth(owner: "by")',
      'a(x: Int @auth(policy: "p")): Int!',
      'a(x: Int @auth(requires: USER) @auth(policy: "p")): Int!',
      'a(in: In): Int!',
    ]) {
      expect(read(withField(field))).toThrow(/N.a: may be denied/);
    }
    expect(read(withField('a(x: Int @auth(requires: ADMIN)): Int! @auth(requires: USER)'))).not.toThrow();
    expect(read(withField('a(x: Int): Int!'))).not.toThrow();
  });
});

/** Operations with arguments of fragments, which graphql 17 can be told to parse, and the coordinate that is denied. */
const WITH_ARGUMENTS: readonly (readonly [string, string | null])[] = [
  ['{ a { ...F(x: 1) } } fragment F($x: Int) on A { take(x: $x) }', 'A.take(x:)'],
  ['{ a { ...F } } fragment F($x: Int = 1) on A { take(x: $x) }', 'A.take(x:)'],
  ['{ a { ...F } } fragment F($x: Int) on A { take(x: $x) }', null],
  ['query ($x: Int = 1) { a { ...F } } fragment F($x: Int) on A { take(x: $x) }', null],
  [
    'query ($y: Int = 1) { a { ...F(x: $y) } } fragment F($x: Int) on A { ...G(z: $x) } fragment G($z: Int) on A { take(x: $z) }',
    'A.take(x:)',
  ],
  ['{ a { ...F(yes: true) } } fragment F($yes: Boolean!) on A { id secret @include(if: $yes) }', 'A.secret'],
  ['{ a { ...F(yes: false) } } fragment F($yes: Boolean!) on A { id secret @include(if: $yes) }', null],
  [
    '{ a { ...F(yes: true) next { ...F(yes: false) } } } fragment F($yes: Boolean!) on A { secret @skip(if: $yes) }',
    'A.secret',
  ],
  ['{ a { ...F(y: 2) } } fragment F($y: Int, $x: Int) on A { take(x: $x) }', null],
  ['{ a { ...F(y: 2) } } fragment F($y: Int) on A { take(x: 1) }', 'A.take(x:)'],
  ['{ a { ...F(y: 2) } } fragment F($y: Int, $x: Int) on A { many(xs: [$x, $y]) }', 'A.many(xs:)'],
  [
    '{ a { ...F(x: 1) ...G(x: 1) } } fragment F($x: Int) on A { id } fragment G($x: Int) on A { take(x: $x) }',
    'A.take(x:)',
  ],
  ['{ a { ...F(x: [1]) } } fragment F($x: [[[Int]]]) on A { id next { ...F(x: [$x]) } }', null],
];

test.each(versionInfo.major < 17 ? [] : WITH_ARGUMENTS)(
  'with arguments of fragments: %s',
  async (source, coordinate) => {
    const called: string[] = [];
    const options: object = { experimentalFragmentArguments: true };
    const document = parse(source, options);
    const { errors = [] } = await execute({ schema: schemaOf(called), document, contextValue: viewer('USER') });
    expect(errors.map(({ extensions }) => extensions['coordinate'])).toEqual(coordinate === null ? [] : [coordinate]);
    expect(called).toEqual(coordinate === null ? ['a'] : []);
  },
);

test.each(versionInfo.major < 17 ? [1] : [])(
  'on graphql 16 variables of fragments are those of the operation: %i',
  async (x) => {
    const source = 'query ($x: Int) { a { ...F } } fragment F($x: Int) on A { take(x: $x) }';
    const document = parse(source, { allowLegacyFragmentVariables: true });
    const schema = schemaOf([]);
    const { errors = [] } = await execute({ schema, document, contextValue: viewer('USER'), variableValues: { x } });
    expect(errors.map(({ extensions }) => extensions['coordinate'])).toEqual(['A.take(x:)']);
  },
);
