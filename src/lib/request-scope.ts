import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Identifies the current request for code that gets no request as an argument: Apollo's `formatError`, a logger's mixin. */
export interface RequestScope {
  /** Runs the work, and whatever it awaits, as part of this request. */
  readonly run: <Result>(requestId: string, work: () => Result) => Result;
  /** Returns the id of the request that the caller is part of; null outside of any. */
  readonly id: () => string | null;
}

/** Creates the scope of one server. Several servers in a process do not share it. */
export function createRequestScope(): RequestScope {
  const storage = new AsyncLocalStorage<string>();
  return {
    run: (requestId, work) => storage.run(requestId, work),
    id: () => storage.getStore() ?? null,
  };
}

const WELL_FORMED = /^[A-Za-z0-9._-]{8,64}$/;

/** Returns the id that a proxy gave the request (`X-Request-Id`), if a log can hold it; else a new one. */
export function requestIdOf({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && WELL_FORMED.test(given) ? given : randomUUID();
}
