import type { BaseContext } from '@apollo/server';
import {
  createSourceEventStream,
  type DocumentNode,
  execute,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLError,
  type GraphQLSchema,
} from 'graphql';
import { EventQueue, EventsLost } from '../database/events/event-queue.ts';
import { CLOSE } from './close-codes.ts';
import type { LiveConnection, Revisable } from './connection.ts';
import { faultOfOperation, type SubscriptionRequest, validateDocument } from '../graphql/document.ts';
import type { Identity, LiveParts } from './options.ts';

/** Coercion of variables stops after so many errors. */
const MOST_COERCION_ERRORS = 20;

type Result = IteratorResult<ExecutionResult, undefined>;

const DONE: Result = { done: true, value: undefined };

/**
 * One subscription: a stream of answers, each executed for who the viewer is at the time, in a context of its own.
 *
 * An event that resolves to null without an error is not for this viewer, and not told. The stream ends, with the
 * refusal as its last answer, when the viewer may not have it any more.
 */
export class LiveOperation<Context extends BaseContext>
  implements AsyncIterableIterator<ExecutionResult, undefined>, Revisable<Context>
{
  readonly #connection: LiveConnection<Context>;
  readonly #parts: LiveParts<Context>;
  readonly #document: DocumentNode;
  readonly #request: SubscriptionRequest;
  #schema: GraphQLSchema | null = null;
  #source: AsyncIterator<unknown> | null = null;
  /** Ends the wait for the next event. */
  #wake: () => void = () => undefined;
  #last: ExecutionResult | null = null;
  #isOver = false;

  constructor(
    connection: LiveConnection<Context>,
    parts: LiveParts<Context>,
    document: DocumentNode,
    request: SubscriptionRequest,
  ) {
    this.#connection = connection;
    this.#parts = parts;
    this.#document = document;
    this.#request = request;
  }

  /** Whether anything is wrong with the request itself; opens nothing. The schema that the viewer sees, if nothing is. */
  async examine(): Promise<{ readonly schema: GraphQLSchema | null; readonly faults: readonly GraphQLError[] }> {
    const outcome = await this.#asViewer(await this.#connection.identity(), async () => ({ errors: [] }));
    return { schema: this.#schema, faults: outcome?.errors ?? [] };
  }

  /** Opens the source of events. The refusal, if that is refused. */
  async open(): Promise<ExecutionResult | null> {
    const opened = await this.#tryToOpen(await this.#connection.identity());
    if (opened === null || !isIterable(opened)) {
      return opened ?? { data: null };
    }
    this.#source = opened[Symbol.asyncIterator]();
    this.#connection.operations.add(this);
    if (opened instanceof EventQueue) {
      opened.whenLost((lost) => this.#lose(lost));
    }
    return null;
  }

  async revise(identity: Identity<Context> | null): Promise<void> {
    const opened = await this.#tryToOpen(identity);
    if (opened !== null && isIterable(opened)) {
      void opened[Symbol.asyncIterator]().return?.();
    } else {
      this.end(opened);
    }
  }

  /** @param last told before the end */
  end(last: ExecutionResult | null = null): void {
    if (this.#isOver) {
      return;
    }
    this.#isOver = true;
    this.#last = last;
    this.#connection.operations.delete(this);
    this.#wake();
    void this.#source?.return?.();
  }

  async next(): Promise<Result> {
    while (!this.#isOver) {
      const event = await this.#nextEvent();
      const answer = event === null ? null : await this.#parts.limitWork(() => this.#answer(event));
      if (answer !== null && isRefused(answer)) {
        await this.revise(await this.#connection.identity());
      }
      if (answer !== null && !this.#isOver) {
        return { done: false, value: answer };
      }
    }
    const last = this.#last;
    this.#last = null;
    return last === null ? DONE : { done: false, value: last };
  }

  async return(): Promise<Result> {
    this.end();
    this.#last = null;
    return DONE;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** null: there is none any more. A source that does not notice its end is not waited for. */
  async #nextEvent(): Promise<{ readonly value: unknown } | null> {
    const source = this.#source;
    try {
      const next = await new Promise<IteratorResult<unknown>>((resolve, reject) => {
        this.#wake = () => resolve(DONE);
        source?.next().then(resolve, reject);
      });
      if (next.done !== true) {
        return next;
      }
    } catch (error) {
      this.#lose(error);
    }
    this.end();
    return null;
  }

  /** @throws what is no loss of events */
  #lose(error: unknown): void {
    if (!(error instanceof EventsLost)) {
      this.end();
      throw error;
    }
    this.#connection.end(CLOSE.tryAgainLater, error.message);
  }

  #tryToOpen(identity: Identity<Context> | null): Promise<AsyncIterable<unknown> | ExecutionResult | null> {
    return this.#asViewer(identity, (execution) => createSourceEventStream(execution));
  }

  async #answer({ value }: { readonly value: unknown }): Promise<ExecutionResult | null> {
    const identity = await this.#connection.identity();
    const answer = await this.#asViewer(identity, async (execution) => execute({ ...execution, rootValue: value }));
    return answer === null || isNothing(answer) ? null : answer;
  }

  /** Does the work for who the viewer is now; null when that is nobody who may be served, or it is over. */
  async #asViewer<T>(
    identity: Identity<Context> | null,
    work: (execution: ExecutionArgs) => Promise<T>,
  ): Promise<T | ExecutionResult | null> {
    if (identity === null || this.#isOver) {
      return null;
    }
    const { context, close } = identity.open();
    try {
      const schema = typeof this.#parts.schema === 'function' ? this.#parts.schema(context) : this.#parts.schema;
      const errors = this.#faultsFor(schema, context);
      return errors.length > 0 ? { errors } : await work(this.#execution(schema, context));
    } finally {
      close();
    }
  }

  #execution(schema: GraphQLSchema, contextValue: Context): ExecutionArgs {
    return {
      schema,
      document: this.#document,
      contextValue,
      operationName: this.#request.operationName ?? null,
      variableValues: this.#request.variables ?? {},
      options: { maxCoercionErrors: MOST_COERCION_ERRORS },
    };
  }

  /** Whatever a viewer sees of the schema, the document is valid there. */
  #faultsFor(schema: GraphQLSchema, context: Context): readonly GraphQLError[] {
    if (schema === this.#schema) {
      return [];
    }
    const errors = validateDocument(schema, this.#document, this.#parts);
    if (errors.length > 0) {
      this.#parts.onInvalid?.({ document: this.#document, schema, context });
      return errors;
    }
    const fault = faultOfOperation(schema, this.#document, this.#request, this.#parts);
    this.#schema = fault === null ? schema : null;
    return fault === null ? [] : [fault];
  }
}

function isIterable(opened: AsyncIterable<unknown> | ExecutionResult): opened is AsyncIterable<unknown> {
  return Symbol.asyncIterator in opened;
}

/** Whether there is nothing to tell. */
function isNothing({ data, errors = [] }: ExecutionResult): boolean {
  return errors.length === 0 && Object.values(data ?? {}).every((value) => value === null);
}

const REFUSALS: ReadonlySet<unknown> = new Set(['FORBIDDEN', 'UNAUTHENTICATED']);

/** Whether the field of the subscription itself was refused. */
function isRefused({ errors = [] }: ExecutionResult): boolean {
  return errors.some(({ path = [], extensions }) => path.length === 1 && REFUSALS.has(extensions['code']));
}
