import { describe, expect, test } from 'vitest';
import {
  accessMatrix,
  type AccessMatrix,
  diffMatrices,
  matrixMarkdown,
  type MatrixOptions,
  overallDirection,
  parseMatrix,
} from '../../src/access/index.ts';
import { policyOfSdl } from './support.ts';

function matrixOf(sdl: string, options?: MatrixOptions): AccessMatrix {
  return accessMatrix(policyOfSdl(sdl), options);
}

/** The requirements of a row, in words. */
function requirementsOf(matrix: AccessMatrix, coordinate: string): string | undefined {
  return matrix.rows.find((row) => row.coordinate === coordinate)?.requirements;
}

const union = (member: string): AccessMatrix =>
  matrixOf(`type A @auth(permissions: "${member}") { a: Int } union U = A type Query @public { u: U }`);

describe('differences', () => {
  const base = `
    type T @public { a: Int @auth(requires: EDITOR) p: Int @auth(permissions: ["x", "y"]) both: Int @auth(requires: EDITOR) @auth(permissions: "x") own: Int @auth(requires: EDITOR, owner: "id") id: ID f(x: Int): Int }
    type Query @public { t: T }`;
  const roles = policyOfSdl(base).roles;

  function diff(change: (sdl: string) => string): readonly [string | null, readonly string[]] {
    const [before, after] = [matrixOf(base), matrixOf(change(base))];
    const changes = diffMatrices(parseMatrix(matrixMarkdown(before)), after, roles);
    return [overallDirection(changes), changes.map(({ coordinate, direction }) => `${coordinate} ${direction}`)];
  }

  test.each<readonly [string, (sdl: string) => string, string | null, readonly string[]]>([
    ['nothing', (sdl) => sdl, null, []],
    ['order', (sdl) => sdl.replace('["x", "y"]', '["y", "x"]'), null, []],
    [
      'another role',
      (sdl) => sdl.replace('a: Int @auth(requires: EDITOR)', 'a: Int @auth(requires: AUDITOR)'),
      'both',
      ['T.a both'],
    ],
    [
      'a weaker role',
      (sdl) => sdl.replace('a: Int @auth(requires: EDITOR)', 'a: Int @auth(requires: USER)'),
      'widened',
      ['T.a widened'],
    ],
    [
      'a stronger role',
      (sdl) => sdl.replace('a: Int @auth(requires: EDITOR)', 'a: Int @auth(requires: ADMIN)'),
      'narrowed',
      ['T.a narrowed'],
    ],
    [
      'one role more',
      (sdl) => sdl.replace('a: Int @auth(requires: EDITOR)', 'a: Int @auth(requires: [EDITOR, AUDITOR])'),
      'widened',
      ['T.a widened'],
    ],
    ['no requirement', (sdl) => sdl.replace('a: Int @auth(requires: EDITOR)', 'a: Int'), 'widened', ['T.a widened']],
    ['a new requirement', (sdl) => sdl.replace('id: ID', 'id: ID @auth'), 'narrowed', ['T.id narrowed']],
    [
      'a permission more, which no role holds',
      (sdl) => sdl.replace('["x", "y"]', '["x", "y", "z"]'),
      'widened',
      ['T.p widened'],
    ],
    ['a permission less', (sdl) => sdl.replace('["x", "y"]', '["x"]'), 'narrowed', ['T.p narrowed']],
    ['another permission', (sdl) => sdl.replace('["x", "y"]', '["x", "z"]'), 'both', ['T.p both']],
    [
      'one of two requirements less',
      (sdl) => sdl.replace('@auth(requires: EDITOR) @auth(permissions: "x")', '@auth(permissions: "x")'),
      'widened',
      ['T.both widened'],
    ],
    [
      'two requirements become one',
      (sdl) =>
        sdl.replace('@auth(requires: EDITOR) @auth(permissions: "x")', '@auth(requires: EDITOR, permissions: "x")'),
      'widened',
      ['T.both widened'],
    ],
    ['an owner less', (sdl) => sdl.replace(', owner: "id"', ''), 'narrowed', ['T.own narrowed']],
    [
      'an owner more',
      (sdl) => sdl.replace('a: Int @auth(requires: EDITOR)', 'a: Int @auth(requires: EDITOR, owner: "id")'),
      'widened',
      ['T.a widened'],
    ],
    ['a new field', (sdl) => sdl.replace('id: ID', 'id: ID more: Int'), 'widened', ['T.more widened']],
    ['a field less', (sdl) => sdl.replace('a: Int @auth(requires: EDITOR)', ''), 'narrowed', ['T.a narrowed']],
    ['a guarded argument', (sdl) => sdl.replace('x: Int', 'x: Int @auth'), 'narrowed', ['T.f(x:) narrowed']],
    ['a new argument', (sdl) => sdl.replace('x: Int', 'x: Int, y: Int'), 'widened', ['T.f(y:) widened']],
    [
      'a closed type',
      (sdl) => sdl.replace('type T @public', 'type T @auth(requires: USER)'),
      'narrowed',
      ['Query.t narrowed', 'T.f narrowed', 'T.f(x:) narrowed', 'T.id narrowed', 'T.own narrowed', 'T.p narrowed'],
    ],
  ])('%s', (_name, change, direction, changes) => {
    expect(diff(change)).toEqual([direction, changes]);
  });

  test.each([
    ['permissions: "x"', 'permissions: ["x", "or"]', 'widened'],
    ['permissions: ["x", "nobody"]', 'permissions: "x"', 'narrowed'],
    ['permissions: "x"', 'permissions: "EDITOR"', 'both'],
    ['permissions: ["x", "say \\"hi\\""]', 'permissions: "x"', 'narrowed'],
    ['permissions: ["a b", "c"]', 'permissions: ["a", "b", "c"]', 'both'],
    ['permissions: "signed-in"', 'permissions: ["signed-in", "x"]', 'widened'],
    ['permissions: "x") @auth(permissions: "y"', 'permissions: "y"', 'widened'],
    ['permissions: "y"', 'permissions: "x") @auth(permissions: "y"', 'narrowed'],
    ['permissions: "x") @auth(permissions: "y"', 'permissions: ["x", "y"]', 'widened'],
    ['requires: EDITOR, permissions: "x"', 'requires: EDITOR, permissions: ["x", "y"]', 'widened'],
    ['permissions: "x", owner: "id"', 'permissions: "x", owner: "by"', 'both'],
    ['permissions: "x", owner: "id"', 'permissions: ["x", "y"], owner: "id"', 'widened'],
    ['permissions: "x", owner: "id"', 'permissions: "y", owner: "id"', 'both'],
    ['owner: "id", policy: "by"', 'owner: "by", policy: "id"', 'both'],
    ['requires: [EDITOR, AUDITOR]', 'requires: USER', 'widened'],
  ])('@auth(%s) that becomes @auth(%s) has %s, though no cell tells', (before, after, direction) => {
    const sdl = 'type T @public { id: ID by: ID a: Int @auth(KEYS) } type Query @public { t: T }';
    const [old, now] = [before, after].map((keys) => matrixOf(sdl.replace('KEYS', keys)));
    const changes = old && now ? diffMatrices(old, now, roles) : [];
    expect(changes).toMatchObject([{ coordinate: 'T.a', direction }]);
  });

  test('roles that no column shows are compared by what they inherit', () => {
    const changed = base.replace('a: Int @auth(requires: EDITOR)', 'a: Int @auth(requires: USER)');
    const [old, now] = [matrixOf(base, { columns: [] }), matrixOf(changed, { columns: [] })];
    expect(diffMatrices(old, now, roles)).toMatchObject([{ coordinate: 'T.a', direction: 'widened' }]);
    expect(diffMatrices(now, old, roles)).toMatchObject([{ coordinate: 'T.a', direction: 'narrowed' }]);
  });

  test('a requirement that no viewer satisfies is widened by any alternative', () => {
    const sdl = 'type C @auth(owner: "id") { id: ID } type T @public { b: Int MARK } type Query @public { t: T c: C }';
    const [old, now] = ['@reads(fields: ["C.id"])', '@auth(permissions: "x")'].map((mark) =>
      matrixOf(sdl.replace('MARK', mark)),
    );
    expect(requirementsOf(old ?? union('x'), 'T.b')).toBe('never');
    expect(old && now && diffMatrices(old, now, roles)).toMatchObject([{ coordinate: 'T.b', direction: 'widened' }]);
  });

  test('a change is described in words', () => {
    const changed = base.replace('a: Int @auth(requires: EDITOR)', 'b: Int @auth(requires: [EDITOR, AUDITOR])');
    const told = diffMatrices(matrixOf(base), matrixOf(changed), roles);
    expect(told.map(({ coordinate, text }) => `${coordinate}: ${text}`)).toEqual([
      'T.a: deleted, required EDITOR',
      'T.b: new, requires AUDITOR or EDITOR',
    ]);
    const granted = matrixOf(base, { rolePermissions: { AUDITOR: ['y'] } });
    expect(diffMatrices(matrixOf(base), granted, roles)).toEqual([
      { coordinate: 'T.p', direction: 'widened', text: 'AUDITOR denied → allowed' },
    ]);
    const both = base.replace('p: Int @auth(permissions: ["x", "y"])', 'p: Int @auth(requires: EDITOR)');
    expect(diffMatrices(matrixOf(base), matrixOf(both), roles)).toEqual([
      {
        coordinate: 'T.p',
        direction: 'both',
        text: 'ADMIN denied → allowed, EDITOR denied → allowed, requires "x" or "y" → EDITOR',
      },
    ]);
  });

  test('an argument without its former guard is widened', () => {
    const guarded = base.replace('x: Int', 'x: Int @auth');
    const changes = diffMatrices(matrixOf(guarded), matrixOf(base), roles);
    expect(changes.map(({ coordinate, direction }) => `${coordinate} ${direction}`)).toEqual(['T.f(x:) widened']);
  });

  test('changes in both directions are reported', () => {
    const [direction] = diff((sdl) => sdl.replace('id: ID', 'id: ID @auth').replace('["x", "y"]', '["x", "y", "z"]'));
    expect(direction).toBe('both');
  });

  test('members of an abstract type that change cannot be compared by words', () => {
    const change = diffMatrices(union('x'), union('y'), roles).find(({ coordinate }) => coordinate === 'Query.u');
    expect(change?.direction).toBe('both');
    const sdl = `type A @auth(permissions: "a") { a: Int } type B @auth(permissions: "b") { b: Int }
      type C @public { a: Int } type Query @public { u: U } union U =`;
    for (const [before, after] of [
      ['A | B', 'A'],
      ['A | C', 'C'],
      ['C', 'A | C'],
    ]) {
      const changes = diffMatrices(matrixOf(`${sdl} ${before}`), matrixOf(`${sdl} ${after}`), roles);
      expect(changes).toMatchObject([{ coordinate: 'Query.u', direction: 'both' }]);
    }
  });

  test('columns of added and removed roles are reported', () => {
    const before = matrixOf(base);
    const without = {
      columns: before.columns.slice(0, -1),
      rows: before.rows.map((row) => Object.assign({}, row, { cells: row.cells.slice(0, -1) })),
    };
    expect(diffMatrices(without, before, roles)).toEqual([
      { coordinate: 'USER', direction: 'widened', text: 'a new column' },
    ]);
    expect(diffMatrices(before, without, roles)).toEqual([
      { coordinate: 'USER', direction: 'narrowed', text: 'the column is deleted' },
    ]);
  });

  test('columns in another order make no difference', () => {
    const before = matrixOf(base);
    const turned = {
      columns: before.columns.toReversed(),
      rows: before.rows.map((row) => Object.assign({}, row, { cells: row.cells.toReversed() })),
    };
    expect(diffMatrices(turned, before, roles)).toEqual([]);
  });
});
