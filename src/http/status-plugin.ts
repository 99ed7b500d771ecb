import type { ApolloServerPlugin, HTTPGraphQLHead } from '@apollo/server';
import type { FormattedExecutionResult, GraphQLFormattedError } from 'graphql';

function codesOf(errors: readonly GraphQLFormattedError[]): ReadonlySet<unknown> {
  return new Set(errors.map((error) => error.extensions?.['code']));
}

/** Whether every root field failed. A root field that answers null, without an error, resolved. */
function nothingResolved({ data, errors = [] }: FormattedExecutionResult): boolean {
  const failed = new Set(errors.map(({ path }) => path?.[0]));
  return Object.entries(data ?? {}).every(([key, value]) => value === null && failed.has(key));
}

/**
 * The status that the outcome of an operation asks for, or null where Apollo's own (200, or 400 before execution)
 * stands. A denial is a normal answer; throttling always shows; a failure shows when it left nothing else to show.
 */
export function statusOf(result: FormattedExecutionResult): 429 | 500 | 503 | null {
  const codes = codesOf(result.errors ?? []);
  if (codes.has('RATE_LIMITED')) {
    return 429;
  }
  if (!nothingResolved(result)) {
    return null;
  }
  if (codes.has('SERVICE_UNAVAILABLE')) {
    return 503;
  }
  return codes.has('INTERNAL_SERVER_ERROR') ? 500 : null;
}

/** The longest of the waits that the errors ask for, in seconds; null if none does. */
function retryAfterOf(errors: readonly GraphQLFormattedError[]): number | null {
  const waits = errors
    .map((error) => error.extensions?.['retryAfterSeconds'])
    .filter((wait) => typeof wait === 'number');
  return waits.length === 0 ? null : Math.max(...waits);
}

function applyStatus(http: HTTPGraphQLHead, result: FormattedExecutionResult): void {
  const status = statusOf(result);
  if (status === null) {
    return;
  }
  http.status = status;
  const retryAfter = status === 500 ? null : retryAfterOf(result.errors ?? []);
  if (retryAfter !== null) {
    http.headers.set('retry-after', String(retryAfter));
  }
}

/** Gives answers of executed operations the HTTP status of design §5. */
export function createStatusPlugin(): ApolloServerPlugin {
  return {
    requestDidStart: async () => ({
      willSendResponse: async ({ response }) => {
        if (response.body.kind === 'single') {
          applyStatus(response.http, response.body.singleResult);
        }
      },
    }),
  };
}
