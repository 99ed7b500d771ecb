import { graphql } from 'graphql';
import { describe, expect, test, vi } from 'vitest';
import { type Denial, describeRequirement } from '../../src/access/index.ts';
import { ask, guarded, viewer } from './support.ts';

const SDL = `
  type Row @public { a: Int @auth(requires: EDITOR) b: Int @auth(requires: EDITOR) c: Int @auth(requires: ADMIN) }
  type Query @public { rows: [Row] me: Int @auth perm: Int @auth(permissions: "x:y") }
`;

describe('denials are reported', () => {
  test('with the coordinate, the viewer, the requirements that were not satisfied and the path', async () => {
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

  test('without the requirements that were satisfied', async () => {
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

  test('with the type that each of two equal requirements is written at', async () => {
    const denials: Denial[] = [];
    const schema = guarded(
      `scalar _Any type A @auth(requires: ADMIN) { id: ID } type B @auth(requires: ADMIN) { id: ID }
       type C @public { id: ID } union _Entity = A | B | C
       type Query { b: _Entity @public a: A @public _entities(representations: [_Any!]!): [_Entity]! }`,
      { Query: { b: () => ({ __typename: 'B' }) } },
      { onDenied: (denial) => denials.push(denial) },
    );
    const entities = '_entities(representations: [{ __typename: "B" }]) { __typename }';
    await ask(schema, viewer('USER'), `{ a { id } b { __typename } ${entities} }`);
    const told = denials.map(
      ({ coordinate, requirements }) => `${coordinate} ${requirements.map(({ from }) => from).join()}`,
    );
    expect(told.sort()).toEqual(['Query._entities B', 'Query.a A', 'Query.b B']);
  });

  test('to a listener alone: without one nothing is printed', async () => {
    const printed = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    expect((await ask(guarded(SDL), viewer(), '{ perm }')).denied).toEqual(['Query.perm FORBIDDEN at perm']);
    expect(printed).not.toHaveBeenCalled();
    printed.mockRestore();
  });

  test('with the name of the operation, if it has one', async () => {
    const names: unknown[] = [];
    const schema = guarded(SDL, {}, { onDenied: ({ operationName }) => names.push(operationName) });
    await ask(schema, viewer(), 'query Mine { perm }');
    await ask(schema, viewer(), '{ perm }');
    expect(names).toEqual(['Mine', null]);
  });

  test('with the same answer if the failure of a listener cannot be printed, or has no text', async () => {
    const printed: unknown[] = [];
    vi.spyOn(console, 'error').mockImplementation((_message: unknown, failure: unknown) => {
      if (typeof failure !== 'string') {
        throw new TypeError('cannot be inspected');
      }
      printed.push(failure);
    });
    const failures: unknown[] = [new Error('log is full'), Object.create(null), 7];
    const onDenied = (): void => {
      throw failures.shift();
    };
    const schema = guarded(SDL, {}, { onDenied });
    for (let turn = 0; turn < 3; turn += 1) {
      expect((await ask(schema, viewer(), '{ perm }')).denied).toEqual(['Query.perm FORBIDDEN at perm']);
    }
    vi.restoreAllMocks();
    expect(printed).toEqual(['Error: log is full', 'an error that has no text', '7']);
  });

  test('without filling the log with the failures of a listener', async () => {
    const printed = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    let turn = 0;
    const onDenied = (): void => {
      turn += 1;
      throw new Error(`failure ${turn}`);
    };
    const schema = guarded(SDL, {}, { onDenied });
    for (let times = 0; times < 30; times += 1) {
      await ask(schema, viewer(), '{ perm }');
    }
    expect([turn, printed.mock.calls.length]).toEqual([30, 20]);
    printed.mockRestore();
  });

  test('to clients with code and coordinate alone', async () => {
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

  test('with the locations at which each place in the operation selects the field', async () => {
    const source = '{ a: rows { ...R c } b: rows { ...R\n c } } fragment R on Row { c }';
    const schema = guarded(SDL, { Query: { rows: () => [{}, {}] } });
    const { errors = [] } = await graphql({ schema, source, contextValue: viewer() });
    const places = errors.map(({ path, locations }) => {
      return `${path?.join('.')} ${locations?.map(({ line, column }) => `${line}:${column}`).join(' ')}`;
    });
    expect(places).toEqual(['a.0.c 2:28 1:18', 'a.1.c 2:28 1:18', 'b.0.c 2:28 2:2', 'b.1.c 2:28 2:2']);
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
      'rolegate: a function that guardSchema was given failed; the answer is not affected.',
    ]);
    printed.mockRestore();
  });
});
