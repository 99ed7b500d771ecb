import { defaultFieldResolver, type GraphQLResolveInfo } from 'graphql';
import { expect, test } from 'vitest';
import {
  type AccessViewer,
  type Denial,
  type GuardOptions,
  precheckOf,
  visibleSchema,
} from '../../src/access/index.ts';
import { ANONYMOUS, ask, guarded, viewer } from './support.ts';

const SDL = `
  type Query @public {
    open: Int
    own: Int @auth(requires: EDITOR)
    asked(plain: Int, admin: Int @auth(requires: ADMIN), judged: Int @auth(policy: "never")): Int @auth
  }`;
const give = (): number => 1;

/** The precheck of a field, its guarded resolver, and the denials that are reported. */
function wayThrough(field: string, options: Partial<GuardOptions<AccessViewer>> = {}) {
  const denials: Denial[] = [];
  const onDenied = (denial: Denial) => denials.push(denial);
  const policies = { never: () => false };
  const schema = guarded(SDL, { Query: { own: give } }, { ...options, policies, onDenied });
  const resolve = schema.getQueryType()?.getFields()[field]?.resolve ?? defaultFieldResolver;
  return { precheck: precheckOf(resolve), denials, resolve };
}

test('a precheck has the unguarded resolver', () => {
  expect(wayThrough('own').precheck?.resolve({}, {}, ANONYMOUS, {} as GraphQLResolveInfo)).toBe(1);
  expect(wayThrough('asked').precheck?.resolve).toBe(defaultFieldResolver);
});

test('a field without requirements has no precheck', () => {
  expect(wayThrough('open').precheck).toBeNull();
});

test.each<readonly [string, string, object, AccessViewer, boolean]>([
  ['a field to an anonymous viewer', 'own', {}, ANONYMOUS, false],
  ['a field to a viewer without the role', 'own', {}, viewer('USER'), false],
  ['a field to a viewer with the role', 'own', {}, viewer('ADMIN'), true],
  ['a field to an anonymous viewer, who supplies no argument', 'asked', {}, ANONYMOUS, false],
  ['an argument that anyone may supply', 'asked', { plain: 1 }, viewer('USER'), true],
  ['an argument that this viewer may not supply', 'asked', { admin: 1 }, viewer('USER'), false],
  ['an argument that this viewer may supply', 'asked', { admin: 1 }, viewer('ADMIN'), true],
  ['an argument that a policy judges', 'asked', { judged: 1 }, viewer('ADMIN'), false],
])('a precheck says whether to allow %s, and reports no denial', (_name, field, args, who, isAllowed) => {
  const { precheck, denials } = wayThrough(field);
  expect(precheck?.allows(who, { variableValues: {} }, args)).toBe(isAllowed);
  expect(denials).toEqual([]);
});

test('a precheck leaves each denial to the guarded resolver, which reports it', () => {
  const { precheck, denials, resolve } = wayThrough('own');
  const path = { prev: undefined, key: 'own', typename: 'Query' };
  const info = { variableValues: {}, path } as unknown as GraphQLResolveInfo;
  const who = viewer('USER');
  expect(precheck?.allows(who, info, {})).toBe(false);
  expect(() => resolve({}, {}, who, info)).toThrow('Permission denied');
  expect(denials.map(({ coordinate }) => coordinate)).toEqual(['Query.own']);
});

test('a precheck allows nothing while guards observe, so that what would be denied is reported', () => {
  const { precheck } = wayThrough('own', { enforcement: 'observe' });
  expect(precheck?.allows(viewer('ADMIN'), { variableValues: {} }, {})).toBe(false);
});

test('a precheck stays in a visible schema, and completes what is hidden there', async () => {
  const schema = guarded(
    `input Filter { secret: Int @auth(requires: ADMIN) }
     input Page { filter: Filter = {} size: Int = 10 }
     type Query { find(page: Page = { size: 5 }): String @auth }`,
    { Query: { find: (_source: unknown, args: object) => JSON.stringify(args) } },
  );
  const visible = visibleSchema(schema, { viewer: viewer('USER') });
  const precheck = precheckOf(visible.getQueryType()?.getFields()['find']?.resolve ?? defaultFieldResolver);
  expect(precheck?.allows(ANONYMOUS, { variableValues: {} }, {})).toBe(false);
  expect(precheck?.allows(viewer(), { variableValues: {} }, {})).toBe(true);
  const args = { page: { size: 7 } };
  const { data } = await ask(visible, viewer('USER'), '{ find(page: { size: 7 }) }');
  const info = { schema: visible, variableValues: {} } as unknown as GraphQLResolveInfo;
  expect({ find: precheck?.resolve({}, args, viewer(), info) }).toEqual(data);
});
