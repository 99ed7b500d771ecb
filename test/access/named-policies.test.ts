import { parse, subscribe } from 'graphql';
import { describe, expect, test } from 'vitest';
import {
  type AccessViewer,
  accessMatrix,
  authTypeDefsFor,
  explainAccess,
  guardSchema,
  type PolicyFunction,
  readPolicy,
  verdictOn,
  visibleSchema,
} from '../../src/access/index.ts';
import { attackSchema } from '../../src/testing/index.ts';
import { ANONYMOUS, ask, executable, guarded, problemsOf, ROLES, viewer } from './support.ts';

const isOdd: PolicyFunction<AccessViewer> = ({ args }) => Number(args['x']) % 2 === 1;
const typesOf = (fields: readonly string[], x: string): string =>
  fields.map((field) => `${field}(x: ${x}) { __typename }`).join(' ');
/** Returns arguments as JSON, with those that are undefined. */
const printArguments = (_source: unknown, args: object): string =>
  JSON.stringify(args, (_name, value: unknown) => (value === undefined ? 'undefined' : value));

describe('names', () => {
  test('of directives are an option', async () => {
    const names = { auth: 'access', public: 'open' };
    const sdl = `${authTypeDefsFor('Role', names)} ${ROLES}
      directive @auth(rules: [String!]) on OBJECT
      type Query @open @auth(rules: ["x"]) { a: Int b: Int @access(requires: ADMIN) }`;
    const policy = readPolicy(sdl, { directives: names });
    expect(policy.rules.get('Query.b')?.requirements).toHaveLength(1);
    expect(() => readPolicy(`${sdl} type T { a: Int }`, { directives: names })).toThrow(/put @access or @open on it/);
    expect(visibleSchema(policy, { viewer: viewer('ADMIN') }).getDirective('access')).toBeUndefined();
  });

  test.each([
    ['@read', 'directive @read on FIELD_DEFINITION type Query { a: Int @public @read }', ['read']],
    ['@oauth', 'directive @oauth(scopes: [String!]) on OBJECT type Query @public @oauth { a: Int }', ['oauth']],
    ['one that takes a role', 'directive @owner(role: Role) on OBJECT type Query @public @owner { a: Int }', ['owner']],
  ])('like %s can be ignored', (_name, sdl, ignoreDirectives) => {
    expect(problemsOf(sdl)).not.toEqual([]);
    expect(readPolicy([authTypeDefsFor('Role'), ROLES, sdl], { ignoreDirectives }).rules.size).toBeGreaterThan(0);
  });

  const GROUP = 'type UserGroup @public { email: String @auth(requires: ADMIN) }';
  test.each([
    'type Query @public { a: Int @deprecated(reason: "ADMIN") }',
    'directive @tag(name: String!) repeatable on OBJECT | FIELD_DEFINITION type Query @public @tag(name: "ADMIN") { a: Int }',
    'enum Scope { ADMIN } directive @cacheControl(scope: Scope) on OBJECT type Query @public @cacheControl(scope: ADMIN) { a: Int }',
    'type Query @public { find(search: String): [P] } type P @public { a: Int }',
    'type User @auth(requires: ADMIN, owner: "id") { id: ID email: String } type Query @public { users(email: String): [User] }',
    `${GROUP} input UserGroupingWhere { email: String } type Query @public { count(where: UserGroupingWhere): Int }`,
    `${GROUP} enum Users { ALL SOME } type Query @public { names(users: Users): [String] }`,
    `${GROUP} enum Form { SHORT LONG } type Query @public { userGroupName(email: Form): String }`,
  ])('no false alarm for %s', (sdl) => {
    expect(problemsOf(sdl)).toEqual([]);
  });

  const USER = 'type User @auth(requires: USER) { id: ID email: String @auth(requires: ADMIN) }';
  test.each([
    [
      'a count',
      'usersCount(where: UserWhere): Int @auth(requires: USER)',
      'input UserWhere { email: String }',
      'UserWhere.email',
    ],
    [
      'an existence',
      'userExists(where: Where): Boolean @auth(requires: USER)',
      'input Where { email: String }',
      'Where.email',
    ],
    ['groups', 'users(groupBy: [UserField!]): [User]', 'enum UserField { id email }', 'UserField.email'],
    ['distinct values', 'users(distinctOn: UserField): [User]', 'enum UserField { ID EMAIL }', 'UserField.EMAIL'],
    ['any value', 'users(where: JSON): [User]', 'scalar JSON', 'Query.users(where:)'],
    ['a text', 'users(orderBy: String): [User]', '', 'Query.users(orderBy:)'],
  ])('a filter by %s is noticed', (_name, field, types, coordinate) => {
    const found = problemsOf(`${USER} type Query @public { ${field} } ${types}`);
    expect(found.map((problem) => problem.replace(/: .*/s, ''))).toContain(coordinate);
  });
});

describe('policies', () => {
  const SDL = `
    type Doc @auth(requires: ADMIN, policy: "published") { id: ID text: String @auth(policy: ["mine", "never"]) }
    type Query @public { doc: Doc docs: [Doc] odd(x: Int): Int @auth(policy: "odd") arg(x: Int @auth(policy: "odd")): Int thing: Thing }
    union Thing = Doc | Page
    type Page @public { id: ID }
  `;
  const policies: Record<string, PolicyFunction<AccessViewer>> = {
    published: ({ object }) => (object as { published?: boolean }).published === true,
    mine: async ({ viewer: who, object }) => (object as { by?: string }).by === who.id,
    never: () => false,
    odd: ({ args, object }) => object === null && Number(args['x']) % 2 === 1,
  };
  const rows = [
    { id: 1, published: true, by: 'me', text: 'a', __typename: 'Doc' },
    { id: 2, published: false, __typename: 'Doc' },
  ];
  const resolvers = {
    Query: { doc: () => rows[1], docs: () => rows, odd: () => 1, arg: () => 1, thing: () => rows[1] },
  };
  const schema = () => guarded(SDL, resolvers, { policies });

  test('are judged on the object, and before the resolver of a root field', async () => {
    expect(
      await ask(
        schema(),
        viewer('USER'),
        '{ doc { id } docs { id text } odd(x: 1) even: odd(x: 2) thing { __typename } }',
      ),
    ).toEqual({
      data: { doc: null, docs: [{ id: '1', text: 'a' }, null], odd: 1, even: null, thing: null },
      denied: expect.arrayContaining([
        'Query.doc FORBIDDEN at doc',
        'Query.docs FORBIDDEN at docs.1',
        'Query.odd FORBIDDEN at even',
        'Query.thing FORBIDDEN at thing',
      ]),
    });
    expect((await ask(schema(), ANONYMOUS, '{ docs { id } }')).data).toEqual({ docs: [{ id: '1' }, null] });
  });

  test('guard arguments where these are supplied', async () => {
    expect((await ask(schema(), viewer('USER'), '{ arg a: arg(x: 1) b: arg(x: 2) }')).data).toEqual({
      arg: 1,
      a: 1,
      b: null,
    });
  });

  test('guard each of several arguments, though each takes its time', async () => {
    const sdl = 'type Query @public { two(a: Int @auth(policy: "a"), b: Int @auth(policy: "b")): Int }';
    const judge = async (a: boolean, b: boolean, source: string): Promise<readonly string[]> => {
      const named = { a: () => Promise.resolve(a), b: () => Promise.resolve(b) };
      return (await ask(guarded(sdl, { Query: { two: () => 2 } }, { policies: named }), viewer(), source)).denied;
    };
    expect(await judge(true, true, '{ two(a: 1, b: 2) }')).toEqual([]);
    expect(await judge(true, false, '{ two(a: 1, b: 2) }')).toEqual(['Query.two(b:) FORBIDDEN at two']);
    expect(await judge(false, true, '{ two(a: 1, b: 2) }')).toEqual(['Query.two(a:) FORBIDDEN at two']);
    expect(await judge(true, false, '{ two(a: 1) }')).toEqual([]);
  });

  test('of a member of a union get the arguments of the field that returns it', async () => {
    const sdl = `type Doc @auth(policy: "odd") { id: ID } type Page @public { id: ID } union Thing = Doc | Page
      type Query @public { thing(x: Int): Thing things(x: Int): [Thing] }`;
    const give = { __typename: 'Doc', id: 1 };
    const schema = guarded(sdl, { Query: { thing: () => give, things: () => [give] } }, { policies: { odd: isOdd } });
    const source = `query ($two: Int) { ${typesOf(['thing', 'things'], '1')} ${typesOf(['even: thing', 'more: things'], '$two')} }`;
    const { data } = await ask(schema, viewer(), source, { two: 2 });
    const doc = { __typename: 'Doc' };
    expect(data).toEqual({ thing: doc, things: [doc], even: null, more: [null] });
  });

  test.each<readonly [string, PolicyFunction<AccessViewer>]>([
    [
      'throws',
      () => {
        throw new Error('broken');
      },
    ],
    ['rejects', () => Promise.reject(new Error('broken'))],
  ])('one that %s is a failure, never an allow', async (_name, published) => {
    const result = await ask(
      guarded(SDL, resolvers, { policies: { ...policies, published } }),
      viewer('USER'),
      '{ doc { id } odd(x: 1) }',
    );
    expect(result).toEqual({ data: { doc: null, odd: 1 }, denied: ['broken at doc'] });
  });

  test.each<readonly [string, unknown]>([
    ['1', 1],
    ['a text', 'yes'],
    ['undefined', undefined],
  ])('%s is not true', async (_name, value) => {
    const odd = (() => value) as unknown as PolicyFunction<AccessViewer>;
    expect(
      (await ask(guarded(SDL, resolvers, { policies: { ...policies, odd } }), viewer('USER'), '{ odd(x: 1) }')).data,
    ).toEqual({ odd: null });
  });

  test('are a closed vocabulary at start', () => {
    const options = { viewer: (context: AccessViewer) => context };
    expect(() => guardSchema(executable(SDL), options)).toThrow(
      'Query.odd: @auth(policy: "odd") names no function of the option policies, which is empty',
    );
    expect(() => guardSchema(executable(SDL), { ...options, policies: { ...policies, odd: 1 } as never })).toThrow(
      /must hold functions/,
    );
    expect(() => guardSchema(executable(SDL), { ...options, policies: { published: () => true } })).toThrow(
      /policy: "odd"/,
    );
  });

  test.each<readonly [string, readonly string[], string]>([
    ['two', ['a', 'b'], 'which is a, b'],
    ['none', [], 'which is empty'],
  ])('of a name that is not among %s are refused by name', (_name, known, told) => {
    const sdl = [authTypeDefsFor('Role'), ROLES, 'type Query { a: Int @auth(policy: "odd") }'];
    expect(() => readPolicy(sdl, { policies: known })).toThrow(
      `Query.a: @auth(policy: "odd") names no function of the option policies, ${told}`,
    );
    expect(readPolicy(sdl).policies.has('odd')).toBe(true);
  });

  test('have to be among those that are given with a policy that was read before', () => {
    const plain = executable('type Query { a: Int @auth(policy: ["odd", "even"]) }');
    const options = { viewer: (context: AccessViewer) => context, policy: readPolicy(plain) };
    expect(() => guardSchema(plain, options)).toThrow(
      new TypeError('The option policies of guardSchema lacks even, odd, which @auth(policy:) names'),
    );
    expect(() => guardSchema(plain, { ...options, policies: { odd: isOdd } })).toThrow('lacks even, which');
    expect(() => guardSchema(plain, { ...options, policies: { odd: isOdd, even: isOdd } })).not.toThrow();
  });

  test('are known to matrix, verdicts, explanations, visible schemas and the attack suite', async () => {
    const guardedSchema = schema();
    expect(verdictOn(guardedSchema, { viewer: viewer('USER'), coordinate: 'Query.odd' })).toBe('depends');
    expect(accessMatrix(guardedSchema).rows.find(({ coordinate }) => coordinate === 'Query.odd')).toMatchObject({
      cells: ['depends', 'depends', 'depends', 'depends', 'depends'],
      requirements: 'policy(odd)',
    });
    const explained = explainAccess(guardedSchema, { viewer: viewer(), operation: '{ doc { id } }' });
    expect(explained.coordinates[0]?.verdict).toBe('depends');
    expect(visibleSchema(guardedSchema, { viewer: ANONYMOUS }).getType('Doc')).toBeDefined();
    const { failures, tried } = await attackSchema({ schema: guardedSchema });
    expect([failures, tried > 0]).toEqual([[], true]);
  });
});

describe('defaults of a visible schema', () => {
  const SDL = `
    scalar JSON
    input Filter { secret: Int @auth(requires: ADMIN) }
    input Page { filter: Filter = {} size: Int = 10 }
    input Outer { middle: Middle } input Middle { page: Page }
    type Query @public {
      find(filter: Filter! = {}, page: Page = { size: 5 }, pages: [[Page]], outer: Outer, json: JSON, word: String, shut: Int @auth(requires: ADMIN)): String
    }
    type Subscription @public { found(filter: Filter! = {}, word: String): String }
  `;
  /** The complete schema, and the one that a user sees. */
  const schemas = () => {
    const schema = guarded(SDL, {
      Query: { find: printArguments },
      Subscription: {
        found: {
          subscribe: async function* (_source: unknown, args: object) {
            yield { found: JSON.stringify(args) };
          },
        },
      },
    });
    return [schema, visibleSchema(schema, { viewer: viewer('USER') })] as const;
  };

  test.each([
    '{ find }',
    '{ find(page: {}) }',
    '{ find(page: { size: 7 }) }',
    '{ find(page: null) }',
    '{ find(pages: [[{}, null], null, [{ size: 3 }]]) }',
    '{ find(outer: { middle: { page: {} } }) }',
    '{ find(outer: { middle: null }) }',
    '{ find(json: { page: { size: 1 } }, word: "x") }',
  ])('reach the resolvers, though nothing is left to supply: %s', async (operation) => {
    const [whole, pruned] = await Promise.all(schemas().map((schema) => ask(schema, viewer('USER'), operation)));
    const parsed = (answer: typeof whole): unknown => JSON.parse(String(Reflect.get(Object(answer?.data), 'find')));
    expect(parsed(pruned)).toEqual(parsed(whole));
  });

  test('reach the sources of events', async () => {
    const document = parse('subscription { found(word: "x") }');
    const [, visible] = schemas();
    const events = await subscribe({ schema: visible, document, contextValue: viewer('USER') });
    const first = Symbol.asyncIterator in events ? await events.next() : null;
    expect(first?.value).toEqual({ data: { found: '{"word":"x","filter":{}}' } });
  });
});
