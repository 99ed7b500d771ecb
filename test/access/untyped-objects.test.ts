import { type GraphQLResolveInfo, isObjectType } from 'graphql';
import { describe, expect, test } from 'vitest';
import { ask, guarded, viewer } from './support.ts';

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

test('an executor that gives no info gets the same', () => {
  const type = guarded(SDL, { Note: no }).getType('Note');
  const check = isObjectType(type) ? type.isTypeOf : null;
  expect(() => check?.(OBJECT, viewer('ADMIN'), undefined as unknown as GraphQLResolveInfo)).toThrow(
    'not of its type, Note',
  );
});
