import { addResolversToSchema, mergeSchemas } from '@graphql-tools/schema';
import { mapSchema, MapperKind } from '@graphql-tools/utils';
import {
  buildASTSchema,
  extendSchema,
  type GraphQLEnumType,
  GraphQLInputObjectType,
  GraphQLInt,
  type GraphQLInterfaceType,
  GraphQLList,
  GraphQLObjectType,
  GraphQLSchema,
  parse,
} from 'graphql';
import { describe, expect, test } from 'vitest';
import {
  assertGuarded,
  authTypeDefs,
  guardAnswersOf,
  PolicyError,
  policyOf,
  readPolicy,
  visibleSchema,
} from '../../src/access/index.ts';
import { attackSchema } from '../../src/testing/index.ts';
import { executable, guarded, ROLES, viewer } from './support.ts';

const lost = (schema: GraphQLSchema): string[] => {
  try {
    assertGuarded(schema);
    return [];
  } catch (error) {
    return error instanceof PolicyError ? error.problems.map(({ coordinate }) => coordinate) : [String(error)];
  }
};

const problemsOf = (schema: GraphQLSchema) => {
  try {
    return readPolicy(schema) && [];
  } catch (error) {
    return error instanceof PolicyError ? error.problems : [];
  }
};

const named = (schema: GraphQLSchema, name: string) =>
  schema.getType(name) as GraphQLInputObjectType & GraphQLObjectType;
type Change = (schema: GraphQLSchema) => GraphQLSchema;
const ofField =
  (field: string, change: (config: object, schema: GraphQLSchema) => object): Change =>
  (schema) =>
    mapSchema(schema, {
      [MapperKind.FIELD]: (config, name, _type, whole) => (name === field ? change(config, whole) : config) as never,
    });

describe('assertGuarded', () => {
  const SDL = `type Query @public { a: Int @auth(requires: ADMIN) b: Int @auth(requires: ADMIN) t: Thing c: Int }
    interface Thing @public { id: ID } type Secret implements Thing @auth(requires: ADMIN) { id: ID }
    type Subscription { ticks: Int @auth(requires: ADMIN) }`;
  const fresh = (): GraphQLSchema => guarded(SDL);
  test('accepts what guardSchema made, and what is pruned from it', () => {
    const schema = fresh();
    const policy = policyOf(schema);
    expect(lost(schema)).toEqual([]);
    expect(policy && lost(visibleSchema(policy, { viewer: viewer('USER') }))).toEqual([]);
  });

  test.each<readonly [string, (schema: GraphQLSchema) => GraphQLSchema, readonly string[]]>([
    [
      'an assignment',
      (schema) => {
        const field = schema.getQueryType()?.getFields()['a'];
        if (field) {
          field.resolve = () => 1;
        }
        return schema;
      },
      ['Query.a'],
    ],
    [
      'no resolver any more',
      (schema) => {
        const field = schema.getQueryType()?.getFields()['b'];
        if (field) {
          delete field.resolve;
        }
        return schema;
      },
      ['Query.b'],
    ],
    [
      'a replaced source of events',
      (schema) => {
        const field = schema.getSubscriptionType()?.getFields()['ticks'];
        if (field) {
          field.subscribe = () => undefined;
        }
        return schema;
      },
      ['Subscription.ticks'],
    ],
    [
      'addResolversToSchema',
      (schema) => addResolversToSchema({ schema, resolvers: { Query: { a: () => 1, b: () => 2 } } }),
      ['Query.a', 'Query.b'],
    ],
    [
      'another type resolver',
      (schema) => addResolversToSchema({ schema, resolvers: { Thing: { __resolveType: () => 'Secret' } } }),
      ['Thing'],
    ],
  ])('names what lost its guard by %s', async (_name, change, coordinates) => {
    const schema = change(fresh());
    expect(lost(schema)).toEqual(coordinates);
    const { tried, failures } = await attackSchema({ schema });
    expect([tried, failures.map(({ coordinate }) => coordinate)]).toEqual([0, coordinates]);
  });

  const PARTS = `enum Sort { NAME IBAN @reads(fields: ["Note.iban"]) } enum Plain { A }
    type Note @public { iban: String @auth(requires: ADMIN) } type Shut implements Thing @auth(requires: ADMIN) { x: Int }
    interface Thing @public { x: Int } type Own @public { x: Int } input Filter { a: Int b: Int @auth(requires: ADMIN) }
    type Query @public { notes(sort: Sort, filter: Filter): [Note] thing: Thing }`;
  test.each<readonly [string, Change, readonly string[]]>([
    [
      'internal values',
      (schema) => addResolversToSchema({ schema, resolvers: { Sort: { IBAN: 'NAME', NAME: 'IBAN' } } }),
      ['Sort.IBAN', 'Sort.NAME'],
    ],
    [
      'an assigned internal value',
      (schema) => {
        Object.assign((schema.getType('Sort') as GraphQLEnumType).getValues()[1] ?? {}, { value: 'NAME' });
        return schema;
      },
      ['Sort.IBAN'],
    ],
    [
      'an argument',
      ofField('thing', (config, whole) => ({ ...config, args: { sort: { type: named(whole, 'Sort') } } })),
      ['Query.thing(sort:)'],
    ],
    [
      'another result',
      ofField('notes', (config, whole) => ({ ...config, type: named(whole, 'Shut') })),
      ['Query.notes'],
    ],
    ['another input', ofField('a', (config, whole) => ({ ...config, type: named(whole, 'Sort') })), ['Filter.a']],
    [
      'an assigned result',
      (schema) => {
        Object.assign(schema.getQueryType()?.getFields()['notes'] ?? {}, { type: named(schema, 'Shut') });
        return schema;
      },
      ['Query.notes'],
    ],
    [
      'another type of the same name',
      (schema) => {
        const twin = new GraphQLObjectType({
          ...(named(schema, 'Note') as GraphQLObjectType).toConfig(),
          fields: { iban: { type: GraphQLInt } },
        });
        Object.assign(schema.getQueryType()?.getFields()['notes'] ?? {}, { type: new GraphQLList(twin) });
        return schema;
      },
      ['Query.notes'],
    ],
    [
      'an input field',
      (schema) =>
        mapSchema(schema, {
          [MapperKind.INPUT_OBJECT_TYPE]: (type) => {
            const { fields, ...config } = type.toConfig();
            return new GraphQLInputObjectType({ ...config, fields: { ...fields, c: { type: GraphQLInt } } });
          },
        }),
      ['Filter.c'],
    ],
    [
      'a member of an interface',
      (schema) =>
        mapSchema(schema, {
          [MapperKind.OBJECT_TYPE]: (type, whole) => {
            const interfaces = [named(whole, 'Thing') as unknown as GraphQLInterfaceType];
            return type.name === 'Own' ? new GraphQLObjectType({ ...type.toConfig(), interfaces }) : type;
          },
        }),
      ['Thing'],
    ],
  ])('names what was given %s', (_name, change, coordinates) => {
    expect(lost(change(guarded(PARTS)))).toEqual(coordinates);
  });

  test('refuses a copy without the policy, so that it is not attacked in the place of the guarded schema', async () => {
    const copy = new GraphQLSchema({ ...fresh().toConfig(), extensions: {} });
    expect(lost(copy)).toEqual(['schema']);
    const { tried, failures } = await attackSchema({ schema: copy });
    expect([tried, failures.map(({ coordinate }) => coordinate)]).toEqual([0, ['schema']]);
  });

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
  test.each<readonly [string, Change, readonly string[]]>([
    [
      'in an extension',
      (schema) => extendSchema(schema, parse('extend type Query { note: Int }'), { assumeValidSDL: true }),
      ['Query.note'],
    ],
    [
      'in one definition',
      () =>
        buildASTSchema(
          parse(`${authTypeDefs} ${ROLES} input In { x: Int @auth(requires: ADMIN) x: Int }
            enum Sort { A @reads(fields: ["Query.a"]) A } type Query @public { a(i: In, s: Sort, y: Int @auth y: Int): Int }`),
          { assumeValidSDL: true, assumeValid: true },
        ),
      ['In.x', 'Query.a(y:)', 'Sort.A'],
    ],
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
    expect(problems[0]?.message).toContain('has lost a requirement');
  });

  test('says what is wrong', () => {
    const replaced = fresh();
    Object.assign(replaced.getQueryType()?.getFields()['a'] ?? {}, { resolve: () => 1 });
    expect(() => assertGuarded(replaced)).toThrow(
      'Query.a: has lost its guard: its resolver was replaced or wrapped after guardSchema; guard the schema last',
    );
    const copy = new GraphQLSchema({ ...fresh().toConfig(), extensions: {} });
    expect(() => assertGuarded(copy)).toThrow(
      'schema: is a copy of a guarded schema that has lost its policy; guard the schema last',
    );
  });

  test('accepts a pruned schema whose resolvers complete what is hidden, until they are replaced', () => {
    const schema = guarded(`input Filter { secret: Int @auth(requires: ADMIN) }
      input Page { filter: Filter = {} size: Int = 10 } type Query { find(page: Page = { size: 5 }): Int @auth }`);
    const visible = visibleSchema(schema, { viewer: viewer('USER') });
    const find = visible.getQueryType()?.getFields()['find'];
    expect(find?.resolve).not.toBe(schema.getQueryType()?.getFields()['find']?.resolve);
    expect(lost(visible)).toEqual([]);
    Object.assign(find ?? {}, { resolve: () => 1 });
    expect(lost(visible)).toEqual(['Query.find']);
  });

  test('the options that decide what a denial looks like stay with the schema', () => {
    expect(guardAnswersOf(guarded(SDL, {}, { denial: 'reject', errorLimit: 3 }))).toEqual({
      enforcement: 'enforce',
      denial: 'reject',
      errorLimit: 3,
    });
    expect(guardAnswersOf(fresh())).toEqual({ enforcement: 'enforce', denial: 'null', errorLimit: Infinity });
    expect(guardAnswersOf(executable(SDL))).toBeNull();
  });

  test('names what was added, and refuses a schema that was never guarded', () => {
    const [one, other] = [fresh(), guarded('type Query { added: Int @auth(requires: ADMIN) }')];
    const merged = mergeSchemas({ schemas: [one, other] });
    expect(policyOf(merged)).toBeNull();
    expect(lost(merged)).not.toEqual([]);
    expect(lost(executable(SDL))).toEqual([expect.stringContaining('not guarded')]);
  });
});
