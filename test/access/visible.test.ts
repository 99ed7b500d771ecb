import { printSchema } from 'graphql';
import { describe, expect, test } from 'vitest';
import { type AccessViewer, visibleSchema } from '../../src/access/index.ts';
import { ANONYMOUS, policyOfSdl, viewer } from './support.ts';

/** Returns the visible schema as SDL, without descriptions and without the directive that needs no role. */
function sdlFor(sdl: string, who: AccessViewer): string {
  const printed = printSchema(visibleSchema(policyOfSdl(sdl), { viewer: who }));
  return printed
    .replace(/"""[^"]*"""\ndirective @semanticNonNull.*\n\n/, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

const tidy = (text: string): string[] =>
  text
    .replaceAll(/\b(type|interface|input|enum|union) /g, '\n$1 ')
    .trim()
    .split('\n')
    .map((line) => line.trim())
    .sort();

describe('a part that a viewer can never reach is absent', () => {
  test.each<readonly [string, string, AccessViewer, string]>([
    ['a field', 'type Query @public { a: Int b: Int @auth }', ANONYMOUS, 'type Query { a: Int }'],
    ['nothing is hidden', 'type Query @public { a: Int b: Int @auth }', viewer(), 'type Query { a: Int b: Int }'],
    [
      'by a permission',
      'type Query @public { a: Int b: Int @auth(permissions: "x") }',
      viewer([], ['x']),
      'type Query { a: Int b: Int }',
    ],
    [
      'by another permission',
      'type Query @public { a: Int b: Int @auth(permissions: "x") }',
      viewer([], ['y']),
      'type Query { a: Int }',
    ],
    ['everything', 'type Query @auth { a: Int }', ANONYMOUS, 'type Query'],
    [
      'whatever leads to nothing but that, however far away',
      'type A @public { b: B } type B @public { c: C } type C @public { d: D } type D @public { e: Int @auth } type Query @public { a: A z: Int }',
      ANONYMOUS,
      'type Query { z: Int }',
    ],
    [
      'a union of types of which nothing is left',
      'type A @public { a: Int @auth } type B @public { b: Int @auth } union U = A | B type Query @public { u: U z: Int }',
      ANONYMOUS,
      'type Query { z: Int }',
    ],
    [
      'not an interface that nothing implements',
      'interface I @public { a: Int } type Query @public { i: I }',
      ANONYMOUS,
      'interface I { a: Int } type Query { i: I }',
    ],
    [
      'not what only a union, an interface and a directive lead to',
      `interface I @public { a: Int } type T implements I @public { a: Int b: Int } type M @public { i: I } union U = M
       enum Rate { HIGH } directive @live(rate: Rate) on QUERY input F { rate: More } enum More { MORE }
       type Query @public { u(f: F): U }`,
      ANONYMOUS,
      'directive @live(rate: Rate) on QUERY interface I { a: Int } type T implements I { a: Int b: Int } type M { i: I } union U = M enum Rate { HIGH } input F { rate: More } enum More { MORE } type Query { u(f: F): U }',
    ],
    [
      'a field that returns a closed type, and the type',
      'type T @auth { a: Int } type Query @public { t: [T!] z: Int }',
      ANONYMOUS,
      'type Query { z: Int }',
    ],
    [
      'a type that is emptied',
      'type T @public { a: Int @auth } type Query @public { t: T z: Int }',
      ANONYMOUS,
      'type Query { z: Int }',
    ],
    [
      'what leads to it',
      'type T @public { a: Int @auth } type U @public { t: T } type Query @public { u: U z: Int }',
      ANONYMOUS,
      'type Query { z: Int }',
    ],
    [
      'a type that nothing leads to any more',
      'type T @public { a: Int } type Query @public { t: T @auth z: Int }',
      ANONYMOUS,
      'type Query { z: Int }',
    ],
    ['an argument', 'type Query @public { a(x: Int @auth, y: Int): Int }', ANONYMOUS, 'type Query { a(y: Int): Int }'],
    [
      'a required argument, with its field',
      'type Query @public { a(x: Int! @auth): Int z: Int }',
      ANONYMOUS,
      'type Query { z: Int }',
    ],
    [
      'an input field',
      'input I { x: Int @auth y: Int } type Query @public { a(i: I): Int }',
      ANONYMOUS,
      'type Query { a(i: I): Int } input I { y: Int }',
    ],
    [
      'a required input field, with its type and the arguments of that',
      'input I { x: Int! @auth y: Int } type Query @public { a(i: I): Int }',
      ANONYMOUS,
      'type Query { a: Int }',
    ],
    [
      'and with the fields that require these',
      'input I { x: Int! @auth y: Int } input J { i: I! } type Query @public { a(j: J!): Int z: Int }',
      ANONYMOUS,
      'type Query { z: Int }',
    ],
    [
      'an emptied input type',
      'input I { x: Int @auth } input J { i: I y: Int } type Query @public { a(j: J, i: I): Int }',
      ANONYMOUS,
      'type Query { a(j: J): Int } input J { y: Int }',
    ],
    [
      'what the arguments of a directive lose',
      `directive @show(as: Form, only: Shut, n: Int) on FIELD directive @hide(only: Shut) on FIELD directive @plain(n: Int) on FIELD
       enum Form { A B @reads(fields: ["Query.s"]) } input Shut { x: Int @auth } type Query @public { a: Int s: Int @auth }`,
      ANONYMOUS,
      'directive @show(as: Form, n: Int) on FIELD directive @hide on FIELD directive @plain(n: Int) on FIELD enum Form { A } type Query { a: Int }',
    ],
    [
      'an enum value',
      'enum E { X @reads(fields: ["Query.s"]) Y } type Query @public { a(e: E): Int s: Int @auth }',
      ANONYMOUS,
      'type Query { a(e: E): Int } enum E { Y }',
    ],
    [
      'an emptied enum',
      'enum E { X @reads(fields: ["Query.s"]) } type Query @public { a(e: E): Int b: E s: Int @auth }',
      ANONYMOUS,
      'type Query { a: Int }',
    ],
    [
      'a member of a union',
      'type T @auth { a: Int } type O @public { a: Int } union U = T | O type Query @public { u: U }',
      ANONYMOUS,
      'type Query { u: U } union U = O type O { a: Int }',
    ],
    [
      'a union without members',
      'type T @auth { a: Int } type S @auth { a: Int } union U = T | S type Query @public { u: U z: Int }',
      ANONYMOUS,
      'type Query { z: Int }',
    ],
    [
      'an implementer',
      'interface I @public { a: Int } type T implements I @auth { a: Int } type O implements I @public { a: Int } type Query @public { i: I }',
      ANONYMOUS,
      'type Query { i: I } interface I { a: Int } type O implements I { a: Int }',
    ],
    [
      'a closed interface, with its implementers',
      'interface I @auth { a: Int } type T implements I { a: Int } type Query @public { i: I t: T z: Int }',
      ANONYMOUS,
      'type Query { z: Int }',
    ],
    [
      'a guarded field of an interface',
      'interface I @public { a: Int b: Int @auth } type T implements I @public { a: Int b: Int } type Query @public { i: I t: T }',
      ANONYMOUS,
      'type Query { i: I t: T } interface I { a: Int } type T implements I { a: Int }',
    ],
    [
      'a field that an implementer has to hide',
      'interface I @public { a: Int b: Int } type T implements I @public { a: Int b: Int @auth } type O implements I @public { a: Int b: Int } type Query @public { i: I }',
      ANONYMOUS,
      'type Query { i: I } interface I { a: Int } type T implements I { a: Int } type O implements I { a: Int b: Int }',
    ],
    [
      'an argument that an implementer has to hide',
      'interface I @public { a(x: Int): Int } type T implements I @public { a(x: Int @auth): Int } type Query @public { i: I }',
      ANONYMOUS,
      'type Query { i: I } interface I { a: Int } type T implements I { a: Int }',
    ],
    [
      'an interface of which nothing is left',
      'interface I @public { a: Int @auth } type T implements I @public { a: Int z: Int } type Query @public { t: T i: I }',
      ANONYMOUS,
      'type Query { t: T } type T { z: Int }',
    ],
    [
      'not what an owner may see',
      'type T @auth(requires: ADMIN, owner: "id") { id: ID s: Int @auth(requires: ADMIN) } type Query @public { t: T }',
      viewer(),
      'type Query { t: T } type T { id: ID }',
    ],
    [
      'an anonymous viewer owns nothing',
      'type T @auth(requires: ADMIN, owner: "id") { id: ID } type Query @public { t: T z: Int }',
      ANONYMOUS,
      'type Query { z: Int }',
    ],
    [
      'the enum of roles, unless it is asked for',
      'type Query @public { a: Int r: Role @auth }',
      ANONYMOUS,
      'type Query { a: Int }',
    ],
    [
      'a mutation',
      'type Query @public { a: Int } type Mutation @public { m: Int n: Int @auth }',
      ANONYMOUS,
      'type Query { a: Int } type Mutation { m: Int }',
    ],
    [
      'an interface of an interface',
      'interface J @public { a: Int } interface I implements J @public { a: Int b: Int @auth } type T implements I & J @public { a: Int b: Int } type Query @public { j: J }',
      ANONYMOUS,
      'type Query { j: J } interface J { a: Int } type T implements I & J { a: Int } interface I implements J { a: Int }',
    ],
  ])('%s', (_name, sdl, who, expected) => {
    expect(tidy(sdlFor(sdl, who))).toEqual(tidy(expected));
  });

  test('access directives, which name roles, are never shown', () => {
    const printed = printSchema(
      visibleSchema(policyOfSdl('type Query @public { a: Int }'), { viewer: viewer('ADMIN') }),
    );
    expect(printed).not.toMatch(/Role|auth|inherits|ADMIN/);
  });

  test('directives of others stay', () => {
    const printed = printSchema(
      visibleSchema(policyOfSdl('directive @cost(x: Kind) on FIELD enum Kind { A } type Query @public { a: Int }'), {
        viewer: ANONYMOUS,
      }),
    );
    expect(printed).toContain('directive @cost(x: Kind) on FIELD');
    expect(printed).toContain('enum Kind');
  });
});
