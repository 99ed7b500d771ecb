import { graphql, type GraphQLResolveInfo } from 'graphql';
import { describe, expect, test } from 'vitest';
import { type AccessViewer, guardSchema, readPolicy } from '../../src/access/index.ts';
import { ANONYMOUS, ask, executable, guarded, viewer } from './support.ts';

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

describe('the viewer of a request', () => {
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

  test('is judged once for each requirement in an operation, however many fields and rows have it', async () => {
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
  ])('is asked again in the next operation on %s', async (_name, makeContext) => {
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

  test('is the one of the context, for operations that share their variables', () => {
    const schema = guarded(SDL, { Query: { me: () => 1 } });
    const field = schema.getQueryType()?.getFields()['me'];
    const info = { variableValues: {}, path: { prev: undefined, key: 'me', typename: 'Query' }, fieldName: 'me' };
    const call = (context: AccessViewer): unknown => field?.resolve?.({}, {}, context, { ...info } as never);
    expect(call(viewer())).toBe(1);
    expect(() => call(ANONYMOUS)).toThrow('Authentication required');
    expect(call(viewer())).toBe(1);
  });

  test('decides about each of two executions that take turns, on objects of any kind', () => {
    const schema = guarded('type Query @public { me: Int @auth(requires: EDITOR) ours: Int @auth(requires: EDITOR) }', {
      Query: { ours: () => 2 },
    });
    const fields = schema.getQueryType()?.getFields();
    const executions = ['ADMIN', 'USER', 'EDITOR'].map((role) => ({ variableValues: {}, context: viewer(role), role }));
    const call = (name: string, source: unknown, { variableValues, context }: (typeof executions)[number]) => {
      const path = { prev: undefined, key: name, typename: 'Query' };
      const info = { variableValues, path, fieldName: name, fieldNodes: [] } as unknown as GraphQLResolveInfo;
      try {
        return fields?.[name]?.resolve?.(source, {}, context, info);
      } catch (error) {
        return error;
      }
    };
    for (let turn = 0; turn < 3; turn += 1) {
      for (const execution of executions) {
        for (const source of [{ me: 1 }, Object.assign(() => {}, { me: 1 }), { me: () => 1 }]) {
          const answers = [call('me', source, execution), call('ours', source, execution)];
          expect(answers.filter(Number.isInteger)).toEqual(execution.role === 'USER' ? [] : [1, 2]);
        }
      }
    }
  });

  test('is asked where a resolver is called by hand without variables', () => {
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

describe('a viewer that is not valid is a failure, never an allow', () => {
  const roles = 'The roles of an access viewer must be';
  const permissions = 'The permissions of an access viewer must be';
  test.each<readonly [string, unknown, message?: string]>([
    ['roles as a text', { id: 'me', roles: 'ADMIN', permissions: [] }, `${roles} a list of strings`],
    ['roles as an object', { id: 'me', roles: { ADMIN: true }, permissions: [] }, `${roles} a list of strings`],
    ['roles that are numbers', { id: 'me', roles: [1], permissions: [] }, `${roles} strings`],
    ['roles in a map', { id: 'me', roles: new Map([['ADMIN', true]]), permissions: [] }],
    ['no roles', { id: 'me', permissions: [] }, `${roles} a list of strings`],
    ['null for roles', { id: 'me', roles: null, permissions: [] }, `${roles} a list of strings`],
    ['permissions as a text', { id: 'me', roles: [], permissions: 'x:y' }, `${permissions} a list of strings`],
    ['permissions that are not strings', { id: 'me', roles: [], permissions: [null] }, `${permissions} strings`],
    ['no permissions', { id: 'me', roles: ['ADMIN'] }, `${permissions} a list of strings`],
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

  test('an error of the viewer function is reported unchanged', async () => {
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

describe('the alternatives of a requirement', () => {
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

  test('satisfy it one by one, and every requirement must be satisfied', async () => {
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
