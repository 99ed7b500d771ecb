/** A value, or a promise of it. */
export type MaybePromise<T> = T | Promise<T>;

/** Tells whether a value is an object or an array, the properties of which can be read by name. */
export function isRecord(value: unknown): value is Readonly<Record<PropertyKey, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** Tells whether a value may have methods: an object or a function. */
export function isObject(value: unknown): value is Readonly<Record<PropertyKey, unknown>> {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

/** Tells whether graphql-js would wait for the value: anything with a method `then`, even a function. */
export function isPromise(value: unknown): value is Promise<unknown> {
  return isObject(value) && typeof value['then'] === 'function';
}

/** Tells whether an executor would iterate over the value as a list; some of them iterate over functions as well. */
export function isIterable(value: unknown): value is Iterable<unknown> {
  return isObject(value) && typeof value[Symbol.iterator] === 'function';
}

/**
 * Applies a function at once, or when the promise is fulfilled: a synchronous value stays synchronous. The method `then` of
 * an object that is not a native promise is called once, and its result is ignored.
 */
export function chain<Value, Result>(
  value: MaybePromise<Value>,
  apply: (value: Value) => MaybePromise<Result>,
): MaybePromise<Result> {
  return isPromise(value) ? Promise.resolve(value).then(apply) : apply(value);
}

/** Returns an error that was thrown; for anything else, which executors print in the message of theirs, an error with this message. */
export function errorOf(thrown: unknown, message: string): Error {
  return thrown instanceof Error ? thrown : new Error(message, { cause: thrown });
}

/** Tells whether an executor that knows async lists would iterate over the value. */
export function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return isObject(value) && typeof value[Symbol.asyncIterator] === 'function';
}
