import { defaultFieldResolver, type GraphQLResolveInfo } from 'graphql';
import { expect, test } from 'vitest';
import { type AccessViewer, type Denial, precheckOf } from '../../src/access/index.ts';
import { ANONYMOUS, guarded, viewer } from './support.ts';

const SDL = `
  type Query @public {
    open: Int
    own: Int @auth(requires: EDITOR)
    asked(plain: Int, admin: Int @auth(requires: ADMIN)): Int @auth
  }`;
const give = (): number => 1;

/** The precheck of a field, its guarded resolver, and the denials that are reported. */
function wayThrough(field: string) {
  const denials: Denial[] = [];
  const schema = guarded(SDL, { Query: { own: give } }, { onDenied: (denial) => denials.push(denial) });
  const resolve = schema.getQueryType()?.getFields()[field]?.resolve ?? defaultFieldResolver;
  return { precheck: precheckOf(resolve), denials, resolve };
}

test('gives the unguarded resolver', () => {
  expect(wayThrough('own').precheck?.resolve({}, {}, ANONYMOUS, {} as GraphQLResolveInfo)).toBe(1);
  expect(wayThrough('asked').precheck?.resolve).toBe(defaultFieldResolver);
});

test('there is none where nothing is guarded', () => {
  expect(wayThrough('open').precheck).toBeNull();
});

test.each<readonly [string, string, object, AccessViewer, boolean]>([
  ['never', 'own', {}, ANONYMOUS, false],
  ['without the role', 'own', {}, viewer('USER'), false],
  ['with the role', 'own', {}, viewer('ADMIN'), true],
  ['not even the field', 'asked', {}, ANONYMOUS, false],
  ['an argument that anyone may supply', 'asked', { plain: 1 }, viewer('USER'), true],
  ['an argument that this viewer may not supply', 'asked', { admin: 1 }, viewer('USER'), false],
  ['an argument that this viewer may supply', 'asked', { admin: 1 }, viewer('ADMIN'), true],
])('allows %s, and reports no denial', (_name, field, args, who, isAllowed) => {
  const { precheck, denials } = wayThrough(field);
  expect(precheck?.allows(who, { variableValues: {} }, args)).toBe(isAllowed);
  expect(denials).toEqual([]);
});

test('leaves each denial to the guarded resolver, which reports it', () => {
  const { precheck, denials, resolve } = wayThrough('own');
  const path = { prev: undefined, key: 'own', typename: 'Query' };
  const info = { variableValues: {}, path } as unknown as GraphQLResolveInfo;
  const who = viewer('USER');
  expect(precheck?.allows(who, info, {})).toBe(false);
  expect(() => resolve({}, {}, who, info)).toThrow('Permission denied');
  expect(denials.map(({ coordinate }) => coordinate)).toEqual(['Query.own']);
});
