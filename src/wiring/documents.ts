import type { DocumentNode } from 'graphql';
import type { Logger } from 'pino';
import { explainAccess, type Policy } from '../access/index.ts';
import type { Config } from '../config/config.ts';
import type { RequestContext } from '../context.ts';
import type { Database } from '../database/database.ts';
import { followTrustedDocuments } from '../database/trusted-documents.ts';
import { RequestDocuments } from '../graphql/request-documents.ts';
import type { DocumentOptions } from '../http/documents.ts';
import { actorIdOf } from '../lib/viewer.ts';
import type { RequestScope } from '../lib/request-scope.ts';

/** The documents of a process, and the functions that follow what is published. */
export interface WiredDocuments extends DocumentOptions<RequestContext> {
  readonly refresh: () => Promise<void>;
  readonly stop: () => void;
}

/** The largest number of characters of a hash that are logged: a client may send any text. */
const LONGEST_HASH = 64;

/** Wires the documents that requests may name by a hash. Where they are off, nothing is read. */
export async function wireDocuments(
  { trustedDocuments: mode }: Config,
  policy: Policy,
  { run }: Database,
  log: Logger,
  requestScope: RequestScope,
): Promise<WiredDocuments> {
  const onError = (error: unknown): void => log.warn({ err: error }, 'Published documents cannot be read');
  const trusted =
    mode === 'off'
      ? { get: async () => undefined, refresh: async () => undefined, stop: () => undefined }
      : await followTrustedDocuments(run, onError);
  const documents = new RequestDocuments<RequestContext>(mode, trusted, ({ outcome, hash, context }) => {
    const viewerId = context && actorIdOf(context.viewer);
    log.info(
      { requestId: requestScope.id(), document: hash.slice(0, LONGEST_HASH), viewerId, outcome },
      'document denied',
    );
  });
  return { documents, isPublic: createIsPublic(policy), refresh: trusted.refresh, stop: trusted.stop };
}

/** Creates the function that reports if no field of an operation has a requirement, and the viewer is anonymous. */
function createIsPublic(policy: Policy): DocumentOptions<RequestContext>['isPublic'] {
  const known = new WeakMap<DocumentNode, Map<string | null, boolean>>();
  return ({ viewer }, document, operationName) => {
    if (viewer.id !== null) {
      return false;
    }
    const answers = known.get(document) ?? new Map<string | null, boolean>();
    known.set(document, answers);
    const answer =
      answers.get(operationName) ??
      explainAccess(policy, { viewer, operation: document, operationName }).coordinates.every(
        ({ requirements }) => requirements.length === 0,
      );
    answers.set(operationName, answer);
    return answer;
  };
}
