export type MaybePromise<T> = T | Promise<T>;

/** Whether graphql-js would wait for the value: anything with a method `then`, even a function. */
export function isPromise(value: unknown): value is Promise<unknown> {
  return (
    ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
    'then' in value &&
    typeof value.then === 'function'
  );
}

/** Whether graphql-js would take the value for a list. */
export function isList(value: unknown): value is Iterable<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    Symbol.iterator in value &&
    typeof value[Symbol.iterator] === 'function'
  );
}

/** Applies a function now, or when the promise is kept: what is there at once is not delayed. */
export function chain<Result>(value: unknown, apply: (value: unknown) => MaybePromise<Result>): MaybePromise<Result> {
  return isPromise(value) ? value.then(apply) : apply(value);
}
