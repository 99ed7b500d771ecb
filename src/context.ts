import DataLoader from 'dataloader';
import type { ExplainOptions, Policy } from './access/index.ts';
import type { OperationRefusal } from './database/events/denials.ts';
import type { Config } from './config/config.ts';
import type { Auth } from './auth/auth.ts';
import type { Client, SignedInViewer, Viewer } from './lib/viewer.ts';
import type { Database } from './database/database.ts';
import { rowScopeOf } from './database/scopes.ts';
import type { UnitOfWork } from './database/unit-of-work.ts';
import { Unauthenticated } from './lib/errors.ts';
import type { LiveEvents } from './database/events/live-events.ts';
import type { Cursors } from './paging/cursor.ts';

/** The result of a verification, as the API shows it. */
export interface AuditVerification {
  readonly intact: boolean;
  readonly complete: boolean;
  readonly seals: number;
  readonly events: number;
  readonly unsealed: number;
  readonly damage: string[];
  readonly head: string;
}

/** The context of one GraphQL operation. */
export interface RequestContext {
  readonly viewer: Viewer;
  /** Access to the rows that exist for the viewer. */
  readonly unit: UnitOfWork;
  readonly loaders: Loaders<RequestContext>;
  readonly cursors: Cursors;
  readonly auth: Auth;
  /** Logs a denial, and counts it for the audit trail. */
  readonly denials: { readonly count: (refusal: OperationRefusal) => void };
  /** Verifies the sealed chain of the audit trail, within a time limit. */
  readonly verifyAudit: (unit: UnitOfWork) => Promise<AuditVerification>;
  /** The committed events, for subscriptions. */
  readonly live: LiveEvents;
  /** The client that sent the request. */
  readonly client: Client;
  /** The requirements of the schema. */
  readonly policy: Policy;
  /** The part of the configuration that fields depend on. */
  readonly settings: Pick<Config, 'publicAuthorNames' | 'webhookAllowedNetworks'>;
  /** The clock of the server. */
  readonly now: () => Date;
  /** Reads a document as the server reads those of requests. @throws {OperationError} if it is not valid */
  readonly readDocument: (text: string) => Exclude<ExplainOptions['operation'], string>;
}

/** The part of a context that is the same for all operations. */
export type SharedContext = Pick<
  RequestContext,
  'cursors' | 'auth' | 'denials' | 'verifyAudit' | 'live' | 'policy' | 'settings' | 'now' | 'readDocument'
>;

/** Creates the context of one operation. Its unit of work must be closed when the operation has ended. */
export function createContext(
  database: Database,
  shared: SharedContext,
  viewer: Viewer,
  client: Client,
): RequestContext {
  const context: RequestContext = {
    ...shared,
    viewer,
    client,
    unit: database.unitOfWork(rowScopeOf(viewer)),
    loaders: new Loaders(() => context),
  };
  return context;
}

/** @throws {Unauthenticated} if the viewer is anonymous */
export function requireSignedIn(viewer: Viewer): SignedInViewer {
  if (viewer.id === null) {
    throw new Unauthenticated('Authentication required');
  }
  return { ...viewer, id: viewer.id };
}

/** A function that loads the values of many keys at once, in the order of the keys. `input` is the same for all of them. */
export type Batch<Context, Key, Value, Input = undefined> = (
  context: Context,
  keys: readonly Key[],
  input: Input,
) => Promise<readonly (Value | Error)[]>;

/**
 * The data loaders of one operation: each relation is loaded by one statement for all rows. A loader is identified by
 * its batch function and created on first use, so a new relation needs no entry in a central file.
 */
class Loaders<Context> {
  readonly #context: () => Context;
  readonly #created = new Map<unknown, Map<string, unknown>>();

  /** @param context called by batches only, so that the context may hold these loaders itself */
  constructor(context: () => Context) {
    this.#context = context;
  }

  /** Clears all loaders at the end of the operation. */
  clear(): void {
    this.#created.clear();
  }

  /** Returns the operation's loader of a batch function. */
  of<Key, Value>(batch: Batch<Context, Key, Value>): DataLoader<Key, Value> {
    return this.ofInput(batch, undefined, '');
  }

  /**
   * Returns the operation's loader of a batch function that takes an input besides the keys.
   *
   * @param variant identifies the input: equal inputs have equal variants
   */
  ofInput<Key, Value, Input>(
    batch: Batch<Context, Key, Value, Input>,
    input: Input,
    variant: string,
  ): DataLoader<Key, Value> {
    const variants = this.#created.get(batch) ?? new Map<string, unknown>();
    this.#created.set(batch, variants);
    const loader =
      (variants.get(variant) as DataLoader<Key, Value> | undefined) ??
      new DataLoader<Key, Value>((keys) => batch(this.#context(), keys, input));
    variants.set(variant, loader);
    return loader;
  }
}
