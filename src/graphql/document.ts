import {
  type DocumentNode,
  getOperationAST,
  GraphQLError,
  type GraphQLSchema,
  OperationTypeNode,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import { KnownOperationTypes } from './known-operation-types.ts';
import type { Limits } from './limits.ts';
import { costOf, excessOfCost } from './limits/cost.ts';
import { excessOfText } from './limits/lexical.ts';
import { excessOfSelections, mergedFields } from './limits/selections.ts';
import { faultOfVariables } from './limits/variables.ts';

/** What a client asks to be subscribed to. */
export interface SubscriptionRequest {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
}

export interface DocumentOptions {
  readonly limits: Limits;
  /** Whether messages may suggest names. */
  readonly suggestions: boolean;
}

/** Validation stops after so many errors: nobody reads more. */
const MOST_ERRORS = 20;

/** The document, or what is wrong with it: what the route over HTTP refuses is refused here, in the same words. */
export function parseDocument(
  { query }: SubscriptionRequest,
  { limits }: DocumentOptions,
): DocumentNode | GraphQLError {
  try {
    return parse(query, { maxTokens: limits.tokens });
  } catch (error) {
    return coded('GRAPHQL_PARSE_FAILED', error);
  }
}

/** What the schema has against the document. */
export function validateDocument(
  schema: GraphQLSchema,
  document: DocumentNode,
  { limits, suggestions }: DocumentOptions,
): readonly GraphQLError[] {
  const excess = excessOfText(document, limits) ?? excessOfSelections(schema, document, limits);
  if (excess !== null) {
    return [excess];
  }
  const rules = [...specifiedRules, KnownOperationTypes];
  const options = { maxErrors: MOST_ERRORS, hideSuggestions: !suggestions };
  return validate(schema, document, rules, options).map((error) => coded('GRAPHQL_VALIDATION_FAILED', error));
}

/** Why the operation of a valid document is not run; null if nothing speaks against it. */
export function faultOfOperation(
  schema: GraphQLSchema,
  document: DocumentNode,
  { operationName, variables }: SubscriptionRequest,
  { limits }: DocumentOptions,
): GraphQLError | null {
  const operation = getOperationAST(document, operationName);
  if (!operation) {
    const message = operationName ? 'There is no operation of that name.' : 'Say which of the operations is meant.';
    return coded('OPERATION_RESOLUTION_FAILURE', new GraphQLError(message));
  }
  if (operation.operation !== OperationTypeNode.SUBSCRIPTION) {
    const message = 'Send queries and mutations over HTTP: this connection is for subscriptions.';
    return coded('BAD_REQUEST', new GraphQLError(message, { nodes: operation }));
  }
  const fields = mergedFields(schema, document, operation, limits);
  const cost = costOf(fields, operation, variables ?? {}, limits);
  return faultOfVariables(variables ?? {}, limits) ?? excessOfCost(cost, operation, limits);
}

/** The error under a code, as Apollo Server puts it under the same. */
function coded(code: string, error: unknown): GraphQLError {
  if (!(error instanceof GraphQLError)) {
    return new GraphQLError(error instanceof Error ? error.message : '', { extensions: { code } });
  }
  const { message, nodes, source, positions, originalError, extensions } = error;
  return new GraphQLError(message, {
    nodes: nodes ?? null,
    source: source ?? null,
    positions: positions ?? null,
    originalError: originalError ?? null,
    extensions: { ...extensions, code },
  });
}
