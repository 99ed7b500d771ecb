import { parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import {
  type AccessViewer,
  explainAccess,
  type ExplainOptions,
  OperationError,
  policyOf,
  PolicyError,
} from '../../src/access/index.ts';
import { executable, guarded, policyOfSdl, viewer } from './support.ts';

const SDL = `
  interface Thing @public { id: ID }
  type Note implements Thing @auth(requires: EDITOR, owner: "by") { id: ID by: ID text: String @auth(requires: ADMIN) }
  type Page implements Thing @public { id: ID note: Note secret: Int @auth(requires: EDITOR) @auth(permissions: "x:y") }
  enum Order { ID TEXT @reads(fields: ["Note.text"]) }
  input Filter { text: String @reads(fields: ["Note.text"]) id: ID and: [Filter!] order: Order }
  type Query @public {
    thing: Thing
    note: Note
    page: Page
    find(filter: Filter, orderBy: [Order!], admin: Int @auth(requires: ADMIN)): String
    me: Int @auth
    either: Int @auth(requires: [EDITOR, AUDITOR], permissions: "x:y")
    nobody: Int @reads(fields: ["Owned.id"])
    three: Int @auth(requires: [EDITOR, AUDITOR]) @auth(permissions: "x:y") @auth(permissions: ["z", "zz"])
    twins: Int @auth(requires: EDITOR) @auth(permissions: "EDITOR")
    things: ThingConnection
    named(thing: ID): Thing
  }
  type ThingConnection { edges: [ThingEdge] nodes: [Thing] }
  type ThingEdge { node: Thing }
  type Owned @auth(owner: "id") { id: ID }
  type Mutation @public { write: Int @auth(requires: EDITOR) }
`;
const policy = policyOfSdl(SDL);

/** The viewer, and the other options. */
interface Rest extends Partial<Omit<ExplainOptions, 'viewer'>>, Partial<Omit<AccessViewer, 'id'>> {
  readonly signedIn?: boolean;
}

function explained(operation: string, { roles = [], permissions = [], signedIn = true, ...rest }: Rest = {}) {
  return explainAccess(policy, { viewer: { id: signedIn ? 'me' : null, roles, permissions }, operation, ...rest });
}

function explain(operation: string, rest: Rest = {}): string[] {
  const { coordinates } = explained(operation, rest);
  return coordinates.map(
    ({ coordinate, returning, verdict }) => `${coordinate}${returning ? ` a ${returning}` : ''}: ${verdict}`,
  );
}

/** What would open the first coordinate of an operation. */
function remedies(operation: string, rest: Rest = {}): unknown {
  const { coordinates } = explained(operation, rest);
  return coordinates[0]?.remedies.map((keys) => keys.map(({ kind, name }) => `${kind} ${name}`.trim()).join(' + '));
}

const allowed = (operation: string): boolean => explained(operation).allowed;

describe('every coordinate of an operation', () => {
  test.each<readonly [string, string, Rest, readonly string[]]>([
    ['a field', '{ me }', {}, ['Query.me: allowed']],
    ['a field that is left out', '{ me note @include(if: false) { text } }', {}, ['Query.me: allowed']],
    [
      'a fragment that is left out',
      'query ($no: Boolean = false) { me ... @include(if: $no) { note { text } } }',
      {},
      ['Query.me: allowed'],
    ],
    ['anonymous', '{ me }', { signedIn: false }, ['Query.me: denied']],
    ['anonymous, whatever the roles', '{ me }', { signedIn: false, roles: ['ADMIN'] }, ['Query.me: denied']],
    ['an alias', '{ x: me }', {}, ['Query.me: allowed']],
    ['each once', '{ me x: me ...F } fragment F on Query { me }', {}, ['Query.me: allowed']],
    [
      'fields of what is returned',
      '{ note { by text } }',
      {},
      ['Query.note: own', 'Note.by: own', 'Note.text: denied'],
    ],
    [
      'by role',
      '{ note { by text } }',
      { roles: ['EDITOR'] },
      ['Query.note: allowed', 'Note.by: allowed', 'Note.text: denied'],
    ],
    [
      'by an inherited role',
      '{ note { by text } }',
      { roles: ['ADMIN'] },
      ['Query.note: allowed', 'Note.by: allowed', 'Note.text: allowed'],
    ],
    ['by permission', '{ either }', { permissions: ['x:y'] }, ['Query.either: allowed']],
    ['by all permissions', '{ either }', { permissions: 'all' }, ['Query.either: allowed']],
    ['a custom role', '{ either }', { roles: ['CHIEF'] }, ['Query.either: denied']],
    [
      'fragments',
      '{ ...F ... on Query { page { ...G } } } fragment F on Query { me } fragment G on Page { secret }',
      {},
      ['Query.me: allowed', 'Query.page: allowed', 'Page.secret: denied'],
    ],
    [
      'an interface, by what it may be',
      '{ thing { id } }',
      {},
      ['Query.thing: allowed', 'Query.thing a Note: own', 'Note.id: own', 'Page.id: allowed'],
    ],
    [
      'a condition on the type',
      '{ thing { ... on Page { secret } ... on Note { text } } }',
      {},
      ['Query.thing: allowed', 'Query.thing a Note: own', 'Page.secret: denied', 'Note.text: denied'],
    ],
    [
      'a condition that never holds',
      '{ page { ... on Thing { ... on Page { id } } } }',
      {},
      ['Query.page: allowed', 'Page.id: allowed'],
    ],
    [
      'a condition on a type that has what the others have',
      '{ thing { ... on Page { id } ...N } } fragment N on Note { id }',
      {},
      ['Query.thing: allowed', 'Query.thing a Note: own', 'Page.id: allowed', 'Note.id: own'],
    ],
    [
      'fragments without a condition',
      '{ ... { me } page { ... @include(if: true) { id } } }',
      {},
      ['Query.me: allowed', 'Query.page: allowed', 'Page.id: allowed'],
    ],
    [
      'what a connection is of, where its nodes are',
      '{ things { nodes { __typename } edges { node { __typename } } } }',
      {},
      [
        'Query.things: allowed',
        'ThingConnection.nodes: allowed',
        'ThingConnection.nodes a Note: own',
        'ThingConnection.edges: allowed',
        'ThingEdge.node: allowed',
        'ThingEdge.node a Note: own',
      ],
    ],
    [
      'an argument says nothing about what is returned',
      '{ named(thing: 1) { __typename } }',
      {},
      ['Query.named: allowed', 'Query.named a Note: own', 'Query.named(thing:): allowed'],
    ],
    ['__typename and introspection say nothing', '{ __typename __schema { queryType { name } } }', {}, []],
    ['a mutation', 'mutation { write }', {}, ['Mutation.write: denied']],
    ['arguments', '{ find(admin: 1) }', {}, ['Query.find: allowed', 'Query.find(admin:): denied']],
    [
      'input fields',
      '{ find(filter: { id: 1, and: [{ text: "x" }] }) }',
      {},
      [
        'Query.find: allowed',
        'Query.find(filter:): allowed',
        'Filter.id: allowed',
        'Filter.and: allowed',
        'Filter.text: denied',
      ],
    ],
    [
      'enum values',
      '{ find(orderBy: [ID, TEXT], filter: { order: ID }) }',
      {},
      [
        'Query.find: allowed',
        'Query.find(orderBy:): allowed',
        'Order.ID: allowed',
        'Order.TEXT: denied',
        'Query.find(filter:): allowed',
        'Filter.order: allowed',
      ],
    ],
    [
      'a variable that is known',
      'query($f: Filter) { find(filter: $f) }',
      { variables: { f: { id: 1 } } },
      ['Query.find: allowed', 'Query.find(filter:): allowed', 'Filter.id: allowed'],
    ],
    [
      'a variable deep down',
      'query($f: Filter) { find(filter: $f) }',
      { variables: { f: { and: [{ order: 'TEXT' }, { text: null }] } } },
      [
        'Query.find: allowed',
        'Query.find(filter:): allowed',
        'Filter.and: allowed',
        'Filter.order: allowed',
        'Order.TEXT: denied',
        'Filter.text: denied',
      ],
    ],
    [
      'a variable that holds a list',
      'query($o: [Order!]) { find(orderBy: $o) }',
      { variables: { o: ['TEXT'] } },
      ['Query.find: allowed', 'Query.find(orderBy:): allowed', 'Order.TEXT: denied'],
    ],
    [
      'a variable with a default',
      'query($o: [Order!] = [TEXT]) { find(orderBy: $o) }',
      {},
      ['Query.find: allowed', 'Query.find(orderBy:): allowed', 'Order.TEXT: denied'],
    ],
    [
      'each variable with its own default',
      'query($n: Order = ID, $o: [Order!] = [TEXT]) { find(filter: { order: $n }) x: find(orderBy: $o) }',
      {},
      [
        'Query.find: allowed',
        'Query.find(filter:): allowed',
        'Filter.order: allowed',
        'Order.ID: allowed',
        'Query.find(orderBy:): allowed',
        'Order.TEXT: denied',
      ],
    ],
    [
      'a variable of a type that holds nothing guarded',
      'query($n: Int) { find(admin: $n) }',
      {},
      ['Query.find: allowed', 'Query.find(admin:): denied'],
    ],
    [
      'a variable that may hold anything',
      'query($f: Filter) { find(filter: $f) }',
      {},
      ['Query.find: allowed', 'Query.find(filter:): allowed', 'Filter.text: denied', 'Order.TEXT: denied'],
    ],
    ['the only operation, named or not', 'query A { me }', {}, ['Query.me: allowed']],
    [
      'one of several operations',
      'query A { me } query B { either }',
      { operationName: 'B' },
      ['Query.either: denied'],
    ],
  ])('%s', (_name, operation, rest, expected) => {
    expect(explain(operation, rest)).toEqual(expected);
  });

  test('fragments that spread each other over and over cost no more than they are long', () => {
    const fragments = Array.from({ length: 40 }, (_, n) => `fragment F${n} on Query { ...F${n + 1} ...F${n + 1} }`);
    expect(explain(`{ ...F0 } ${fragments.join(' ')} fragment F40 on Query { me }`)).toEqual(['Query.me: allowed']);
  });

  test('says whether everything is allowed', () => {
    expect(allowed('{ me }')).toBe(true);
    expect(allowed('{ me either }')).toBe(false);
    expect(allowed('{ note { by } }')).toBe(false);
  });

  test('names the lines that use a coordinate', () => {
    const operation = `{
      me
      page {
        secret
        ...More
      }
    }
    fragment More on Page {
      again: secret
    }`;
    const { coordinates } = explained(operation);
    expect(coordinates.map(({ coordinate, lines }) => [coordinate, lines])).toEqual([
      ['Query.me', [2]],
      ['Query.page', [3]],
      ['Page.secret', [4, 9]],
    ]);
  });

  test('says which requirement decides', () => {
    const { coordinates } = explained('{ page { secret } }', { roles: ['EDITOR'] });
    expect(coordinates.at(-1)?.requirements).toEqual([
      { from: 'Page.secret', alternatives: 'EDITOR', verdict: 'allowed' },
      { from: 'Page.secret', alternatives: '"x:y"', verdict: 'denied' },
    ]);
  });
});

const secret = (rest: Rest): unknown =>
  explained('{ page { secret } }', rest)
    .coordinates.at(-1)
    ?.remedies.map((keys) => keys.map(({ name }) => name));

describe('what would open it', () => {
  test.each<readonly [string, string, Rest, readonly string[]]>([
    ['nothing is needed', '{ me }', {}, []],
    ['signing in', '{ me }', { signedIn: false }, ['sign-in']],
    ['the smallest roles, and permissions', '{ either }', {}, ['role EDITOR', 'role AUDITOR', 'permission x:y']],
    [
      'for an anonymous viewer as well',
      '{ either }',
      { signedIn: false },
      ['role EDITOR', 'role AUDITOR', 'permission x:y'],
    ],
    ['a role for what is not owned', '{ note { by } }', {}, ['role EDITOR']],
    ['nothing can', '{ nobody }', {}, []],
    ['one key for each requirement', '{ three }', {}, ['role EDITOR + permission x:y + permission z']],
    ['none for a requirement that is open', '{ three }', { roles: ['AUDITOR'] }, ['permission x:y + permission z']],
    ['a role and a permission of one name', '{ twins }', {}, ['role EDITOR + permission EDITOR']],
    [
      'a role that brings the permission',
      '{ either }',
      { rolePermissions: { USER: ['x:y'] } },
      ['role USER', 'permission x:y'],
    ],
  ])('%s', (_name, operation, rest, expected) => {
    expect(remedies(operation, rest)).toEqual(expected);
  });

  test('two keys for two requirements', () => {
    expect(secret({})).toEqual([['EDITOR', 'x:y']]);
    expect(secret({ roles: ['EDITOR'] })).toEqual([['x:y']]);
    expect(secret({ permissions: ['x:y'] })).toEqual([['EDITOR']]);
    expect(secret({ permissions: 'all' })).toEqual([['EDITOR']]);
    expect(secret({ roles: ['EDITOR'], permissions: 'all' })).toEqual([]);
    expect(secret({ rolePermissions: { ADMIN: 'all' } })).toEqual([['ADMIN']]);
  });
});

const errorsOf = (operation: string, rest: Rest = {}): readonly string[] => {
  try {
    explain(operation, rest);
    return [];
  } catch (error) {
    return error instanceof OperationError ? error.errors.map(({ message }) => message) : [String(error)];
  }
};

describe('an operation that could not be executed', () => {
  test('tells all validation errors', () => {
    expect(errorsOf('{ nope zzz }')).toEqual([
      'Cannot query field "nope" on type "Query". Did you mean "note"?',
      'Cannot query field "zzz" on type "Query".',
    ]);
  });

  test('tells the syntax error', () => {
    expect(errorsOf('{')).toEqual(['Syntax Error: Expected Name, found <EOF>.']);
  });

  test('has to be named among several', () => {
    const document = 'query A { me } query B { me }';
    expect(errorsOf(document)).toEqual(['Name the operation to explain; the document holds A, B.']);
    expect(errorsOf(document, { operationName: 'C' })).toEqual([
      'Name the operation to explain; the document holds A, B.',
    ]);
    expect(errorsOf(document, { operationName: 'A' })).toEqual([]);
  });

  test('roles that are no list are a failure', () => {
    expect(() => explain('{ me }', { roles: 'ADMIN' })).toThrow(TypeError);
  });
});

test('a schema will do, guarded or not, and a parsed operation', () => {
  const request = { viewer: viewer(), operation: parse('{ me }') };
  const expected = explainAccess(policy, request);
  expect(explainAccess(executable(SDL), request)).toEqual(expected);
  const schema = guarded(SDL);
  expect(explainAccess(schema, request)).toEqual(expected);
  expect(explainAccess(policyOf(schema) ?? schema, request)).toEqual(expected);
  expect(() => explainAccess(executable('type Query { me: Int }'), request)).toThrow(PolicyError);
});
