import { executeSync, GraphQLError, type GraphQLSchema, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import type { Denial } from '../../src/access/index.ts';
import { ask, guarded, viewer } from './support.ts';

// Errors for many rows are made without the constructor of GraphQLError: they must be the same in everything else.

const SDL = `
  type Row @public {
    id: ID
    by: ID
    secret: String @auth(requires: ADMIN)
    own: String @auth(requires: ADMIN, owner: "by")
    judged: String @auth(policy: "never")
  }
  type Note @auth(requires: ADMIN, owner: "by") { id: ID by: ID }
  type Open @public { id: ID }
  type Closed @auth(requires: ADMIN) { id: ID }
  type Judged @auth(policy: "never") { id: ID }
  union Thing = Open | Closed | Note | Judged
  type Query @public { rows: [Row] notes: [Note] things: [Thing] }
`;

const THINGS = '{ things { ... on Open { id } ... on Closed { id } ... on Note { id } ... on Judged { id } } }';

const rows = Array.from({ length: 3 }, (_, index) => ({ id: String(index), by: 'another', own: 'x', secret: 'x' }));

const closed = rows.map((row) => ({ ...row, __typename: 'Closed' }));

function schema(): GraphQLSchema {
  const resolvers = { Query: { rows: () => rows, notes: () => rows, things: () => closed } };
  return guarded(SDL, resolvers, { policies: { never: () => false } });
}

function errorsOf(operation: string): readonly GraphQLError[] {
  const result = executeSync({ schema: schema(), document: parse(operation), contextValue: viewer('USER') });
  return result.errors ?? [];
}

/** Everything that a client, a log or a debugger can see of an error. */
function seen(error: GraphQLError): object {
  const { name, message, path, locations, extensions, nodes, source, positions, originalError } = error;
  return { name, message, path, locations, extensions, nodes, source, positions, originalError };
}

describe('errors of many rows', () => {
  test.each([
    ['{ rows { secret } }', 'Row.secret'],
    ['{ rows { own } }', 'Row.own'],
    ['{ rows { judged } }', 'Row.judged'],
    ['{ notes { id } }', 'Query.notes'],
    ['{ things { __typename } }', 'Query.things'],
  ])('are like those that the constructor makes: %s', (operation, coordinate) => {
    const errors = errorsOf(operation);
    expect(errors).toHaveLength(3);
    for (const error of errors) {
      const { message, nodes, path } = error;
      const extensions = { code: 'FORBIDDEN', coordinate };
      const built = new GraphQLError(message, { nodes: nodes ?? [], path: path ?? [], extensions });
      expect(error).toBeInstanceOf(GraphQLError);
      expect(error).toBeInstanceOf(Error);
      expect(seen(error)).toEqual(seen(built));
      expect(Object.keys(error).toSorted()).toEqual(Object.keys(built).toSorted());
      expect(JSON.stringify(error)).toBe(JSON.stringify(built));
      expect(String(error)).toBe(String(built));
      expect(error.stack).toContain('GraphQLError');
    }
  });

  test('have the location of their own alias, and the path of their row', () => {
    const places = errorsOf('{ rows { a: secret b: secret } more: rows { secret } }').map((error) => {
      const { path = [], locations = [] } = error;
      return `${path.join('.')} ${locations.map(({ column }) => column).join()}`;
    });
    const columns = { a: 10, b: 20 };
    const expected = rows.flatMap((_, row) => [`rows.${row}.a ${columns.a}`, `rows.${row}.b ${columns.b}`]);
    expect(places).toEqual([...expected, ...rows.map((_, row) => `more.${row}.secret 45`)]);
  });

  test('can be changed one by one', () => {
    const [first, second, third] = errorsOf('{ rows { secret } }');
    Object.assign(first?.extensions ?? {}, { code: 'CHANGED' });
    Object.assign(second?.extensions ?? {}, { code: 'CHANGED' });
    expect(third?.extensions).toEqual({ code: 'FORBIDDEN', coordinate: 'Row.secret' });
  });
});

function spoil(denial: Denial): void {
  Object.assign(denial, { code: 'NONE', coordinate: 'Row.id', count: 99 });
  (denial.path as unknown[]).length = 0;
  Object.freeze(denial);
}

test('nothing that a listener does with a denial changes the answer', async () => {
  const options = { policies: { never: () => false }, errorLimit: 2, onDenied: spoil };
  const listened = guarded(SDL, { Query: { rows: () => rows, things: () => closed } }, options);
  const { denied } = await ask(listened, viewer('USER'), '{ rows { secret } things { __typename } }');
  const paths = ['Row.secret FORBIDDEN at rows.0.secret', 'Row.secret FORBIDDEN at rows.1.secret'];
  expect(denied).toEqual([...paths, 'Query.things FORBIDDEN at things.0', 'Query.things FORBIDDEN at things.1']);
});

describe('objects of a union', () => {
  const open = { __typename: 'Open', id: 'o' };
  const shut = { __typename: 'Closed', id: 'c' };
  const note = { __typename: 'Note', id: 'n', by: 'me' };
  const theirs = { __typename: 'Note', id: 't', by: 'another' };

  test.each<readonly [string, string, unknown]>([
    ['an array, one object twice', '[Thing]', [shut, null, open, shut, theirs, note]],
    ['a set', '[Thing]', new Set([shut, null, open, { ...shut }, theirs, note])],
    ['promises', '[Thing]', [shut, null, open, shut, theirs, note].map((item) => Promise.resolve(item))],
    ['a promise', '[Thing]', Promise.resolve([shut, null, open, shut, theirs, note])],
  ])('in %s have the path of their item, and are reported once', async (_name, type, things) => {
    const denials: Denial[] = [];
    const sdl = SDL.replace('things: [Thing]', `things: ${type}`);
    const options = { policies: { never: () => false }, onDenied: (denial: Denial) => denials.push(denial) };
    const answer = await ask(guarded(sdl, { Query: { things: () => things } }, options), viewer('USER'), THINGS);
    expect(answer).toEqual({
      data: { things: [null, null, { id: 'o' }, null, null, { id: 'n' }] },
      denied: [0, 3, 4].map((index) => `Query.things FORBIDDEN at things.${index}`),
    });
    expect(denials).toMatchObject([{ coordinate: 'Query.things', path: ['things', 0], count: 3 }]);
  });

  test.each<readonly [string, string, string, unknown, string]>([
    ['nested lists', 'things: [[Thing]]', '{ things { __typename } }', [[open, shut], null, [shut]], 'things.0.1'],
    ['no list', 'things: Thing', '{ things { __typename } }', shut, 'things'],
    ['an alias', 'things: [Thing]', '{ a: things { __typename } }', [open, shut], 'a.1'],
  ])('have their path in %s', async (_name, field, operation, things, path) => {
    const sdl = SDL.replace('things: [Thing]', field);
    const schema = guarded(sdl, { Query: { things: () => things } }, { policies: { never: () => true } });
    const { denied } = await ask(schema, viewer('USER'), operation);
    expect(denied[0]).toBe(`Query.things FORBIDDEN at ${path}`);
  });

  test('are capped like every other denial', async () => {
    const options = { policies: { never: () => false }, errorLimit: 1 };
    const schema = guarded(SDL, { Query: { things: () => [shut, open, shut, theirs] } }, options);
    expect(await ask(schema, viewer('USER'), THINGS)).toEqual({
      data: { things: [null, { id: 'o' }, null, null] },
      denied: ['Query.things FORBIDDEN at things.0'],
    });
  });

  test('are typed once and judged once', async () => {
    const calls: string[] = [];
    const resolvers = {
      Query: { things: () => [{ __typename: 'Judged' }, shut, 7] },
      Thing: {
        __resolveType: async (value: unknown) => {
          calls.push('type');
          return value === 7 ? 'Open' : (value as { readonly __typename: string })['__typename'];
        },
      },
      Open: { id: () => 'seven' },
    };
    const never = (): boolean => calls.push('policy') > 0;
    const { data } = await ask(guarded(SDL, resolvers, { policies: { never } }), viewer('USER'), THINGS);
    expect(data).toEqual({ things: [{ id: null }, null, { id: 'seven' }] });
    expect(calls.toSorted()).toEqual(['policy', 'type', 'type', 'type']);
  });
});
