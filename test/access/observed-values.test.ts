import { defaultFieldResolver, type GraphQLResolveInfo } from 'graphql';
import { describe, expect, test } from 'vitest';
import { guarded, viewer } from './support.ts';

// While guards observe, an executor gets the very value that a resolver returned, and waits for it or iterates it in its own way.

interface Observed {
  readonly value: unknown;
  /** The paths of the objects that would have been denied, once they are judged. */
  readonly told: () => Promise<string[]>;
}

/** Calls an observed resolver whose objects belong to another viewer, unless they are `mine`. */
function observed(value: unknown, field: 'note' | 'notes' = 'notes'): Observed {
  const told: string[] = [];
  const schema = guarded(
    'type Note @auth(owner: "by") { by: ID } type Query @public { note: Note notes: [Note] }',
    { Query: { [field]: () => value } },
    { enforcement: 'observe', onDenied: ({ path, count }) => told.push(`${path.join('.')} ${count}`) },
  );
  const type = schema.getQueryType();
  const resolve = type?.getFields()[field]?.resolve ?? defaultFieldResolver;
  const path = { prev: undefined, key: field, typename: 'Query' };
  const info = { schema, variableValues: {}, fieldName: field, fieldNodes: [], parentType: type, path };
  const result: unknown = resolve({}, {}, viewer('USER'), info as unknown as GraphQLResolveInfo);
  const judged = async (): Promise<string[]> => {
    await new Promise(setImmediate);
    return told;
  };
  return { value: result, told: judged };
}

const mine = { by: 'me' };
const other = { by: 'you' };
const nothing = { done: true, value: undefined } as const;

/** Iterates what an observed resolver returned, as `for await` does. */
async function iterate(value: unknown): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const item of value as AsyncIterable<unknown>) {
    found.push(item);
  }
  return found;
}

async function* pages(): AsyncGenerator {
  yield mine;
  yield other;
}

describe('objects that would be denied are reported', () => {
  test.each<readonly [name: string, list: () => unknown]>([
    ['a frozen list', () => Object.freeze([mine, other])],
    ['an async generator', pages],
    ['a generator that returns one more', () => [mine, other, 'last'].values()],
    [
      'an iterator whose results do not say that there is more',
      () => {
        const results = [{ value: mine }, { value: other }, nothing];
        return { [Symbol.asyncIterator]: () => ({ next: async () => results.shift() }) };
      },
    ],
  ])('of %s', async (name, list) => {
    const { value, told } = observed(list());
    await iterate(value);
    expect(await told(), name).toEqual(['notes.1 1']);
  });

  test('of a promise that is awaited', async () => {
    const { value, told } = observed(Promise.resolve(other), 'note');
    expect(await value).toBe(other);
    expect(await told()).toEqual(['note 1']);
  });

  test('but not what a generator returns at its end, which no executor shows', async () => {
    const list = (function* () {
      yield mine;
      return other;
    })();
    const { value, told } = observed(list);
    expect(await iterate(value)).toEqual([mine]);
    expect(await told()).toEqual([]);
  });

  test('but not where there is no object', async () => {
    const { told } = observed([undefined, null, new Error('row')]);
    expect(await told()).toEqual([]);
  });

  test('of a query builder that is waited for without a function for its value', async () => {
    const builder = queryBuilder();
    const { value, told } = observed(builder, 'note');
    const query = value as PromiseLike<unknown>;
    expect(await query.then(undefined, () => {})).toBe(other);
    expect(await told()).toEqual(['note 1']);
  });
});

/** An object that is waited for, but no promise, as query builders are. */
function queryBuilder(): object {
  return {
    ['th'.concat('en')]: (fulfilled?: (value: unknown) => unknown) => Promise.resolve(other).then(fulfilled),
  };
}

class Cursor {
  readonly calls: string[] = [];

  [Symbol.asyncIterator](): AsyncIterator<unknown> {
    const calls = this.calls;
    return {
      next: async () => ({ done: false, value: mine }),
      return: async (value) => {
        calls.push('return');
        return { done: true, value };
      },
      throw: async (error) => {
        calls.push('throw');
        throw error;
      },
    };
  }
}

describe('what a resolver returned works as it did', () => {
  test('an executor that stops early closes the iterator', async () => {
    const cursor = new Cursor();
    const { value } = observed(cursor);
    for await (const item of value as AsyncIterable<unknown>) {
      expect(item).toBe(mine);
      break;
    }
    expect(cursor.calls).toEqual(['return']);
  });

  test('an executor can throw into the iterator', async () => {
    const cursor = new Cursor();
    const iterator = (observed(cursor).value as AsyncIterable<unknown>)[Symbol.asyncIterator]();
    await expect(iterator.throw?.(new Error('stop'))).rejects.toThrow('stop');
    expect(cursor.calls).toEqual(['throw']);
  });

  test('a promise that starts a query when it is waited for starts it once', async () => {
    let started = 0;
    const query = Promise.resolve(other);
    const start = (...args: Parameters<typeof query.then>): unknown => {
      started += 1;
      return Reflect.apply(Reflect.get(Promise.prototype, 'then'), query, args);
    };
    const { value, told } = observed(
      Object.defineProperty(query, 'th'.concat('en'), { value: start, configurable: true }),
      'note',
    );
    expect(started).toBe(0);
    expect(await (value as typeof query).then((one) => one)).toBe(other);
    expect(started).toBe(1);
    expect(await told()).toEqual(['note 1']);
  });

  test('an iterator without return or throw has none', () => {
    const { value } = observed({ [Symbol.asyncIterator]: () => ({ next: async () => nothing }) });
    const iterator = (value as AsyncIterable<unknown>)[Symbol.asyncIterator]();
    expect(Object.keys(iterator)).toEqual(['next']);
  });

  test.each<readonly [name: string, build: () => object, key: PropertyKey]>([
    ['a query builder with a method of its own', queryBuilder, 'then'],
    ['a list of a class', () => new Cursor(), Symbol.asyncIterator],
    ['a set', () => new Set([mine]), Symbol.iterator],
  ])('%s is as it was once it has been waited for or iterated', async (_name, build, key) => {
    const list = build();
    const before = Object.getOwnPropertyDescriptor(list, key);
    const { value } = observed(list);
    expect(value).toBe(list);
    const method = Reflect.get(list, key) as (...args: unknown[]) => unknown;
    const result = method.call(list, () => null);
    await (key === 'then' ? result : null);
    expect(Object.getOwnPropertyDescriptor(list, key)).toEqual(before);
  });
});
