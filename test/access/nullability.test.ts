import { describe, expect, test } from 'vitest';
import { faultsOf, problemsOf } from './support.ts';

type Case = readonly [name: string, sdl: string, faults: readonly string[]];

function check(cases: readonly Case[]): void {
  test.each(cases)('%s', (_name, sdl, faults) => {
    expect(faultsOf(sdl.includes('type Query') ? sdl : `type Query @public { z: Int } ${sdl}`)).toEqual(faults);
  });
}

describe('a field that may be denied is nullable', () => {
  check([
    ['a guarded field', 'type T @public { a: Int! @auth }', ['T.a']],
    ['a nullable one', 'type T @public { a: Int @auth }', []],
    ['a guarded list', 'type T @public { a: [Int!]! @auth }', ['T.a']],
    ['its items are not denied', 'type T @public { a: [Int!] @auth }', []],
    [
      'behind the same requirement as its type',
      'type T @auth(requires: USER) { a: Int! b: Int! @auth(requires: USER) }',
      [],
    ],
    [
      'behind a weaker requirement',
      'type T @auth(requires: ADMIN) { a: Int! @auth(requires: USER) b: Int! @auth }',
      [],
    ],
    ['behind a wider requirement', 'type T @auth(requires: ADMIN) { a: Int! @auth(requires: [AUDITOR, EDITOR]) }', []],
    ['behind a stronger requirement', 'type T @auth(requires: USER) { a: Int! @auth(requires: ADMIN) }', ['T.a']],
    ['behind another requirement', 'type T @auth(requires: AUDITOR) { a: Int! @auth(requires: EDITOR) }', ['T.a']],
    [
      'a role does not imply a permission',
      'type T @auth(requires: ADMIN) { a: Int! @auth(permissions: "x") }',
      ['T.a'],
    ],
    ['a permission does not imply a role', 'type T @auth(permissions: "x") { a: Int! @auth(requires: USER) }', ['T.a']],
    [
      'a permission implies itself, and being signed in',
      'type T @auth(permissions: "x") { a: Int! @auth(permissions: ["x", "y"]) b: Int! @auth }',
      [],
    ],
    [
      'one of two keys is not enough',
      'type T @auth(requires: ADMIN, permissions: "x") { a: Int! @auth(requires: ADMIN) }',
      ['T.a'],
    ],
    [
      'one of two requirements is enough',
      'type T @auth(requires: USER) @auth(permissions: "x") { a: Int! @auth(permissions: "x") }',
      [],
    ],
    [
      'the requirement of an interface',
      'interface I @public { a: Int! @auth } type T implements I @public { a: Int! }',
      ['I.a', 'T.a'],
    ],
    [
      'an implementer with a requirement of its own',
      'interface I @public { a: Int! } type T implements I @auth { a: Int! }',
      [],
    ],
    ['a root field', 'type Query @public { a: Int! @auth }', ['Query.a']],
    ['a field of a closed root', 'type Query @auth { a: Int! }', ['Query.a']],
    ['a computed field', 'type T @public { a: Int @auth b: Int! @reads(fields: ["T.a"]) }', ['T.b']],
  ]);
});

describe('a field that returns a closed type', () => {
  check([
    ['non-null', 'type C @auth { a: Int } type T @public { c: C! }', ['T.c']],
    ['within the same requirement', 'type C @auth { a: Int } type T @auth(requires: USER) { c: C! cs: [C!]! }', []],
    [
      'with a requirement of its own',
      'type C @auth { a: Int } type T @public { c: C! @auth(requires: USER) }',
      ['T.c'],
    ],
    ['a list is denied as a whole', 'type C @auth(requires: USER) { a: Int } type T @public { c: [C!] }', []],
    ['a non-null list', 'type C @auth(requires: USER) { a: Int } type T @public { c: [C!]! }', ['T.c']],
    ['itself', 'type C @auth(requires: USER) { next: C! all: [C!]! }', []],
  ]);
});

describe('a field that returns what is judged by its owner', () => {
  const C = 'type C @auth(requires: EDITOR, owner: "id") { id: ID! a: Int! @auth(owner: "id", requires: EDITOR) }';
  check([
    ['its own fields need not be nullable', C, []],
    ['one', `${C} type T @public { c: C! }`, ['T.c']],
    ['a list', `${C} type T @public { c: [C!] }`, ['T.c']],
    ['a list of lists', `${C} type T @public { c: [[C!]!] }`, ['T.c']],
    ['nullable items', `${C} type T @public { c: [C] d: [[C]!] }`, []],
    ['both are told', `${C} type T @public { c: [C!]! }`, ['T.c', 'T.c']],
    ['unless the field auth the role', `${C} type T @public { c: [C!] @auth(requires: EDITOR) }`, []],
    ['or more', `${C} type T @public { c: [C!] @auth(requires: ADMIN) }`, []],
    ['less does not do', `${C} type T @public { c: [C!] @auth(requires: USER) }`, ['T.c']],
    [
      'owning the parent is not owning the child',
      'type C @auth(owner: "id") { id: ID! next: C! all: [C!] }',
      ['C.all', 'C.next'],
    ],
    ['a field with an owner of its own', 'type T @public { id: ID! a: Int! @auth(owner: "id") }', ['T.a']],
    ['for anonymous viewers, too', 'type C @auth(policy: "p") { id: ID } type T @public { c: [C]! }', []],
    [
      'whom a policy of the parent may have let in',
      'type C @auth(owner: "id") { id: ID } type T @auth(policy: "p") { c: [C]! }',
      ['T.c'],
    ],
    ['another owner', 'type T @auth(owner: "id") { id: ID! by: ID a: Int! @auth(owner: "by") }', ['T.a']],
  ]);
});

describe('a field that returns an abstract type', () => {
  const TYPES = 'type O @public { a: Int } type C @auth(requires: EDITOR) { a: Int } union U = O | C';
  check([
    ['one', `${TYPES} type T @public { u: U! }`, ['T.u']],
    ['nullable', `${TYPES} type T @public { u: U us: [U] }`, []],
    ['a list: its items', `${TYPES} type T @public { us: [U!] }`, ['T.us']],
    ['a list: not the list', `${TYPES} type T @public { us: [U]! }`, []],
    ['unless the field auth as much', `${TYPES} type T @public { us: [U!] @auth(requires: EDITOR) }`, []],
    ['no member closed', 'type A @public { a: Int } union U = A type T @public { u: U! us: [U!]! }', []],
    [
      'all members closed: the list, too',
      'type A @auth { a: Int } type B @auth { a: Int } union U = A | B type T @public { us: [U]! }',
      ['T.us'],
    ],
    ['within the same requirement', 'type A @auth { u: U! us: [U!]! } type B @auth { a: Int } union U = A | B', []],
    [
      'the requirement of the interface',
      'interface I @auth { a: Int } type A implements I { a: Int i: I! is: [I!]! } type T @public { i: I! }',
      ['T.i'],
    ],
  ]);
});

describe('a field that takes guarded input', () => {
  check([
    ['an argument', 'type T @public { a(b: Int @auth): Int! }', ['T.a']],
    [
      'an argument that asks for no more than the field',
      'type T @auth(requires: ADMIN) { a(b: Int @auth(requires: USER)): Int! }',
      [],
    ],
    ['an input field', 'input I { x: Int @auth y: Int } type T @public { a(i: I): Int! }', ['T.a']],
    [
      'one deep inside',
      'input J { i: [I!] j: J } input I { x: Int @auth y: Int } type T @public { a(j: J): Int! }',
      ['T.a'],
    ],
    [
      'an enum value',
      'enum E { X @reads(fields: ["T.s"]) Y } type T @public { s: Int @auth a(e: [E!]): Int! }',
      ['T.a'],
    ],
    ['nullable', 'input I { x: Int @auth y: Int } type T @public { a(i: I): Int }', []],
  ]);
});

/** A connection of nodes behind a requirement, and a field that returns it. */
function connection(node: string, rest = ''): string {
  return `type C @auth(${node}) { id: ID! } type CEdge { node: C! cursor: String! }
     type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
     type CConnection { edges: [CEdge!]! nodes: [C!]! pageInfo: PageInfo! totalCount: Int! } ${rest}`;
}

describe('connections', () => {
  check([
    [
      'behind a role, a viewer who got in got past the nodes',
      connection('requires: USER', 'type T @public { cs: CConnection }'),
      [],
    ],
    ['non-null connection', connection('requires: USER', 'type T @public { cs: CConnection! }'), ['T.cs']],
    [
      'with an owner, nodes and the count may be denied',
      connection('requires: USER, owner: "id"'),
      ['CConnection.nodes', 'CConnection.totalCount', 'CEdge.node'],
    ],
  ]);
});

describe('mutations', () => {
  const TYPES = 'type O @public { a: Int } type C @auth(requires: EDITOR) { a: Int } union U = O | C';
  const query = 'type Query @public { z: Int }';
  check([
    ['an abstract type with a stronger member', `${query} ${TYPES} type Mutation @public { m: U }`, ['Mutation.m']],
    ['a list of it', `${query} ${TYPES} type Mutation @public { m: [U] }`, ['Mutation.m']],
    ['demanding as much', `${query} ${TYPES} type Mutation @public { m: U @auth(requires: EDITOR) }`, []],
    ['demanding more', `${query} ${TYPES} type Mutation @public { m: U @auth(requires: ADMIN) }`, []],
    ['demanding less', `${query} ${TYPES} type Mutation @public { m: U @auth(requires: USER) }`, ['Mutation.m']],
    ['demanded by the type Mutation', `${query} ${TYPES} type Mutation @auth(requires: EDITOR) { m: U }`, []],
    ['a closed object is judged beforehand', `${query} ${TYPES} type Mutation @public { m: C }`, []],
    ['in a payload', `${query} ${TYPES} type P @public { u: U } type Mutation @public { m: P }`, []],
    ['a query may', `${TYPES} type Query @public { q: U }`, []],
    [
      'a member judged by its owner',
      `${query} type A @auth(requires: EDITOR, owner: "id") { id: ID! } union U = A type Mutation @public { m: U }`,
      [],
    ],
    [
      'a root type by another name',
      `schema { query: Query mutation: M } ${query} ${TYPES} type M @public { m: U }`,
      ['M.m'],
    ],
  ]);
});

test('the message says what the type should be, and what tells clients', () => {
  expect(problemsOf('type Query @public { a: [Int!]! @auth }')).toEqual([
    'Query.a: may be denied, so it must be nullable: [Int!] (@semanticNonNull tells clients that it is null only with an error)',
  ]);
});
