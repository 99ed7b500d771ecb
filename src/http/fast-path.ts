import type { BaseContext, HTTPGraphQLRequest } from '@apollo/server';
import type { FastifyRequest } from 'fastify';
import {
  type ExecutionResult,
  getOperationAST,
  type GraphQLError,
  type GraphQLSchema,
  OperationTypeNode,
} from 'graphql';
import { isRecord } from '../access/values.ts';
import type { DocumentStore } from '../graphql/document-cache.ts';
import type { Variables } from '../graphql/limits/variables.ts';
import type { Pipeline } from '../graphql/pipeline.ts';
import type { NamedDocument } from '../graphql/request-documents.ts';
import { mediaTypeFor } from './media-types.ts';

/** A successful response. */
export interface FastResponse {
  readonly contentType: string;
  readonly body: string;
}

/** The point up to which a request was answered: Apollo Server goes on there, and nothing is charged or executed again. */
export type Outcome = { readonly violation: GraphQLError } | { readonly execution: Promise<ExecutionResult> };

/** The outcomes of requests that Apollo Server goes on with. */
export type Outcomes = WeakMap<HTTPGraphQLRequest, Outcome>;

/** A request that may be answered here. */
interface PlainRequest {
  readonly query: string;
  readonly operationName: string | undefined;
  readonly variables: Variables;
}

/** The dependencies of {@link createFastPath}. */
export interface FastPathOptions<Context extends BaseContext> {
  readonly schema: GraphQLSchema;
  readonly pipeline: Pipeline<Context>;
  /** The documents that Apollo Server has found to be valid. */
  readonly documents: Pick<DocumentStore, 'find'>;
}

/** Answers a request, or returns the outcome with which Apollo Server has to go on; null if it has to begin. */
export type FastPath<Context extends BaseContext> = (
  request: FastifyRequest,
  context: Context,
) => Promise<FastResponse | Outcome | null>;

/**
 * Creates the fast path of a schema: operations that Apollo Server has answered before run through the same stages of the
 * pipeline directly. It takes POST requests with a text that is valid, whose operation is a query or a mutation, and
 * returns what succeeds; every other answer is Apollo Server's, which goes on from the {@link Outcome}. Use it only
 * where no plugin and no instrumentation could tell the difference.
 */
export function createFastPath<Context extends BaseContext>({
  schema,
  pipeline,
  documents,
}: FastPathOptions<Context>): FastPath<Context> {
  return async (request, context) => {
    const plain = request.method === 'POST' ? plainRequestOf(request.body) : null;
    const document = plain === null ? undefined : documents.find(plain.query);
    if (plain === null || document === undefined) {
      return null;
    }
    const { operationName, variables } = plain;
    const contentType = mediaTypeFor(request.headers.accept);
    const operation = getOperationAST(document, operationName);
    if (contentType === null || !operation || operation.operation === OperationTypeNode.SUBSCRIPTION) {
      return null;
    }
    const violation = pipeline.requestViolation(schema, document, operation, variables, context);
    if (violation !== null) {
      return { violation };
    }
    const args = { schema, document, contextValue: context, operationName: operationName ?? null };
    const execution = pipeline.execute({ ...args, variableValues: variables });
    const result = await execution.catch(() => null);
    if (result === null || result.errors !== undefined) {
      return { execution };
    }
    const { data, extensions } = result;
    return { contentType, body: `${JSON.stringify({ data, extensions })}\n` };
  };
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> => isRecord(value) && !Array.isArray(value);

const isAbsent = (value: unknown): value is null | undefined => value === undefined || value === null;

/** Returns a request that sends the text of its document and nothing that Apollo Server would refuse, or null. */
function plainRequestOf(body: unknown): PlainRequest | null {
  if (!isMap(body)) {
    return null;
  }
  const { query, operationName, variables, extensions, documentId }: NamedDocument & Record<string, unknown> = body;
  const isPlain =
    typeof query === 'string' &&
    query !== '' &&
    documentId === undefined &&
    (isAbsent(operationName) || typeof operationName === 'string') &&
    (isAbsent(variables) || isMap(variables)) &&
    (isAbsent(extensions) || (isMap(extensions) && !('persistedQuery' in extensions)));
  return isPlain ? { query, operationName: operationName ?? undefined, variables: variables ?? {} } : null;
}

/** Returns the function with which a server answers requests. */
const answerOf = (server: object): unknown => Reflect.get(server, 'executeHTTPGraphQLRequest');

/** A function that Apollo Server's own calls, and one that instrumentation has put around it does not. */
const CALLED = 'runPotentiallyBatchedHttpQuery';

/**
 * Reports if a server answers requests with Apollo Server's own function. Instrumentation may have replaced it at any
 * time, before this module was loaded as well: so its text is what counts.
 */
export function isOriginal(server: object): boolean {
  const answer = answerOf(server);
  if (answer === original) {
    return true;
  }
  if (typeof answer !== 'function' || !Function.prototype.toString.call(answer).includes(CALLED)) {
    return false;
  }
  original = answer;
  return true;
}

/** Apollo Server's own function, once it is known. */
let original: unknown = null;
