import { makeExecutableSchema } from '@graphql-tools/schema';
import { buildASTSchema, extendSchema, GraphQLInt, GraphQLObjectType, GraphQLSchema, parse } from 'graphql';
import { expect, test } from 'vitest';
import { authTypeDefs, guardSchema, PolicyError, readPolicy } from '../../src/access/index.ts';
import { executable, ROLES } from './support.ts';

// A later definition replaces an earlier one, with its requirement.

type Change = (schema: GraphQLSchema) => GraphQLSchema;

const problemsOf = (schema: GraphQLSchema) => {
  try {
    return readPolicy(schema) && [];
  } catch (error) {
    if (error instanceof PolicyError) {
      return error.problems;
    }
    throw error;
  }
};

test.each([
  ['type Note { a: Int @auth(requires: ADMIN) }', 'type Note { a: Int @auth(requires: USER) }'],
  ['type Note { a(x: Int @auth(requires: ADMIN)): Int @public }', 'type Note { a(x: Int): Int }'],
  ['input Note { a: Int @auth(requires: ADMIN) }', 'input Note { a: Int }'],
  ['enum Note { a @reads(fields: ["Query.a"]) }', 'enum Note { a }'],
])('readPolicy refuses what separate documents define twice: %s', (first, second) => {
  const query = 'type Query { a: Int @auth(requires: ADMIN) }';
  for (const documents of [
    [first, second],
    [second, first],
  ]) {
    expect(() => readPolicy([authTypeDefs, ROLES, query, ...documents])).toThrow('can only be defined once');
  }
});

const SHUT = 'type Query @public { note(x: Int @auth(requires: ADMIN)): Int @auth(requires: ADMIN) }';
const TWICE = `${authTypeDefs} ${ROLES} input In { x: Int @auth(requires: ADMIN) x: Int }
  enum Sort { A @reads(fields: ["Query.a"]) A } type Query @public {
    a(i: In, s: Sort, y: Int @auth y: Int): Int open: Int open: Int
  }`;
test.each<readonly [string, Change, readonly string[]]>([
  [
    'in an extension',
    (schema) => extendSchema(schema, parse('extend type Query { note: Int }'), { assumeValidSDL: true }),
    ['Query.note'],
  ],
  ...[false, true].map((noLocation): readonly [string, Change, readonly string[]] => [
    `in one definition, parsed ${noLocation ? 'without' : 'with'} places`,
    () => buildASTSchema(parse(TWICE, { noLocation }), { assumeValidSDL: true, assumeValid: true }),
    ['In.x', 'Query.a(y:)', 'Sort.A'],
  ]),
  [
    'by a builder that drops definitions',
    (schema) => {
      const query = schema.getQueryType()?.toConfig();
      const fields = { note: { type: GraphQLInt, args: { x: { type: GraphQLInt } } } };
      const types = schema.toConfig().types.filter(({ name }) => name !== 'Query');
      return new GraphQLSchema({
        ...schema.toConfig(),
        types,
        query: new GraphQLObjectType({ name: 'Query', ...query, fields }),
      });
    },
    ['Query.note', 'Query.note(x:)'],
  ],
])('readPolicy refuses what is defined twice: %s', (_name, change, coordinates) => {
  const problems = problemsOf(change(executable(SHUT)));
  expect(problems.map(({ coordinate }) => coordinate)).toEqual(coordinates);
  expect(problems[0]?.message).toContain('has lost a requirement that the definition of its type puts on it');
});

test('a list that holds itself below a key of extensions is read to its end', () => {
  const itself: unknown[] = [];
  itself.push(itself);
  const schema = executable('type Query @public { a: Int }');
  Object.assign(schema.getQueryType()?.getFields()['a']?.extensions ?? {}, { schemaDirectives: itself });
  expect(problemsOf(schema)).toEqual([]);
});

test.each<readonly [string, string, readonly string[]]>([
  ['in the same words', 'note: Int @auth(requires: ADMIN)', []],
  ['and had no directive', 'open: Int @auth(requires: USER)', []],
  ['and had another directive', 'old: Int @public', []],
  ['and had two directives', 'both: Int @auth(requires: USER)', ['Query.both']],
])('a field may be defined again if it loses no requirement: %s', (_name, again, coordinates) => {
  const fields = 'note: Int @auth(requires: ADMIN) open: Int old: Int @deprecated both: Int @deprecated @auth';
  const schema = buildASTSchema(parse(`${authTypeDefs} ${ROLES} type Query @public { ${fields} ${again} }`), {
    assumeValidSDL: true,
    assumeValid: true,
  });
  expect(problemsOf(schema).map(({ coordinate }) => coordinate)).toEqual(coordinates);
});

test('a definition of a field that a transform has removed is not missed', () => {
  const query = executable(SHUT).getQueryType()?.toConfig();
  const other = { type: GraphQLInt, extensions: { directives: { public: {} } } };
  const types = executable(SHUT).toConfig();
  const schema = new GraphQLSchema({
    ...types,
    types: types.types.filter(({ name }) => name !== 'Query'),
    query: new GraphQLObjectType({ name: 'Query', ...query, fields: { other } }),
  });
  expect(problemsOf(schema)).toEqual([]);
});

test('a stitched schema may define a field again, for which its subschemas are responsible', () => {
  const schema = extendSchema(executable(SHUT), parse('extend type Query { note: Int }'), { assumeValidSDL: true });
  schema.extensions = { ...schema.extensions, stitchingInfo: { subschemaMap: new Map() } };
  expect(problemsOf(schema)).toEqual([]);
});

test.each([
  ['ours first', (own: string) => [authTypeDefs, own]],
  ['ours last', (own: string) => [own, authTypeDefs]],
])('@auth that is merged with another declaration is refused, whose default would be lost: %s', (_name, merge) => {
  const own = 'directive @auth(requires: Role = ADMIN) on OBJECT | FIELD_DEFINITION';
  const typeDefs = [...merge(own), ROLES, 'type Query { a: Int @auth }'];
  const schema = makeExecutableSchema({ typeDefs });
  expect(() => guardSchema(schema, { viewer: () => ({ id: null, roles: [], permissions: [] }) })).toThrow(
    /@auth: is (?:not repeatable, as after a merge with another declaration|declared with)/,
  );
});

test('@auth that two modules declare alike is accepted', () => {
  const schema = makeExecutableSchema({
    typeDefs: [authTypeDefs, ROLES, authTypeDefs, 'type Query { a: Int @auth }'],
  });
  expect(readPolicy(schema).rules.has('Query.a')).toBe(true);
});
