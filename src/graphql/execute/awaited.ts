import { isPromise } from './fields.ts';
import { after, Container, fail, Pending, place, type Slot, Thenable } from './pending.ts';

type Complete = (value: unknown) => unknown;

/** Returns a pending value for a promise; or what `then` returns, if that is no promise. */
export function awaited(promise: PromiseLike<unknown>, complete: Complete): unknown {
  return isPlainPromise(promise) ? new Awaited(promise, complete) : chained(promise, complete);
}

/** Completes a value with promises of its own, as graphql-js does. */
export function chained(promise: PromiseLike<unknown>, complete: Complete): unknown {
  const completed: unknown = promise.then((value) => unwrapped(complete(value)));
  return isPromise(completed) ? new Thenable(completed) : completed;
}

/** Anything else may call back at once, several times, or never, and return anything from `then`. */
function isPlainPromise(value: object): value is Promise<unknown> {
  // oxlint-disable-next-line typescript/unbound-method -- compared, not called
  return value instanceof Promise && value.constructor === Promise && value.then === Promise.prototype.then;
}

/** Returns what graphql-js's callback would return: promises for what is pending. */
function unwrapped(completed: unknown): unknown {
  if (completed instanceof Thenable) {
    return completed.thenable;
  }
  return completed instanceof Container
    ? new Promise<unknown>((resolve, reject) => completed.onSettled(() => resolve(completed.value), reject))
    : completed;
}

/** A promise of a value that is completed once it is there. */
class Awaited extends Pending {
  readonly #promise: Promise<unknown>;
  readonly #complete: Complete;

  constructor(promise: Promise<unknown>, complete: Complete) {
    super();
    this.#promise = promise;
    this.#complete = complete;
  }

  override attach(slot: Slot): void {
    slot.container.open(slot.key);
    void this.#promise.then(
      (value) => this.#settle(slot, value),
      (raw: unknown) => after(1, () => fail(slot, raw)),
    );
  }

  #settle(slot: Slot, value: unknown): void {
    let completed: unknown;
    try {
      completed = this.#complete(value);
    } catch (raw) {
      after(1, () => fail(slot, raw));
      return;
    }
    if (completed instanceof Pending) {
      completed.attach(slot, true);
    } else {
      place(slot, completed);
    }
  }
}
