import { parse, print } from 'graphql';
import { describe, expect, test } from 'vitest';
import { authTypeDefs, type Policy, policyTypes, readPolicy } from '../../src/access/index.ts';
import { requirementsAt, policyOfSdl, ROLES } from './support.ts';

/** A policy as text, all that it says. */
function textOf(policy: Policy): string {
  return JSON.stringify([
    [...policy.rules.values()],
    [...policy.types],
    [...policy.roles].map(([role, held]) => [role, ...[...held].sort()].join()).sort(),
    [...policy.permissions],
  ]);
}

/** Made anew by each test. */
const policy = (): Policy =>
  policyOfSdl(`
  type T @auth(requires: USER) { a(b: Int @auth(requires: ADMIN), c: Int, d: Int @reads(fields: ["T.e"])): Int e: Int @auth(permissions: "x") }
  input I { f: Int @auth @auth(requires: ADMIN) g: Int }
  enum E { X @reads(fields: ["T.e"]) Y }
  union U = T
  scalar S
  type Query @public { z: Int more(a: Int @auth(permissions: ["w", "x"])): U @auth(permissions: "w") }`);

describe('arguments, input fields and enum values', () => {
  test.each([
    ['T.a(b:)', ['T: USER', 'T.a(b:): ADMIN']],
    ['T.a(c:)', ['T: USER']],
    ['T.a(d:)', ['T: USER', 'T.e: "x"']],
    ['I.f', ['I.f: ADMIN', 'I.f: signed-in']],
    ['I.g', []],
    ['E.X', ['T: USER', 'T.e: "x"']],
    ['E.Y', []],
  ])('%s', (coordinate, requirements) => {
    expect(requirementsAt(policy(), coordinate)).toEqual(requirements);
  });

  test('are in the table with every other coordinate, sorted', () => {
    const coordinates = [...policy().rules.keys()];
    expect(coordinates.filter((coordinate) => !coordinate.startsWith('Role.'))).toEqual([
      'E.X',
      'E.Y',
      'I.f',
      'I.g',
      'Query.more',
      'Query.more(a:)',
      'Query.z',
      'T.a',
      'T.a(b:)',
      'T.a(c:)',
      'T.a(d:)',
      'T.e',
    ]);
    expect(coordinates).toEqual([...coordinates].sort());
  });

  test('are in the table with what they are, as types are with their members', () => {
    const kinds = ['E.X', 'I.f', 'T.a', 'T.a(b:)'].map((coordinate) => policy().rules.get(coordinate)?.kind);
    expect(kinds).toEqual(['enumValue', 'inputField', 'field', 'argument']);
    const members = [...policy().rules.values()].filter((rule) => rule.members.length > 0);
    expect(members.map((rule) => [rule.coordinate, rule.members.map(({ type }) => type)])).toEqual([
      ['Query.more', ['T']],
      ['Query.more(a:)', ['T']],
    ]);
  });

  test('are in the table beside the requirements of object and interface types, sorted', () => {
    expect([...policy().types.keys()]).toEqual(['Query', 'T']);
  });

  test('share one list of requirements where these are equal, so that a large schema takes little memory', () => {
    const { rules, types } = policy();
    expect(rules.get('T.a')?.requirements).toBe(types.get('T'));
    expect(rules.get('T.a(c:)')?.requirements).toBe(types.get('T'));
  });

  test('permissions are listed with where they are written, sorted', () => {
    expect([...policy().permissions]).toEqual([
      ['w', ['Query.more', 'Query.more(a:)']],
      ['x', ['Query.more(a:)', 'T.e']],
    ]);
  });

  test('roles are closed over what they inherit', () => {
    expect([...policy().roles].map(([role, held]) => [role, [...held].sort()])).toEqual([
      ['ADMIN', ['ADMIN', 'EDITOR', 'USER']],
      ['EDITOR', ['EDITOR', 'USER']],
      ['AUDITOR', ['AUDITOR', 'USER']],
      ['USER', ['USER']],
    ]);
  });

  test('the unions are printed as TypeScript', () => {
    expect(policyTypes(policyOfSdl(`type Query @public { a: Int @auth(permissions: ["it's", "b", "\\"c\\""]) }`))).toBe(
      `/** A role of the schema. */
export type Role =
  | 'ADMIN'
  | 'AUDITOR'
  | 'EDITOR'
  | 'USER';

/** A permission that satisfies a requirement. */
export type Permission =
  | '"c"'
  | 'b'
  | 'it\\'s';

/** A policy function that a requirement names. */
export type PolicyName = never;

/** A field, argument, input field or enum value of the schema. */
export type Coordinate =
  | 'Query.a'
  | 'Role.ADMIN'
  | 'Role.AUDITOR'
  | 'Role.EDITOR'
  | 'Role.USER';
`,
    );
    expect(policyTypes(policyOfSdl('type Query @public { a: Int }'))).toContain('export type Permission = never;');
  });
});

describe('the table does not depend on the order', () => {
  const parts = [
    'interface I @auth(requires: USER) @auth(permissions: ["b", "a"]) { a: Int }',
    'type T implements I @auth(owner: "id", requires: [EDITOR, ADMIN]) { a: Int @auth(requires: [ADMIN, AUDITOR]) id: ID }',
    'union U = T | O',
    'type O @public { b(c: Int @auth(requires: [AUDITOR, ADMIN]) d: E): Int @reads(fields: ["T.a", "T.id"]) }',
    'enum E { X @reads(fields: ["T.id", "T.a"]) Y }',
    'type Query @public { u: U t: [T] o: O @auth @auth(requires: ADMIN) }',
  ];
  const expected = textOf(readPolicy([authTypeDefs, ROLES, ...parts]));

  test('of definitions', () => {
    expect(textOf(readPolicy([...parts].toReversed().concat(ROLES, authTypeDefs)))).toBe(expected);
  });

  test('of directives, their lists, and fields', () => {
    const changed = [
      'interface I @auth(permissions: ["a", "b"]) @auth(requires: [USER]) { a: Int }',
      'type T implements I @auth(requires: [ADMIN, EDITOR], owner: "id") { id: ID a: Int @auth(requires: [AUDITOR, ADMIN, ADMIN]) }',
      'union U = O | T',
      'type O @public { b(d: E, c: Int @auth(requires: [ADMIN, AUDITOR])): Int @reads(fields: ["T.id", "T.a"]) }',
      'enum E { Y X @reads(fields: ["T.a", "T.id"]) }',
      'type Query @public { o: O @auth(requires: ADMIN) @auth t: [T] u: U }',
    ];
    expect(textOf(readPolicy([authTypeDefs, ROLES, ...changed]))).toBe(expected);
  });

  test('of extensions', () => {
    const extended = [
      'extend type Query { o: O @auth @auth(requires: ADMIN) }',
      'extend type T @auth(owner: "id", requires: [EDITOR, ADMIN])',
      'interface I @auth(requires: USER)',
      'extend interface I @auth(permissions: ["a", "b"]) { a: Int }',
      'extend type T { a: Int @auth(requires: [ADMIN, AUDITOR]) }',
      'type T implements I { id: ID }',
      'extend union U = O',
      'union U = T',
      'extend enum E { X @reads(fields: ["T.id", "T.a"]) }',
      'enum E { Y }',
      'extend type O @public',
      'type O { b(c: Int @auth(requires: [AUDITOR, ADMIN]) d: E): Int @reads(fields: ["T.a", "T.id"]) }',
      'extend type Query @public { u: U }',
      'type Query { t: [T] }',
    ];
    expect(textOf(readPolicy([authTypeDefs, ROLES, ...extended]))).toBe(expected);
  });

  test('of the documents of a source, or its form', () => {
    const sdl = [authTypeDefs, ROLES, ...parts].join('\n');
    expect(textOf(readPolicy(sdl))).toBe(expected);
    expect(textOf(readPolicy(parse(sdl)))).toBe(expected);
    expect(textOf(readPolicy(print(parse(sdl))))).toBe(expected);
    expect(textOf(readPolicy([parse(authTypeDefs), ROLES, parse(parts.join('\n'))]))).toBe(expected);
    expect(textOf(readPolicy(readPolicy(sdl).schema))).toBe(expected);
  });

  test('directives may be declared twice in the same words', () => {
    expect(textOf(readPolicy([authTypeDefs, ROLES, ...parts, authTypeDefs]))).toBe(expected);
  });
});
