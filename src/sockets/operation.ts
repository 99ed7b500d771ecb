import type { BaseContext } from '@apollo/server';
import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  GraphQLError,
  type GraphQLSchema,
  type OperationDefinitionNode,
  OperationTypeNode,
} from 'graphql';
import { EventQueue, EventsLost } from '../database/events/event-queue.ts';
import { inRootSpan, SpanKind } from '../lib/tracing.ts';
import { CLOSE } from './socket.ts';
import type { LiveConnection, Revisable } from './connection.ts';
import type { GraphQLRequest } from '../graphql/pipeline.ts';
import type { Identity, LiveParts } from './options.ts';

type Result = IteratorResult<ExecutionResult, undefined>;

const DONE: Result = { done: true, value: undefined };

/**
 * One subscription: a stream of results. Each event is executed for the viewer as authenticated at that time, in a context
 * of its own.
 *
 * An event that resolves to null without an error is not for this viewer, and is not sent. The stream ends, with the
 * denial as its last result, once the viewer is denied the subscription.
 */
export class LiveOperation<Context extends BaseContext>
  implements AsyncIterableIterator<ExecutionResult, undefined>, Revisable<Context>
{
  readonly #connection: LiveConnection<Context>;
  readonly #parts: LiveParts<Context>;
  readonly #document: DocumentNode;
  readonly #request: GraphQLRequest;
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
    request: GraphQLRequest,
  ) {
    this.#connection = connection;
    this.#parts = parts;
    this.#document = document;
    this.#request = request;
  }

  /** Checks the request itself, and opens nothing. Returns the schema that the viewer sees, or the errors. */
  async examine(): Promise<{ readonly schema: GraphQLSchema | null; readonly errors: readonly GraphQLError[] }> {
    const outcome = await this.#asViewer(await this.#connection.identity(), async () => ({ errors: [] }));
    return { schema: this.#schema, errors: outcome?.errors ?? [] };
  }

  /** Opens the source of events. Returns the result with the errors if that is refused. */
  async open(): Promise<ExecutionResult | null> {
    const opened = await this.#tryToOpen(await this.#connection.identity());
    if (opened === null || !isIterable(opened)) {
      return opened ?? { data: null };
    }
    if (this.#connection.isOver) {
      // It was closed while the source was opened.
      void opened[Symbol.asyncIterator]().return?.();
      return { data: null };
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

  /** @param last sent before the end */
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

  /** Returns the next event; null at the end. A source that does not notice its end is not waited for. */
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

  /** @throws any error other than a loss of events */
  #lose(error: unknown): void {
    if (!(error instanceof EventsLost)) {
      this.end();
      throw error;
    }
    this.#connection.end(CLOSE.tryAgainLater, error.message);
  }

  #tryToOpen(identity: Identity<Context> | null): Promise<AsyncIterable<unknown> | ExecutionResult | null> {
    return this.#asViewer(identity, (execution) => this.#parts.pipeline.subscribe(execution));
  }

  async #answer({ value }: { readonly value: unknown }): Promise<ExecutionResult | null> {
    const identity = await this.#connection.identity();
    const answer = await inRootSpan(
      () => ({ name: 'subscription event', kind: SpanKind.CONSUMER }),
      () => this.#asViewer(identity, (execution) => this.#parts.pipeline.execute({ ...execution, rootValue: value })),
    );
    return answer === null || isNothing(answer) ? null : answer;
  }

  /** Runs the work for the viewer as authenticated now. Returns null if authentication fails, or the operation has ended. */
  async #asViewer<T>(
    identity: Identity<Context> | null,
    work: (execution: ExecutionArgs) => Promise<T>,
  ): Promise<T | ExecutionResult | null> {
    if (identity === null || this.#isOver) {
      return null;
    }
    const { context, close } = identity.open();
    try {
      const schema = this.#parts.pipeline.schemaFor(context);
      const errors = this.#check(schema, context);
      return errors.length > 0 ? { errors } : await this.#inScope(() => work(this.#execution(schema, context)));
    } finally {
      close();
    }
  }

  /** Runs the work under the id of the connection, which log lines carry. */
  #inScope<T>(work: () => T): T {
    return this.#parts.requestScope.run(this.#connection.id, work);
  }

  #execution(schema: GraphQLSchema, contextValue: Context): ExecutionArgs {
    return {
      schema,
      document: this.#document,
      contextValue,
      operationName: this.#request.operationName ?? null,
      variableValues: this.#request.variables ?? {},
    };
  }

  /** Checks the request again whenever the viewer sees another schema, and returns the errors. */
  #check(schema: GraphQLSchema, context: Context): readonly GraphQLError[] {
    if (schema === this.#schema) {
      return [];
    }
    const errors = this.#inScope(() =>
      this.#parts.pipeline.check(schema, this.#document, this.#request, context, refuseOthers),
    );
    this.#schema = errors.length === 0 ? schema : null;
    return errors;
  }
}

/** Refuses queries and mutations, which are served over HTTP. */
function refuseOthers(operation: OperationDefinitionNode): GraphQLError | null {
  if (operation.operation === OperationTypeNode.SUBSCRIPTION) {
    return null;
  }
  const message = 'Send queries and mutations over HTTP: this connection is for subscriptions.';
  return new GraphQLError(message, { nodes: operation, extensions: { code: 'BAD_REQUEST' } });
}

function isIterable(opened: AsyncIterable<unknown> | ExecutionResult): opened is AsyncIterable<unknown> {
  return Symbol.asyncIterator in opened;
}

/** Reports if an answer holds nothing for the client. */
function isNothing({ data, errors = [] }: ExecutionResult): boolean {
  return errors.length === 0 && Object.values(data ?? {}).every((value) => value === null);
}

const REFUSALS: ReadonlySet<unknown> = new Set(['FORBIDDEN', 'UNAUTHENTICATED']);

/** Reports if the field of the subscription itself was denied. */
function isRefused({ errors = [] }: ExecutionResult): boolean {
  return errors.some(({ path = [], extensions }) => path.length === 1 && REFUSALS.has(extensions['code']));
}
