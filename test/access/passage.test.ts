import { defaultFieldResolver, type GraphQLResolveInfo } from 'graphql';
import { expect, test } from 'vitest';
import { passageOf } from '../../src/access/guard/passage.ts';
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
  return { passage: passageOf(resolve), denials, resolve };
}

test('leads to what the guard stands before', () => {
  expect(wayThrough('own').passage?.resolve({}, {}, ANYBODY, {} as GraphQLResolveInfo)).toBe(1);
  expect(wayThrough('asked').passage?.resolve).toBe(defaultFieldResolver);
});

test('there is none where nothing is guarded', () => {
  expect(wayThrough('open').passage).toBeNull();
});

test.each<readonly [string, string, object, AccessViewer, Verdict]>([
  ['nobody', 'own', {}, ANYBODY, 'no'],
  ['without the key', 'own', {}, viewer('USER'), 'no'],
  ['with the key', 'own', {}, viewer('ADMIN'), 'yes'],
  ['not even the field', 'asked', {}, ANYBODY, 'no'],
  ['what anybody may supply', 'asked', { plain: 1 }, viewer('USER'), 'yes'],
  ['what one may not supply', 'asked', { admin: 1 }, viewer('USER'), 'no'],
  ['what one may supply', 'asked', { admin: 1 }, viewer('ADMIN'), 'yes'],
])('%s, and nobody is told', (_name, field, args, who, verdict) => {
  const { passage, denials } = wayThrough(field);
  expect(passage?.judge(who, { variableValues: {} }, args)).toBe(verdict);
  expect(denials).toEqual([]);
});

test('refusals are told in every execution but those that were judged', () => {
  const { passage, denials, resolve } = wayThrough('own');
  const path = { prev: undefined, key: 'own', typename: 'Query' };
  const [judged, other] = [{}, {}].map((variableValues) => ({ variableValues, path }) as unknown as GraphQLResolveInfo);
  const who = viewer('USER');
  expect(judged && passage?.judge(who, judged, {})).toBe('no');
  expect(() => judged && resolve({}, {}, who, judged)).toThrow('Permission denied');
  expect(denials).toEqual([]);
  expect(() => other && resolve({}, {}, who, other)).toThrow('Permission denied');
  expect(denials.map(({ coordinate }) => coordinate)).toEqual(['Query.own']);
});
