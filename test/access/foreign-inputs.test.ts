import { mergeSchemas } from '@graphql-tools/schema';
import { mapSchema } from '@graphql-tools/utils';
import {
  DirectiveLocation,
  GraphQLDirective,
  GraphQLEnumType,
  GraphQLInputObjectType,
  type GraphQLInputType,
  GraphQLInt,
  GraphQLList,
  GraphQLSchema,
  lexicographicSortSchema,
} from 'graphql';
import { expect, test } from 'vitest';
import { assertGuarded, PolicyError, visibleSchema } from '../../src/access/index.ts';
import { guarded, viewer } from './support.ts';

// An enum of the same name may give NAME the internal value that the guard knows as that of IBAN.

const SDL = `
  enum Sort { NAME IBAN @reads(fields: ["Note.iban"]) }
  input Filter { iban: Int @auth(requires: ADMIN) sort: Sort }
  directive @by(sort: Sort) on FIELD
  type Note @public { iban: String @auth(requires: ADMIN) }
  type Query @public { notes(sort: Sort, filter: Filter): [Note] }
`;
const swapped = new GraphQLEnumType({ name: 'Sort', values: { NAME: { value: 'IBAN' }, IBAN: { value: 'NAME' } } });
const filter = new GraphQLInputObjectType({ name: 'Filter', fields: { sort: { type: swapped } } });

type Change = (schema: GraphQLSchema) => GraphQLSchema | void;

const setArgument =
  (name: string, type: GraphQLInputType): Change =>
  (schema) => {
    const { args = [] } = schema.getQueryType()?.getFields()['notes'] ?? {};
    Object.assign(args.find((argument) => argument.name === name) ?? {}, { type });
  };

const addDirective =
  (...names: readonly string[]): Change =>
  (schema) => {
    const args = {
      plain: { type: GraphQLInt },
      ...Object.fromEntries(names.map((name) => [name, { type: schema.getType('Sort') as GraphQLEnumType }])),
    };
    const added = new GraphQLDirective({ name: 'added', locations: [DirectiveLocation.FIELD], args });
    return new GraphQLSchema({ ...schema.toConfig(), directives: [...schema.getDirectives(), added] });
  };

const retype: Change = (schema) => {
  Object.assign(schema.getDirective('by')?.args[0] ?? {}, { type: new GraphQLList(schema.getType('Sort') as never) });
};

function problemsAfter(change: Change): string[] {
  const schema = guarded(SDL);
  try {
    assertGuarded(change(schema) ?? schema);
    return [];
  } catch (error) {
    return error instanceof PolicyError ? error.problems.map((one) => `${one.coordinate}: ${one.message}`) : ['?'];
  }
}

test.each<readonly [string, Change, string, string]>([
  ['an enum in an argument', setArgument('sort', swapped), 'Query.notes(sort:)', 'Sort'],
  ['an input type in an argument', setArgument('filter', filter), 'Query.notes(filter:)', 'Filter'],
  [
    'an enum in an input field',
    (schema) => {
      const { sort } = (schema.getType('Filter') as GraphQLInputObjectType).getFields();
      Object.assign(sort ?? {}, { type: swapped });
    },
    'Filter.sort',
    'Sort',
  ],
  [
    'an enum in a directive',
    (schema) => {
      Object.assign(schema.getDirective('by')?.args[0] ?? {}, { type: swapped });
    },
    '@by(sort:)',
    'Sort',
  ],
])('assertGuarded names the place of another type of the same name: %s', (_name, change, coordinate, type) => {
  expect(problemsAfter(change)).toEqual([
    `${coordinate}: refers to another type named ${type} than the one that guardSchema saw; guard the schema last`,
  ]);
});

test('assertGuarded names what directives were given, unless it is a scalar', () => {
  expect(problemsAfter(addDirective('sort'))).toEqual([
    '@added(sort:): was added after guardSchema, so nothing guards it; guard the schema last',
  ]);
  expect(problemsAfter(retype)).toEqual(['@by(sort:): is not what guardSchema saw; guard the schema last']);
  expect(problemsAfter(addDirective())).toEqual([]);
});

test.each<readonly [string, Change]>([
  ['mapSchema', (schema) => mapSchema(schema, {})],
  ['sorting', lexicographicSortSchema],
  ['merging', (schema) => mergeSchemas({ schemas: [schema] })],
  ['pruning', (schema) => visibleSchema(schema, { viewer: viewer('USER') })],
])('assertGuarded accepts what keeps every input: %s', (_name, change) => {
  expect(problemsAfter(change)).toEqual([]);
});
