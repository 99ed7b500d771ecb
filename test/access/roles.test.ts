import { makeExecutableSchema } from '@graphql-tools/schema';
import {
  type FieldDefinitionNode,
  GraphQLEnumType,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
  parse,
  specifiedDirectives,
} from 'graphql';
import { describe, expect, test } from 'vitest';
import {
  type AccessViewer,
  authDirectives,
  authTypeDefs,
  authTypeDefsFor,
  guardSchema,
  PolicyError,
  readPolicy,
} from '../../src/access/index.ts';
import { ANONYMOUS, ask, viewer } from './support.ts';

const QUERY = 'type Query { editors: String @auth(requires: "EDITOR") stats: String @auth(permissions: "stats:read") }';
const TEXT = authTypeDefsFor('String');

function problemsOf(read: () => unknown): string[] {
  try {
    read();
    return [];
  } catch (error) {
    return error instanceof PolicyError ? error.problems.map((one) => `${one.coordinate}: ${one.message}`) : ['?'];
  }
}

describe('roles without an enum', () => {
  test('are the names in the option inherits', async () => {
    const inherits = { ADMIN: ['EDITOR'], EDITOR: [], GUEST: [] };
    expect([...readPolicy(TEXT + QUERY, { inherits }).roles.keys()]).toEqual(['ADMIN', 'EDITOR', 'GUEST']);
    const built = makeExecutableSchema({ typeDefs: TEXT + QUERY });
    const schema = guardSchema(built, { inherits, viewer: (context: AccessViewer) => context });
    expect((await ask(schema, viewer('ADMIN'), '{ editors }')).denied).toEqual([]);
    expect((await ask(schema, viewer('EDITOR'), '{ editors }')).denied).toEqual([]);
    expect((await ask(schema, viewer('GUEST'), '{ editors }')).denied).toEqual(['Query.editors FORBIDDEN at editors']);
    expect((await ask(schema, ANONYMOUS, '{ editors }')).denied).toEqual(['Query.editors UNAUTHENTICATED at editors']);
  });

  test('are not needed for permissions', async () => {
    const typeDefs = `${TEXT} type Query { stats: String @auth(permissions: "stats:read") }`;
    const built = makeExecutableSchema({ typeDefs });
    const schema = guardSchema(built, { viewer: (context: AccessViewer) => context });
    expect((await ask(schema, viewer([], ['stats:read']), '{ stats }')).denied).toEqual([]);
    expect((await ask(schema, viewer(), '{ stats }')).denied).toEqual(['Query.stats FORBIDDEN at stats']);
  });

  test('are refused if they are unknown, and so are enum values where there is no enum', () => {
    expect(problemsOf(() => readPolicy(TEXT + QUERY))).toEqual([
      'Query.editors: @auth(requires:) names EDITOR, which is not a role; declare an enum of roles, or name them in the option inherits',
    ]);
    expect(problemsOf(() => readPolicy(TEXT + QUERY, { inherits: { ADMIN: ['GUEST'] } }))).toEqual([
      'Query.editors: @auth(requires:) names EDITOR, which is not a role; the roles are ADMIN, GUEST',
    ]);
  });

  test('are refused if they inherit each other in a cycle', () => {
    expect(problemsOf(() => readPolicy(TEXT + QUERY, { inherits: { ADMIN: ['EDITOR'], EDITOR: ['ADMIN'] } }))).toEqual([
      'Role.ADMIN: inherits EDITOR, which in turn inherits ADMIN; break the cycle',
      'Role.EDITOR: inherits ADMIN, which in turn inherits EDITOR; break the cycle',
    ]);
  });
});

describe('the option inherits beside an enum of roles', () => {
  const SDL = `${authTypeDefs} enum Role { ADMIN EDITOR @inherits(roles: ["GUEST"]) GUEST } type Query { a: Int @auth(requires: GUEST) }`;

  test('adds to @inherits', () => {
    const { roles } = readPolicy(SDL, { inherits: { ADMIN: ['EDITOR'] } });
    expect([...(roles.get('ADMIN') ?? [])]).toEqual(['ADMIN', 'EDITOR', 'GUEST']);
  });

  test('names its roles only', () => {
    expect(problemsOf(() => readPolicy(SDL, { inherits: { ADMIN: ['BOSS'], constructor: [] } }))).toEqual([
      'Role: the option inherits names BOSS, which is not a role; the roles are ADMIN, EDITOR, GUEST',
      'Role: the option inherits names constructor, which is not a role; the roles are ADMIN, EDITOR, GUEST',
    ]);
  });
});

describe('authDirectives', () => {
  const Role = new GraphQLEnumType({ name: 'Rank', values: { ADMIN: {} } });

  test('declare what authTypeDefs declares, and bring the enum of roles along', () => {
    const extensions = { directives: { auth: { requires: 'ADMIN' } } };
    const query = new GraphQLObjectType({ name: 'Query', fields: { a: { type: GraphQLString, extensions } } });
    const directives = [...specifiedDirectives, ...authDirectives(Role)];
    const schema = new GraphQLSchema({ query, directives });
    expect(schema.getType('Rank')).toBe(Role);
    expect([...readPolicy(schema, { roleEnum: 'Rank' }).roles.keys()]).toEqual(['ADMIN']);
    const declared = parse(authTypeDefs).definitions.flatMap((node) => ('name' in node ? [node.name?.value] : []));
    expect(authDirectives(Role).map(({ name }) => name)).toEqual(declared);
  });

  test('are named as the schema names them, and need no enum of roles', () => {
    const names = { auth: 'access', public: 'open' };
    const directives = [...specifiedDirectives, ...authDirectives(undefined, names)];
    const { definitions } = parse('type Query { a: String @access(requires: "EDITOR") b: String @open }');
    const [{ fields = [] }] = definitions as unknown as [{ fields?: FieldDefinitionNode[] }];
    const config = Object.fromEntries(fields.map((astNode) => [astNode.name.value, { type: GraphQLString, astNode }]));
    const schema = new GraphQLSchema({ query: new GraphQLObjectType({ name: 'Query', fields: config }), directives });
    const policy = readPolicy(schema, { inherits: { ADMIN: ['EDITOR'] }, directives: names });
    expect(policy.rules.get('Query.a')?.requirements).toMatchObject([{ roles: ['EDITOR'] }]);
    expect(policy.rules.get('Query.b')?.requirements).toEqual([]);
    expect(() => authDirectives('Role' as never)).toThrow('authDirectives takes the GraphQLEnumType of roles');
  });
});

function writtenTwice(extensions: Readonly<Record<string, unknown>>): GraphQLSchema {
  const { definitions } = parse('type Query { a: String @auth(requires: "ADMIN") }', { noLocation: true });
  const [node] = definitions as unknown as [{ fields: FieldDefinitionNode[] }];
  const query = new GraphQLObjectType({
    name: 'Query',
    fields: { a: { type: GraphQLString, astNode: node.fields[0] ?? null, extensions } },
  });
  return new GraphQLSchema({ query, types: [new GraphQLEnumType({ name: 'Role', values: { ADMIN: {} } })] });
}

describe('directives that a builder writes twice, into extensions and as nodes without a source', () => {
  test('are read once, with strings for roles', () => {
    const { rules } = readPolicy(writtenTwice({ directives: { auth: { requires: 'ADMIN' } } }));
    expect(rules.get('Query.a')?.requirements).toMatchObject([{ roles: ['ADMIN'] }]);
  });

  test('have to be declared where they are nodes alone', () => {
    expect(problemsOf(() => readPolicy(writtenTwice({})))[0]).toContain('@auth is not declared');
  });
});
