import {
  assertValidSchema,
  defaultFieldResolver,
  defaultTypeResolver,
  execute as executeByGraphQL,
  type ExecutionArgs,
  type ExecutionResult,
  getVariableValues,
  type OperationDefinitionNode,
  OperationTypeNode,
} from 'graphql';
import { isRecord } from '../../access/values.ts';
import { completeSelection } from './complete.ts';
import { type DocumentPlans, plansOf } from './document-plans.ts';
import { Execution } from './execution.ts';
import type { ObserveField, Selection } from './plan.ts';
import { after, Container } from './pending.ts';

/**
 * The reason why an operation is left to graphql-js: its response comes in several parts; resolvers are given for fields and
 * types that have none; instrumentation has replaced graphql-js's `execute`, and is to see the execution; or nothing can
 * be executed, and graphql-js says why.
 */
export type FallbackReason = 'incremental' | 'resolvers' | 'instrumented' | 'invalid';

/** True if `execute` is not graphql-js's own: OpenTelemetry and others wrap it before the first import. */
const isInstrumented = !Function.prototype.toString.call(executeByGraphQL).includes('buildExecutionContext');

/** graphql-js's limit of errors in variables, unless another is given. */
const MAX_COERCION_ERRORS = 50;

/**
 * Executes an operation as `execute` of graphql-js 16 does, with the same result for the same arguments, errors and their
 * order included, and with the same calls of the same resolvers. What an operation selects is worked out once, and kept
 * with its document; what cannot be planned is left to graphql-js before anything runs.
 *
 * `observe` is called around the resolvers of an operation that is planned.
 *
 * The document and the schema's types must not be changed once they have been executed; resolvers may be replaced.
 */
export function execute(args: ExecutionArgs, observe: ObserveField | null = null): ReturnType<typeof executeByGraphQL> {
  const planned = plannable(args);
  if (typeof planned === 'string') {
    return executeByGraphQL(args);
  }
  const { schema, variableValues, options, hideSuggestions } = args;
  const { plans, operation } = planned;
  const { coerced, errors } = getVariableValues(schema, operation.variableDefinitions ?? [], variableValues ?? {}, {
    maxErrors: options?.maxCoercionErrors ?? MAX_COERCION_ERRORS,
    hideSuggestions: hideSuggestions ?? false,
  });
  if (coerced === undefined) {
    return { errors };
  }
  const plan =
    observe === null ? plans.planFor(schema, operation, coerced) : plans.observedPlan(schema, operation, observe);
  return run(new Execution(plan, args.rootValue, args.contextValue, coerced));
}

/** Tells why `execute` would leave an operation to graphql-js; null if it would not. */
export function fallbackReason(args: ExecutionArgs): FallbackReason | null {
  const planned = plannable(args);
  return typeof planned === 'string' ? planned : null;
}

interface Planned {
  readonly plans: DocumentPlans;
  readonly operation: OperationDefinitionNode;
}

function plannable(args: ExecutionArgs): Planned | FallbackReason {
  const { schema, document, operationName, variableValues, fieldResolver, typeResolver } = args;
  if (isInstrumented) {
    return 'instrumented';
  }
  if ((fieldResolver ?? defaultFieldResolver) !== defaultFieldResolver) {
    return 'resolvers';
  }
  if ((typeResolver ?? defaultTypeResolver) !== defaultTypeResolver) {
    return 'resolvers';
  }
  if (!isRecord(document) || !(variableValues === null || variableValues === undefined || isRecord(variableValues))) {
    return 'invalid';
  }
  assertValidSchema(schema);
  const plans = plansOf(document);
  const operation = plans.operation(operationName);
  if (operation === null || !schema.getRootType(operation.operation)) {
    return 'invalid';
  }
  return plans.isIncremental ? 'incremental' : { plans, operation };
}

function run(execution: Execution): ExecutionResult | Promise<ExecutionResult> {
  const { plan, rootValue, variables, errors } = execution;
  const respond = (data: unknown): ExecutionResult => {
    const result = { data: (data ?? null) as NonNullable<ExecutionResult['data']> | null };
    return errors.errors.length === 0 ? result : { errors: errors.errors, ...result };
  };
  const failed = (error: unknown): ExecutionResult => {
    errors.add(error, undefined);
    return respond(null);
  };
  try {
    const selection = plan.rootSelection(variables);
    if (plan.operation.operation === OperationTypeNode.MUTATION) {
      return new SerialFields(execution, selection, respond, failed).run();
    }
    const data = completeSelection(execution, selection, rootValue, undefined);
    if (!(data instanceof Container)) {
      return respond(data);
    }
    return new Promise((resolve) => {
      data.onSettled(
        () => resolve(respond(data.value)),
        (error) => after(1, () => resolve(failed(error))),
      );
    });
  } catch (error) {
    return failed(error);
  }
}

/** The root fields of a mutation, which are executed one after the other (GraphQL §6.2.2). */
class SerialFields {
  readonly #execution: Execution;
  readonly #selection: Selection;
  readonly #respond: (data: object) => ExecutionResult;
  readonly #failed: (error: unknown) => ExecutionResult;
  readonly #data: object;
  #next = 0;

  constructor(
    execution: Execution,
    selection: Selection,
    respond: (data: object) => ExecutionResult,
    failed: (error: unknown) => ExecutionResult,
  ) {
    this.#execution = execution;
    this.#selection = selection;
    this.#respond = respond;
    this.#failed = failed;
    this.#data = selection.isBare ? (Object.create(null) as object) : {};
  }

  /** @throws GraphQLError if a field fails at once that is not nullable */
  run(): ExecutionResult | Promise<ExecutionResult> {
    while (this.#left > 0) {
      const container = this.#completeNext();
      if (container !== null) {
        return new Promise((resolve) => this.#wait(container, 0, resolve));
      }
    }
    return this.#respond(this.#data);
  }

  /** The number of fields that have not been executed. */
  get #left(): number {
    return this.#selection.fields.length - this.#next;
  }

  /** Executes the next field. Returns its container if its value is pending. */
  #completeNext(): Container | null {
    const { fields, isBare } = this.#selection;
    const field = fields.slice(this.#next, (this.#next += 1));
    const { rootValue } = this.#execution;
    const completed = completeSelection(this.#execution, { fields: field, isBare }, rootValue, undefined);
    if (completed instanceof Container) {
      return completed;
    }
    Object.assign(this.#data, completed);
    return null;
  }

  /**
   * Waits for a field, then executes the rest. An error passes the fields that are left, each of which takes a microtask
   * in graphql-js.
   *
   * @param ticks the microtasks until graphql-js notices that the field is complete
   */
  #wait(container: Container, ticks: number, resolve: (result: ExecutionResult) => void): void {
    container.onSettled(
      () => {
        Object.assign(this.#data, container.value);
        after(ticks, () => this.#executeRest(resolve));
      },
      (error) => after(ticks + this.#left, () => resolve(this.#failed(error))),
    );
  }

  #executeRest(resolve: (result: ExecutionResult) => void): void {
    if (this.#left === 0) {
      resolve(this.#respond(this.#data));
      return;
    }
    try {
      const container = this.#completeNext();
      if (container === null) {
        after(1, () => this.#executeRest(resolve));
      } else {
        this.#wait(container, 1, resolve);
      }
    } catch (error) {
      after(this.#left + 1, () => resolve(this.#failed(error)));
    }
  }
}
