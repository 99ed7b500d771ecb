import { chain, isAsyncIterable, isPromise } from '../values.ts';
import { type Call, deniedBefore, deniedByObject, type Resolver } from './calls.ts';
import { deny, type GuardContext } from './denial.ts';
import type { FieldGuard } from './inputs.ts';
import type { MapObject, Path } from './lists.ts';
import { argumentsForResults, requirementsBySite } from './objects.ts';

/** Resolves without denying anything, and reports what would have been denied. No failure of a guard changes the answer. */
export function observe(shared: GuardContext, guard: FieldGuard, resolve: Resolver, call: Call): unknown {
  const [source, args, context, info] = call;
  const verdicts = attempt(shared, () => {
    const found = shared.requests.of(context, info);
    const denied = deniedBefore(shared, guard, found, args);
    if (denied !== null) {
      deny(shared, found, denied, { path: info.path, info });
      return null;
    }
    if (found.of(guard.required) === 'allowed') {
      shared.requests.allow(guard.required, found);
    }
    return found;
  });
  if (!verdicts) {
    return resolve(...call);
  }
  // The resolver may change its arguments while policies are waited for.
  const place = { args: argumentsForResults(guard.requirements, args), context, info };
  watch(shared, () =>
    chain(
      deniedByObject(shared, guard, verdicts, { ...place, object: guard.isRoot ? null : source }),
      (denied) => denied !== null && deny(shared, verdicts, denied, { path: info.path, info }),
    ),
  );
  const result = resolve(...call);
  const { onResult } = requirementsBySite(guard, verdicts);
  if (onResult.requirements.length > 0) {
    const judge: MapObject = (object, path) =>
      watch(shared, () =>
        chain(
          shared.judgeObject(onResult.requirements, verdicts, { ...place, object }),
          (isAllowed) => isAllowed || deny(shared, verdicts, onResult, { path, info }),
        ),
      );
    attempt(shared, () => watchObjects(shared, result, guard.depth, info.path, judge));
  }
  return result;
}

/** Calls what judges without waiting for it. A failure is printed. */
export function watch(shared: GuardContext, judge: () => unknown): void {
  const result = attempt(shared, judge);
  if (isPromise(result)) {
    result.then(undefined, shared.onFailure);
  }
}

/** Calls what judges. A failure is printed, and the result is undefined. */
export function attempt<Result>(shared: GuardContext, judge: () => Result): Result | undefined {
  try {
    return judge();
  } catch (error) {
    shared.onFailure(error);
    return undefined;
  }
}

/**
 * Looks at the objects within nested lists when the executor comes to them. The executor gets the very value: a copy of a
 * promise settles later, and with it the order of errors changes, and where a non-null field fails also their number.
 */
function watchObjects(shared: GuardContext, value: unknown, depth: number, path: Path, look: MapObject): void {
  if (isPromise(value)) {
    watchPromise(shared, value, (settled) => watchObjects(shared, settled, depth, path, look));
  } else if (value === null || value === undefined || value instanceof Error) {
    // There is no object.
  } else if (depth === 0) {
    look(value, path);
  } else {
    const lookAt = (item: unknown, index: number): void =>
      watchObjects(shared, item, depth - 1, { prev: path, key: index, typename: undefined }, look);
    if (Array.isArray(value) && !isAsyncIterable(value)) {
      value.forEach(lookAt);
    } else {
      watchItems(shared, value, Symbol.iterator, lookAt);
      watchItems(shared, value, Symbol.asyncIterator, lookAt);
    }
  }
}

/** Looks at what a promise is fulfilled with, just before it goes on: to call `then` may start a query, so it is called once. */
export function watchPromise(shared: GuardContext, promise: Promise<unknown>, look: (value: unknown) => void): void {
  const lookAt = (value: unknown): void => attempt(shared, () => look(value));
  if (promise instanceof Promise && promise.then === Reflect.get(Promise.prototype, 'then')) {
    promise.then(lookAt, () => undefined);
    return;
  }
  replaceOnce(promise, 'then', (then) => (fulfilled, rejected) => {
    const seen = (value: unknown): unknown => {
      lookAt(value);
      return typeof fulfilled === 'function' ? (fulfilled(value) as unknown) : value;
    };
    return then(seen, rejected);
  });
}

function watchItems(
  shared: GuardContext,
  list: object,
  symbol: typeof Symbol.iterator | typeof Symbol.asyncIterator,
  lookAt: (item: unknown, index: number) => void,
): void {
  replaceOnce(list, symbol, (iterate) => () => {
    const iterator = iterate() as AsyncIterator<unknown>;
    let index = 0;
    const look = (result: unknown): void => {
      const { done, value } = result as IteratorResult<unknown>;
      if (!(done ?? false)) {
        lookAt(value, index++);
      }
    };
    const next = (...values: [] | [unknown]): unknown => {
      const result: unknown = iterator.next(...values);
      attempt(shared, () => (isPromise(result) ? watchPromise(shared, result, look) : look(result)));
      return result;
    };
    const bound = (name: 'return' | 'throw') =>
      typeof iterator[name] === 'function' && { [name]: iterator[name].bind(iterator) };
    return { next, ...bound('return'), ...bound('throw') };
  });
}

type Method = (...args: unknown[]) => unknown;

/** Replaces a method of an object until it is called; leaves an object as it is that lacks the method or cannot be changed. */
function replaceOnce(object: object, name: PropertyKey, replace: (method: Method) => Method): void {
  const method: unknown = Reflect.get(object, name);
  const own = Reflect.getOwnPropertyDescriptor(object, name);
  if (typeof method === 'function') {
    const replaced = replace((...args) => Reflect.apply(method, object, args) as unknown);
    const value: Method = (...args) => {
      if (own === undefined) {
        Reflect.deleteProperty(object, name);
      } else {
        Reflect.defineProperty(object, name, own);
      }
      return replaced(...args);
    };
    Reflect.defineProperty(object, name, { value, configurable: true, writable: true });
  }
}
