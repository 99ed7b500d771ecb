import {
  execute,
  graphql,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  parse,
  printSchema,
  printType,
  validateSchema,
} from 'graphql';
import { describe, expect, test, vi } from 'vitest';
import {
  type AccessViewer,
  type Denial,
  describeRequirement,
  guardSchema,
  policyOf,
  PolicyError,
  readPolicy,
  visibleSchema,
} from '../../src/access/index.ts';
import { ANONYMOUS, ask, executable, guarded, policyOfSdl, viewer } from './support.ts';

const SDL = `
  type Row @public { a: Int @auth(requires: EDITOR) b: Int @auth(requires: EDITOR) c: Int @auth(requires: ADMIN) }
  type Query @public { rows: [Row] me: Int @auth perm: Int @auth(permissions: "x:y") }
`;
const rows = (): { rows: unknown } => ({
  rows: Array.from({ length: 20 }, (_, index) => ({ a: index, b: index, c: index })),
});

/** The value, some turns of the event loop later. */
async function later(value: number): Promise<number> {
  for (let turn = 0; turn < value; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  return value;
}

describe('who is asking', () => {
  test('is asked once in an operation', async () => {
    let asked = 0;
    const schema = guardSchema(executable(SDL), {
      viewer: (context: AccessViewer) => {
        asked += 1;
        return context;
      },
    });
    const result = await graphql({
      schema,
      source: '{ rows { a b c } me perm }',
      rootValue: rows(),
      contextValue: viewer('ADMIN'),
    });
    expect(result.errors?.map(({ path }) => path)).toEqual([['perm']]);
    expect(asked).toBe(1);
  });

  test('is asked once by each guard and in each context that share their variables', async () => {
    const asked: string[] = [];
    const guardOf = (guard: string) =>
      guardSchema(executable(SDL), {
        viewer: (context: string[]) => {
          asked.push(`${guard} ${context.join()}`);
          return viewer('EDITOR');
        },
      })
        .getQueryType()
        ?.getFields()['me']?.resolve;
    const [contexts, guards] = [
      [['a'], ['b']],
      [guardOf('1'), guardOf('2')],
    ];
    const info = { fieldName: 'me', variableValues: {} } as GraphQLResolveInfo;
    for (const context of [...contexts, ...contexts.toReversed()]) {
      for (const resolve of guards) {
        expect(await resolve?.({ me: 7 }, {}, context, info)).toBe(7);
      }
    }
    expect(asked).toEqual(['1 a', '2 a', '1 b', '2 b']);
  });

  test('a requirement is tried once in an operation, however many fields and rows stand behind it', async () => {
    let tried = 0;
    const counted = (roles: readonly string[]): readonly string[] => {
      const some: typeof roles.some = (isHeld) => {
        tried += 1;
        return roles.some(isHeld);
      };
      return Object.assign([...roles], { some });
    };
    const plain = executable(SDL);
    const policy = readPolicy(plain);
    const rules = [...policy.rules].map(([coordinate, rule]) => {
      const requirements = rule.requirements.map((requirement) => ({
        ...requirement,
        roles: counted(requirement.roles),
      }));
      return [coordinate, { ...rule, requirements }] as const;
    });
    const schema = guardSchema(plain, { viewer: () => viewer('EDITOR'), policy: { ...policy, rules: new Map(rules) } });
    const { data } = await graphql({ schema, source: '{ rows { a b x: a } }', rootValue: rows() });
    expect(data?.['rows']).toHaveLength(20);
    expect(tried).toBe(1);
  });

  test('is not asked if nothing guarded is touched', async () => {
    const schema = guardSchema(executable(SDL), {
      viewer: () => {
        throw new Error('asked');
      },
    });
    expect(await graphql({ schema, source: '{ __typename rows { __typename } }', rootValue: { rows: [{}] } })).toEqual({
      data: { __typename: 'Query', rows: [{ __typename: 'Row' }] },
    });
  });

  test.each([
    ['one context object', () => ({ shared: true })],
    ['no context', () => undefined],
    ['a context that is no object', () => 'text'],
  ])('is asked anew in the next operation on %s', async (_name, makeContext) => {
    let current = viewer('ADMIN');
    const schema = guardSchema(executable(SDL), { viewer: () => current });
    const contextValue = makeContext();
    const request = { schema, source: '{ rows { c } }', rootValue: { rows: [{ c: 1 }] }, contextValue };
    expect((await graphql(request)).data).toEqual({ rows: [{ c: 1 }] });
    current = viewer('USER');
    expect((await graphql(request)).data).toEqual({ rows: [{ c: null }] });
    current = viewer('ADMIN');
    expect((await graphql(request)).data).toEqual({ rows: [{ c: 1 }] });
  });

  test('is not mixed up between operations that run at the same time', async () => {
    const schema = guarded(SDL, {
      Query: { rows: async () => ((await later(2)) > 0 ? [{}, {}] : []) },
      Row: { a: () => later(1), b: () => later(2), c: () => later(3) },
    });
    const runs = Array.from({ length: 40 }, async (_, index) => {
      const role = ['ADMIN', 'EDITOR', 'USER'][index % 3] ?? '';
      const { data } = await ask(schema, viewer(role), '{ rows { a b c } }');
      const row = { a: role === 'USER' ? null : 1, b: role === 'USER' ? null : 2, c: role === 'ADMIN' ? 3 : null };
      expect(data).toEqual({ rows: [row, row] });
    });
    await Promise.all(runs);
  });

  test('operations that share their variables are still told apart by their context', () => {
    const schema = guarded(SDL, { Query: { me: () => 1 } });
    const field = schema.getQueryType()?.getFields()['me'];
    const info = { variableValues: {}, path: { prev: undefined, key: 'me', typename: 'Query' }, fieldName: 'me' };
    const call = (context: AccessViewer): unknown => field?.resolve?.({}, {}, context, { ...info } as never);
    expect(call(viewer())).toBe(1);
    expect(() => call(ANONYMOUS)).toThrow('Authentication required');
    expect(call(viewer())).toBe(1);
  });

  test('a resolver that is called by hand without variables is guarded all the same', () => {
    const field = guarded(SDL, { Query: { me: () => 1 } })
      .getQueryType()
      ?.getFields()['me'];
    const path = { prev: undefined, key: 'me', typename: 'Query' };
    for (const variableValues of [undefined, null]) {
      const info = { path, fieldName: 'me', variableValues };
      expect(field?.resolve?.({}, {}, viewer(), info as never)).toBe(1);
      expect(() => field?.resolve?.({}, {}, ANONYMOUS, info as never)).toThrow('Authentication required');
    }
  });
});

describe('a viewer that is not what it should be is a failure, never an allow', () => {
  const roles = 'The roles of an access viewer must be';
  const permissions = 'The permissions of an access viewer must be';
  test.each<readonly [string, unknown, message?: string]>([
    ['roles as a text', { id: 'me', roles: 'ADMIN', permissions: [] }, `${roles} a list of texts`],
    ['roles as an object', { id: 'me', roles: { ADMIN: true }, permissions: [] }, `${roles} a list of texts`],
    ['roles that are numbers', { id: 'me', roles: [1], permissions: [] }, `${roles} texts`],
    ['roles in a map', { id: 'me', roles: new Map([['ADMIN', true]]), permissions: [] }],
    ['no roles', { id: 'me', permissions: [] }, `${roles} a list of texts`],
    ['null for roles', { id: 'me', roles: null, permissions: [] }, `${roles} a list of texts`],
    ['permissions as a text', { id: 'me', roles: [], permissions: 'x:y' }, `${permissions} a list of texts`],
    ['permissions that are no texts', { id: 'me', roles: [], permissions: [null] }, `${permissions} texts`],
    ['no permissions', { id: 'me', roles: ['ADMIN'] }, `${permissions} a list of texts`],
    [
      'no id',
      { roles: ['ADMIN'], permissions: [] },
      'The option viewer of guardSchema returned an object without an id',
    ],
    ['a number as id', { id: 7, roles: ['ADMIN'], permissions: [] }],
    ['an empty id', { id: '', roles: ['ADMIN'], permissions: [] }],
    ['a promise', Promise.resolve({ id: 'me', roles: ['ADMIN'], permissions: 'all' })],
    ['undefined', undefined],
    ['null', null],
  ])('%s', async (_name, viewerValue, message = '') => {
    const schema = guardSchema(executable(SDL, { Query: { me: () => 1, perm: () => 1 } }), {
      viewer: () => viewerValue as AccessViewer,
    });
    const { data, errors = [] } = await graphql({ schema, source: '{ me perm }' });
    expect(data).toEqual({ me: null, perm: null });
    expect(errors).toHaveLength(2);
    expect(errors.map(({ extensions }) => extensions['code'])).toEqual([undefined, undefined]);
    expect(errors[0]?.message).toContain(message);
  });

  test('an error of the viewer function is told as it is', async () => {
    const schema = guardSchema(executable(SDL), {
      viewer: () => {
        throw new RangeError('database away');
      },
    });
    const { errors = [] } = await graphql({ schema, source: '{ me }', rootValue: { me: 1 } });
    expect(errors[0]?.originalError).toBeInstanceOf(RangeError);
    expect(errors[0]?.extensions).toEqual({});
  });
});

describe('keys', () => {
  const cases: readonly (readonly [string, AccessViewer, readonly string[]])[] = [
    ['anonymous', ANONYMOUS, []],
    ['anonymous, whatever else is said', { id: null, roles: ['ADMIN'], permissions: 'all' }, []],
    ['signed in', viewer(), ['me']],
    ['a role', viewer('EDITOR'), ['me', 'editor']],
    ['a role that inherits it', viewer('ADMIN'), ['me', 'editor', 'admin']],
    ['another role', viewer('AUDITOR'), ['me']],
    ['two roles', viewer(['AUDITOR', 'EDITOR']), ['me', 'editor']],
    ['a permission', viewer([], ['x:y']), ['me', 'perm']],
    ['another permission', viewer([], ['x:z', 'X:Y', 'x']), ['me']],
    ['all permissions', viewer([], 'all'), ['me', 'perm']],
    ['a permission called all', viewer([], ['all', '*']), ['me']],
    ['a role as a permission', viewer([], ['ADMIN']), ['me']],
    ['a permission as a role', viewer(['x:y']), ['me']],
    ['a custom role', viewer(['CHIEF']), ['me']],
    ['a role in another case', viewer(['admin', 'Admin', ' ADMIN']), ['me']],
    ['names of Object.prototype', viewer(['constructor', '__proto__', 'toString', 'hasOwnProperty']), ['me']],
    ['a set', { id: 'me', roles: new Set(['EDITOR']), permissions: new Set(['x:y']) }, ['me', 'editor', 'perm']],
  ];
  const sdl = `type Query @public { me: Int @auth editor: Int @auth(requires: EDITOR) admin: Int @auth(requires: ADMIN) perm: Int @auth(permissions: "x:y") }`;

  test.each(cases)('%s', async (_name, who, open) => {
    const schema = guarded(sdl);
    const { data = {} } = await graphql({
      schema,
      source: '{ me editor admin perm }',
      rootValue: { me: 1, editor: 1, admin: 1, perm: 1 },
      contextValue: who,
    });
    expect(Object.entries(data ?? {}).flatMap(([name, value]) => (value === null ? [] : [name]))).toEqual(open);
  });

  test('alternative keys open a requirement, and every requirement has to open', async () => {
    const schema = guarded(`type Query @public {
      either: Int @auth(requires: EDITOR, permissions: "x:y")
      both: Int @auth(requires: EDITOR) @auth(permissions: "x:y")
    }`);
    const answer = async (who: AccessViewer): Promise<unknown> =>
      (await graphql({ schema, source: '{ either both }', rootValue: { either: 1, both: 1 }, contextValue: who })).data;
    expect(await answer(viewer('EDITOR'))).toEqual({ either: 1, both: null });
    expect(await answer(viewer([], ['x:y']))).toEqual({ either: 1, both: null });
    expect(await answer(viewer('EDITOR', ['x:y']))).toEqual({ either: 1, both: 1 });
    expect(await answer(viewer())).toEqual({ either: null, both: null });
  });
});

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

  test('what is not guarded is not wrapped', () => {
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

describe('refusals are told', () => {
  test('with the coordinate, the viewer, the requirements that stayed closed and the path', async () => {
    const denials: Denial[] = [];
    const contexts: unknown[] = [];
    const schema = guarded(
      SDL,
      { Query: { rows: () => [{}, {}] } },
      {
        onDenied: (denial, context) => {
          denials.push(denial);
          contexts.push(context);
        },
      },
    );
    const who = viewer('EDITOR');
    await ask(schema, who, '{ rows { x: c } perm }');
    const told = denials.map(({ code, coordinate, viewerId, path, requirements }) => {
      return { code, coordinate, viewerId, path, from: requirements.map(({ from }) => from) };
    });
    expect(told.sort((one, other) => (one.path.join() < other.path.join() ? -1 : 1))).toEqual([
      { code: 'FORBIDDEN', coordinate: 'Query.perm', viewerId: 'me', path: ['perm'], from: ['Query.perm'] },
      { code: 'FORBIDDEN', coordinate: 'Row.c', viewerId: 'me', path: ['rows', 0, 'x'], from: ['Row.c'] },
    ]);
    expect(contexts).toEqual([who, who]);
    expect(new Map(denials.map(({ coordinate, count }) => [coordinate, count]))).toEqual(
      new Map([
        ['Query.perm', 1],
        ['Row.c', 2],
      ]),
    );
  });

  test('requirements that opened are not told', async () => {
    const denials: Denial[] = [];
    const schema = guarded(
      `type Query @public {
         two: Int @auth(requires: EDITOR) @auth(permissions: "x:y")
         one(two: Int @auth(requires: ADMIN) @auth(permissions: "y:z")): Int
       }`,
      {},
      { onDenied: (denial) => denials.push(denial) },
    );
    await ask(schema, viewer('EDITOR'), '{ two }');
    await ask(schema, viewer('ADMIN'), '{ one(two: 2) }');
    expect(denials.map(({ requirements }) => requirements.map(describeRequirement))).toEqual([['"x:y"'], ['"y:z"']]);
  });

  test('the client is told no more than code and coordinate', async () => {
    const { errors } = await graphql({
      schema: guarded(SDL),
      source: '{ perm }',
      contextValue: viewer(),
      rootValue: { perm: 1 },
    });
    expect(JSON.parse(JSON.stringify(errors))).toEqual([
      {
        message: 'Permission denied',
        locations: [{ line: 1, column: 3 }],
        path: ['perm'],
        extensions: { code: 'FORBIDDEN', coordinate: 'Query.perm' },
      },
    ]);
  });

  test.each<readonly [string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('log is full');
      },
    ],
    ['rejects', () => Promise.reject(new Error('log is full'))],
    ['rejects with no error', () => Promise.reject('log is full')],
  ])('a listener that %s does not change the answer, and is printed once', async (_name, onDenied) => {
    const printed = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const schema = guarded(SDL, {}, { onDenied });
    for (let turn = 0; turn < 3; turn += 1) {
      expect(await ask(schema, viewer(), '{ perm }')).toEqual({
        data: { perm: null },
        denied: ['Query.perm FORBIDDEN at perm'],
      });
    }
    await new Promise(setImmediate);
    expect(printed.mock.calls.map(([text]) => text)).toEqual([
      'rolegate: a listener failed; the answer is not affected.',
    ]);
    printed.mockRestore();
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
    expect(() => guarded('type Query { a: Int }')).toThrow(PolicyError);
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
