import { describe, expect, test } from 'vitest';
import {
  accessMatrix,
  type AccessMatrix,
  diffMatrices,
  matrixCsv,
  matrixJson,
  matrixMarkdown,
  type MatrixOptions,
  overallDirection,
  parseMatrix,
  type ReviewedMatrix,
} from '../../src/access/index.ts';
import { policyOfSdl } from './support.ts';

const SDL = `
  type Note @auth(requires: EDITOR, owner: "by") { by: ID text: String @auth(requires: ADMIN) }
  type Page @public { a: Int @auth b: Int @auth(permissions: "x:y") c: Int }
  union Thing = Note | Page
  union Shut = Note
  enum Order { BY @reads(fields: ["Note.by"]) OTHER }
  input Filter { secret: Int @auth(requires: AUDITOR) open: Int }
  type Query @public { notes(order: Order, admin: Int @auth(requires: ADMIN), filter: Filter): [Note] thing: Thing shut: Shut page: Page }
`;

function matrixOf(sdl: string, options?: MatrixOptions): AccessMatrix {
  return accessMatrix(policyOfSdl(sdl), options);
}

/** The cells of a row, by column. */
function cells(matrix: AccessMatrix, coordinate: string): string {
  return matrix.rows.find((row) => row.coordinate === coordinate)?.cells.join(' ') ?? 'missing';
}

/** The requirements of a row, in words. */
function requirementsOf(matrix: AccessMatrix, coordinate: string): string | undefined {
  return matrix.rows.find((row) => row.coordinate === coordinate)?.requirements;
}

/** All that is told apart by a matrix, in one order. */
function plain({ rows, columns }: ReviewedMatrix): readonly string[] {
  return [
    columns.join(),
    ...rows.map(({ coordinate, cells, requirements }) => [coordinate, ...cells, requirements].join()).sort(),
  ];
}

/** Made anew by each test. */
const matrix = (): AccessMatrix => matrixOf(SDL);

describe('cells', () => {
  test('columns are anonymous and every role', () => {
    expect(matrix().columns).toEqual(['anonymous', 'ADMIN', 'EDITOR', 'AUDITOR', 'USER']);
  });

  test.each([
    ['Query.page', 'allowed allowed allowed allowed allowed'],
    ['Query.notes', 'denied allowed allowed own own'],
    ['Query.notes(order:)', 'denied allowed allowed own own'],
    ['Query.notes(admin:)', 'denied allowed denied denied denied'],
    ['Query.thing', 'allowed allowed allowed allowed allowed'],
    ['Query.shut', 'denied allowed allowed own own'],
    ['Note.by', 'denied allowed allowed own own'],
    ['Note.text', 'denied allowed denied denied denied'],
    ['Page.a', 'denied allowed allowed allowed allowed'],
    ['Page.b', 'denied denied denied denied denied'],
    ['Order.BY', 'denied allowed allowed denied denied'],
    ['Order.OTHER', 'allowed allowed allowed allowed allowed'],
    ['Filter.secret', 'denied denied denied allowed denied'],
    ['Filter.open', 'allowed allowed allowed allowed allowed'],
  ])('%s: %s', (coordinate, expected) => {
    expect(cells(matrix(), coordinate)).toBe(expected);
  });

  test('permissions come with roles, and with those that inherit them', () => {
    expect(cells(matrixOf(SDL, { rolePermissions: { EDITOR: ['x:y'] } }), 'Page.b')).toBe(
      'denied allowed allowed denied denied',
    );
    expect(cells(matrixOf(SDL, { rolePermissions: { ADMIN: 'all' } }), 'Page.b')).toBe(
      'denied allowed denied denied denied',
    );
    expect(cells(matrixOf(SDL, { rolePermissions: { USER: ['other'] } }), 'Page.b')).toBe(
      'denied denied denied denied denied',
    );
  });

  test('requirements are described', () => {
    expect(requirementsOf(matrix(), 'Note.text')).toBe('ADMIN');
    expect(requirementsOf(matrix(), 'Note.by')).toBe('EDITOR or owner(by)');
    expect(requirementsOf(matrix(), 'Page.c')).toBe('anyone');
    const two = matrixOf(`
      type A @auth(requires: EDITOR, permissions: "a") @auth(permissions: "b") { a: Int }
      type B @auth(requires: EDITOR) @auth(requires: USER) { b: Int }
      type C @public { c: Int }
      union U = A | B
      union V = B | C
      union W = C
      type P @auth(requires: ADMIN, owner: "id") { id: ID }
      type PConnection { edges: [PEdge] }
      type PEdge { node: P }
      type Query @public { a: A b: B u: U v: V w: W ps: PConnection @auth(requires: USER) }`);
    expect(requirementsOf(two, 'Query.ps')).toBe('USER');
    expect(requirementsOf(two, 'Query.a')).toBe('(EDITOR or "a") and "b"');
    expect(requirementsOf(two, 'Query.b')).toBe('EDITOR');
    expect(requirementsOf(two, 'Query.u')).toBe('one of {A: (EDITOR or "a") and "b"; B: EDITOR}');
    expect(requirementsOf(two, 'Query.v')).toBe('one of {B: EDITOR; C: anyone}');
    expect(requirementsOf(two, 'Query.w')).toBe('anyone');
    expect(requirementsOf(matrix(), 'Page.a')).toBe('signed-in');
    expect(requirementsOf(matrix(), 'Page.b')).toBe('"x:y"');
    expect(requirementsOf(matrix(), 'Query.shut')).toBe('one of {Note: EDITOR or owner(by)}');
    expect(requirementsOf(matrix(), 'Query.thing')).toBe('one of {Note: EDITOR or owner(by); Page: anyone}');
  });
});

/** Made anew by each test. */
const small = (): AccessMatrix =>
  matrixOf(
    `type Query @public { a(x: Int, y: Int @auth): Int b: Int @auth(requires: EDITOR, permissions: ["p|q", "r,s"]) }`,
  );

describe('renderings', () => {
  test('Markdown', () => {
    expect(matrixMarkdown(small())).toBe(`# Access matrix

One row for each coordinate, one column for a viewer who holds that role alone. \`allowed\`: always; \`own\`: on objects
that the viewer owns; \`depends\`: where a policy allows it; \`denied\`: never. The last column has the requirements, with
all alternatives. Written by \`access matrix --write\`; do not edit.

| coordinate | anonymous | ADMIN | EDITOR | AUDITOR | USER | requirements |
| --- | --- | --- | --- | --- | --- | --- |
| \`Query.a\` | allowed | allowed | allowed | allowed | allowed | anyone |
| \`Query.a(y:)\` | denied | allowed | allowed | allowed | allowed | signed-in |
| \`Query.b\` | denied | allowed | allowed | denied | denied | EDITOR or "p\\|q" or "r,s" |

## Without requirements of their own

Any viewer who reaches the field may supply these arguments; any viewer may use these values.

- \`Query.a(x:)\`
- \`Role.ADMIN\`
- \`Role.AUDITOR\`
- \`Role.EDITOR\`
- \`Role.USER\`
`);
  });

  test('JSON', () => {
    expect(JSON.parse(matrixJson(small()))).toMatchObject({
      columns: ['anonymous', 'ADMIN', 'EDITOR', 'AUDITOR', 'USER'],
      rows: expect.arrayContaining([
        {
          coordinate: 'Query.b',
          kind: 'field',
          requirements: 'EDITOR or "p|q" or "r,s"',
          access: { anonymous: 'denied', ADMIN: 'allowed', EDITOR: 'allowed', AUDITOR: 'denied', USER: 'denied' },
        },
      ]),
    });
  });

  test('CSV', () => {
    const lines = matrixCsv(small()).split('\r\n');
    expect(lines[0]).toBe('coordinate,kind,anonymous,ADMIN,EDITOR,AUDITOR,USER,requirements');
    expect(lines).toContain('Query.b,field,denied,allowed,allowed,denied,denied,"EDITOR or ""p|q"" or ""r,s"""');
    expect(lines.at(-1)).toBe('');
  });

  test('Markdown is read back', () => {
    for (const matrix of [small(), matrixOf(SDL)]) {
      expect(plain(parseMatrix(matrixMarkdown(matrix)))).toEqual(plain(matrix));
      expect(plain(parseMatrix(matrixMarkdown(matrix).replaceAll('\n', '\r\n')))).toEqual(plain(matrix));
    }
  });

  test('what people write around it is no part of it', () => {
    const text = `See - \`Query.z\`\n- \`Query.z\` is gone\n\n${matrixMarkdown(small())}`;
    expect(plain(parseMatrix(text))).toEqual(plain(small()));
  });

  const none = 'The file holds no access matrix';
  test.each([
    ['nothing', '', none],
    ['another table', '| a | b |\n| - | - |\n| c | d |', none],
    ['another last column', matrixMarkdown(small()).replace('| requirements |', '| keys |'), none],
    [
      'an unknown cell',
      matrixMarkdown(small()).replace('| denied |', '| perhaps |'),
      'broken line: `Query.a(y:)` | perhaps',
    ],
    ['a cell less', matrixMarkdown(small()).replace('| denied |', '|'), 'broken line'],
    ['a cell more', matrixMarkdown(small()).replace('| denied |', '| denied | maybe |'), 'broken line'],
    ['a coordinate without quotes', matrixMarkdown(small()).replace('`Query.b`', 'Query.b'), 'broken line: Query.b'],
    ['something before one', matrixMarkdown(small()).replace('`Query.b`', 'x `Query.b`'), 'broken line'],
    ['something after one', matrixMarkdown(small()).replace('`Query.b`', '`Query.b` x'), 'broken line'],
  ])('%s is not read', (_name, text, message) => {
    expect(() => parseMatrix(text)).toThrow(SyntaxError);
    expect(() => parseMatrix(text)).toThrow(message);
  });
});

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

  test('what no viewer may is widened by any alternative', () => {
    const sdl = 'type C @auth(owner: "id") { id: ID } type T @public { b: Int MARK } type Query @public { t: T c: C }';
    const [old, now] = ['@reads(fields: ["C.id"])', '@auth(permissions: "x")'].map((mark) =>
      matrixOf(sdl.replace('MARK', mark)),
    );
    expect(requirementsOf(old ?? union('x'), 'T.b')).toBe('never');
    expect(old && now && diffMatrices(old, now, roles)).toMatchObject([{ coordinate: 'T.b', direction: 'widened' }]);
  });

  test('what changed is told in words', () => {
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

  test('a guard that an argument lost has widened', () => {
    const guarded = base.replace('x: Int', 'x: Int @auth');
    const changes = diffMatrices(matrixOf(guarded), matrixOf(base), roles);
    expect(changes.map(({ coordinate, direction }) => `${coordinate} ${direction}`)).toEqual(['T.f(x:) widened']);
  });

  test('both directions are told', () => {
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

  test('a role more, a role less', () => {
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

  test('columns in another order are the same', () => {
    const before = matrixOf(base);
    const turned = {
      columns: before.columns.toReversed(),
      rows: before.rows.map((row) => Object.assign({}, row, { cells: row.cells.toReversed() })),
    };
    expect(diffMatrices(turned, before, roles)).toEqual([]);
  });
});
