import { parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { explainAccess } from '../../src/access/index.ts';
import { explain, explained, policy, type Rest } from './explained.ts';
import { policyOfSdl, viewer } from './support.ts';

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

  test.each<readonly [string, Rest['variables'], boolean]>([
    ['{ me either @skip(if: true) }', {}, false],
    ['{ me either @skip(if: false) }', {}, true],
    ['{ me either @include(if: true) @skip(if: true) }', {}, false],
    ['query ($on: Boolean!) { me either @skip(if: $on) }', {}, true],
    ['query ($on: Boolean!) { me either @include(if: $on) }', {}, true],
    ['query ($on: Boolean!) { me either @skip(if: $on) }', { on: true }, false],
    ['query ($on: Boolean!) { me either @skip(if: $on) }', { on: false }, true],
    ['query ($on: Boolean!) { me either @include(if: $on) }', { on: false }, false],
    ['query ($on: Boolean!) { me either @include(if: $on) }', { on: 'no' }, true],
    [
      'query ($off: Boolean = true, $on: Boolean = false) { me @include(if: $off) either @include(if: $on) }',
      {},
      false,
    ],
    ['query ($on: Boolean = false) { me either @include(if: $on) }', { on: true }, true],
    ['query ($on: Boolean = true) { me either @skip(if: $on) }', {}, false],
  ])('%s with the variables %j', (operation, variables, isIncluded) => {
    expect(explain(operation, { variables })).toEqual(
      isIncluded ? ['Query.me: allowed', 'Query.either: denied'] : ['Query.me: allowed'],
    );
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

  test('names no lines of a document without locations', () => {
    const operation = parse('{ me }', { noLocation: true });
    const { coordinates } = explainAccess(policy, { viewer: viewer(), operation });
    expect(coordinates.map(({ coordinate, lines }) => [coordinate, lines])).toEqual([['Query.me', []]]);
  });

  test('says what is below a field of an interface once, and ignores directives of others', () => {
    const own = policyOfSdl(`directive @live(if: String) on FIELD
      interface Thing @public { page: Page } type A implements Thing @public { page: Page }
      type B implements Thing @public { page: Page } type Page @public { id: ID } type Query @public { thing: Thing }`);
    const operation = '{ thing { page { id @live b: id @live(if: "x") } } }';
    const { coordinates } = explainAccess(own, { viewer: viewer(), operation });
    expect(coordinates.map(({ coordinate }) => coordinate)).toEqual(['Query.thing', 'A.page', 'Page.id', 'B.page']);
  });

  test('says which requirement decides', () => {
    const { coordinates } = explained('{ page { secret } }', { roles: ['EDITOR'] });
    expect(coordinates.at(-1)?.requirements).toEqual([
      { from: 'Page.secret', alternatives: 'EDITOR', verdict: 'allowed' },
      { from: 'Page.secret', alternatives: '"x:y"', verdict: 'denied' },
    ]);
  });
});
