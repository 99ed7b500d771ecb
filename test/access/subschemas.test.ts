import type { GraphQLSchema } from 'graphql';
import { expect, test } from 'vitest';
import { PolicyError, readPolicy } from '../../src/access/index.ts';
import { executable, guarded } from './support.ts';

/** The parts of subschemas that `stitchSchemas` keeps in the stitched schema. */
function stitched(schema: GraphQLSchema, ...subschemas: unknown[]): GraphQLSchema {
  const subschemaMap = new Map(subschemas.map((subschema, index) => [index, subschema]));
  schema.extensions = { ...schema.extensions, stitchingInfo: { subschemaMap } };
  return schema;
}

function problems(schema: GraphQLSchema): readonly { readonly coordinate: string; readonly message: string }[] {
  try {
    readPolicy(schema);
    return [];
  } catch (error) {
    if (error instanceof PolicyError) {
      return error.problems;
    }
    throw error;
  }
}

const query = (field: string): GraphQLSchema =>
  executable(`type Query @public { a: Int b: Int @auth(requires: ADMIN) ${field} }`);
const secret = 'c: Int @auth(requires: EDITOR)';

test.each<readonly [string, string, readonly unknown[], readonly string[]]>([
  ['a requirement that is lost', 'c: Int', [{ schema: query(secret) }], ['Query.c']],
  ['a requirement that is kept', secret, [{ schema: query(secret) }], []],
  ['another requirement', 'c: Int @auth(requires: ADMIN)', [{ schema: query(secret) }], ['Query.c']],
  ['one of two', secret, [{ schema: query(`${secret} @auth(permissions: "x")`) }], ['Query.c']],
  ['what is lost twice is told once', 'c: Int', [{ schema: query(secret) }, { schema: query(secret) }], ['Query.c']],
  ['what one of two subschemas loses', 'c: Int', [{ schema: query('c: Int') }, { schema: query(secret) }], ['Query.c']],
  ['what is read', 'c: Int', [{ schema: query('c: Int @reads(fields: ["Query.a"])') }], ['Query.c']],
  [
    'what is read still',
    'c: Int @reads(fields: ["Query.a"])',
    [{ schema: query('c: Int @reads(fields: ["Query.a"])') }],
    [],
  ],
  [
    'what is read as well',
    'c: Int @reads(fields: ["Query.a"])',
    [{ schema: query('c: Int @reads(fields: ["Query.a", "Query.b"])') }],
    ['Query.c'],
  ],
  ['a field that is not stitched', '', [{ schema: query(secret) }], []],
  ['a subschema that is guarded', 'c: Int', [{ schema: guarded(`type Query @public { ${secret} }`) }], []],
  ['one that is transformed', 'c: Int', [{ schema: query('c: Int'), transformedSchema: query(secret) }], ['Query.c']],
  ['one that loses it when it is transformed', 'c: Int', [{ schema: query(secret), transformedSchema: query('') }], []],
  ['one that is transformed to nothing', 'c: Int', [{ schema: query(secret), transformedSchema: 'none' }], []],
  ['what is no subschema', 'c: Int', [null, 'text', {}, { schema: {} }, { transformedSchema: query(secret) }], []],
])('%s', (_name, field, subschemas, expected) => {
  const found = problems(stitched(query(field), ...subschemas));
  expect(found.map(({ coordinate }) => coordinate)).toEqual(expected);
  expect(new Set(found.map(({ message }) => message))).toEqual(
    new Set(
      expected.map(
        () =>
          'has lost a requirement that a subschema puts on it, since another subschema defines it later; guard the subschemas',
      ),
    ),
  );
});

test.each([undefined, null, 'text', {}, { subschemaMap: [] }])(
  'stitching info %j has no subschemas',
  (stitchingInfo) => {
    const schema = query('c: Int');
    schema.extensions = { stitchingInfo };
    expect(problems(schema)).toEqual([]);
  },
);
