import { describe, expect, test } from 'vitest';
import { faultsOf } from './support.ts';

/** The mistake, the type definitions, and the coordinates that are reported; none if there is no mistake. */
type Case = readonly [name: string, sdl: string, faults: readonly string[]];

const OK = 'type Query @public { a: Int }';

function check(cases: readonly Case[]): void {
  test.each(cases)('%s', (_name, sdl, faults) => {
    expect(faultsOf(sdl.includes('type Query') ? sdl : `${OK} ${sdl}`)).toEqual([...faults].sort());
  });
}

describe('undecided', () => {
  check([
    ['a field of an unmarked type', 'type Query { a: Int }', ['Query.a']],
    [
      'every one of them is told',
      'type Query { a: Int b: Int @public } type T { c: Int d: Int @auth }',
      ['Query.a', 'T.c'],
    ],
    ['a field by an extension', 'type Query { a: Int @public } extend type Query { b: Int }', ['Query.b']],
    ['a type that nothing returns', 'type Lost { a: Int }', ['Lost.a']],
    ['a field of an interface', 'interface I { a: Int } type T implements I @public { a: Int }', ['I.a']],
    ['decided by the type', 'type T @auth(requires: USER) { a: Int }', []],
    ['decided by an extension of the type', 'type T { a: Int } extend type T @public', []],
    ['decided by the field', 'type T { a: Int @auth b: Int @public }', []],
    ['decided by the field of the interface', 'interface I { a: Int @public } type T implements I { a: Int }', []],
    ['decided by @public on the interface', 'interface I @public { a: Int } type T implements I { a: Int }', []],
    [
      '@public on the interface decides its own fields only',
      'interface I @public { a: Int } type T implements I { a: Int b: Int }',
      ['T.b'],
    ],
    [
      '@auth on the interface guards, and decides, the whole implementer',
      'interface I @auth { a: Int } type T implements I { a: Int b: Int }',
      [],
    ],
    ['@reads alone decides nothing', 'type T { a: Int @public b: Int @reads(fields: ["T.a"]) }', ['T.b']],
    ['@deprecated decides nothing', 'type T { a: Int @deprecated }', ['T.a']],
    [
      'input types, enums, unions and scalars need no decision',
      'scalar S enum E { A } input I { a: Int } union U = T type T @public { a: S e(i: I, e: E): E }',
      [],
    ],
  ]);
});

describe('contradictory', () => {
  check([
    ['@public and @auth on a field', 'type T @public { a: Int @public @auth }', ['T.a']],
    ['@public and @auth on a type', 'type T @public @auth { a: Int }', ['T']],
    ['@public and @auth on an interface', 'interface I @public @auth(requires: USER) { a: Int }', ['I']],
    ['spread over an extension', 'type T @public { a: Int } extend type T @auth', ['T']],
    ['a public field in a closed type', 'type T @auth { a: Int @public }', ['T.a']],
    [
      'a public field in a type that an interface closes',
      'interface I @auth { a: Int } type T implements I { a: Int b: Int @public }',
      ['T.b'],
    ],
    [
      'a public type that an interface closes',
      'interface I @auth { a: Int } type T implements I @public { a: Int }',
      ['T'],
    ],
    [
      'a public field that the interface guards',
      'interface I @public { a: Int @auth } type T implements I @public { a: Int @public }',
      ['T.a'],
    ],
    ['a public field of a closed root', 'type Query @auth { a: Int @public }', ['Query.a']],
    ['a public field may return a closed type', 'type T @auth { a: Int } type U @public { t: T @public }', []],
    [
      'an implementer may be more closed than its interface',
      'interface I @public { a: Int } type T implements I @auth { a: Int }',
      [],
    ],
    [
      'a public field may read what is guarded',
      'type T @public { a: Int @auth b: Int @public @reads(fields: ["T.a"]) }',
      [],
    ],
  ]);
});

function field(auth: string): string {
  return `type T @public { a: Int ${auth} }`;
}

describe('roles and permissions', () => {
  check([
    ['a list', field('@auth(requires: [ADMIN, USER])'), []],
    ['a single one stands for a list', field('@auth(requires: ADMIN)'), []],
    ['unknown', field('@auth(requires: BOSS)'), ['T.a']],
    ['unknown among known', field('@auth(requires: [ADMIN, BOSS])'), ['T.a']],
    ['in another case', field('@auth(requires: admin)'), ['T.a']],
    ['constructor', field('@auth(requires: constructor)'), ['T.a']],
    ['__proto__', field('@auth(requires: __proto__)'), ['T.a']],
    ['toString', field('@auth(requires: toString)'), ['T.a']],
    ['quoted', field('@auth(requires: "ADMIN")'), ['T.a']],
    ['quoted in a list', field('@auth(requires: ["ADMIN"])'), ['T.a']],
    ['empty list', field('@auth(requires: [])'), ['T.a']],
    ['null', field('@auth(requires: null)'), ['T.a']],
    ['null in a list', field('@auth(requires: [null])'), ['T.a']],
    ['a list in a list', field('@auth(requires: [[ADMIN]])'), ['T.a']],
    ['a number', field('@auth(requires: 1)'), ['T.a']],
    ['an object', field('@auth(requires: {a: ADMIN})'), ['T.a']],
    ['one of two keys is empty', field('@auth(requires: ADMIN, permissions: [])'), ['T.a']],
    ['permissions', field('@auth(permissions: ["a:b", "c"])'), []],
    ['permissions: empty list', field('@auth(permissions: [])'), ['T.a']],
    ['permissions: null', field('@auth(permissions: null)'), ['T.a']],
    ['permissions: an empty text', field('@auth(permissions: "")'), ['T.a']],
    ['permissions: blank', field('@auth(permissions: " ")'), ['T.a']],
    ['permissions: an enum value', field('@auth(permissions: ADMIN)'), ['T.a']],
    ['an unknown argument', field('@auth(require: ADMIN)'), ['T.a']],
    ['an unknown argument of @public', field('@public(to: "all")'), ['T.a']],
    ['on a type', 'type T @auth(requires: NOBODY) { a: Int }', ['T']],
    ['on an argument', 'type T @public { a(b: Int @auth(requires: [])): Int }', ['T.a(b:)']],
    ['on an input field', 'input I { a: Int @auth(requires: BOSS) }', ['I.a']],
    ['the second of two', field('@auth @auth(requires: [])'), ['T.a']],
  ]);
});

describe('owners', () => {
  check([
    ['a field of the type', 'type T @auth(owner: "id") { id: ID! }', []],
    ['a nullable id', 'type T @auth(owner: "by") { by: ID }', []],
    ['an object with an id', 'type U @public { id: ID! } type T @auth(owner: "by") { by: U }', []],
    ['on a field', 'type T @public { id: ID! a: Int @auth(owner: "id") }', []],
    ['no such field', 'type T @auth(owner: "nope") { id: ID! }', ['T']],
    ['constructor', 'type T @auth(owner: "constructor") { id: ID! }', ['T']],
    ['on a field, no such field', 'type T @public { a: Int @auth(owner: "nope") }', ['T.a']],
    ['a text', 'type T @auth(owner: "by") { by: String }', []],
    ['a number', 'type T @auth(owner: "by") { by: Int }', []],
    ['a custom scalar', 'scalar UUID type T @auth(owner: "by") { by: UUID! }', []],
    ['a Boolean', 'type T @auth(owner: "by") { by: Boolean }', ['T']],
    ['a Float', 'type T @auth(owner: "by") { by: Float }', ['T']],
    ['an enum', 'enum E { A } type T @auth(owner: "by") { by: E }', ['T']],
    ['a path', 'type A @public { owner: ID } type T @auth(owner: "account.owner") { account: A }', []],
    [
      'a path to an object',
      'type A @public { owner: U } type U @public { id: ID } type T @auth(owner: "account.owner") { account: A }',
      [],
    ],
    ['a path to nothing', 'type A @public { owner: ID } type T @auth(owner: "account.user") { account: A }', ['T']],
    ['a path through a leaf', 'type T @auth(owner: "id.owner") { id: ID }', ['T']],
    [
      'a path through a list',
      'type A @public { owner: ID } type T @auth(owner: "accounts.owner") { accounts: [A] }',
      ['T'],
    ],
    [
      'a path through a union',
      'type A @public { owner: ID } union U = A type T @auth(owner: "u.owner") { u: U }',
      ['T'],
    ],
    ['a path with an empty part', 'type T @auth(owner: "id.") { id: ID }', ['T']],
    ['a list', 'type T @auth(owner: "by") { by: [ID!] }', ['T']],
    ['an object without an id', 'type U @public { a: ID } type T @auth(owner: "by") { by: U }', ['T']],
    ['an object whose id is a number', 'type U @public { id: Int } type T @auth(owner: "by") { by: U }', []],
    ['an object whose id is no id', 'type U @public { id: Boolean } type T @auth(owner: "by") { by: U }', ['T']],
    ['a field that needs arguments', 'type T @auth(owner: "by") { by(x: Int!): ID }', ['T']],
    ['a field with optional arguments', 'type T @auth(owner: "by") { by(x: Int): ID }', []],
    ['null', 'type T @auth(owner: null) { by: ID }', ['T']],
    ['empty', 'type T @auth(owner: "") { by: ID }', ['T']],
    ['several', 'type T @auth(owner: ["id", "by"]) { id: ID by: ID }', []],
    ['several, of which one does not exist', 'type T @auth(owner: ["id", "nope"]) { id: ID by: ID }', ['T']],
    ['on an interface', 'interface I @auth(owner: "id") { id: ID }', ['I']],
    ['on a field of an interface', 'interface I @public { id: ID a: Int @auth(owner: "id") }', ['I.a']],
    ['on an argument', 'type T @public { id: ID a(b: Int @auth(owner: "id")): Int }', ['T.a(b:)']],
    ['on an input field', 'input I { id: ID a: Int @auth(owner: "id") }', ['I.a']],
    ['on a root type', 'type Query @auth(owner: "id") { id: ID }', ['Query']],
    ['on a field of a root type', 'type Query @public { id: ID a: Int @auth(owner: "id") }', ['Query.a']],
  ]);
});
