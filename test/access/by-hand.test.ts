import {
  defaultFieldResolver,
  type FieldNode,
  type GraphQLError,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  Kind,
} from 'graphql';
import { describe, expect, test } from 'vitest';
import { type AccessViewer, assertGuarded, guardSchema } from '../../src/access/index.ts';
import { ANONYMOUS, executable, guarded, viewer } from './support.ts';

// Executors differ in how they iterate lists and place errors: resolvers are called here as any of them may.

const SDL = `
  type Note @auth(requires: ADMIN, owner: "by") { id: ID by: ID }
  interface Thing @public { id: ID }
  type Open implements Thing @public { id: ID secret: Int @auth(requires: ADMIN) }
  type Shut implements Thing @auth(requires: ADMIN) { id: ID }
  type Query @public { notes: [Note] things: [Thing] }
  type Subscription { ticks: Int @auth(requires: ADMIN) }
`;
const ROWS = [{ by: 'me', id: 1 }, { by: 'other', id: 2 }, null, { by: 'other', id: 3 }];

/** The `info` of a field of the root type. */
function infoOf(schema: ReturnType<typeof guarded>, field: string, type = schema.getQueryType()): GraphQLResolveInfo {
  return {
    schema,
    variableValues: {},
    fieldName: field,
    fieldNodes: [],
    parentType: type,
    returnType: type?.getFields()[field]?.type,
    path: { prev: undefined, key: field, typename: type?.name },
  } as unknown as GraphQLResolveInfo;
}

function pathOf(...keys: (string | number)[]): unknown {
  return keys.reduce<unknown>((prev, key) => ({ prev, key, typename: undefined }), undefined);
}

/** The list that the guarded resolver of a field makes of another. */
function through(field: string, list: unknown, who = viewer('USER')): unknown {
  const schema = guarded(SDL, { Query: { [field]: () => list } });
  const resolve = schema.getQueryType()?.getFields()[field]?.resolve ?? defaultFieldResolver;
  return resolve({}, {}, who, infoOf(schema, field));
}

/** An item as a client would get it: its id, or the path of the error in its place. */
const seen = (item: unknown): unknown =>
  item instanceof Error ? (item as GraphQLError).path?.join('.') : (item as { id?: unknown } | null)?.id;

const JUDGED = [1, 'notes.1', undefined, 'notes.3'];

/** An async list whose iterator has these methods. */
function asyncList(iterator: object): AsyncIterable<unknown> {
  return { [Symbol.asyncIterator]: () => iterator as AsyncIterator<unknown> };
}

async function* rows(): AsyncGenerator {
  yield* ROWS;
}

function iteratorOf(list: object): AsyncIterator<unknown> {
  return (through('notes', list) as AsyncIterable<unknown>)[Symbol.asyncIterator]();
}

describe('an async list', () => {
  test.each<readonly [string, () => AsyncIterable<unknown>]>([
    ['of objects', rows],
    [
      'of promises',
      () => {
        const promises = ROWS.map((row) => Promise.resolve(row))[Symbol.iterator]();
        return asyncList({ next: () => Promise.resolve(promises.next()) });
      },
    ],
  ])('%s has errors at the place of their item', async (_name, list) => {
    const items: unknown[] = [];
    for await (const item of through('notes', list()) as AsyncIterable<unknown>) {
      items.push(seen(item));
    }
    expect(items).toEqual(JUDGED);
  });

  test('that is an array as well is judged in both ways', () => {
    const both = through('notes', Object.assign([...ROWS], { [Symbol.asyncIterator]: rows })) as Iterable<unknown>;
    expect(Array.from(both, seen)).toEqual(JUDGED);
    expect(Array.from(both, seen)).toEqual(JUDGED);
    expect(Symbol.iterator in (through('notes', rows()) as object)).toBe(false);
  });

  test.each([true, 1, 'yes'])('ends where an executor takes it to end: done is %s', async (done) => {
    const row = { by: 'other', id: 4 };
    const results = [{ value: row }, { done: 0, value: row }, { done }] as unknown as IteratorResult<unknown>[];
    const iterator = iteratorOf(asyncList({ next: () => Promise.resolve(results.shift() as IteratorResult<unknown>) }));
    expect(seen((await iterator.next()).value)).toBe('notes.0');
    expect(seen((await iterator.next()).value)).toBe('notes.1');
    expect(await iterator.next()).toEqual({ done });
  });

  test('has no more ways to end than its source', () => {
    const iterator = iteratorOf(asyncList({ next: () => Promise.resolve({ done: true, value: undefined }) }));
    expect([typeof iterator.return, typeof iterator.throw]).toEqual(['undefined', 'undefined']);
  });

  test.each(['return', 'throw'] as const)('passes %s on, and its result', async (way) => {
    const asked: unknown[] = [];
    const answers = [{ done: false, value: { by: 'other', id: 4 } }, { done: true, value: 5 }, undefined];
    const iterator = iteratorOf(
      asyncList({
        next: () => Promise.resolve({ done: true, value: undefined }),
        [way]: (value: unknown) => {
          asked.push(value);
          return Promise.resolve(answers.shift());
        },
      }),
    );
    const first = await iterator[way]?.('a');
    const value: unknown = first?.value;
    expect([first?.done, way === 'throw' ? seen(value) : 'as it is']).toEqual([
      false,
      way === 'throw' ? 'notes.0' : 'as it is',
    ]);
    expect(await iterator[way]?.('b')).toEqual({ done: true, value: 5 });
    expect(await iterator[way]?.('c')).toEqual({ done: true, value: undefined });
    expect(asked).toEqual(['a', 'b', 'c']);
  });
});

describe('objects', () => {
  test('of a viewer who may have every type are not touched', () => {
    const list = [{ __typename: 'Shut' }];
    expect(through('things', list, viewer('ADMIN'))).toBe(list);
    expect(through('things', list, viewer('USER'))).not.toBe(list);
    expect(through('notes', list, viewer('ADMIN'))).toBe(list);
  });

  test('of no known type are left to the executor where nothing could be denied', () => {
    const schema = guarded(SDL, { Thing: { __resolveType: () => 7 as unknown as string } });
    const thing = schema.getType('Thing') as unknown as { resolveType(...args: unknown[]): unknown };
    const typeFor = (role: string): unknown => thing.resolveType({}, viewer(role), infoOf(schema, 'things'), thing);
    expect(typeFor('ADMIN')).toBe(7);
    expect(() => typeFor('USER')).toThrow('its type resolver returned no name of one');
  });

  test('are judged once by an executor that builds paths again', () => {
    const judged: unknown[] = [];
    const schema = guarded(
      SDL.replace('Shut implements Thing @auth(requires: ADMIN)', 'Shut implements Thing @auth(policy: "shown")'),
      { Query: { things: () => [one, two] } },
      { policies: { shown: ({ object }) => judged.push(object) > 0 } },
    );
    const [one, two] = ['1', '2'].map((id) => ({ id, __typename: 'Shut' }));
    const thing = schema.getType('Thing') as unknown as { resolveType(...args: unknown[]): unknown };
    const info = { ...infoOf(schema, 'things'), parentType: schema.getQueryType() };
    const who = viewer('USER');
    const resolve = schema.getQueryType()?.getFields()['things']?.resolve;
    resolve?.({}, {}, who, { ...info, path: pathOf('page', 'things') } as GraphQLResolveInfo);
    expect(judged).toEqual([one, two]);
    const typeOf = (object: unknown, ...keys: (string | number)[]): unknown =>
      thing.resolveType(object, who, { ...info, path: pathOf(...keys) }, thing);
    expect([typeOf(one, 'page', 'things', 0), typeOf(two, 'page', 'things', 1, 0)]).toEqual(['Shut', 'Shut']);
    expect(judged).toEqual([one, two]);
    expect([typeOf(one, 'thingspage', 0), typeOf(two, 'other', 'things', 1)]).toEqual(['Shut', 'Shut']);
    expect(judged).toEqual([one, two, one, two]);
  });

  test('that cannot be judged keep what was thrown as the cause', () => {
    const broken = {
      get by(): string {
        // oxlint-disable-next-line no-throw-literal, only-throw-error -- libraries do
        throw 'broken';
      },
    };
    const [error] = through('notes', [broken]) as Error[];
    expect([error?.message, error?.cause]).toEqual([
      'The owner field Note.by cannot be read: its resolver threw something that is not an error',
      'broken',
    ]);
  });
});

function thrownBy(call: () => unknown): GraphQLError {
  try {
    call();
  } catch (error) {
    return error as GraphQLError;
  }
  throw new Error('nothing was thrown');
}

describe('errors', () => {
  test('have no place where the executor knows it better', () => {
    const schema = guarded(SDL, { Thing: { __resolveType: () => 'Shut' } });
    const thing = schema.getType('Thing') as unknown as { resolveType(...args: unknown[]): unknown };
    const subscription = schema.getSubscriptionType();
    const ticks = subscription?.getFields()['ticks'];
    const node = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: 'ticks' } } as FieldNode;
    const info = { ...infoOf(schema, 'ticks', subscription), fieldNodes: [node] };
    for (const error of [
      thrownBy(() => thing.resolveType({}, viewer('USER'), { ...infoOf(schema, 'things'), fieldNodes: [node] }, thing)),
      thrownBy(() => ticks?.subscribe?.({}, {}, viewer('USER'), info)),
    ]) {
      expect([error.message, error.path, error.nodes]).toEqual(['Permission denied', undefined, undefined]);
    }
  });

  test('of one place in the operation share what they have in common, whatever holds its nodes', () => {
    const schema = guarded(SDL);
    const open = schema.getType('Open') as ReturnType<typeof schema.getQueryType>;
    const resolve = open?.getFields()['secret']?.resolve ?? defaultFieldResolver;
    const nodes: FieldNode[] = ['a', 'b'].map((value) => ({ kind: Kind.FIELD, name: { kind: Kind.NAME, value } }));
    const [a, b] = nodes;
    const [info, who] = [infoOf(schema, 'secret', open), viewer('USER')];
    const errorAt = (...fieldNodes: (FieldNode | undefined)[]): GraphQLError => {
      const given = { ...info, fieldNodes: fieldNodes as FieldNode[] };
      try {
        return resolve({}, {}, who, given) as GraphQLError;
      } catch (error) {
        return error as GraphQLError;
      }
    };
    errorAt(a);
    const errors = [errorAt(a), errorAt(a), errorAt(b), errorAt(a, b), errorAt(a), errorAt(b), errorAt(a, b)];
    expect(errors.map((error) => error.nodes?.map((node) => (node as FieldNode).name.value).join())).toEqual([
      'a',
      'a',
      'b',
      'a,b',
      'a',
      'b',
      'a,b',
    ]);
    const kinds = errors.map((error) => Object.getPrototypeOf(error) as unknown);
    // The first of each place is made by the constructor, the others like it.
    expect(kinds.map((kind) => kinds.indexOf(kind))).toEqual([0, 0, 2, 2, 0, 5, 6]);
  });

  test('of a schema that Apollo Server has wrapped say so', () => {
    const schema = guarded(SDL);
    Object.assign(schema.getQueryType()?.getFields()['notes'] ?? {}, { resolve: () => null });
    expect(() => assertGuarded(schema)).toThrow('Query.notes: has lost its guard');
    Object.assign(schema, { [Symbol('of an apollo')]: true });
    expect(() => assertGuarded(schema)).toThrow('Query.notes: has lost its guard');
    Object.assign(schema, { [Symbol('apolloServerPluginIsInstalled')]: true });
    expect(() => assertGuarded(schema)).toThrow(
      'Query.notes: cannot be checked: Apollo Server wraps all resolvers when it answers its first request; check the schema before, or build another one',
    );
  });

  test('cost no stack, and leave those of others on', () => {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 7;
    const error = thrownBy(() => {
      const schema = guardSchema(executable(SDL), { viewer: (context: AccessViewer) => context });
      return schema.getQueryType()?.getFields()['notes']?.resolve?.({}, {}, ANONYMOUS, infoOf(schema, 'notes'));
    });
    expect(error.stack?.split('\n')).toHaveLength(1);
    expect(Error.stackTraceLimit).toBe(7);
    Error.stackTraceLimit = stackTraceLimit;
  });
});

describe('the viewer', () => {
  test.each<readonly [string, object | undefined]>([
    ['no cache control', undefined],
    ['one without a hint', {}],
    ['a hint that cannot be restricted', { cacheHint: {} }],
  ])('is read where Apollo Server gave %s', (_name, cacheControl) => {
    const schema = guarded(SDL, { Query: { notes: () => [] } });
    const resolve = schema.getQueryType()?.getFields()['notes']?.resolve;
    const info = { ...infoOf(schema, 'notes'), cacheControl } as GraphQLResolveInfo;
    expect(resolve?.({}, {}, viewer('ADMIN'), info)).toEqual([]);
  });

  test('is the one of the last event, for each of those who share their variables', () => {
    const roles = new Map([
      ['a', 'USER'],
      ['b', 'USER'],
    ]);
    const schema = guardSchema(executable(SDL, { Open: { secret: () => 1 } }), {
      viewer: (context: string) => viewer(roles.get(context)),
    });
    const variableValues = {};
    const [subscription, open] = ['Subscription', 'Open'].map((name) => schema.getType(name) as GraphQLObjectType);
    const call = (type: GraphQLObjectType | undefined, field: string, context: string): unknown => {
      const info = { ...infoOf(schema, field, type), variableValues };
      try {
        return type?.getFields()[field]?.resolve?.({ ticks: 1 }, {}, context, info);
      } catch {
        return 'denied';
      }
    };
    expect([call(subscription, 'ticks', 'a'), call(subscription, 'ticks', 'b')]).toEqual(['denied', 'denied']);
    roles.set('a', 'ADMIN');
    expect(call(subscription, 'ticks', 'a')).toBe(1);
    expect([call(open, 'secret', 'b'), call(open, 'secret', 'a')]).toEqual(['denied', 1]);
  });
});
