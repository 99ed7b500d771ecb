import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { stitchSchemas } from '@graphql-tools/stitch';
import type { GraphQLSchema } from 'graphql';
import { assertGuarded, authTypeDefs, guardSchema, PolicyError, readPolicy } from 'rolegate/access';
import { gateway } from '../recipes/stitching.ts';
import { viewer } from '../recipes/data.ts';
import { expectGuarded } from './guarded.ts';
import { askOf } from './in-process.ts';

test('stitching: guarded subschemas behind a gateway', () => expectGuarded(askOf(gateway)));

const subschema = (note: string, query: string): GraphQLSchema =>
  makeExecutableSchema({
    typeDefs: [authTypeDefs, `enum Role { ADMIN USER } ${note} type Query @public { ${query} }`],
  });

/** The coordinates that a refusal names. */
function refusedOf(read: () => unknown): string[] {
  try {
    read();
    return [];
  } catch (error) {
    assert.ok(error instanceof PolicyError, String(error));
    return error.problems.map(({ coordinate }) => coordinate);
  }
}

const OPEN = 'type Note @public { text(as: Int): Int } input In { a: Int } enum Sort { OTHER }';
const GUARDED = {
  'a field': ['type Note @public { text(as: Int): Int @auth(requires: ADMIN) }', 'Note.text'],
  'a type': ['type Note @auth(requires: ADMIN) { text(as: Int): Int }', 'Note'],
  'an argument': ['type Note @public { text(as: Int @auth(requires: ADMIN)): Int }', 'Note.text(as:)'],
  'an input field': ['input In { a: Int @auth(requires: ADMIN) }', 'In.a'],
  'a value of an enum': [
    'type Secret @public { iban: Int @auth(requires: ADMIN) } enum Sort { OTHER @reads(fields: ["Secret.iban"]) }',
    'Sort.OTHER',
  ],
} as const;

for (const [what, [sdl, coordinate]] of Object.entries(GUARDED)) {
  test(`stitching: a later subschema that defines ${what} without its requirement is refused`, () => {
    const query = 'a: Int b(in: In, by: Sort): Note';
    const rest = OPEN.replace(new RegExp(`(type|input|enum) ${coordinate.split('.')[0]} .*?}`), '');
    const first = subschema(`${sdl} ${rest}`, query);
    const second = subschema(OPEN, query);
    assert.deepEqual(
      refusedOf(() => readPolicy(stitchSchemas({ subschemas: [first, second] }))),
      [coordinate],
    );
    assert.deepEqual(
      refusedOf(() => readPolicy(stitchSchemas({ subschemas: [first, first] }))),
      [],
    );
  });
}

test('stitching: a guarded subschema keeps what the gateway loses', () => {
  const first = guardSchema(subschema(GUARDED['a field'][0], 'a: Note'), { viewer });
  const second = subschema('type Note @public { text(as: Int): Int }', 'b: Note');
  const stitched = guardSchema(stitchSchemas({ subschemas: [first, second] }), { viewer });
  assertGuarded(stitched);
});
