import { describe, expect, test } from 'vitest';
import { requirementsAt, policyOfSdl } from './support.ts';

describe('the requirements of a field', () => {
  test.each<readonly [string, string, string, readonly string[]]>([
    ['its own', 'type T @public { a: Int @auth(requires: USER) }', 'T.a', ['T.a: USER']],
    [
      'each of several',
      'type T @public { a: Int @auth(requires: USER) @auth(permissions: "x") @auth }',
      'T.a',
      ['T.a: USER', 'T.a: "x"', 'T.a: signed-in'],
    ],
    [
      'all keys of one',
      'type T @public { id: ID a: Int @auth(requires: [USER, ADMIN], permissions: ["x", "y"], owner: "id") }',
      'T.a',
      ['T.a: ADMIN or USER or "x" or "y" or owner(id) parent'],
    ],
    ["its type's", 'type T @auth(requires: USER) { a: Int }', 'T.a', ['T: USER']],
    [
      "its own does not replace its type's",
      'type T @auth(requires: ADMIN) { a: Int @auth(requires: USER) }',
      'T.a',
      ['T: ADMIN', 'T.a: USER'],
    ],
    [
      'of an extension',
      'type T { a: Int } extend type T @auth(requires: USER) extend type T @auth(requires: ADMIN)',
      'T.a',
      ['T: ADMIN', 'T: USER'],
    ],
    [
      "its interface's",
      'interface I @auth(requires: USER) { a: Int } type T implements I { a: Int b: Int }',
      'T.b',
      ['I: USER'],
    ],
    [
      "its interface's field's",
      'interface I @public { a: Int @auth(requires: USER) } type T implements I @public { a: Int }',
      'T.a',
      ['I.a: USER'],
    ],
    [
      'of interfaces of interfaces',
      'interface J @auth(requires: USER) { a: Int } interface I implements J { a: Int @auth } type T implements I & J { a: Int }',
      'T.a',
      ['I.a: signed-in', 'J: USER'],
    ],
    ['of what it returns', 'type C @auth(requires: USER) { a: Int } type T @public { c: C }', 'T.c', ['C: USER']],
    ['through lists', 'type C @auth(requires: USER) { a: Int } type T @public { c: [[C]] }', 'T.c', ['C: USER']],
    [
      'of what it returns, judged there',
      'type C @auth(owner: "id") { id: ID } type T @public { c: C }',
      'T.c',
      ['C: owner(id) result'],
    ],
    [
      'of an interface that it returns',
      'interface C @auth(requires: USER) { a: Int } type D implements C { a: Int } type T @public { c: C }',
      'T.c',
      ['C: USER'],
    ],
    [
      'not of the members of a union',
      'type C @auth(requires: USER) { a: Int } union U = C type T @public { c: U }',
      'T.c',
      [],
    ],
    ['nothing', 'type T @public { a: Int }', 'T.a', []],
    [
      'what it reads',
      'type C @auth(requires: USER) { a: Int @auth(permissions: "x") } type T @public { b: Int @reads(fields: ["C.a"]) }',
      'T.b',
      ['C: USER', 'C.a: "x"'],
    ],
    [
      'what that reads',
      'type C @public { a: Int @auth b: Int @reads(fields: ["C.a"]) c: Int @reads(fields: ["C.b"]) }',
      'C.c',
      ['C.a: signed-in'],
    ],
    [
      'what reads itself',
      'type C @public { a: Int @auth @reads(fields: ["C.b"]) b: Int @reads(fields: ["C.a"]) }',
      'C.b',
      ['C.a: signed-in'],
    ],
    [
      'without the owner of what it reads',
      'type C @auth(requires: USER, owner: "id") { id: ID } type T @public { b: Int @reads(fields: ["C.id"]) }',
      'T.b',
      ['C: USER'],
    ],
    [
      'no viewer reads what only an owner may',
      'type C @auth(owner: "id") { id: ID } type T @public { b: Int @reads(fields: ["C.id"]) }',
      'T.b',
      ['C: never'],
    ],
    [
      'of all that an interface stands for',
      'interface I @public { a: Int } type C implements I @auth(requires: USER) { a: Int } type T @public { b: Int @reads(fields: ["I.a"]) }',
      'T.b',
      ['C: USER'],
    ],
  ])('%s', (_name, sdl, coordinate, requirements) => {
    expect(requirementsAt(policyOfSdl(`type Query @public { z: Int } ${sdl}`), coordinate)).toEqual(requirements);
  });
});

/** A connection of nodes with owners, and a field that returns it. */
function connection(more: string): string {
  return `
    type C @auth(requires: USER, owner: "id") { id: ID }
    type CConnection { edges: [CEdge] nodes: [C] ${more} totalCount: Int }
    type CEdge { node: C cursor: String }
    type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
    type Query @public { cs: CConnection }`;
}

describe('connections', () => {
  test('take the requirements of their nodes, rows judged by their owners, the count refused to all', () => {
    const policy = policyOfSdl(connection('pageInfo: PageInfo!'));
    const rows = 'C: USER or owner(id) rows';
    expect(requirementsAt(policy, 'Query.cs')).toEqual([rows]);
    expect(requirementsAt(policy, 'CConnection.edges')).toEqual([rows]);
    expect(requirementsAt(policy, 'CConnection.pageInfo')).toEqual([rows]);
    expect(requirementsAt(policy, 'CConnection.nodes')).toEqual(['C: USER or owner(id) result', rows]);
    expect(requirementsAt(policy, 'CConnection.totalCount')).toEqual([rows, 'C: USER']);
    expect(requirementsAt(policy, 'CEdge.cursor')).toEqual([rows]);
    expect(requirementsAt(policy, 'CEdge.node')).toEqual(['C: USER or owner(id) result', rows]);
    expect(requirementsAt(policy, 'PageInfo.hasNextPage')).toEqual([]);
  });

  test('have their own requirements as well', () => {
    const policy = policyOfSdl(connection('').replace('type CConnection', 'type CConnection @auth(requires: ADMIN)'));
    expect(requirementsAt(policy, 'Query.cs')).toEqual(['C: USER or owner(id) rows', 'CConnection: ADMIN']);
  });

  test.each([
    ['a field that the shape says nothing about', 'sum: Int', ['CConnection.sum']],
    ['a count that is none', 'z: Int', ['CConnection.z']],
    ['another field that returns the node', 'last: C', ['CConnection.last']],
  ])('%s has to be decided', (_name, field, faults) => {
    expect(() => policyOfSdl(connection(field))).toThrow(new RegExp(faults.join()));
  });

  test.each([
    ['a count that is no Int', 'totalCount: Int', 'totalCount: String', 'CConnection.totalCount'],
    ['another field of an edge', 'cursor: String', 'cursor: String rank: Int', 'CEdge.rank'],
    ['a cursor with fields', 'cursor: String', 'cursor: Other', 'CEdge.cursor'],
    ['another field of the information on pages', 'endCursor: String', 'endCursor: String all: Int', 'PageInfo.all'],
    ['pages of something else', 'hasNextPage: Boolean! ', '', 'PageInfo.endCursor'],
    ['information that is called otherwise', 'type PageInfo', 'type Pages', 'Pages.hasNextPage'],
  ])('%s has to be decided, too', (_name, shape, changed, coordinate) => {
    const sdl = connection('').replace(shape, changed);
    expect(() => policyOfSdl(`type Other @public { a: Int } ${sdl}`)).toThrow(`${coordinate}: is undecided`);
  });

  test.each([
    ['edges that are no list', 'type XConnection { edges: XEdge } type XEdge { node: C }'],
    ['edges without a node', 'type XConnection { edges: [XEdge] } type XEdge { item: C }'],
    ['a node that is a list', 'type XConnection { edges: [XEdge] } type XEdge { node: [C] }'],
    ['a node that has no fields', 'type XConnection { edges: [XEdge] } type XEdge { node: Int }'],
  ])('%s make no connection', (_name, types) => {
    expect(() => policyOfSdl(`${types} ${connection('')}`)).toThrow(/XConnection.edges: is undecided/);
  });

  test('need nodes of the type of their edges', () => {
    expect(() =>
      policyOfSdl(connection('').replace('nodes: [C]', 'nodes: [Other] } type Other @public { a: Int')),
    ).toThrow(/CConnection.nodes/);
  });

  test('that contain each other end', () => {
    const policy = policyOfSdl(`
      type A @auth(requires: USER) { edges: [AEdge] } type AEdge @auth(requires: ADMIN) { node: B }
      type B @auth(requires: AUDITOR) { edges: [BEdge] } type BEdge { node: A }
      type Query @public { a: A }`);
    expect(requirementsAt(policy, 'Query.a')).toEqual(['A: USER', 'B: AUDITOR']);
  });
});
