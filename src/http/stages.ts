import {
  type BaseContext,
  type GraphQLRequest,
  type GraphQLRequestListener,
  type GraphQLResponse,
  HeaderMap,
  type HTTPGraphQLHead,
} from '@apollo/server';
import {
  type FormattedExecutionResult,
  GraphQLError,
  type GraphQLFormattedError,
  Kind,
  OperationTypeNode,
  type ValidationRule,
} from 'graphql';
import { describeInvalid } from '../graphql/invalid-literals.ts';
import type { Pipeline } from '../graphql/pipeline.ts';
import { RateLimited } from '../lib/errors.ts';
import type { Outcomes } from './fast-path.ts';
import { mediaTypeFor } from './media-types.ts';

/**
 * Creates the hooks in which Apollo Server runs the stages of the pipeline before and after the execution.
 *
 * Some validation rules compare every field with every other, which hostile documents exploit. So our rule checks the
 * limits of a document before the traversal begins; if one is violated, it reports that and empties the document for the
 * other rules. Apollo Server caches valid documents, so that only cost and variables are checked on every request.
 */
export function createStages<Context extends BaseContext>(pipeline: Pipeline<Context>, outcomes: Outcomes) {
  const listener: GraphQLRequestListener<Context> = {
    validationDidStart: async ({ schema, document, contextValue: context }) => {
      return async (errors) => {
        if (errors !== undefined && errors.length > 0) {
          describeInvalid(errors);
          pipeline.reportInvalid({ document, schema, context });
        }
      };
    },
    didResolveOperation: async ({ schema, document, operation, request, response, contextValue }) => {
      if (operation?.operation === OperationTypeNode.MUTATION && !isAcceptable(request, response)) {
        const message = 'The mutation was not run: the client accepts no media type in which it is answered.';
        throw refusal(new GraphQLError(message, { extensions: { code: 'BAD_REQUEST' } }), 406);
      }
      if (operation?.operation === OperationTypeNode.SUBSCRIPTION) {
        const message = 'Subscriptions are served over WebSocket, with the protocol graphql-transport-ws.';
        throw refusal(new GraphQLError(message, { extensions: { code: 'BAD_REQUEST' } }));
      }
      const outcome = request.http && outcomes.get(request.http);
      if (outcome !== undefined && 'execution' in outcome) {
        return;
      }
      const error =
        outcome?.violation ??
        (operation && pipeline.requestViolation(schema, document, operation, request.variables ?? {}, contextValue));
      if (error) {
        throw refusal(error);
      }
    },
    willSendResponse: async ({ response }) => {
      if (response.body.kind === 'single') {
        applyStatus(response.http, response.body.singleResult);
      }
    },
  };
  const validationRule: ValidationRule = (context) => ({
    Document: (document) => {
      const violation = pipeline.limitViolation(context.getSchema(), document);
      if (violation === null) {
        return undefined;
      }
      context.reportError(violation);
      return { kind: Kind.DOCUMENT, definitions: [] };
    },
  });
  return { plugin: { requestDidStart: async () => listener }, validationRule };
}

/** Returns an error with the status that Apollo Server is to answer it with. */
function refusal(error: GraphQLError, status = error.originalError instanceof RateLimited ? 429 : 400): GraphQLError {
  // `http` has no common type: each GraphQL server declares it in its own way.
  const extensions: Record<string, unknown> = { http: { status, headers: new HeaderMap() } };
  return new GraphQLError(error.message, {
    ...(error.nodes && { nodes: error.nodes }),
    extensions: { ...error.extensions, ...extensions },
  });
}

/** Reports if the client accepts a response. Apollo Server finds out once an operation has been executed. */
function isAcceptable({ http }: GraphQLRequest, response: Pick<GraphQLResponse, 'http'>): boolean {
  return response.http.headers.has('content-type') || mediaTypeFor(http?.headers.get('accept')) !== null;
}

/** The status of a response to errors that set none. */
const APOLLO_STATUS = 500;

/**
 * Sets the HTTP status and `Retry-After` of a response by the outcome of its operation. A status that a plugin or an error
 * has set stays.
 */
function applyStatus(http: HTTPGraphQLHead, result: FormattedExecutionResult): void {
  const status = result.errors === undefined ? null : statusOf(result.errors, result.data);
  if (status === null) {
    return;
  }
  if (http.status === undefined || http.status === APOLLO_STATUS) {
    http.status = status;
  }
  const retryAfter = status === 500 ? null : retryAfterOf(result.errors ?? []);
  if (retryAfter !== null) {
    http.headers.set('retry-after', String(retryAfter));
  }
}

/**
 * Returns the status for the outcome of an operation, or null where Apollo's own (200, or 400 before execution) stands.
 * A denial is a normal answer; throttling always shows; a failure shows when it left nothing else to show.
 */
function statusOf(
  errors: readonly GraphQLFormattedError[],
  data: FormattedExecutionResult['data'],
): 429 | 500 | 503 | null {
  const codes: ReadonlySet<unknown> = new Set(errors.map(({ extensions }) => extensions?.['code']));
  const failed = new Set(errors.map(({ path }) => path?.[0]));
  if (codes.has('RATE_LIMITED')) {
    return 429;
  }
  // A root field that answers null, without an error, resolved.
  if (!Object.entries(data ?? {}).every(([key, value]) => value === null && failed.has(key))) {
    return null;
  }
  if (codes.has('SERVICE_UNAVAILABLE')) {
    return 503;
  }
  return codes.has('INTERNAL_SERVER_ERROR') ? 500 : null;
}

/** Returns the longest wait that the errors ask for, in seconds; null if none does. */
function retryAfterOf(errors: readonly GraphQLFormattedError[]): number | null {
  const waits = errors.map(({ extensions }) => extensions?.['retryAfterSeconds']);
  const seconds = waits.filter((wait) => typeof wait === 'number');
  return seconds.length === 0 ? null : Math.max(...seconds);
}
