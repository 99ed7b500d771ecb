import { addResolversToSchema, mergeSchemas } from '@graphql-tools/schema';
import { mapSchema, MapperKind } from '@graphql-tools/utils';
import {
  extendSchema,
  type GraphQLEnumType,
  GraphQLInputObjectType,
  GraphQLInt,
  type GraphQLInterfaceType,
  GraphQLList,
  GraphQLObjectType,
  GraphQLSchema,
  type GraphQLUnionType,
  parse,
} from 'graphql';
import { describe, expect, test } from 'vitest';
import { assertGuarded, guardAnswersOf, PolicyError, policyOf, visibleSchema } from '../../src/access/index.ts';
import { attackSchema } from '../../src/testing/index.ts';
import { executable, guarded, viewer } from './support.ts';

const lost = (schema: GraphQLSchema): string[] => {
  try {
    assertGuarded(schema);
    return [];
  } catch (error) {
    return error instanceof PolicyError ? error.problems.map(({ coordinate }) => coordinate) : [String(error)];
  }
};

const named = (schema: GraphQLSchema, name: string) =>
  schema.getType(name) as GraphQLInputObjectType & GraphQLObjectType;
/** Another type object of the same name. */
const twinOf = (schema: GraphQLSchema, name: string): GraphQLObjectType =>
  new GraphQLObjectType({
    ...(named(schema, name) as GraphQLObjectType).toConfig(),
    fields: { iban: { type: GraphQLInt } },
  });
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

  test('accepts other resolvers and sources of fields that need no guard', () => {
    const sdl = `type Query @public { a: Int b: Int } type Subscription @public { ticks: Int }`;
    const resolvers = { Query: { a: () => 1 }, Subscription: { ticks: { subscribe: () => null as never } } };
    const schema = guarded(sdl, resolvers);
    for (const field of ['a', 'b']) {
      Object.assign(schema.getQueryType()?.getFields()[field] ?? {}, { resolve: () => 2 });
    }
    Object.assign(schema.getSubscriptionType()?.getFields()['ticks'] ?? {}, { subscribe: () => null });
    expect(lost(schema)).toEqual([]);
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
    interface Thing @public { x: Int } type Own @public { x: Int } union Either = Own | Note input Filter { a: Int b: Int @auth(requires: ADMIN) }
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
        const type = new GraphQLList(twinOf(schema, 'Note'));
        Object.assign(schema.getQueryType()?.getFields()['notes'] ?? {}, { type });
        return schema;
      },
      ['Query.notes'],
    ],
    ['another root type', (schema) => Object.assign(schema, { _queryType: twinOf(schema, 'Query') }), ['schema']],
    [
      'another member of the same name',
      (schema) => {
        const either = schema.getType('Either') as GraphQLUnionType;
        Object.assign(either, { _types: [named(schema, 'Own'), twinOf(schema, 'Note')] });
        return schema;
      },
      ['Either'],
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
    const extended = extendSchema(copy, parse('extend type Query { d: Int }'));
    Object.assign(extended.getQueryType()?.getFields()['a'] ?? {}, { resolve: () => 1 });
    expect(lost(extended)).toEqual(['Query.a', 'Query.d', 'schema']);
  });

  test('compares a copy without the policy with the schema that most of its guards come from', () => {
    const config = fresh().toConfig();
    const types = config.types.filter(({ name }) => name !== 'Query');
    const copyOf = (fields: Record<string, object>): GraphQLSchema => {
      const query = new GraphQLObjectType({ name: 'Query', fields: fields as never });
      return new GraphQLSchema({ ...config, query, types, extensions: {} });
    };
    const others = guarded('type Query { added: Int @auth(requires: ADMIN) }').getQueryType()?.toConfig().fields;
    const mixed = { ...others, ...config.query?.toConfig().fields };
    expect(lost(copyOf(mixed))).toEqual(['Query.added', 'schema']);
    // Here the first guard that is found belongs to the other schema.
    const bare = new GraphQLSchema({ query: new GraphQLObjectType({ name: 'Query', fields: mixed as never }) });
    expect(lost(bare)).toEqual(['Query.added', 'schema']);
    const plain = { type: GraphQLInt, resolve: () => 1 };
    expect(lost(copyOf({ x: plain, y: plain, z: plain, u: plain, v: plain, ...others }))).toEqual(
      ['added', 'u', 'v', 'x', 'y', 'z'].map((name) => `Query.${name}`).concat('schema'),
    );
  });

  test('refuses a schema that another copy of rolegate has guarded', () => {
    const schema = executable(SDL);
    schema.extensions = { rolegate: () => undefined };
    expect(() => policyOf(schema)).toThrow(
      'The schema was guarded by another copy of rolegate: "npm ls rolegate" shows them; keep one',
    );
  });

  test('says what is wrong', () => {
    const replaced = fresh();
    Object.assign(replaced.getQueryType()?.getFields()['a'] ?? {}, { resolve: () => 1 });
    expect(() => assertGuarded(replaced)).toThrow(
      'Query.a: has lost its guard: its resolver was replaced or wrapped after guardSchema; guard the schema last',
    );
    const changed = guarded(PARTS);
    const { notes, thing } = changed.getQueryType()?.getFields() ?? {};
    Object.assign(notes ?? {}, { type: named(changed, 'Shut') });
    Object.assign(thing ?? {}, { type: twinOf(changed, 'Own'), args: notes?.args });
    Object.assign((changed.getType('Sort') as GraphQLEnumType).getValues()[0] ?? {}, { value: 'IBAN' });
    const messages: readonly string[] = [
      'Query.notes: is not what guardSchema saw; guard the schema last',
      'Query.thing: is not what guardSchema saw; guard the schema last',
      'Query.thing: refers to another type named Own than the one that guardSchema saw; guard the schema last',
      'Query.thing(filter:): was added after guardSchema, so nothing guards it; guard the schema last',
      'Query.thing(sort:): was added after guardSchema, so nothing guards it; guard the schema last',
      'Sort.NAME: is not what guardSchema saw; guard the schema last',
    ];
    expect(() => assertGuarded(changed)).toThrow(
      new PolicyError(
        messages.map((line) => ({ coordinate: line.replace(/: .*/, ''), message: line.replace(/.*?: /, '') })),
      ),
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
