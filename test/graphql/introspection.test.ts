import { buildSchema, execute, getIntrospectionQuery, Kind, type OperationDefinitionNode, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../src/graphql/limits.ts';
import { createCostEstimate, introspectionBudget } from '../../src/graphql/limits/cost.ts';
import { startToyServer } from '../support/toy-server.ts';

const schema = buildSchema(`
  directive @note(text: String = "x", list: [[Int!]!]) repeatable on FIELD
  enum Color { RED GREEN @deprecated }
  input Filter @oneOf { text: String color: Color }
  interface Node { id: ID! }
  type User implements Node { id: ID! name(form: String, filter: Filter): [[String!]!]! old: Int @deprecated }
  type Group implements Node { id: ID! members: [User!]! }
  union Any = User | Group
  type Query { node(id: ID!): Node any: [Any!] }
`);

/** Counts the fields of an answer. */
function countFields(value: unknown): number {
  if (Array.isArray(value)) {
    return value.reduce<number>((sum, item) => sum + countFields(item), 0);
  }
  const fields = typeof value === 'object' && value !== null ? Object.values(value) : [];
  return fields.reduce<number>((sum, field) => sum + 1 + countFields(field), 0);
}

function estimate(query: string): number {
  const document = parse(query);
  const operation = document.definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION);
  return createCostEstimate(schema, document, operation as OperationDefinitionNode, DEFAULT_LIMITS).introspection;
}

describe('introspection', () => {
  it.each([
    getIntrospectionQuery({
      inputValueDeprecation: true,
      oneOf: true,
      specifiedByUrl: true,
      directiveIsRepeatable: true,
    }),
    '{ __schema { __typename types { name } queryType { name } mutationType { name } directives { name locations } } }',
    '{ a: __schema { types { ...T } } b: __type(name: "User") { ...T } } fragment T on __Type { name fields(includeDeprecated: true) { args { defaultValue type { kind ofType { name } } } } }',
    '{ __type(name: "Nothing") { name } __typename }',
    '{ __type(name: "Any") { possibleTypes { name interfaces { name possibleTypes { name } } } enumValues { name } } }',
  ])('introspection is estimated as the number of fields that it returns: %#', async (query) => {
    const { data, errors } = await execute({ schema, document: parse(query) });
    expect(errors).toBeUndefined();
    const { __typename, ...introspected } = data ?? {};
    expect(estimate(query)).toBe(countFields(introspected));
  });

  it('introspection of a type that a variable names is estimated as that of the largest', () => {
    const fields = '{ name fields { name } enumValues { name } }';
    const largest = Math.max(
      ...Object.keys(schema.getTypeMap()).map((name) => estimate(`{ __type(name: "${name}") ${fields} }`)),
    );
    expect(estimate(`query ($name: String!) { __type(name: $name) ${fields} }`)).toBe(largest);
  });

  const DETAILS = 'name args { name type { name kind } } type { name kind }';

  it.each([
    ['of the schema', `__schema { types { name fields { ${DETAILS} } } }`],
    ['of one type', `__type(name: "Query") { fields { ${DETAILS} type { fields { ${DETAILS} } } } }`],
    ['in a fragment', `__schema { ... { types { ... on __Type { fields { ${DETAILS} } inputFields { name } } } } }`],
  ])('introspection %s, repeated by aliases, is refused once it is more than the complete schema', async (_, field) => {
    const server = await startToyServer();
    const aliases = Array.from({ length: 29 }, (_field, index) => `a${index}: ${field}`);
    const { status, body } = await server.query(`{ ${aliases.join(' ')} }`);
    expect([status, body.errors?.[0]?.extensions]).toEqual([400, { code: 'GRAPHQL_VALIDATION_FAILED', limit: 'cost' }]);
    expect((await server.query(`{ ${field} }`)).status).toBe(200);
    expect((await server.query(getIntrospectionQuery())).status).toBe(200);
  });

  it.each(['fields { type', 'possibleTypes { interfaces'])(
    'introspection that goes round in circles is refused: %s',
    async (step) => {
      const server = await startToyServer();
      for (const times of [4, 8, 20]) {
        const circles = `${`${step} { `.repeat(times)} name ${'} } '.repeat(times)}`;
        expect((await server.query(`{ __schema { types { ${circles} } } }`)).status).toBe(400);
      }
    },
  );

  it('introspection has a budget that grows with the schema, so that tools always pass', () => {
    const types = Array.from(
      { length: 2_000 },
      (_, index) => `type T${index} { a(b: Int): [T${index}!]! c: String d: ID }`,
    );
    const large = buildSchema(`${types.join('\n')} type Query { a: Int }`);
    expect(introspectionBudget(large)).toBeGreaterThan(100_000);
  });
});
