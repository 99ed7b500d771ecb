import { GraphQLInt, GraphQLObjectType, GraphQLSchema } from 'graphql';
import { expect, test } from 'vitest';
import { authDirectives, authTypeDefs, PolicyError, type PolicySource, readPolicy } from '../../src/access/index.ts';
import { problemsOf, ROLES } from './support.ts';

/** A schema with one field, and extensions of that field. */
function codeFirst(extensions: Readonly<Record<string, unknown>>): GraphQLSchema {
  const a = { type: GraphQLInt, extensions: { directives: { public: {} } } };
  const fields = { a, b: { type: GraphQLInt, extensions } };
  return new GraphQLSchema({ query: new GraphQLObjectType({ name: 'Query', fields }) });
}

function messagesOf(read: () => unknown): string[] {
  try {
    read();
    return [];
  } catch (error) {
    if (error instanceof PolicyError) {
      return error.problems.map(({ coordinate, message }) => `${coordinate}: ${message}`);
    }
    throw error;
  }
}

const UNDECIDED = 'Query.b: is undecided; put @auth or @public on it, or on Query';
const FORMS = 'write { auth: { requires: ["ADMIN"] } } or [{ name: "auth", args: { requires: ["ADMIN"] } }]';
/** Returns an object that is its own property. */
function within(): object {
  const value: { name?: object } = {};
  return Object.assign(value, { name: value });
}
const bare = (properties: object): object => Object.assign(Object.create(null) as object, properties);

test.each<readonly [string, Readonly<Record<string, unknown>>, readonly string[]]>([
  ['a directive', { directives: { auth: {} } }, []],
  ['a directive in an object without a prototype', { directives: bare({ auth: bare({}) }) }, []],
  ['null', { directives: null }, [UNDECIDED]],
  [
    'a key of ours',
    { auth: {} },
    ['Query.b: extensions.auth is not read; write it below extensions.directives', UNDECIDED],
  ],
  [
    'a key that is written as in SDL',
    { '@auth': {} },
    ['Query.b: extensions.@auth is not read; write it below extensions.directives', UNDECIDED],
  ],
  ['a key of another library', { '@other': {}, myDirectives: {}, directivesOf: {} }, [UNDECIDED]],
  ['a value that has itself in it, of another library', { myDirectives: within() }, [UNDECIDED]],
  [
    'directives under another key',
    { schemaDirectives: { auth: {} } },
    ['Query.b: extensions.schemaDirectives is not read; write it below extensions.directives', UNDECIDED],
  ],
  [
    'a list of directives under another key',
    { directivesOf: [{ name: 'auth', args: {} }] },
    ['Query.b: extensions.directivesOf is not read; write it below extensions.directives', UNDECIDED],
  ],
  ['an entry of another library', { directives: [{ name: 'other', more: 1 }, { name: 'auth' }] }, []],
  [
    'an entry of ours with more',
    { directives: [{ name: 'auth', more: 1 }] },
    [`Query.b: extensions.directives has an entry with more, which is not read; ${FORMS}`],
  ],
  [
    'directives of others that are named alike',
    { directives: { filename: { auth: 1 }, names: { auth: 1 }, public: {} } },
    [],
  ],
  [
    'an entry by its index',
    { directives: { 10: { name: 'auth' } } },
    [`Query.b: extensions.directives.10 is not a directive; ${FORMS}`, UNDECIDED],
  ],
  [
    'a key that is a usage in SDL',
    { directives: { 'auth(permissions: "x")': {}, public: {} } },
    [
      'Query.b: @auth(permissions: "x") looks like a misspelt @auth; use @auth, or list "auth(permissions: "x")" in the option ignoreDirectives',
    ],
  ],
  [
    'an entry that is a usage in SDL',
    { directives: [{ name: ' @auth(permissions: "x")' }, { name: 'public' }] },
    [
      'Query.b: @ @auth(permissions: "x") looks like a misspelt @auth; use @auth, or list " @auth(permissions: "x")" in the option ignoreDirectives',
    ],
  ],
  [
    'keys of others that are no names',
    { directives: { '@other(auth: 1)': {}, 'oauth(x: 1)': {}, '': {}, public: {} } },
    [],
  ],
  [
    'a list',
    [{ auth: {} }] as never,
    ['Query.b: extensions.0 is not read; write it below extensions.directives', UNDECIDED],
  ],
  ['a text', { directives: 'auth' }, [`Query.b: extensions.directives is a string; ${FORMS}`, UNDECIDED]],
  ['a map', { directives: new Map() }, [`Query.b: extensions.directives is a Map; ${FORMS}`, UNDECIDED]],
  [
    'an object of no class',
    { directives: Object.create(Object.create(bare({})) as object) as object },
    [`Query.b: extensions.directives is not a plain object; ${FORMS}`, UNDECIDED],
  ],
])('extensions hold %s', (_name, extensions, expected) => {
  expect(messagesOf(() => readPolicy(codeFirst(extensions)))).toEqual(expected);
});

test.each([
  ['owner: []', '@auth(owner: []) names nothing; name at least one, or remove it'],
  ['policy: []', '@auth(policy: []) names nothing; name at least one, or remove it'],
  ['permissions: " "', '@auth(permissions:) is an empty text; name at least one, or remove it'],
])('@auth(%s) is refused', (args, message) => {
  expect(problemsOf(`type T @public { a: Int @auth(${args}) } type Query @public { t: T }`)).toEqual([
    `T.a: ${message}`,
  ]);
});

test('a declaration that differs is shown beside the one that is expected', () => {
  const sdl = 'directive @auth(requires: [Role!], owner: Int) on OBJECT type Query @auth { a: Int }';
  expect(messagesOf(() => readPolicy([ROLES, sdl]))[0]).toBe(
    '@auth: is declared with (requires: [Role!], owner: Int) instead of (requires: [Role!], permissions: [String!], owner: [String!], policy: [String!]); put authTypeDefs in its place, or rename ours by the option directives',
  );
});

test.each<readonly [string, unknown]>([
  ['a number', 7],
  ['a list with a number', [authTypeDefs, 7]],
  ['nothing', undefined],
])('%s is no source of a policy', (_name, source) => {
  expect(() => readPolicy(source as PolicySource)).toThrow(
    'readPolicy takes SDL, a parsed document, a list of these, or a GraphQLSchema',
  );
});

test.each<readonly [string, string, (another: never) => unknown]>([
  ['schema', 'GraphQLSchema', readPolicy],
  ['enum of roles', 'GraphQLEnumType', authDirectives],
])('a %s of another copy of graphql is refused, and the message says what to do', (what, tag, take) => {
  const another = { [Symbol.toStringTag]: tag };
  expect(() => take(another as never)).toThrow(
    new TypeError(
      `The ${what} was built by another copy of graphql than the one that rolegate uses: "npm ls graphql" shows them; keep one, for example with "overrides" in package.json`,
    ),
  );
});

test.each([{ auth: 7 }, { auth: ['a'] }, { auth: 'a b' }, { auth: '' }, { other: 'access' }, { other: 'auth' }])(
  '%j names no directives',
  (directives) => {
    expect(() => readPolicy([authTypeDefs, ROLES], { directives } as never)).toThrow(
      /directives of readPolicy must be/,
    );
  },
);
