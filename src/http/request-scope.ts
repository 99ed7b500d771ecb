import { AsyncLocalStorage } from 'node:async_hooks';

/** Knows which request is being answered, for code that is handed none: Apollo's `formatError`, a logger's mixin. */
export interface RequestScope {
  /** Runs the work, and whatever it awaits, as part of this request. */
  readonly run: <Result>(requestId: string, work: () => Result) => Result;
  /** The id of the request that the caller is part of; null outside of any. */
  readonly id: () => string | null;
}

/** One for a server: requests of several never mix. */
export function createRequestScope(): RequestScope {
  const storage = new AsyncLocalStorage<string>();
  return {
    run: (requestId, work) => storage.run(requestId, work),
    id: () => storage.getStore() ?? null,
  };
}
