import { setTimeout as sleep } from 'node:timers/promises';
import type { QueryOptions, Results, Transaction } from '@electric-sql/pglite';
import { type EmbeddedPostgres, EngineFailed } from './embedded-postgres.ts';

/** The delay before an engine that did not start is started again, in milliseconds: at first, and at most. */
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 5_000;

/** A change in the state of the engine. */
export type EngineChange = { readonly isUp: boolean; readonly reason: unknown };

/** Called when the engine has failed, when it could not be started again, and when it runs again. */
export type EngineListener = (change: EngineChange) => void;

/** Starts an instance of the engine. */
export type StartInstance = (onFailure: (failure: EngineFailed) => void) => EmbeddedPostgres;

/** The part of a transaction that Kysely uses. */
type Statements = Pick<Transaction, 'query'>;

/**
 * The engine of the embedded database: one instance at a time, which a new one replaces when it fails. The database is
 * recovered from its log then, as after the end of the process: what was committed is there. Until the new instance runs,
 * everything fails with {@link EngineFailed}.
 */
export class EmbeddedEngine {
  readonly #restart: StartInstance | null;
  readonly #listeners = new Set<EngineListener>();
  /** Prepare the session of each instance. */
  readonly #preparations = new Set<(instance: EmbeddedPostgres) => Promise<unknown>>();
  readonly #closing = new AbortController();
  #instance: EmbeddedPostgres;
  #replacing: Promise<void> | null = null;
  readonly waitReady: Promise<void>;

  /**
   * @param start starts the first instance
   * @param restart starts further ones; null where the database is lost with an instance
   */
  constructor(start: StartInstance, restart: StartInstance | null) {
    this.#restart = restart;
    this.#instance = this.#watched(start);
    this.waitReady = this.#instance.waitReady;
  }

  get ready(): boolean {
    return this.#instance.ready;
  }

  get closed(): boolean {
    return this.#closing.signal.aborted;
  }

  /** Runs one statement. */
  query<T>(sql: string, params?: unknown[], options?: QueryOptions): Promise<Results<T>> {
    return this.#use((instance) => instance.query<T>(sql, params, options));
  }

  /** Runs several statements without values. */
  exec(sql: string): Promise<Results[]> {
    return this.#use((instance) => instance.exec(sql));
  }

  /** Runs `work` in a transaction. */
  async transaction<T>(work: (transaction: Statements) => Promise<T>): Promise<T> {
    let hasBegun = false;
    try {
      return await this.#use((instance) =>
        instance.transaction((transaction) => {
          hasBegun = true;
          return work(transaction);
        }),
      );
    } catch (error) {
      if (!hasBegun) {
        // Kysely waits until the work begins, whatever happens before: the first statement throws the error.
        await work({ query: () => Promise.reject(error instanceof Error ? error : new EngineFailed(error)) });
      }
      throw error;
    }
  }

  /** Prepares the session of this instance, and of each that replaces it. Returns the function that ends that. */
  async prepare(preparation: (instance: EmbeddedPostgres) => Promise<unknown>): Promise<() => void> {
    await this.#use(preparation);
    this.#preparations.add(preparation);
    return () => this.#preparations.delete(preparation);
  }

  /** Calls a listener when the engine fails, and when it runs again. Returns the function that ends that. */
  onChange(listener: EngineListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Closes the database. One whose engine has failed is left as it is, to be recovered at the next start. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#replacing;
    if (this.#instance.failure === null && !this.#instance.closed) {
      await this.#instance.close();
    }
  }

  async #use<T>(work: (instance: EmbeddedPostgres) => Promise<T>): Promise<T> {
    const instance = this.#instance;
    try {
      return await work(instance);
    } catch (error) {
      throw instance.failure ?? error;
    }
  }

  #watched(start: StartInstance): EmbeddedPostgres {
    const instance = start((failure) => {
      // The engine is still on the stack.
      setImmediate(() => {
        if (instance === this.#instance) {
          instance.abandon();
          this.#tell({ isUp: false, reason: failure.cause });
          this.#replacing = this.#replace();
        }
      });
    });
    return instance;
  }

  async #replace(): Promise<void> {
    for (let pause = FIRST_PAUSE; this.#restart !== null && !this.closed; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
      const next = this.#watched(this.#restart);
      try {
        await next.waitReady;
        for (const prepare of this.#preparations) {
          await prepare(next);
        }
        this.#instance = next;
        this.#tell({ isUp: true, reason: null });
        return;
      } catch (error) {
        next.abandon();
        this.#tell({ isUp: false, reason: error });
        await sleep(pause, undefined, { signal: this.#closing.signal }).catch(() => undefined);
      }
    }
  }

  #tell(change: EngineChange): void {
    this.#listeners.forEach((listener) => listener(change));
  }
}
