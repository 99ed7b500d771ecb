import { executeSync, GraphQLError, type GraphQLSchema, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { guarded, viewer } from './support.ts';

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
  type Query @public { rows: [Row] notes: [Note] }
`;

const rows = Array.from({ length: 3 }, (_, index) => ({ id: String(index), by: 'another', own: 'x', secret: 'x' }));

function schema(): GraphQLSchema {
  const resolvers = { Query: { rows: () => rows, notes: () => rows } };
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
  ])('those of %s are what the constructor makes', (operation, coordinate) => {
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

  test('each has the location of its own alias, and the path of its row', () => {
    const places = errorsOf('{ rows { a: secret b: secret } more: rows { secret } }').map((error) => {
      const { path = [], locations = [] } = error;
      return `${path.join('.')} ${locations.map(({ column }) => column).join()}`;
    });
    const columns = { a: 10, b: 20 };
    const expected = rows.flatMap((_, row) => [`rows.${row}.a ${columns.a}`, `rows.${row}.b ${columns.b}`]);
    expect(places).toEqual([...expected, ...rows.map((_, row) => `more.${row}.secret 45`)]);
  });

  test('changing one changes no other', () => {
    const [first, second, third] = errorsOf('{ rows { secret } }');
    Object.assign(first?.extensions ?? {}, { code: 'CHANGED' });
    Object.assign(second?.extensions ?? {}, { code: 'CHANGED' });
    expect(third?.extensions).toEqual({ code: 'FORBIDDEN', coordinate: 'Row.secret' });
  });
});
