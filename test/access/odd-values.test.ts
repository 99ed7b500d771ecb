import { type ExecutionResult, type GraphQLResolveInfo, isAbstractType, isObjectType, parse, subscribe } from 'graphql';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type AccessViewer, type Denial, guardSchema, type PolicyFunction } from '../../src/access/index.ts';
import { ask, executable, guarded, viewer } from './support.ts';

afterEach(() => vi.restoreAllMocks());

type Row = { by: unknown; text: string };
const rows = (): Row[] => [
  { by: 'me', text: 'mine' },
  { by: 'you', text: 'yours' },
];

/** An object with a method `then` that returns itself, as some query builders have. */
const chainable = (value: unknown): unknown => {
  const object = withThen((fulfilled) => {
    fulfilled(value);
    return object;
  });
  return object;
};

const withThen = (then: (fulfilled: (value: unknown) => unknown) => unknown): object =>
  Object.defineProperty({}, ['th', 'en'].join(''), { value: then });

const revoked = (): unknown => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};
const fails =
  (reason: unknown): (() => never) =>
  () => {
    throw reason as Error;
  };

const policy = (p: () => unknown) => ({ p: p as PolicyFunction<AccessViewer> });

describe('every item is judged that an executor would iterate', () => {
  const SDL =
    'type Note @auth(requires: ADMIN, owner: "by") { by: ID text: String } type Query @public { notes: [Note] }';

  test.each<readonly [string, () => unknown]>([
    ['a Set', () => new Set(rows())],
    ['a generator', () => rows().values()],
    ['a proxy of a list', () => new Proxy(rows(), {})],
    ['a list of query builders', () => rows().map(chainable)],
    ['a query builder of a list', () => chainable(rows())],
    ['functions with properties', () => rows().map((row) => Object.assign(() => 1, row))],
    ['owners that are query builders', () => rows().map(({ by, text }) => ({ by: chainable(by), text }))],
    ['an owner that is a method', () => rows().map(({ by, text }) => ({ by: () => by, text }))],
  ])('of %s', async (_name, notes) => {
    const schema = guarded(SDL, { Query: { notes } });
    expect(await ask(schema, viewer('USER'), '{ notes { text } }')).toEqual({
      data: { notes: [{ text: 'mine' }, null] },
      denied: ['Query.notes FORBIDDEN at notes.1'],
    });
  });

  test('of a function that can be iterated, as graphql-jit does', () => {
    const notes = () => Object.assign(() => 1, { [Symbol.iterator]: () => rows().values() });
    const field = guarded(SDL, { Query: { notes } }).getQueryType()?.getFields()['notes'];
    const info = { variableValues: {}, path: { prev: undefined, key: 'notes' }, fieldNodes: [] };
    const items = field?.resolve?.({}, {}, viewer('USER'), info as unknown as GraphQLResolveInfo);
    expect([...(items as Iterable<unknown>)]).toEqual([rows()[0], expect.any(Error)]);
  });
});

describe('the type of an object that is not a string', () => {
  const SDL = `
    type Closed @auth(requires: ADMIN) { text: String } type Open @public { text: String } union Any = Closed | Open
    type Query @public { any: Any }
  `;
  const closed = { text: 'secret' };

  test('is judged if it is a type, which graphql-jit accepts', () => {
    const schema = guarded(SDL, { Any: { __resolveType: () => schema.getType('Closed') as never } });
    const any = schema.getType('Any');
    const [info, query] = [{ schema, variableValues: {} } as GraphQLResolveInfo, schema.getQueryType()];
    const place = {
      ...info,
      parentType: query,
      fieldName: 'any',
      returnType: any,
      path: { key: 'any' },
      fieldNodes: [],
    };
    const typeFor = (who: AccessViewer) =>
      isAbstractType(any) && any.resolveType?.(closed, who, place as unknown as GraphQLResolveInfo, any);
    expect(() => typeFor(viewer('USER'))).toThrow('Permission denied');
    expect(isObjectType(typeFor(viewer('ADMIN')))).toBe(true);
  });

  test.each<readonly [string, unknown]>([
    ['an object with a name', { name: 'Closed' }],
    ['a String object', Object('Closed')],
    ['nothing', undefined],
  ])('is a failure that shows nothing of the object: %s', async (_name, type) => {
    const schema = guarded(SDL, { Query: { any: () => closed }, Any: { __resolveType: () => type as never } });
    const { data, denied } = await ask(schema, viewer('USER'), '{ any { __typename } }');
    expect([data, denied]).toEqual([{ any: null }, [expect.stringContaining('must resolve to an Object type')]]);
    expect(denied.join()).not.toContain('secret');
  });
});

describe('a copy of an internal value', () => {
  class Column {
    readonly column = 'name';
  }
  test.each<readonly [string, unknown, unknown, unknown]>([
    ['that lost what is undefined', { column: 'name', order: undefined }, { column: 'name' }, { column: 'name' }],
    ['that lost a method', { column: 'name', by: () => 1 }, { column: 'name' }, { column: 'name' }],
    ['that lost a symbol', { column: 'name', [Symbol('desc')]: true }, { column: 'name' }, { column: 'name' }],
    ['that lost its class', new Column(), 'name', { column: 'name' }],
    ['of a Date, as a text', new Date(0), 'name', '1970-01-01T00:00:00.000Z'],
    ['of not a number, as null', Number.NaN, 1, null],
    ['of a Map, as an object', new Map([['column', 'iban']]), 'name', {}],
    ['of a bigint', 1n, 2n, '1'],
  ])('%s may stand for the guarded value', (_name, IBAN, NAME, copy) => {
    const sdl = `
      type Account @public { name: String iban: String @auth(requires: ADMIN) }
      enum Order { NAME IBAN @reads(fields: ["Account.iban"]) } type Query @public { accounts(orderBy: Order): [Account] }
    `;
    const schema = guarded(sdl, { Order: { IBAN, NAME } });
    const field = schema.getQueryType()?.getFields()['accounts'];
    const info = { variableValues: {}, path: { prev: undefined, key: 'accounts' }, fieldNodes: [] };
    const by = (orderBy: unknown) => () =>
      field?.resolve?.({}, { orderBy }, viewer('USER'), info as unknown as GraphQLResolveInfo);
    expect(by(NAME)).not.toThrow();
    expect(by(copy)).toThrow('Permission denied');
  });
});

describe('a listener does not change the answer, nor end the process, that', () => {
  const SDL = 'type Query @public { a: Int @auth(requires: ADMIN) }';
  const nasty = Object.defineProperty(new Error('x'), 'message', {
    get: () => {
      throw new Error('nested');
    },
  });
  test.each<readonly [string, (denial: Denial) => unknown]>([
    ['throws an object without text', fails(Object.create(null))],
    ['throws a symbol', fails(Symbol('x'))],
    ['throws an error that cannot be printed', fails(nasty)],
    ['throws a revoked proxy', fails(revoked())],
    ['rejects with an object without text', () => Promise.reject(Object.create(null) as Error)],
    ['rejects with an error that cannot be printed', () => Promise.reject(nasty)],
    ['returns what throws when it is awaited', () => withThen(fails(new Error('then')))],
    ['returns a revoked proxy', revoked],
    ['never ends', () => new Promise(() => undefined)],
    ['replaces the count', (denial) => Object.defineProperty(denial, 'count', { set: fails(new Error('set')) })],
    ['freezes the denial', (denial) => Object.freeze(denial)],
  ])('%s', async (_name, onDenied) => {
    const unhandled = vi.fn<(reason: unknown) => void>();
    process.once('unhandledRejection', unhandled);
    vi.spyOn(console, 'error').mockImplementation((_text, error?: unknown) => void String(error));
    const schema = guarded(SDL, {}, { onDenied });
    const denied = ['Query.a FORBIDDEN at a', 'Query.a FORBIDDEN at b'];
    expect(await ask(schema, viewer(), '{ a b: a }')).toEqual({ data: { a: null, b: null }, denied });
    await new Promise(setImmediate);
    process.removeListener('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });
});

describe('policies', () => {
  const SDL = `
    type Query @public { a: Int @auth(policy: "p") b(x: Int @auth(policy: "p")): Int }
    type Subscription @public { a: Int @auth(policy: "p") b(x: Int @auth(policy: "p")): Int }
  `;
  test.each<readonly [string, () => unknown, boolean]>([
    ['true', () => true, true],
    ['a promise of true', async () => true, true],
    ['a query builder of true', () => chainable(true), true],
    ['a query builder of false', () => chainable(false), false],
    ['a promise of 1', async () => 1, false],
    ['a Boolean object', () => Object(true), false],
    ['nothing', () => undefined, false],
  ])('allow with true alone: %s', async (_name, p, isAllowed) => {
    const schema = guarded(SDL, { Query: { a: () => 1, b: () => 2 } }, { policies: policy(p) });
    const { data } = await ask(schema, viewer(), '{ a b(x: 1) }');
    expect(data).toEqual(isAllowed ? { a: 1, b: 2 } : { a: null, b: null });
  });

  test.each([
    ['subscription { a }', 'Subscription.a'],
    ['subscription { b(x: 1) }', 'Subscription.b(x:)'],
  ])('are judged before a source is opened: %s', async (source, coordinate) => {
    const opened = vi.fn<() => AsyncGenerator>(async function* () {
      yield { a: 1, b: 2 };
    });
    const judged: unknown[] = [];
    const plain = executable(SDL, { Subscription: { a: { subscribe: opened }, b: { subscribe: opened } } });
    for (const allowed of [false, true]) {
      const schema = guardSchema(plain, {
        viewer: (context: AccessViewer) => context,
        policies: { p: async ({ object }) => judged.push(object) > 0 && allowed },
      });
      const result = await subscribe({ schema, document: parse(source), contextValue: viewer(), rootValue: {} });
      expect(opened).toHaveBeenCalledTimes(Number(allowed));
      const answer = Symbol.asyncIterator in result ? ((await result.next()).value as ExecutionResult) : result;
      expect(answer.errors?.map(({ extensions }) => extensions['coordinate'])).toEqual(
        allowed ? undefined : [coordinate],
      );
    }
    expect(new Set(judged)).toEqual(new Set([null]));
  });

  test('of arguments are observed', async () => {
    const denials: Denial[] = [];
    const schema = guarded(
      SDL,
      { Query: { a: () => 1, b: () => 2 } },
      { enforcement: 'observe', policies: policy(async () => false), onDenied: (denial) => denials.push(denial) },
    );
    expect(await ask(schema, viewer(), '{ a b(x: 1) }')).toEqual({ data: { a: 1, b: 2 }, denied: [] });
    await new Promise(setImmediate);
    expect(denials.map(({ coordinate }) => coordinate)).toEqual(['Query.a', 'Query.b(x:)']);
  });
});
