import { describe, expect, test } from 'vitest';
import { authTypeDefs, readPolicy } from '../../src/access/index.ts';
import { executable, faultsOf, policyOfSdl, problemsOf, ROLES } from './support.ts';

/** The mistake, the type definitions, and the coordinates that are reported; none if there is no mistake. */
type Case = readonly [name: string, sdl: string, faults: readonly string[]];

const OK = 'type Query @public { a: Int }';

function check(cases: readonly Case[]): void {
  test.each(cases)('%s', (_name, sdl, faults) => {
    expect(faultsOf(sdl.includes('type Query') ? sdl : `${OK} ${sdl}`)).toEqual([...faults].sort());
  });
}

describe('@reads', () => {
  const T = 'type T @public { a: Int @auth(requires: ADMIN) }';
  check([
    ['names a field', `${T} input F { x: Int @reads(fields: ["T.a"]) }`, []],
    ['a single one stands for a list', `${T} input F { x: Int @reads(fields: "T.a") }`, []],
    ['no such field', `${T} input F { x: Int @reads(fields: ["T.b"]) }`, ['F.x']],
    ['no such type', `${T} input F { x: Int @reads(fields: ["U.a"]) }`, ['F.x']],
    ['a type', `${T} input F { x: Int @reads(fields: ["T"]) }`, ['F.x']],
    ['an argument', `${T} input F { x: Int @reads(fields: ["T.a(b:)"]) }`, ['F.x']],
    ['an input field', `${T} input F { x: Int @reads(fields: ["F.x"]) }`, ['F.x']],
    ['too deep', `${T} input F { x: Int @reads(fields: ["T.a.b"]) }`, ['F.x']],
    ['prototype', `${T} input F { x: Int @reads(fields: ["T.constructor"]) }`, ['F.x']],
    ['empty', `${T} input F { x: Int @reads(fields: []) }`, ['F.x']],
    ['null', `${T} input F { x: Int @reads(fields: null) }`, ['F.x']],
    ['nothing', `${T} input F { x: Int @reads }`, ['F.x']],
    ['enum literals', `${T} input F { x: Int @reads(fields: [T]) }`, ['F.x']],
    ['one of two', `${T} enum E { X @reads(fields: ["T.a", "T.z"]) }`, ['E.X']],
  ]);
});

describe('@inherits', () => {
  test.each([
    ['unknown', 'enum Role { A @inherits(roles: ["X"]) B }', ['Role.A']],
    ['in another case', 'enum Role { A @inherits(roles: ["b"]) B }', ['Role.A']],
    ['itself', 'enum Role { A @inherits(roles: ["A"]) }', ['Role.A']],
    ['a cycle of two', 'enum Role { A @inherits(roles: ["B"]) B @inherits(roles: ["A"]) C }', ['Role.A', 'Role.B']],
    [
      'a cycle of three, and what leads there is not at fault',
      'enum Role { A @inherits(roles: ["B"]) B @inherits(roles: ["C"]) C @inherits(roles: ["A"]) D @inherits(roles: ["A"]) }',
      ['Role.A', 'Role.B', 'Role.C'],
    ],
    ['empty', 'enum Role { A @inherits(roles: []) }', ['Role.A']],
    ['nothing', 'enum Role { A @inherits }', ['Role.A']],
    ['enum literals', 'enum Role { A @inherits(roles: [B]) B }', ['Role.A']],
    ['elsewhere', 'enum Role { A } enum Other { B @inherits(roles: ["A"]) }', ['Other.B']],
    [
      'a diamond is no cycle',
      'enum Role { A @inherits(roles: ["B", "C"]) B @inherits(roles: ["D"]) C @inherits(roles: ["D"]) D }',
      [],
    ],
  ])('%s', (_name, roles, expected) => {
    expect(faultsOf(OK, roles)).toEqual(expected);
  });

  test('names roles that are declared, in an enum or in the option inherits', () => {
    const sdl = `${authTypeDefs.replaceAll('[Role!]', '[String!]')} type Query { a: Int @auth(requires: "A") }`;
    expect(() => readPolicy(sdl)).toThrow(/Query.a: @auth\(requires:\) names A, which is not a role; declare an enum/);
    expect(() => readPolicy(sdl, { roleEnum: 'Rank' })).toThrow(/Rank: is not an enum/);
  });

  test('the enum of roles may have another name', () => {
    const sdl = `${authTypeDefs.replaceAll('Role', 'Group')} enum Group { A B } type Query { a: Int @auth(requires: A) }`;
    expect(readPolicy(sdl, { roleEnum: 'Group' }).roles.get('A')).toEqual(new Set(['A']));
    expect(() => readPolicy(sdl)).toThrow('Query.a: @auth(requires: A) must be a string');
  });
});

describe('directives', () => {
  check([
    ['misspelt and undeclared', 'type T @public { a: Int @atuh(requires: ADMIN) }', ['T.a']],
    ['undeclared', 'type T @public { a: Int @secured }', ['T.a']],
    [
      'a foreign one, declared',
      'directive @cost(x: Int) on FIELD_DEFINITION type T @public { a: Int @cost(x: 1) }',
      [],
    ],
    ['misspelt and declared', 'directive @auht on FIELD_DEFINITION type T @public { a: Int @auht }', ['@auht', 'T.a']],
    ['another case', 'directive @Auth on FIELD_DEFINITION type T @public { a: Int @Auth }', ['@Auth', 'T.a']],
    ['one letter more', 'directive @auths on FIELD_DEFINITION', ['@auths']],
    ['one letter less', 'directive @read(fields: [String!]!) on FIELD_DEFINITION', ['@read']],
    ['one letter else', 'directive @publik on FIELD_DEFINITION', ['@publik']],
    ['two letters away is another word', 'directive @author on FIELD_DEFINITION', []],
    [
      'renamed, taking a role',
      'directive @hasRole(role: Role) on FIELD_DEFINITION type T @public { a: Int @hasRole(role: ADMIN) }',
      ['@hasRole', 'T.a'],
    ],
    [
      'renamed, taking a role that is not given',
      'directive @hasRole(role: Role) on FIELD_DEFINITION type T @public { a: Int @hasRole }',
      ['@hasRole', 'T.a'],
    ],
    [
      'with a text that is the name of a role',
      'directive @needs(any: [String]) on FIELD_DEFINITION type T @public { a: Int @needs(any: [null, "BOSS", "ADMIN"]) }',
      [],
    ],
    [
      'naming no role',
      'directive @needs(any: [String]) on FIELD_DEFINITION type T @public { a: Int @needs(any: [null, "BOSS"]) }',
      [],
    ],
    ['renamed, taking a list of roles', 'directive @needs(roles: [Role!]!) on OBJECT', ['@needs']],
    ['on a union', 'type T @public { a: Int } union U @auth = T', ['U']],
    ['on an enum', 'enum E @auth { A }', ['E']],
    ['on a scalar', 'scalar S @public', ['S']],
    ['on an input type', 'input I @auth { a: Int }', ['I']],
    ['on the schema', `${OK} schema @auth { query: Query }`, ['schema']],
    ['@auth on an enum value', 'enum E { A @auth }', ['E.A']],
    ['@public on an argument', 'type T @public { a(b: Int @public): Int }', ['T.a(b:)']],
    ['@public on an input field', 'input I { a: Int @public }', ['I.a']],
    ['@reads on a type', 'type T @public @reads(fields: ["T.a"]) { a: Int }', ['T']],
    ['@inherits on a field', 'type T @public { a: Int @inherits(roles: ["ADMIN"]) }', ['T.a']],
    ["on a directive's argument", 'directive @x(y: Int @auth) on FIELD_DEFINITION', ['@x(y:)']],
    ['on an extension of a union', 'type T @public { a: Int } union U = T extend union U @auth', ['U']],
  ]);

  test.each([
    ['one owner', authTypeDefs.replace('owner: [String!]', 'owner: String')],
    ['no policy', authTypeDefs.replace(/"Any of these functions[^\n]*\n\s*policy: \[String!\]/, '')],
  ])('declared as before, with %s', (_name, typeDefs) => {
    expect(readPolicy([typeDefs, ROLES, OK]).roles.size).toBe(4);
  });

  test.each([
    ['a default', authTypeDefs.replace('requires: [Role!]', 'requires: [Role!] = [ADMIN]')],
    ['another type', authTypeDefs.replace('requires: [Role!]', 'requires: Role')],
    ['another argument', authTypeDefs.replace('owner: [String!]', 'owner: [String!] unless: Boolean')],
    ['an argument less', authTypeDefs.replace(/"A field of this object[^\n]*\n\s*owner: \[String!\]/, '')],
  ])('declared with %s', (_name, typeDefs) => {
    expect(() => readPolicy([typeDefs, ROLES, OK])).toThrow(/@auth: is declared with/);
  });

  test('not declared at all', () => {
    expect(() => readPolicy([ROLES, OK])).toThrow(/Query: @public is not declared; add authTypeDefs/);
  });
});

describe('defaults', () => {
  check([
    ['on a guarded argument', 'type T @public { a(b: Int = 1 @auth): Int }', ['T.a(b:)']],
    ['null is a default, too', 'type T @public { a(b: Int = null @auth): Int }', ['T.a(b:)']],
    ['null uses nothing', 'input I { a: Int @auth } type T @public { a(b: I = null): Int }', []],
    ['on a guarded input field', 'input I { a: Int = 1 @auth }', ['I.a']],
    [
      'on an argument that reads',
      'type T @public { x: Int @auth a(b: Int = 1 @reads(fields: ["T.x"])): Int }',
      ['T.a(b:)'],
    ],
    [
      'using a guarded enum value',
      'type T @public { x: Int @auth a(b: E = X): Int } enum E { X @reads(fields: ["T.x"]) Y }',
      ['T.a(b:)'],
    ],
    [
      'using an open enum value',
      'type T @public { x: Int @auth a(b: E = Y): Int } enum E { X @reads(fields: ["T.x"]) Y }',
      [],
    ],
    [
      'using one in a list',
      'type T @public { x: Int @auth a(b: [E!] = [Y, X]): Int } enum E { X @reads(fields: ["T.x"]) Y }',
      ['T.a(b:)'],
    ],
    [
      'using a guarded input field',
      'type T @public { a(b: I = {c: 1}): Int } input I { c: Int @auth d: Int }',
      ['T.a(b:)'],
    ],
    [
      'using one deep inside',
      'type T @public { a(b: J = {i: [{c: 1}]}): Int } input J { i: [I] } input I { c: Int @auth d: Int }',
      ['T.a(b:)'],
    ],
    ['in an input field', 'input J { i: I = {c: 1} } input I { c: Int @auth d: Int }', ['J.i']],
    ['not using it', 'type T @public { a(b: I = {d: 1}): Int } input I { c: Int @auth d: Int }', []],
    [
      'what the interface guards',
      'interface N @public { a(b: Int @auth): Int } type T implements N @public { a(b: Int = 1): Int }',
      ['T.a(b:)'],
    ],
  ]);
});

test('a default of a list may be written without the list', () => {
  const schema = executable(`
    enum Sort { ID IBAN @reads(fields: ["Query.s"]) }
    type Query @public { s: Int @auth a(by: [Sort!] = [ID]): Int }`);
  const [argument] = schema.getQueryType()?.getFields()['a']?.args ?? [];
  Object.assign(argument ?? {}, { default: undefined, defaultValue: 'IBAN' });
  expect(() => readPolicy(schema)).toThrow('Query.a(by:): has a default that uses Sort.IBAN');
});

test('defaults are recognized in schemas whose enums have internal values', () => {
  const sdl = `
    enum Sort { ID IBAN @reads(fields: ["Query.s"]) }
    input Page { sort: Sort other: Int }
    type Query @public { s: Int @auth a(by: Sort = IBAN): Int b(page: Page = { sort: IBAN }): Int c(page: Page = { sort: ID }): Int }`;
  expect(() => readPolicy(executable(sdl, { Sort: { ID: 0, IBAN: 1 } }))).toThrow(
    'The access policy has 2 problems:\n' +
      '  Query.a(by:): has a default that uses Sort.IBAN, which is guarded; remove the default\n' +
      '  Query.b(page:): has a default that uses Sort.IBAN, which is guarded; remove the default',
  );
});

describe('schemas', () => {
  test('are refused with the problem, if their syntax is wrong', () => {
    expect(problemsOf('type Query {')).toEqual([expect.stringContaining('schema: Syntax Error')]);
  });

  test('are refused with every error, if they are not valid', () => {
    expect(problemsOf('type Query @public { a: Nowhere b: Nada }')).toEqual([
      'schema: Unknown type "Nada".',
      'schema: Unknown type "Nowhere".',
    ]);
  });

  test('are refused if they are only invalid as a whole', () => {
    const [problem] = problemsOf('interface I @public { a: Int } type Query implements I @public { b: Int }');
    expect(problem).toContain('Interface field I.a expected but Query does not provide it');
  });

  test('are refused if they use other directives wrongly', () => {
    const sdl =
      'directive @cost(x: Int!) on OBJECT type Query @public { a: Int @cost(x: 1) b: Int @deprecated(why: "") }';
    expect(problemsOf(sdl)).toEqual([
      'schema: Directive "@cost" may not be used on FIELD_DEFINITION.',
      'schema: Unknown argument "why" on directive "@deprecated".',
    ]);
  });

  test.each([
    ['an object type', 'extend type T @public { a: Int } extend type T { b: Int }', 'T.b'],
    ['an interface', 'extend interface I @public { a: Int } extend interface I { b: Int }', 'I.b'],
    ['an input type', 'extend input F { a: Int } extend input F { b: Int @auth }', 'F.b'],
    ['an enum', 'extend enum E { A } extend enum E { B }', 'E.B'],
    ['a union', 'extend union U = Query extend type Query @public { u: U }', 'Query.u'],
    ['a scalar', 'extend scalar S @specifiedBy(url: "s") extend type Query @public { s: S }', 'Query.s'],
  ])('may hold extensions alone: %s', (_name, sdl, coordinate) => {
    expect(policyOfSdl(`${sdl} type Query @public { z: Int }`).rules.has(coordinate)).toBe(true);
  });

  test('may be spread over several documents', () => {
    expect(
      faultsOf(['extend type Query { a: Int @public }', 'type Query { b: Int @public }', 'type Query { c: Int }']),
    ).toEqual(['Query.c']);
  });

  test('are refused with a message that lists everything, by coordinate', () => {
    expect(() => readPolicy([authTypeDefs, ROLES, 'type Query { b: Int a: Int }'])).toThrow(
      'The access policy has 2 problems:\n' +
        '  Query.a: is undecided; put @auth or @public on it, or on Query\n' +
        '  Query.b: is undecided; put @auth or @public on it, or on Query',
    );
  });

  test('are refused with every kind of mistake at once', () => {
    const sdl = `
      type Query { a: Int b: Int! @auth(requires: BOSS) c: Int @public @auth d: T @publc }
      type T @auth(owner: "x") { id: ID }
      input F { x: Int = 1 @auth(permissions: []) y: Int @reads(fields: ["T.nope"]) }
      enum E @public { A }
    `;
    expect(faultsOf(sdl)).toEqual([
      'E',
      'F.x',
      'F.x',
      'F.y',
      'Query.a',
      'Query.b',
      'Query.b',
      'Query.c',
      'Query.d',
      'Query.d',
      'T',
    ]);
  });
});
