import type { GraphQLResolveInfo } from 'graphql';
import type { Path } from './collected-errors.ts';
import type { Execution } from './execution.ts';
import { isPromise } from './fields.ts';
import type { FieldPlan, ValuePlan } from './plan.ts';
import { after, Container, fail, isPending, Pending, place, type Slot, Thenable } from './pending.ts';

export type Info = GraphQLResolveInfo | null;

/** Completes a value: `completeValue`, which calls back here. */
type Complete = (
  execution: Execution,
  plan: ValuePlan,
  value: unknown,
  field: FieldPlan,
  info: Info,
  path: Path | undefined,
) => unknown;

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

/** Returns a pending value for a promise; or what `then` returns, if that is no promise. */
export function awaited(
  complete: Complete,
  execution: Execution,
  plan: ValuePlan,
  promise: PromiseLike<unknown>,
  field: FieldPlan,
  info: Info,
  path: Path | undefined,
): unknown {
  return isPlainPromise(promise)
    ? new Awaited(complete, execution, plan, promise, field, info, path)
    : chained(promise, (value) => complete(execution, plan, value, field, info, path));
}

/** A promise of a value, which is completed once it is there. */
class Awaited extends Pending {
  private readonly complete: Complete;
  private readonly execution: Execution;
  private readonly plan: ValuePlan;
  private readonly promise: Promise<unknown>;
  private readonly field: FieldPlan;
  private readonly info: Info;
  private readonly path: Path | undefined;

  constructor(
    complete: Complete,
    execution: Execution,
    plan: ValuePlan,
    promise: Promise<unknown>,
    field: FieldPlan,
    info: Info,
    path: Path | undefined,
  ) {
    super();
    this.complete = complete;
    this.execution = execution;
    this.plan = plan;
    this.promise = promise;
    this.field = field;
    this.info = info;
    this.path = path;
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
      completed = this.complete(this.execution, this.plan, value, this.field, this.info, this.path);
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
