import type { ApolloServerPlugin, BaseContext } from '@apollo/server';

/** The number of operations by name and outcome, as a logger or a metrics plugin would keep them. */
export const operations = new Map<string, number>();

/** A plugin that only reads: it sees the operation of every request, its errors and its response, as a logger does. */
export function createLoggerPlugin<Context extends BaseContext>(): ApolloServerPlugin<Context> {
  return {
    async requestDidStart() {
      const startedAt = performance.now();
      let name = 'unknown';
      let outcome = 'answered';
      return {
        async didResolveOperation({ operation, operationName }) {
          name = `${operation?.operation ?? 'unknown'} ${operationName ?? 'anonymous'}`;
        },
        async didEncounterErrors({ errors }) {
          outcome = `failed: ${errors.length}`;
        },
        async willSendResponse({ response }) {
          const line = `${name} ${outcome} ${response.http.status ?? 200} in ${performance.now() - startedAt < 10 ? 'time' : 'delay'}`;
          operations.set(line, (operations.get(line) ?? 0) + 1);
        },
      };
    },
  };
}
