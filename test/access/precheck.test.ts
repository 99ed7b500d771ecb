import { defaultFieldResolver, type GraphQLResolveInfo } from 'graphql';
import { expect, test } from 'vitest';
import { precheckOf } from '../../src/access/index.ts';
import { type AccessViewer, type Denial, type Verdict } from '../../src/access/index.ts';
import { ANYBODY, guarded, viewer } from './support.ts';

const SDL = `
  type Query @public {
    open: Int
    own: Int @auth(requires: EDITOR)
    asked(plain: Int, admin: Int @auth(requires: ADMIN)): Int @auth
  }`;
const give = (): number => 1;

/** The way through the guard of a field, and the refusals that are told. */
function wayThrough(field: string) {
  const denials: Denial[] = [];
  const schema = guarded(SDL, { Query: { own: give } }, { onDenied: (denial) => denials.push(denial) });
  const resolve = schema.getQueryType()?.getFields()[field]?.resolve ?? defaultFieldResolver;
  return { precheck: precheckOf(resolve), denials, resolve };
}

test('leads to what the guard stands before', () => {
  expect(wayThrough('own').precheck?.resolve({}, {}, ANYBODY, {} as GraphQLResolveInfo)).toBe(1);
  expect(wayThrough('asked').precheck?.resolve).toBe(defaultFieldResolver);
});

test('there is none where nothing is guarded', () => {
  expect(wayThrough('open').precheck).toBeNull();
});

test.each<readonly [string, string, object, AccessViewer, Verdict]>([
  ['never', 'own', {}, ANYBODY, 'denied'],
  ['without the key', 'own', {}, viewer('USER'), 'denied'],
  ['with the key', 'own', {}, viewer('ADMIN'), 'allowed'],
  ['not even the field', 'asked', {}, ANYBODY, 'denied'],
  ['what anyone may supply', 'asked', { plain: 1 }, viewer('USER'), 'allowed'],
  ['what one may not supply', 'asked', { admin: 1 }, viewer('USER'), 'denied'],
  ['what one may supply', 'asked', { admin: 1 }, viewer('ADMIN'), 'allowed'],
])('%s, and nobody is told', (_name, field, args, who, verdict) => {
  const { precheck, denials } = wayThrough(field);
  expect(precheck?.judge(who, { variableValues: {} }, args)).toBe(verdict);
  expect(denials).toEqual([]);
});

test('refusals are told in every execution but those that were judged', () => {
  const { precheck, denials, resolve } = wayThrough('own');
  const path = { prev: undefined, key: 'own', typename: 'Query' };
  const [judged, other] = [{}, {}].map((variableValues) => ({ variableValues, path }) as unknown as GraphQLResolveInfo);
  const who = viewer('USER');
  expect(judged && precheck?.judge(who, judged, {})).toBe('denied');
  expect(() => judged && resolve({}, {}, who, judged)).toThrow('Permission denied');
  expect(denials).toEqual([]);
  expect(() => other && resolve({}, {}, who, other)).toThrow('Permission denied');
  expect(denials.map(({ coordinate }) => coordinate)).toEqual(['Query.own']);
});
