import { describe, expect, test } from 'vitest';
import {
  accessMatrix,
  type AccessMatrix,
  authTypeDefsFor,
  matrixCsv,
  matrixJson,
  matrixMarkdown,
  type MatrixOptions,
  parseMatrix,
  readPolicy,
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

describe('the cells of a matrix', () => {
  test('stand in columns for anonymous viewers and every role', () => {
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

  test('know the permissions that come with roles, and with those that inherit them', () => {
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

  test('have the requirements described beside them', () => {
    expect(requirementsOf(matrix(), 'Note.text')).toBe('ADMIN');
    expect(requirementsOf(matrix(), 'Note.by')).toBe('EDITOR or owner(by)');
    expect(requirementsOf(matrix(), 'Page.c')).toBe('anyone');
    const two = matrixOf(`
      type A @auth(requires: EDITOR, permissions: "a") @auth(permissions: "b") { a: Int by: P }
      type B @auth(requires: EDITOR) @auth(requires: USER) { b: Int }
      type C @public { c: Int }
      union U = A | B
      union V = B | C
      union W = C
      type P @auth(requires: ADMIN, owner: "id") { id: ID }
      type PConnection { edges: [PEdge] }
      type PEdge { node: P }
      type R @auth(requires: ADMIN, policy: "shown") { a: A @auth(owner: "a.by.id") }
      type RConnection { edges: [REdge] }
      type REdge { node: R }
      type Query @public {
        a: A b: B u: U v: V w: W
        ps: PConnection @auth(requires: USER) rs: RConnection @auth(requires: USER) all: RConnection
      }`);
    expect(requirementsOf(two, 'Query.ps')).toBe('USER');
    expect(requirementsOf(two, 'Query.rs')).toBe('USER');
    expect(requirementsOf(two, 'Query.all')).toBe('ADMIN or policy(shown)');
    expect(requirementsOf(two, 'Query.a')).toBe('(EDITOR or "a") and "b"');
    expect(requirementsOf(two, 'Query.b')).toBe('EDITOR');
    expect(requirementsOf(two, 'R.a')).toContain('owner(a.by.id)');
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

describe('a matrix is rendered', () => {
  test('as Markdown', () => {
    expect(matrixMarkdown(small())).toBe(`# Access matrix

One row for each coordinate, one column for a viewer who holds that role alone. \`allowed\`: always; \`own\`: on objects
that the viewer owns; \`depends\`: where a policy allows it; \`denied\`: never. The last column has the requirements, with
all alternatives. Written by \`matrix --write\`; do not edit.

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

  test('as Markdown if everything in the schema has requirements of its own', () => {
    const sdl = [authTypeDefsFor('String'), 'type Query { a: Int @auth }'];
    const text = matrixMarkdown(accessMatrix(readPolicy(sdl, { inherits: { ADMIN: [] } })));
    expect(text.split('\n').slice(6)).toEqual([
      '| coordinate | anonymous | ADMIN | requirements |',
      '| --- | --- | --- | --- |',
      '| `Query.a` | denied | allowed | signed-in |',
      '',
    ]);
  });

  test('as JSON', () => {
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

  test('as CSV', () => {
    const lines = matrixCsv(small()).split('\r\n');
    expect(lines[0]).toBe('coordinate,kind,anonymous,ADMIN,EDITOR,AUDITOR,USER,requirements');
    expect(lines).toContain('Query.b,field,denied,allowed,allowed,denied,denied,"EDITOR or ""p|q"" or ""r,s"""');
    expect(lines.at(-1)).toBe('');
  });

  test('as Markdown that parseMatrix reads back', () => {
    const depending = matrixOf('type Query @public { a: Int @auth(policy: "p") }');
    expect(cells(depending, 'Query.a')).toBe('depends depends depends depends depends');
    for (const matrix of [small(), matrixOf(SDL), depending]) {
      expect(plain(parseMatrix(matrixMarkdown(matrix)))).toEqual(plain(matrix));
      expect(plain(parseMatrix(matrixMarkdown(matrix).replaceAll('\n', '\r\n')))).toEqual(plain(matrix));
    }
  });

  test('as Markdown that may have other text around it', () => {
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
