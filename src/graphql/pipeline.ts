import {
  createSourceEventStream,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  type FormattedExecutionResult,
  getOperationAST,
  GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
  type OperationDefinitionNode,
  parse,
  type ParseOptions,
  specifiedRules,
  validate,
  type ValidationRule,
} from 'graphql';
import type { RateLimited } from '../lib/errors.ts';
import { inSpan, inSpanSync, recordedSpan } from '../lib/tracing.ts';
import { DocumentCache } from './document-cache.ts';
import { execute, type FallbackReason, fallbackReason } from './execute/execute.ts';
import type { ObserveField } from './execute/plan.ts';
import { createFieldTrace, stepOf } from './field-trace.ts';
import { createFormatError, type ErrorLog, type FormatError } from './format-error.ts';
import { DEFAULT_LIMITS, type Limits, MOST_ERRORS } from './limits.ts';
import { KnownOperationTypes, unknownOperation, withCode } from './invalid-input.ts';
import { describeInvalid, NotePlaces } from './invalid-literals.ts';
import { invalidVariables } from './invalid-variables.ts';
import { type CostEstimate, costViolation, createCostEstimate } from './limits/cost.ts';
import { selectionsViolation } from './limits/selections.ts';
import { textViolation } from './limits/text.ts';
import { type Variables, variablesViolation } from './limits/variables.ts';

/** A request for one operation, as clients send it. */
export interface GraphQLRequest {
  readonly query: string | DocumentNode;
  readonly operationName?: string | null | undefined;
  readonly variables?: Variables | null | undefined;
}

/** The executor of an operation: its plan, or graphql-js for the reason that is named. */
export type ExecutedBy = 'plan' | FallbackReason;

/** A document that is not valid, and the schema that it was validated against. */
export interface InvalidDocument<Context> {
  readonly document: DocumentNode;
  readonly schema: GraphQLSchema;
  readonly context: Context;
}

export interface PipelineOptions<Context> {
  /** The schema, or the one that a viewer sees: the same object for the same viewer's next request. */
  readonly schema: GraphQLSchema | ((context: Context) => GraphQLSchema);
  readonly limits?: Partial<Limits>;
  readonly log: ErrorLog;
  /** Returns the id of the request being answered. */
  readonly requestId: () => string | null;
  /** Called with the code of each error that a client gets. */
  readonly onError?: ((code: string) => void) | undefined;
  /** Charges an operation to its viewer before it runs. Returns an error if their budget is used up. */
  readonly charge?: ((context: Context, cost: number) => RateLimited | null) | undefined;
  /** The share of recorded operations in which each call of a resolver has a span, from 0 to 1; 0 without it. */
  readonly traceResolvers?: number | undefined;
  /** Called with each document that fails in validation. */
  readonly onInvalid?: ((invalid: InvalidDocument<Context>) => void) | undefined;
}

/**
 * The stages in which every operation is answered: parse, limits, validate, limits of the request, execute, format.
 * Apollo Server calls them from its hooks, and sockets call them for each event of a subscription; {@link run} calls them one
 * after the other. It knows neither HTTP nor sockets.
 */
export class Pipeline<Context> {
  readonly limits: Limits;
  readonly parseOptions: ParseOptions;
  readonly validationOptions: { readonly maxErrors: number; readonly hideSuggestions: boolean };
  /** Rules beside those of the specification. */
  readonly validationRules: readonly ValidationRule[] = [KnownOperationTypes, NotePlaces];
  readonly documents = new DocumentCache();
  /** The schema, if all viewers see the same. */
  readonly schema: GraphQLSchema | null;
  readonly formatError: FormatError;
  /** The number of executions, by executor. */
  readonly executions = new Map<ExecutedBy, number>();
  readonly #options: PipelineOptions<Context>;
  readonly #valid = new WeakMap<DocumentNode, WeakSet<GraphQLSchema>>();
  readonly #costs = new WeakMap<OperationDefinitionNode, CostEstimate>();

  constructor(options: PipelineOptions<Context>) {
    this.#options = options;
    this.limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.parseOptions = { maxTokens: this.limits.tokens };
    // A suggestion ("Did you mean") could name a field that is hidden from the viewer.
    this.validationOptions = { maxErrors: MOST_ERRORS, hideSuggestions: typeof options.schema === 'function' };
    this.schema = typeof options.schema === 'function' ? null : options.schema;
    this.formatError = createFormatError(options);
  }

  /** Returns the schema that this viewer sees. */
  schemaFor(context: Context): GraphQLSchema {
    const { schema } = this.#options;
    return typeof schema === 'function' ? schema(context) : schema;
  }

  /** Returns the document with this text, or the error of one that cannot be parsed. */
  parse(query: string): DocumentNode | GraphQLError {
    try {
      return this.documents.get(query) ?? inSpanSync('graphql.parse', () => parse(query, this.parseOptions));
    } catch (error) {
      return withCode('GRAPHQL_PARSE_FAILED', error);
    }
  }

  /** Returns the first limit that a document violates, or null. Validation comes after: some of its rules are slow. */
  limitViolation(schema: GraphQLSchema, document: DocumentNode): GraphQLError | null {
    return textViolation(document, this.limits) ?? selectionsViolation(schema, document, this.limits);
  }

  /** Returns the errors of a document: the limit that it violates, or those of validation. */
  validate(schema: GraphQLSchema, document: DocumentNode): readonly GraphQLError[] {
    if (this.#valid.get(document)?.has(schema) === true) {
      return [];
    }
    const violation = this.limitViolation(schema, document);
    if (violation !== null) {
      return [violation];
    }
    const errors = inSpanSync('graphql.validate', () =>
      validate(schema, document, [...specifiedRules, ...this.validationRules], this.validationOptions),
    );
    if (errors.length === 0) {
      this.#valid.set(document, (this.#valid.get(document) ?? new WeakSet()).add(schema));
      this.#keep(document);
    }
    describeInvalid(errors);
    return errors.map((error) => withCode('GRAPHQL_VALIDATION_FAILED', error));
  }

  /** Keeps a valid document that was parsed from a text. */
  #keep(document: DocumentNode): void {
    const text = document.loc?.source.body;
    if (text !== undefined && this.documents.get(text) === undefined) {
      this.documents.set(text, document);
    }
  }

  /** Reports a document that failed in validation. */
  reportInvalid(invalid: InvalidDocument<Context>): void {
    this.#options.onInvalid?.(invalid);
  }

  /** Returns the error of an operation that exceeds a limit with these variables, or null. */
  requestViolation(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Variables,
    context: Context,
  ): GraphQLError | null {
    const estimate = this.#costOf(schema, document, operation);
    const violation =
      variablesViolation(variables, this.limits) ?? costViolation(estimate, variables, operation, this.limits);
    if (violation !== null) {
      return violation;
    }
    const refusal = this.#options.charge?.(context, estimate.of(variables) + estimate.introspection) ?? null;
    return refusal === null ? null : new GraphQLError(refusal.message, { originalError: refusal });
  }

  #costOf(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode): CostEstimate {
    const known = this.#costs.get(operation);
    if (known?.schema === schema) {
      return known;
    }
    const estimate = createCostEstimate(schema, document, operation, this.limits);
    this.#costs.set(operation, estimate);
    return estimate;
  }

  /**
   * Checks whatever can be checked before an operation runs, and returns the errors.
   *
   * @param refuse returns an error for a kind of operation that is not served here
   */
  check(
    schema: GraphQLSchema,
    document: DocumentNode,
    { operationName, variables }: Omit<GraphQLRequest, 'query'>,
    context: Context,
    refuse: (operation: OperationDefinitionNode) => GraphQLError | null = () => null,
  ): readonly GraphQLError[] {
    const errors = this.validate(schema, document);
    if (errors.length > 0) {
      this.reportInvalid({ document, schema, context });
      return errors;
    }
    const operation = getOperationAST(document, operationName);
    const error = operation
      ? (refuse(operation) ?? this.requestViolation(schema, document, operation, variables ?? {}, context))
      : unknownOperation(operationName);
    return error === null ? [] : [error];
  }

  /** Executes a valid operation. */
  async execute(args: ExecutionArgs): Promise<ExecutionResult> {
    const by = fallbackReason(args) ?? 'plan';
    this.executions.set(by, (this.executions.get(by) ?? 0) + 1);
    const observe = this.#observe();
    return inSpan(
      () => stepOf(args),
      async () => this.#explain(args, await execute(withLimits(args), observe)),
    );
  }

  /** Returns the observer of resolvers, for the share of recorded operations that have one. */
  #observe(): ObserveField | null {
    const { traceResolvers = 0 } = this.#options;
    return traceResolvers > 0 && recordedSpan() !== null && Math.random() < traceResolvers ? createFieldTrace() : null;
  }

  /** Opens the event source of a valid subscription; {@link execute} answers each of its events. */
  async subscribe(args: ExecutionArgs): Promise<AsyncIterable<unknown> | ExecutionResult> {
    const opened = await createSourceEventStream(withLimits(args));
    return Symbol.asyncIterator in opened ? opened : this.#explain(args, opened);
  }

  /** Returns the result with the errors of this server, if it comes from before the execution. */
  #explain(
    { schema, document, operationName, variableValues }: ExecutionArgs,
    result: ExecutionResult,
  ): ExecutionResult {
    const operation = result.data === undefined ? getOperationAST(document, operationName) : undefined;
    if (operation === undefined) {
      return result;
    }
    const errors =
      operation === null
        ? [unknownOperation(operationName)]
        : invalidVariables(schema, operation, variableValues ?? {});
    return errors.length > 0 ? { errors } : result;
  }

  /** Returns the result in its public form. */
  format({
    data,
    errors,
  }: {
    readonly data?: ExecutionResult['data'];
    readonly errors?: readonly GraphQLError[] | undefined;
  }): FormattedExecutionResult {
    return {
      ...(data === undefined ? {} : { data }),
      ...(errors === undefined ? {} : { errors: this.formatErrors(errors) }),
    };
  }

  formatErrors(errors: readonly GraphQLError[]): GraphQLFormattedError[] {
    return errors.map((error) => this.formatError(error.toJSON(), error));
  }

  /** Answers a request in full. */
  async run(request: GraphQLRequest, context: Context): Promise<FormattedExecutionResult> {
    const { query, operationName = null, variables } = request;
    const schema = this.schemaFor(context);
    const document = typeof query === 'string' ? this.parse(query) : query;
    if (document instanceof GraphQLError) {
      return this.format({ errors: [document] });
    }
    const errors = this.check(schema, document, request, context);
    const args = { schema, document, operationName, variableValues: { ...variables }, contextValue: context };
    return this.format(errors.length > 0 ? { errors } : await this.execute(args));
  }
}

function withLimits(args: ExecutionArgs): ExecutionArgs {
  return { ...args, options: { maxCoercionErrors: MOST_ERRORS } };
}
