import type { FieldNode } from 'graphql';
import { isPromise } from '../../access/values.ts';
import { type Execution, type Failure, type Path, placeError } from './execution.ts';

/*
 * graphql-js joins promises at each object and list. Which of two errors is reported first, and whether the second is
 * dropped because the first has made its parent null, depends on how many microtasks each takes through these joins. Here
 * a value is placed at once, without a promise for each join, and only errors take as many microtasks as in graphql-js.
 * Values take them as well where an error waits for them ({@link Execution.isExact}).
 */

/** A value that is not complete yet. */
export abstract class Pending {
  /**
   * Puts the value in its place, now or later.
   *
   * @param isAwaited true if a promise stood in the same place before, which graphql-js resolves with this one
   */
  abstract attach(slot: Slot, isAwaited: boolean): void;
}

export function isPending(completed: unknown): completed is Pending {
  return typeof completed === 'object' && completed instanceof Pending;
}

/** The place of a value: a field of an object, or an item of a list. */
export interface Slot {
  readonly container: Container;
  readonly key: string | number;
  readonly nonNull: boolean;
  /** The nodes of the field, which its errors name. */
  readonly nodes: readonly FieldNode[];
  readonly path: Path;
}

/** Called when a container has settled that is not a part of another one. */
interface Settle {
  readonly fulfill: () => void;
  readonly reject: (error: unknown) => void;
}

/** An object or list, some of whose places are open: their values are not complete yet. */
export class Container extends Pending {
  readonly execution: Execution;
  readonly value: Record<string | number, unknown>;
  // There may be one for each row: without `#`, which takes longer to initialize.
  private readonly isList: boolean;
  private open = 0;
  private isSettled = false;
  private failure: Failure | null = null;
  private slot: Slot | null = null;
  private isAwaited = false;
  private settle: Settle | null = null;

  constructor(execution: Execution, value: object, isList: boolean) {
    super();
    this.execution = execution;
    this.value = value as Record<string | number, unknown>;
    this.isList = isList;
  }

  get isOpen(): boolean {
    return this.open > 0;
  }

  /** Opens a place, which holds null until it is closed. */
  openPlace(key: string | number): void {
    this.value[key] = null;
    this.open += 1;
  }

  override attach(slot: Slot, isAwaited: boolean): void {
    if (!isAwaited) {
      slot.container.openPlace(slot.key);
    }
    slot.container.value[slot.key] = this.value;
    this.slot = slot;
    this.isAwaited = isAwaited;
  }

  /** Calls back in the microtask in which graphql-js's promise of this container settles. */
  onSettled(fulfill: () => void, reject: (error: unknown) => void): void {
    this.settle = { fulfill, reject };
  }

  /** Makes the container fail once its open places are closed: a later field of the object has failed at once. */
  failWith(failure: Failure): void {
    this.failure = failure;
    this.execution.isExact = true;
  }

  /** Closes a place that has its value, or the null of an error. */
  close(): void {
    this.open -= 1;
    if (this.open > 0 || this.isSettled) {
      return;
    }
    this.isSettled = true;
    const { failure } = this;
    if (failure !== null) {
      after(2, () => this.reject(failure.error));
    } else if (this.execution.isExact && !this.isList) {
      after(1, () => this.fulfill());
    } else {
      this.fulfill();
    }
  }

  /** Reports that a place cannot hold its error. The first one makes the container fail. */
  break(error: unknown): void {
    if (this.isSettled) {
      return;
    }
    this.isSettled = true;
    const { failure } = this;
    const ticks = (this.isList ? 0 : 1) + (failure === null ? 0 : 1);
    after(ticks, () => this.reject(failure === null ? error : failure.error));
  }

  private fulfill(): void {
    const { slot } = this;
    if (slot === null) {
      this.settle?.fulfill();
    } else if (this.execution.isExact) {
      after(this.isAwaited ? 3 : 2, () => slot.container.close());
    } else {
      slot.container.close();
    }
  }

  private reject(error: unknown): void {
    const { slot } = this;
    if (slot === null) {
      this.settle?.reject(error); // or the list around it has failed, and nothing waits for it
    } else {
      after(this.isAwaited ? 2 : 1, () => fail(slot, error));
    }
  }
}

/** A promise that graphql-js would make or be given, other than the plain ones of resolvers: it is treated literally. */
export class Thenable extends Pending {
  readonly #thenable: PromiseLike<unknown>;

  constructor(thenable: PromiseLike<unknown>) {
    super();
    this.#thenable = thenable;
  }

  get thenable(): PromiseLike<unknown> {
    return this.#thenable;
  }

  override attach(slot: Slot, isAwaited: boolean): void {
    const { container, key, nodes, nonNull, path } = slot;
    const completed = isAwaited ? new Promise<unknown>((resolve) => resolve(this.#thenable)) : this.#thenable;
    const handled = completed.then(undefined, (raw: unknown) => {
      const failure = placeError(container.execution.errors, nodes, nonNull, path, raw);
      if (failure !== null) {
        throw failure.error;
      }
      return null;
    });
    if (!isAwaited) {
      container.openPlace(key);
    }
    const settle = (value: unknown): void => {
      container.value[key] = value;
      container.close();
    };
    void Promise.resolve(handled).then(settle, (error: unknown) => container.break(error));
  }
}

/** A plain promise of a value, which is completed once it is there. */
class Awaited extends Pending {
  private readonly promise: Promise<unknown>;
  private readonly complete: (value: unknown) => unknown;

  constructor(promise: Promise<unknown>, complete: (value: unknown) => unknown) {
    super();
    this.promise = promise;
    this.complete = complete;
  }

  override attach(slot: Slot): void {
    slot.container.openPlace(slot.key);
    void this.promise.then(
      (value) => this.settle(slot, value),
      (raw: unknown) => after(1, () => fail(slot, raw)),
    );
  }

  private settle(slot: Slot, value: unknown): void {
    let completed: unknown;
    try {
      completed = this.complete(value);
    } catch (raw) {
      after(1, () => fail(slot, raw));
      return;
    }
    if (isPending(completed)) {
      completed.attach(slot, true);
    } else {
      place(slot, completed);
    }
  }
}

/** Returns a pending value for a promise; or the result of `then`, if that is not a promise. */
export function awaited(promise: PromiseLike<unknown>, complete: (value: unknown) => unknown): unknown {
  return isPlainPromise(promise) ? new Awaited(promise, complete) : chained(promise, complete);
}

/** Completes a value with promises of its own, as graphql-js does. */
export function chained(promise: PromiseLike<unknown>, complete: (value: unknown) => unknown): unknown {
  const completed: unknown = promise.then((value) => unwrapped(complete(value)));
  return isPromise(completed) ? new Thenable(completed) : completed;
}

/** Tells the usual promises apart. Anything else may call back at once or twice, and return anything from `then`. */
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

/** Places a value that a promise was waited for. */
function place({ container, key }: Slot, value: unknown): void {
  container.value[key] = value;
  if (container.execution.isExact) {
    after(2, () => container.close());
  } else {
    container.close();
  }
}

/** Reports an error at a place, which becomes null, or makes its container fail. */
function fail({ container, key, nodes, nonNull, path }: Slot, raw: unknown): void {
  const { errors, isExact } = container.execution;
  const failure = placeError(errors, nodes, nonNull, path, raw);
  if (failure !== null) {
    after(1, () => container.break(failure.error));
    return;
  }
  container.value[key] = null;
  after(isExact ? 1 : 0, () => container.close());
}

const NOW = Promise.resolve();

/** Calls back after that many microtasks. */
export function after(ticks: number, callback: () => void): void {
  if (ticks === 0) {
    callback();
  } else {
    void NOW.then(() => after(ticks - 1, callback));
  }
}
