import { readFileSync } from 'node:fs';
import {
  type GraphQLNamedType,
  type GraphQLObjectType,
  isInputObjectType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedDirective,
  isSpecifiedScalarType,
} from 'graphql';
import { format } from 'oxfmt';
import { describe, expect, it } from 'vitest';
import { authTypeDefs, readPolicy } from '../src/access/index.ts';
import { buildSchema, loadTypeDefs } from '../src/schema.ts';

const schema = buildSchema();
const policy = readPolicy(schema);
const types = Object.values(schema.getTypeMap()).filter(
  (type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type),
);
const objects = types.filter(isObjectType);
const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].filter((type) => !!type);
const connections = objects.filter(({ name }) => name.endsWith('Connection'));

const isPlumbing = ({ name }: GraphQLNamedType): boolean =>
  /(Connection|Edge|Filter|Order|OrderField|Input)$/.test(name) || roots.some((root) => root.name === name);

describe('the contract', () => {
  it('the schema declares the directives as the access engine does', async () => {
    const file = new URL('../schema/access.graphql', import.meta.url);
    const { code } = await format('access.graphql', authTypeDefs, { printWidth: 120 });
    expect(readFileSync(file, 'utf8')).toBe(code);
  });

  it('every field has a requirement', () => {
    const fields = objects.flatMap((type) => Object.keys(type.getFields()).map((field) => `${type.name}.${field}`));
    expect(fields.length).toBeGreaterThan(50);
    expect(fields.filter((coordinate) => !policy.rules.has(coordinate))).toEqual([]);
  });

  it('the schema does not depend on the order of its files', () => {
    const [forward, backward] = [loadTypeDefs(), loadTypeDefs().toReversed()].map((files) => readPolicy(files));
    expect(backward?.rules).toEqual(forward?.rules);
  });

  it('each role’s inheritance is documented as it is', () => {
    const standard = ['STANDARD', 'GUEST'];
    const manager = ['MANAGER', 'WAREHOUSE', 'SALES'];
    const accounts = ['ACCOUNT_ADMIN', 'ACCOUNT_MANAGER'];
    const admin = ['ADMIN', 'DEVELOPER', ...manager, ...accounts, ...standard];
    const documented = {
      SUPER_ADMIN: ['SUPER_ADMIN', ...admin],
      ADMIN: admin,
      DEVELOPER: ['DEVELOPER', ...standard],
      MANAGER: [...manager, ...standard],
      WAREHOUSE: ['WAREHOUSE', 'SALES', ...standard],
      SALES: ['SALES', ...standard],
      ACCOUNT_ADMIN: [...accounts, ...standard],
      ACCOUNT_MANAGER: ['ACCOUNT_MANAGER', ...standard],
      STANDARD: standard,
      GUEST: ['GUEST'],
    };
    const declared = [...policy.roles].map(([role, held]) => [role, [...held].sort()]);
    expect(Object.fromEntries(declared)).toEqual(
      Object.fromEntries(Object.entries(documented).map(([role, held]) => [role, held.sort()])),
    );
  });

  it('every type, role, directive and operation has a description', () => {
    const described = [
      ...types.filter((type) => !isPlumbing(type)).map(({ name, description }) => ({ name, description })),
      ...schema.getDirectives().filter((directive) => !isSpecifiedDirective(directive)),
      ...roots.flatMap((root) => Object.values(root.getFields())),
      ...roleValues(),
    ];
    expect(described.filter(({ description }) => !description).map(({ name }) => name)).toEqual([]);
  });
});

function roleValues(): readonly { name: string; description?: string | null | undefined }[] {
  const role = schema.getType('Role');
  return role !== undefined && 'getValues' in role ? role.getValues() : [];
}

describe('every list', () => {
  it.each(connections)('%s is a connection of Relay’s, in which any row may be refused', (connection) => {
    const edge = objects.find(({ name }) => name === connection.name.replace(/Connection$/, 'Edge'));
    const row = edge?.getFields()['node']?.type;
    expect(shapeOf(connection)).toEqual({
      edges: `[${edge?.name}!]`,
      nodes: `[${String(row)}]`,
      pageInfo: 'PageInfo!',
      totalCount: 'Int',
    });
    expect(edge === undefined ? {} : shapeOf(edge)).toEqual({ cursor: 'String!', node: String(row) });
    expect(String(row)).not.toMatch(/!$/);
  });

  const fields = objects.flatMap((type) => Object.values(type.getFields()));
  const lists = fields.filter(({ type }) => connections.some(({ name }) => name === String(type)));

  it.each(lists)('$name takes the arguments of a page', ({ args }) => {
    const paging = { first: 'Int', after: 'String', last: 'Int', before: 'String' };
    expect(Object.fromEntries(args.map(({ name, type }) => [name, String(type)]))).toMatchObject(paging);
  });

  it.each(lists)('$name is searched by its filter, if it has one', ({ args }) => {
    const filters = args.filter(({ name }) => name === 'filter').map(({ type }) => type);
    for (const filter of filters) {
      expect(isInputObjectType(filter) && String(filter.getFields()['search']?.type)).toBe('String');
    }
  });
});

function shapeOf(type: GraphQLObjectType): Record<string, string> {
  return Object.fromEntries(Object.values(type.getFields()).map(({ name, type }) => [name, String(type)]));
}
