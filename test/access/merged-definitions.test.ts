import { createRequire } from 'node:module';
import { makeExecutableSchema, mergeSchemas } from '@graphql-tools/schema';
import { buildASTSchema, buildSchema, concatAST, type DocumentNode, extendSchema, parse, print } from 'graphql';
import { expect, test } from 'vitest';
import { authTypeDefs, PolicyError, type PolicySource, readPolicy } from '../../src/access/index.ts';
import { ROLES } from './support.ts';
import { problemsIn } from './thrown.ts';

// Two definitions of one place, of which one has a mark that the other lacks, in both orders and merged in every way.

/** The copy that `makeExecutableSchema` uses. */
const { mergeTypeDefs } = createRequire(createRequire(import.meta.url).resolve('@graphql-tools/schema'))(
  '@graphql-tools/merge',
) as { readonly mergeTypeDefs: (sources: readonly (string | DocumentNode)[]) => DocumentNode };

const QUERY = `type Query @public { open: Int secret: Int @auth(requires: ADMIN) other: Int @auth(permissions: "o") }
  interface Held @auth(requires: ADMIN) { a: Int }`;
const LOOSE = { assumeValidSDL: true, assumeValid: true };
const asExtension = (sdl: string): string => sdl.replace(/^(?=type|interface|input|enum|union|scalar)/, 'extend ');

type Way = (first: string, second: string) => PolicySource;

const WAYS = {
  'separate documents': (a, b) => [authTypeDefs, QUERY, a, b],
  makeExecutableSchema: (a, b) => makeExecutableSchema({ typeDefs: [authTypeDefs, QUERY, a, b] }),
  mergeTypeDefs: (a, b) => makeExecutableSchema({ typeDefs: mergeTypeDefs([authTypeDefs, QUERY, a, b]) }),
  'mergeTypeDefs without authTypeDefs': (a, b) =>
    makeExecutableSchema({ typeDefs: [authTypeDefs, mergeTypeDefs([QUERY, a, b])] }),
  'mergeTypeDefs, printed': (a, b) => buildSchema(print(mergeTypeDefs([authTypeDefs, QUERY, a, b]))),
  mergeSchemas: (a, b) =>
    mergeSchemas({
      schemas: [a, b].map((sdl) => makeExecutableSchema({ typeDefs: [authTypeDefs, ROLES, QUERY, sdl] })),
    }),
  'buildASTSchema, not validated': (a, b) =>
    buildASTSchema(concatAST([authTypeDefs, QUERY, a, b].map((sdl) => parse(sdl))), LOOSE),
  extendSchema: (a, b) =>
    extendSchema(buildASTSchema(parse(`${authTypeDefs} ${QUERY} ${a}`)), parse(asExtension(b)), LOOSE),
} satisfies Readonly<Record<string, Way>>;

/** A place, its coordinate, and two definitions; `twice`: each has a mark of its own. */
type Place = readonly [name: string, coordinate: string, first: string, second: string];

const PLACES: readonly Place[] = [
  ['object', 'T', 'type T @auth(requires: ADMIN) { a: Int }', 'type T { b: Int }'],
  ['object, twice', 'T', 'type T @auth(requires: ADMIN) { a: Int }', 'type T @auth(permissions: "p") { b: Int }'],
  ['interface', 'I', 'interface I @auth(requires: ADMIN) { a: Int }', 'interface I { b: Int }'],
  ['field', 'T.a', 'type T { a: Int @auth(requires: ADMIN) }', 'type T { a: Int }'],
  ['field, twice', 'T.a', 'type T { a: Int @auth(requires: ADMIN) }', 'type T { a: Int @auth(permissions: "p") }'],
  ['computed field', 'T.a', 'type T { a: Int @reads(fields: ["Query.secret"]) }', 'type T { a: Int }'],
  ['field of an interface', 'I.a', 'interface I { a: Int @auth(requires: ADMIN) }', 'interface I { a: Int }'],
  ['argument', 'T.a(x:)', 'type T { a(x: Int @auth(requires: ADMIN)): Int }', 'type T { a(x: Int): Int }'],
  [
    'argument, twice',
    'T.a(x:)',
    'type T { a(x: Int @auth(requires: ADMIN)): Int }',
    'type T { a(x: Int @auth(permissions: "p")): Int }',
  ],
  [
    'argument that reads',
    'T.a(x:)',
    'type T { a(x: Int @reads(fields: ["Query.secret"])): Int }',
    'type T { a(x: Int): Int }',
  ],
  ['input field', 'In.x', 'input In { x: Int @auth(requires: ADMIN) }', 'input In { x: Int }'],
  [
    'input field, twice',
    'In.x',
    'input In { x: Int @auth(requires: ADMIN) }',
    'input In { x: Int @auth(permissions: "p") }',
  ],
  ['input field that reads', 'In.x', 'input In { x: Int @reads(fields: ["Query.secret"]) }', 'input In { x: Int }'],
  ['enum value', 'E.A', 'enum E { A @reads(fields: ["Query.secret"]) }', 'enum E { A }'],
  [
    'enum value, twice',
    'E.A',
    'enum E { A @reads(fields: ["Query.secret"]) }',
    'enum E { A @reads(fields: ["Query.other"]) }',
  ],
  ['implementing type', 'T.a', 'type T implements Held { a: Int }', 'type T { a: Int }'],
  ['union', 'U', 'union U @auth(requires: ADMIN) = Query', 'union U = Query'],
  ['scalar', 'S', 'scalar S @auth(requires: ADMIN)', 'scalar S'],
  ['enum', 'E', 'enum E @auth(requires: ADMIN) { A }', 'enum E { A }'],
  ['input', 'In', 'input In @auth(requires: ADMIN) { x: Int }', 'input In { x: Int }'],
];

/** Tells what becomes of a mark: kept, refused by the merge or by `readPolicy`, or lost without a word. */
function outcome(coordinate: string, requirements: number, build: () => PolicySource): 'kept' | 'refused' | 'lost' {
  try {
    const { rules, types } = readPolicy(build(), { undecided: 'report', enforcement: 'observe' });
    const found = rules.get(coordinate)?.requirements ?? types.get(coordinate) ?? [];
    return found.length >= requirements ? 'kept' : 'lost';
  } catch (error) {
    if (error instanceof PolicyError || (error instanceof Error && error.message.includes('may not be used on'))) {
      return 'refused';
    }
    throw error;
  }
}

/**
 * For each way, in their order, what becomes of a mark that the first definition has, and of one that the second has: `k`
 * kept, `r` refused, `l` lost. What is lost leaves nothing in the schema that shows it.
 */
const TABLE: Readonly<Record<string, string>> = {
  object: 'kk kk kk kk kk kk rk kk',
  'object, twice': 'kk kk kk rr kk kk rr kk',
  interface: 'kk kk kk kk kk kk rk kk',
  field: 'rr kk kk kk kk kk rk rk',
  'field, twice': 'rr kk kk rr kk kk rr rr',
  'computed field': 'rr kk kk kk kk kk rk rk',
  'field of an interface': 'rr kk kk kk kk kk rk rk',
  argument: 'rr rk rk rk lk lk rk rk',
  'argument, twice': 'rr rr rr rr ll ll rr rr',
  'argument that reads': 'rr rk rk rk lk lk rk rk',
  'input field': 'rr kk kk kk kk kk rk rk',
  'input field, twice': 'rr rr rr rr ll rr rr rr',
  'input field that reads': 'rr kk kk kk kk kk rk rk',
  'enum value': 'rr kk kk kk kk kk rk rk',
  'enum value, twice': 'rr kk kk kk kk kk rr rr',
  'implementing type': 'rr kk kk kk kk kk lk kk',
  union: 'rr rr rr rr rr rr rr rr',
  scalar: 'rr rr rr rr rr rr rr rr',
  enum: 'rr rr rr rr rr rr rr rr',
  input: 'rr rr rr rr rr rr rr rr',
};

test.each(PLACES)('a mark on an element that is defined twice: %s', (name, coordinate, marked, plain) => {
  const requirements = name.endsWith('twice') ? 2 : 1;
  const outcomes = Object.values(WAYS).map((way) =>
    [
      [marked, plain],
      [plain, marked],
    ]
      .map(([first = '', second = '']) => outcome(coordinate, requirements, () => way(`${first} ${ROLES}`, second)))
      .map(([letter]) => letter)
      .join(''),
  );
  expect(outcomes.join(' ')).toBe(TABLE[name]);
});

const problemsOfMerged = (...typeDefs: readonly string[]): unknown =>
  problemsIn(() => readPolicy(makeExecutableSchema({ typeDefs: [authTypeDefs, ROLES, ...typeDefs] })));

test('the problem says what to do', () => {
  expect(
    problemsOfMerged('type Query @public { a(x: Int @auth(requires: ADMIN)): Int }', 'type Query { a(x: Int): Int }'),
  ).toEqual([
    'Query.a(x:): has lost a requirement that one of its definitions puts on it, as mergeTypeDefs does to what is defined twice; define it once, and give authTypeDefs to mergeTypeDefs',
  ]);
});

test.each<readonly [string, readonly string[]]>([
  ['repeated', ['type Query { a: Int @auth(requires: ADMIN) }', 'type Query { a: Int @auth(requires: ADMIN) }']],
  ['written in a description', [`"""@auth @auth""" type Query @public { "@reads" a: Int } # @auth`]],
  ['on an extension', ['type Query { a: Int @public }', 'extend type Query { b: Int @auth }']],
])('a mark that is %s is not lost', (_name, typeDefs) => {
  expect(problemsOfMerged(...typeDefs)).toBe('nothing is thrown');
});

test('a mark of a role that is defined twice is not lost in silence', () => {
  const first = 'enum Role { ADMIN @inherits(roles: ["USER"]) USER } type Query @public { a: Int }';
  const documents = [authTypeDefs, first, 'enum Role { ADMIN USER }'].map((sdl) => parse(sdl));
  expect(problemsIn(() => readPolicy(buildASTSchema(concatAST(documents), LOOSE)))).toEqual([
    expect.stringMatching(/^Role\.ADMIN: has lost a requirement/),
  ]);
});
