import { CollectedErrors } from './collected-errors.ts';
import type { Fragments, Plan, Variables } from './plan.ts';

/** One execution of a plan. */
export class Execution {
  readonly plan: Plan;
  readonly rootValue: unknown;
  readonly context: unknown;
  /** Coerced, and made for this execution: by this object, guards tell executions apart. */
  readonly variables: Record<string, unknown>;
  readonly errors = new CollectedErrors();
  /** By {@link FieldPlan.argumentsAt}: arguments that every call of the field shares. */
  readonly args: (Variables | undefined)[] = [];
  /** By {@link FieldPlan.precheckAt}: true if the field's guard allows it whatever the object. */
  readonly allowed: (boolean | undefined)[] = [];
  /** True once the time at which values are complete decides the order of errors. */
  isExact = false;
  #fragments: Fragments | null = null;

  constructor(plan: Plan, rootValue: unknown, context: unknown, variables: Record<string, unknown>) {
    this.plan = plan;
    this.rootValue = rootValue;
    this.context = context;
    this.variables = variables;
  }

  /** The fragments of the document, in an object of this execution: a resolver may change what it is given. */
  get fragments(): Fragments {
    this.#fragments ??= Object.assign(Object.create(null) as Record<string, never>, this.plan.fragments);
    return this.#fragments;
  }
}
