import {
  executeSync,
  getNamedType,
  type GraphQLFieldConfig,
  GraphQLInputObjectType,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLScalarType,
  GraphQLSchema,
  isInputObjectType,
  parse,
  specifiedDirectives,
  versionInfo,
} from 'graphql';
import { expect, test } from 'vitest';
import { type AccessViewer, authDirectives, guardSchema, policyOf, visibleSchema } from '../../src/access/index.ts';
import { ANONYMOUS, executable, viewer } from './support.ts';

test('inputs of which nothing is hidden are the same objects, and those around others refer to what is left', () => {
  const schema = executable(`
    input Outer { middle: [Middle!] n: Int } input Middle { n: Int inner: Inner } input Inner { a: Int shut: Int @auth }
    input Plain { n: Int sort: Sort } enum Sort { A B } directive @plain(sort: Sort) on FIELD
    type Query @public { find(outer: Outer, plain: Plain): Int }`);
  const visible = visibleSchema(schema, { viewer: ANONYMOUS });
  for (const name of ['Plain', 'Sort']) {
    expect(visible.getType(name)).toBe(schema.getType(name));
  }
  expect(visible.getDirective('plain')).toBe(schema.getDirective('plain'));
  const typeOf = (name: string, field: string) => {
    const type = visible.getType(name);
    return isInputObjectType(type) ? getNamedType(type.getFields()[field]?.type) : undefined;
  };
  expect(typeOf('Outer', 'middle')).toBe(visible.getType('Middle'));
  expect(typeOf('Middle', 'inner')).toBe(visible.getType('Inner'));
  expect([typeOf('Inner', 'a'), typeOf('Inner', 'shut')]).toEqual([GraphQLInt, undefined]);
});

test.each([
  ['{ page }', { filter: {}, list: [{}] }],
  ['{ page(filter: {}, list: []) }', { filter: { size: 5000, limit: {} }, list: [] }],
  ['{ page(filter: { size: 2 }) }', { filter: { size: 200, limit: {} }, list: [{}] }],
])('a default that a builder wrote stays as a resolver gets it of the complete schema: %s', (source, on16) => {
  // It does not survive being written and read again, and graphql 16 adds no defaults of fields to it.
  const Cents = new GraphQLScalarType<number>({
    name: 'Cents',
    serialize: (value) => Number(value) / 100,
    parseValue: (value) => Number(value) * 100,
    parseLiteral: (node) => Number('value' in node ? node.value : 0) * 100,
  });
  const extensions = { directives: { auth: { permissions: ['limit'] } } };
  const Limit = new GraphQLInputObjectType({ name: 'Limit', fields: { most: { type: GraphQLInt, extensions } } });
  const Filter = new GraphQLInputObjectType({
    name: 'Filter',
    fields: {
      size: { type: Cents, defaultValue: 5000 },
      limit: { type: Limit, defaultValue: {} }, // hidden, since nothing of its type is left
    },
  });
  const seen: unknown[] = [];
  const page: GraphQLFieldConfig<unknown, unknown> = {
    type: GraphQLInt,
    args: {
      filter: { type: new GraphQLNonNull(Filter), defaultValue: {} },
      list: { type: new GraphQLList(Filter), defaultValue: [{}] },
    },
    resolve: (_source, args) => seen.push(args),
  };
  const query = new GraphQLObjectType({
    name: 'Query',
    fields: { page },
    extensions: { directives: { public: {} } },
  });
  const plain = new GraphQLSchema({ query, directives: [...specifiedDirectives, ...authDirectives()] });
  const schema = guardSchema(plain, { viewer: (context: AccessViewer) => context });
  const policy = policyOf(schema);
  const visible = policy && visibleSchema(policy, { viewer: viewer() });
  for (const asked of [plain, schema, visible]) {
    const result = asked && executeSync({ schema: asked, document: parse(source), contextValue: viewer() });
    expect(result?.errors).toBeUndefined();
  }
  expect(visible && Object.keys((visible.getType('Filter') as GraphQLInputObjectType).getFields())).toEqual(['size']);
  expect(seen[1]).toEqual(seen[0]);
  expect(seen[2]).toEqual(seen[0]);
  expect(versionInfo.major === 16 ? seen[0] : on16).toEqual(on16);
});
