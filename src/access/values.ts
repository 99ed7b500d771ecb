/** A value, or a promise of it. */
export type MaybePromise<T> = T | Promise<T>;

/** Tells whether a value is an object or an array, the properties of which can be read by name. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** Tells whether graphql-js would wait for the value: anything with a method `then`, even a function. */
export function isPromise(value: unknown): value is Promise<unknown> {
  return (
    ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
    'then' in value &&
    typeof value.then === 'function'
  );
}

/** Tells whether graphql-js would iterate over the value as a list. */
export function isIterable(value: unknown): value is Iterable<unknown> {
  return isRecord(value) && typeof value[Symbol.iterator as never] === 'function';
}

/** Applies a function at once, or when the promise is fulfilled: a synchronous value stays synchronous. */
export function chain<Result>(value: unknown, apply: (value: unknown) => MaybePromise<Result>): MaybePromise<Result> {
  return isPromise(value) ? value.then(apply) : apply(value);
}

/** Tells whether an executor that knows async lists would iterate over the value. */
export function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return (
    ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
    typeof Reflect.get(value, Symbol.asyncIterator) === 'function'
  );
}
