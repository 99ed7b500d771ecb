import {
  execute,
  graphql,
  isObjectType,
  GraphQLInt,
  GraphQLObjectType,
  GraphQLSchema,
  parse,
  printSchema,
  printType,
  validateSchema,
} from 'graphql';
import { describe, expect, test } from 'vitest';
import { type AccessViewer, guardSchema, policyOf, readPolicy, visibleSchema } from '../../src/access/index.ts';
import { ANONYMOUS, ask, executable, guarded, policyOfSdl, viewer } from './support.ts';

const SDL = `
  type Row @public { a: Int @auth(requires: EDITOR) b: Int @auth(requires: EDITOR) c: Int @auth(requires: ADMIN) }
  type Query @public { rows: [Row] me: Int @auth perm: Int @auth(permissions: "x:y") }
`;

describe('resolvers behind the guard are called as they were without it', () => {
  const sdl = `type Query @public { a(x: Int): String @auth b: String @auth row: Row } type Row @public { plain: Int @auth method: Int @auth later: Int @auth getter: Int @auth fn: Int @auth missing: Int @auth }`;

  test('with the same source, arguments, context and info', async () => {
    const calls: unknown[] = [];
    const schema = guarded(sdl, {
      Query: {
        a: (...call: readonly unknown[]) => {
          calls.push(...call.slice(0, 3), (call[3] as { fieldName: string }).fieldName);
          return 'ok';
        },
      },
    });
    const who = viewer();
    const rootValue = { root: true };
    expect((await graphql({ schema, source: '{ a(x: 3) }', contextValue: who, rootValue })).data).toEqual({ a: 'ok' });
    expect(calls).toEqual([rootValue, { x: 3 }, who, 'a']);
  });

  test('in a schema that is assumed to be valid', async () => {
    const query = new GraphQLObjectType({
      name: 'Query',
      fields: { a: { type: GraphQLInt, resolve: () => 1, extensions: { directives: { auth: {} } } } },
    });
    const plain = new GraphQLSchema({
      query,
      types: [new GraphQLObjectType({ name: 'Empty', fields: {} })],
      assumeValid: true,
    });
    const schema = guardSchema(plain, { viewer: (context: AccessViewer) => context });
    expect(await ask(schema, viewer(), '{ a }')).toEqual({ data: { a: 1 }, denied: [] });
    expect((await ask(schema, ANONYMOUS, '{ a }')).data).toEqual({ a: null });
  });

  test('default resolvers read properties and call methods', async () => {
    class Row {
      plain = 1;
      fn = (): number => 5;
      get getter(): number {
        return 4;
      }
      method(_args: unknown, context: AccessViewer): number {
        return context.id === 'me' ? this.plain + 1 : 0;
      }
      async later(): Promise<number> {
        return 3;
      }
    }
    const schema = guarded(sdl, { Query: { row: () => new Row() } });
    expect(await ask(schema, viewer(), '{ row { plain method later getter fn missing } }')).toEqual({
      data: { row: { plain: 1, method: 2, later: 3, getter: 4, fn: 5, missing: null } },
      denied: [],
    });
  });

  test.each([undefined, null])('a source may be missing: %s', async (rootValue) => {
    const source = '{ b again: b }';
    expect(await graphql({ schema: guarded(sdl), source, contextValue: viewer(), rootValue })).toEqual({
      data: { b: null, again: null },
    });
  });

  test('a source may be a function or a text', async () => {
    const source = Object.assign(() => 1, { plain: 7 });
    const rootValue = { row: () => source };
    const { data } = await graphql({
      schema: guarded(sdl),
      source: '{ row { plain } }',
      contextValue: viewer(),
      rootValue,
    });
    expect(data).toEqual({ row: { plain: 7 } });
    const schema = guarded(sdl, { Query: { row: () => 'text' } });
    expect(await ask(schema, viewer(), '{ row { plain } }')).toEqual({ data: { row: { plain: null } }, denied: [] });
  });

  test('a resolver without requirements is not wrapped', () => {
    const schema = guarded(`
      type T @auth { a: Int b: Int @auth }
      type O @public { a: Int }
      union U = O | T
      union Open = O
      input I { a: Int @auth(requires: USER) }
      input J { a: Int sort: Sort }
      enum Sort { UP }
      type Query @public {
        t: T n: Int u: U open: Open plain(by: J): Int closed(by: I): Int shut: Int @auth(requires: USER)
      }`);
    const resolve = (type: string, field: string): unknown => {
      const found = schema.getType(type);
      return found && 'getFields' in found ? (found.getFields()[field] as { resolve?: unknown }).resolve : null;
    };
    expect(resolve('T', 'a')).toBeUndefined();
    expect(resolve('T', 'b')).toBeUndefined();
    expect(resolve('Query', 'n')).toBeUndefined();
    expect(resolve('Query', 'open')).toBeUndefined();
    expect(resolve('Query', 'plain')).toBeUndefined();
    // `u` may be a T, and what depends on the viewer must not be stored in a shared cache.
    for (const guardedField of ['t', 'u', 'closed', 'shut']) {
      expect(resolve('Query', guardedField)).toBeTypeOf('function');
    }
  });

  test('the fields of a connection are not wrapped where a policy judges its nodes', () => {
    const schema = guarded(
      `type N @auth(policy: "even") { a: Int }
      type NConnection { edges: [NEdge] nodes: [N] totalCount: Int pageInfo: PageInfo }
      type NEdge { node: N cursor: String }
      type PageInfo { hasNextPage: Boolean! }
      type Query @public { ns: NConnection }`,
      {},
      { policies: { even: () => true } },
    );
    const resolvers = ['NConnection', 'NEdge'].flatMap((name) => {
      const type = schema.getType(name);
      return Object.values(isObjectType(type) ? type.getFields() : {}).map((field) => [
        field.name,
        typeof field.resolve,
      ]);
    });
    expect(Object.fromEntries(resolvers)).toEqual({
      edges: 'undefined',
      nodes: 'function',
      totalCount: 'function',
      pageInfo: 'undefined',
      node: 'function',
      cursor: 'undefined',
    });
  });

  test('synchronous operations stay synchronous', () => {
    const result = execute({
      schema: guarded(sdl),
      document: parse('{ b }'),
      contextValue: viewer(),
      rootValue: { b: 'now' },
    });
    expect(result).toEqual({ data: { b: 'now' } });
  });
});

/** A type as SDL. */
function printed(schema: GraphQLSchema, name: string): string {
  const type = schema.getType(name);
  return type === undefined ? '' : printType(type);
}

describe('guarding', () => {
  test('leaves the schema as it was', async () => {
    const schema = executable(SDL);
    guardSchema(schema, { viewer: () => ANONYMOUS });
    expect((await graphql({ schema, source: '{ me }', rootValue: { me: 1 } })).data).toEqual({ me: 1 });
    expect(policyOf(schema)).toBeNull();
  });

  test('changes nothing that can be seen of a schema', async () => {
    const sdl = `
      "Text." scalar Stamp @specifiedBy(url: "https://example.com")
      "One of." input Choice @oneOf { a: Int b: Stamp }
      input Page { size: Int! = 10 sort: Sort stamps: [Stamp!] = ["x"] }
      enum Sort { UP DOWN @deprecated(reason: "gravity") }
      interface Node @public { id: ID! }
      type Leaf implements Node @auth { id: ID! "Deep." old: Int @deprecated }
      union Any = Leaf
      type Query @public { node(page: Page = { size: 3 }, choice: Choice): Node any: Any stamp(at: Stamp = "now"): Stamp sort(by: Sort = DOWN): Sort }
      type Subscription @public { ticks: Int }
      directive @live(every: Int = 3) on QUERY
      schema { query: Query subscription: Subscription }`;
    const plain = executable(sdl, {
      Query: { sort: (_source: unknown, { by }: { by: number }) => by },
      Sort: { UP: 1, DOWN: -1 },
    });
    const schema = guardSchema(plain, { viewer: (context: AccessViewer) => context });
    expect(printSchema(schema)).toBe(printSchema(plain));
    expect(validateSchema(schema)).toEqual([]);
    expect(await ask(schema, ANONYMOUS, '{ sort up: sort(by: UP) }')).toEqual({
      data: { sort: 'DOWN', up: 'UP' },
      denied: [],
    });
    const policy = policyOf(schema);
    const whole = policy === null ? plain : visibleSchema(policy, { viewer: viewer('ADMIN') });
    expect(await ask(whole, ANONYMOUS, '{ sort up: sort(by: UP) }')).toEqual({
      data: { sort: 'DOWN', up: 'UP' },
      denied: [],
    });
    for (const type of ['Choice', 'Page', 'Sort', 'Stamp', 'Leaf', 'Query']) {
      expect(printed(whole, type)).toBe(printed(plain, type));
    }
  });

  test('twice is refused', () => {
    const schema = guarded(SDL);
    expect(() => guardSchema(schema, { viewer: () => ANONYMOUS })).toThrow('guarded already');
  });

  test('refuses a schema whose policy cannot be read', () => {
    expect(() => guarded('type Query { a: Int }')).toThrow('Query.a: is undecided; put @auth or @public on it');
  });

  test('takes a policy that was read before, from type definitions too', async () => {
    const schema = guardSchema(executable(SDL), {
      viewer: (context: AccessViewer) => context,
      policy: policyOfSdl(SDL),
    });
    expect((await ask(schema, ANONYMOUS, '{ me }')).denied).toEqual(['Query.me UNAUTHENTICATED at me']);
    const same = executable(SDL);
    expect(policyOf(guardSchema(same, { viewer: () => ANONYMOUS, policy: readPolicy(same) }))?.rules.size).toBe(
      policyOfSdl(SDL).rules.size,
    );
  });

  test('refuses the policy of another schema', () => {
    const other = policyOfSdl(
      SDL.replace('me: Int @auth', 'me: Int @auth more: Int @public').replace('@public more', 'more'),
    );
    expect(() => guardSchema(executable(SDL), { viewer: () => ANONYMOUS, policy: other })).toThrow(
      /is not the one that the policy was read from/,
    );
  });

  test('keeps the policy with the guarded schema', () => {
    const schema = guarded(SDL);
    expect(policyOf(schema)?.schema).toBe(schema);
  });

  test('the enum of roles may have another name', async () => {
    const sdl = `
      directive @auth(requires: [Group!], permissions: [String!], owner: String) repeatable on FIELD_DEFINITION
      enum Group { CHIEF } type Query { a: Int @auth(requires: CHIEF) }`;
    const { buildSchema } = await import('graphql');
    const schema = guardSchema(buildSchema(sdl), { viewer: (context: AccessViewer) => context, roleEnum: 'Group' });
    expect((await ask(schema, viewer('CHIEF'), '{ a }')).denied).toEqual([]);
    expect((await ask(schema, viewer('OTHER'), '{ a }')).denied).toEqual(['Query.a FORBIDDEN at a']);
  });
});
