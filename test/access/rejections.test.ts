import { parse, subscribe } from 'graphql';
import { expect, test } from 'vitest';
import { ask, guarded, viewer } from './support.ts';

// With `denial: 'reject'` an operation runs as a whole or not at all.

const SDL = `
  interface Node @public { id: ID }
  type A implements Node @public { id: ID secret: Int @auth(requires: ADMIN) next: A take(x: Int @auth(requires: ADMIN)): Int }
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
