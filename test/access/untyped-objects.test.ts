import { type GraphQLResolveInfo, type GraphQLSchema, isAbstractType, isObjectType } from 'graphql';
import { describe, expect, test } from 'vitest';
import { type AccessViewer, guardSchema } from '../../src/access/index.ts';
import { ask, executable, guarded, viewer } from './support.ts';

const SDL = `
  type Note @public { id: ID secret: String @auth(requires: ADMIN) }
  type Plain @public { id: ID }
  union Thing = Note | Plain
  interface Named @public { id: ID }
  type Page implements Named @public { id: ID secret: String @auth(requires: ADMIN) }
  type Query @public { note: Note notes: [Note] plain: Plain thing: Thing named: Named }
`;
const OBJECT = { id: '1', secret: 'hidden' };
const no = { __isTypeOf: () => false };
const query = {
  note: () => OBJECT,
  notes: () => [OBJECT],
  plain: () => OBJECT,
  thing: () => OBJECT,
  named: () => OBJECT,
};
/** Finds the type of an object by the type checks of all members, as graphql-js does. */
async function search(
  { schema }: GraphQLResolveInfo,
  context: unknown,
  object: unknown,
  info: GraphQLResolveInfo | undefined,
): Promise<string | undefined> {
  const types = [schema.getType('Note'), schema.getType('Plain')].filter(isObjectType);
  const checks = types.map((type) => type.isTypeOf?.(object, context, info as GraphQLResolveInfo));
  return types[(await Promise.all(checks.map(async (check) => check))).indexOf(true)]?.name;
}

/** Asks the type resolver of another abstract type, which has checks of its own, and then finds the type. */
function nested(object: unknown, context: AccessViewer, info: GraphQLResolveInfo): Promise<string | undefined> {
  const named = info.schema.getType('Named');
  const other = isAbstractType(named) ? named.resolveType?.(object, context, info, named) : undefined;
  expect(other).toBe('Page');
  return search(info, context, object, info);
}

const asked = async (source: string, roles: string, resolvers: object): Promise<string> =>
  JSON.stringify(await ask(guarded(SDL, { Query: query, ...resolvers }), viewer(roles), source));

describe('an object that its type refuses is in no message for a viewer who may not read all of it', () => {
  test.each([
    ['at a field', '{ note { id } }', { Note: no }],
    ['in a list', '{ notes { id } }', { Note: { __isTypeOf: async () => false } }],
    [
      'of a union that found the type',
      '{ thing { __typename } }',
      { Note: no, Thing: { __resolveType: () => 'Note' } },
    ],
    ['of an interface that found it', '{ named { id } }', { Page: no, Named: { __resolveType: () => 'Page' } }],
    [
      'that says its type',
      '{ thing { __typename } }',
      { Note: no, Query: { thing: () => ({ ...OBJECT, __typename: 'Note' }) } },
    ],
  ])('%s', async (_name, source, resolvers) => {
    expect(await asked(source, 'USER', resolvers)).toMatch(
      /A resolver returned an object that is not of its type, (Note|Page)/,
    );
    expect(await asked(source, 'ADMIN', resolvers)).toContain('Expected value of type');
  });

  test.each([
    ['a union', '{ thing { __typename } }', { Thing: { __resolveType: () => undefined } }],
    ['an interface', '{ named { id } }', { Named: { __resolveType: async () => null } }],
    ['no type resolver', '{ thing { __typename } }', {}],
    ['no type that accepts it', '{ thing { __typename } }', { Note: no, Plain: no }],
  ])('of which %s finds no type', async (_name, source, resolvers) => {
    expect(await asked(source, 'USER', resolvers)).toContain('its type resolver returned no name of one');
    expect(await asked(source, 'ADMIN', resolvers)).toContain('must resolve to an Object type at runtime for field');
  });
});

test('other types, and guards that observe, are left to the executor', async () => {
  expect(await asked('{ plain { id } }', 'USER', { Plain: no })).toContain('Expected value of type');
  const observing = guarded(SDL, { Query: query, Note: no }, { enforcement: 'observe' });
  expect(JSON.stringify(await ask(observing, viewer('USER'), '{ note { id } }'))).toContain('Expected value of type');
});

test.each<readonly [string, (object: unknown, context: AccessViewer, info: GraphQLResolveInfo) => unknown]>([
  ['that falls back on the default one', (object, context, info) => search(info, context, object, info)],
  ['that gives no info', (object, _context, info) => search(info, undefined, object, undefined)],
  ['that asks another abstract type first', nested],
])('a type resolver %s learns which types an object is not of', async (_name, resolveType) => {
  const found = { __isTypeOf: async () => true };
  const named = { __resolveType: () => 'Page' };
  const resolvers = { Note: no, Plain: found, Named: named, Thing: { __resolveType: resolveType } };
  for (const roles of ['USER', 'ADMIN']) {
    expect(await asked('{ thing { __typename } }', roles, resolvers)).toBe(
      '{"data":{"thing":{"__typename":"Plain"}},"denied":[]}',
    );
  }
});

test('a type resolver that fails leaves the next object checked', async () => {
  const failing = {
    Note: no,
    Thing: {
      __resolveType: () => {
        throw new Error('down');
      },
    },
  };
  expect(await asked('{ thing { __typename } note { id } }', 'USER', failing)).toMatch(/down.*not of its type, Note/);
});

function checkOf(schema: GraphQLSchema, name: string): unknown {
  const type = schema.getType(name);
  return isObjectType(type) ? type.isTypeOf : null;
}

test('a type whose fields every viewer may read keeps its type check', () => {
  const schema = executable(SDL, { Query: query, Plain: no, Note: no });
  const after = guardSchema(schema, { viewer: (context: AccessViewer) => context });
  expect(checkOf(after, 'Plain')).toBe(checkOf(schema, 'Plain'));
  expect(checkOf(after, 'Note')).not.toBe(checkOf(schema, 'Note'));
  expect(checkOf(after, 'Page')).toBeUndefined();
});

test('an executor that gives no info gets the same', () => {
  const type = guarded(SDL, { Note: no }).getType('Note');
  const check = isObjectType(type) ? type.isTypeOf : null;
  expect(() => check?.(OBJECT, viewer('ADMIN'), undefined as unknown as GraphQLResolveInfo)).toThrow(
    'not of its type, Note',
  );
});
