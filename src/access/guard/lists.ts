import type { GraphQLResolveInfo } from 'graphql';
import { chain, errorOf, isAsyncIterable, isIterable, isPromise } from '../values.ts';

export type Path = GraphQLResolveInfo['path'];
/** Maps an object, at its path in the response. */
export type MapObject = (object: unknown, path: Path) => unknown;

/**
 * Maps the objects within nested lists, whatever an executor iterates: arrays, other iterables, and async ones. Anything
 * may stand for an object, a plain id too. Executors report an Error in an object's place at that object's path.
 */
export function mapObjects(value: unknown, depth: number, path: Path, map: MapObject): unknown {
  if (isPromise(value)) {
    return chain(value, (settled) => mapObjects(settled, depth, path, map));
  }
  if (value === null || value === undefined || value instanceof Error) {
    return value;
  }
  if (depth === 0) {
    return mapObject(value, path, map);
  }
  const mapItem = (item: unknown, index: number): unknown =>
    mapObjects(item, depth - 1, { prev: path, key: index, typename: undefined }, map);
  if (isAsyncIterable(value)) {
    return new MappedIterable(value, mapItem);
  }
  return isIterable(value) ? Array.from(value, mapItem) : value;
}

function mapObject(object: unknown, path: Path, map: MapObject): unknown {
  try {
    return map(object, path);
  } catch (error) {
    return errorOf(error, 'An object could not be judged');
  }
}

/** An async iterable whose items are mapped. It can be iterated in every way in which the original can. */
class MappedIterable implements AsyncIterable<unknown> {
  readonly #source: AsyncIterable<unknown>;
  readonly #map: (item: unknown, index: number) => unknown;

  constructor(source: AsyncIterable<unknown>, map: (item: unknown, index: number) => unknown) {
    this.#source = source;
    this.#map = map;
    if (isIterable(source)) {
      Object.defineProperty(this, Symbol.iterator, { value: () => Array.from(source, map)[Symbol.iterator]() });
    }
  }

  [Symbol.asyncIterator](): AsyncIterator<unknown> {
    const iterator = this.#source[Symbol.asyncIterator]();
    const map = this.#map;
    let index = 0;
    const mapped = (result: IteratorResult<unknown>): IteratorResult<unknown> | Promise<IteratorResult<unknown>> => {
      // Executors take any truthy value for the end, as `for await` does.
      if (result.done ?? false) {
        return result;
      }
      const value = chain(result.value, (item) => map(item, index++));
      return chain(value, (item) => ({ done: false, value: item }));
    };
    const own: AsyncIterator<unknown> = { next: async () => mapped(await iterator.next()) };
    // An executor that stops early ends the source as well.
    if (typeof iterator.return === 'function') {
      own.return = async (value: unknown) => (await iterator.return?.(value)) ?? { done: true, value: undefined };
    }
    if (typeof iterator.throw === 'function') {
      own.throw = async (error: unknown) => mapped((await iterator.throw?.(error)) ?? { done: true, value: undefined });
    }
    return own;
  }
}
