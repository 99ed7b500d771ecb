import {
  PGlite,
  type PGliteOptions,
  type QueryOptions,
  type Results,
  type Transaction,
  types as embeddedTypes,
} from '@electric-sql/pglite';
import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm';
import { createPostgreSqlTypeParsers } from '@mikro-orm/sql';
import { types } from 'pg';
import { textOf } from './literals.ts';
import { traceStatement } from './traced-statement.ts';
import { requireText } from './transaction-control.ts';

/** PostgreSQL's number of the type `text[]`. */
const TEXT_ARRAY = 1009;

/** PostgreSQL's first number of a type that is not built in (FirstGenbkiObjectId). */
const FIRST_OTHER_TYPE: number = 10_000;

/** Returns a value of JavaScript for PostgreSQL's text of it. */
type Parser = (text: string) => unknown;

/**
 * Returns the parsers of PostgreSQL's types, by their numbers, that MikroORM has for a server: node-postgres' own, with text for
 * dates, times and intervals. A type without a parser, such as one that a migration makes, stays text.
 */
function serverParsers(): Record<number, Parser> {
  const parsers: Record<number, Parser> = {};
  const keepsText = types.getTypeParser(FIRST_OTHER_TYPE, 'text');
  for (let type = 0; type < FIRST_OTHER_TYPE; type++) {
    const parser = types.getTypeParser(type, 'text');
    if (parser !== keepsText || type in embeddedTypes.parsers) {
      parsers[type] = parser as Parser;
    }
  }
  const parseTexts = parsers[TEXT_ARRAY] as (text: string) => string[];
  return Object.assign(parsers, createPostgreSqlTypeParsers(parseTexts));
}

const PARSERS = serverParsers();

/**
 * PGlite's own 128 MB of buffers, and locks for a hundred connections, are set to zero at each start, which takes half
 * of it. There is one connection, and what is not in the buffers is in the operating system's cache.
 */
const SMALL_MEMORY = ['-c', 'shared_buffers=8MB', '-c', 'max_connections=10'];

/** An instance of the embedded engine has failed: nothing that it holds in memory can be relied on. */
export class EngineFailed extends Error {
  /** PostgreSQL's crash_shutdown. */
  readonly code = '57P02';

  constructor(cause: unknown) {
    super('The embedded database has failed', { cause });
    this.name = 'EngineFailed';
  }
}

/** The functions of the engine's module by which PGlite runs SQL. */
const ENTRIES = [
  '_PostgresMainLoopOnce',
  '_PostgresMainLongJmp',
  '_PostgresSendReadyForQueryIfNecessary',
  '_pgl_pq_flush',
  '_pq_buffer_remaining_data',
  'stackSave',
  'stackRestore',
] as const;

/** The part of the engine's module that is watched. */
type Entries = Record<(typeof ENTRIES)[number], (...args: number[]) => number>;

const ABORT = '_abort';

/** The part of the engine's module that ends it. */
interface Engine {
  /** Throws; from then on no timer enters the engine. */
  readonly [ABORT]: () => never;
  readonly FS: {
    readonly streams: readonly (object | null | undefined)[];
    close(stream: object): void;
  };
}

/** Returns the transaction; its statements are recorded as those outside of transactions are. */
function traced(transaction: Transaction): Transaction {
  const query = <T>(sql: string, params?: unknown[], options?: QueryOptions): Promise<Results<T>> =>
    traceStatement(sql, () => run(sql, params, (texts) => transaction.query<T>(sql, texts, options)));
  return Object.assign(Object.create(transaction) as Transaction, { query });
}

/** PostgreSQL's protocol_violation: the values of a statement do not fit its parameters. */
const PROTOCOL_VIOLATION = '08P01';

/** Runs a statement with its parameters as text. @throws {TypeError} for what cannot be sent as one */
async function run<T>(
  sql: string,
  params: readonly unknown[] | undefined,
  send: (texts?: (string | null)[]) => Promise<T>,
): Promise<T> {
  requireText(sql);
  try {
    return await send(params?.map((value) => (value === null || value === undefined ? null : textOf(value))));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === PROTOCOL_VIOLATION) {
      error.code = '42601'; // syntax_error: class 08 is taken for an outage, and there is no connection to lose here
    }
    throw error;
  }
}

/** The exit status with which the engine leaves its main loop after an SQL error, which is not a failure of the engine. */
const LONG_JUMP = 100;

/**
 * The embedded database as this server uses it: values arrive, and parameters are sent, as they are with a server. PGlite
 * would ask each database for its types of arrays when it opens, the longest statement of a start.
 *
 * PGlite ignores that its engine traps, aborts, exits, or exhausts the stack: it continues with damaged memory, returns no
 * rows, or calls the engine in an endless loop. This class marks the instance as failed, and never calls it again.
 */
export class EmbeddedPostgres extends PGlite {
  readonly #onFailure: (failure: EngineFailed) => void;
  #failure: EngineFailed | null = null;

  /**
   * @param options - where the database is, and what it begins as
   * @param onFailure - called when the engine fails, at most once
   */
  constructor(
    options: Pick<PGliteOptions, 'dataDir' | 'loadDataDir' | 'pgliteWasmModule'>,
    onFailure: (failure: EngineFailed) => void = () => undefined,
  ) {
    super({
      ...options,
      extensions: { pg_trgm },
      startParams: [...PGlite.defaultStartParams, ...SMALL_MEMORY],
      parsers: PARSERS,
    });
    this.#onFailure = onFailure;
  }

  /** An error that says why the instance can no longer be used; null if it can. */
  get failure(): EngineFailed | null {
    // A new one each time: Kysely adds to the stack of an error wherever it passes.
    return this.#failure === null ? null : new EngineFailed(this.#failure.cause);
  }

  /**
   * Ends an instance that has failed: its timers, which would enter the engine, and its files. What it holds in memory is
   * not written, since it may be damaged.
   */
  abandon(): void {
    const engine = this.mod as unknown as Engine | undefined;
    attempt(() => engine?.[ABORT]());
    for (const stream of engine?.FS.streams ?? []) {
      attempt(() => stream && engine?.FS.close(stream));
    }
  }

  override query<T>(query: string, params?: unknown[], options?: QueryOptions): Promise<Results<T>> {
    return traceStatement(query, () => run(query, params, (texts) => super.query<T>(query, texts, options)));
  }

  override transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return super.transaction((transaction) => work(traced(transaction)));
  }

  override _initArrayTypes(): Promise<void> {
    this.serializers = {}; // parameters arrive as text
    this.#watch(this.Module as unknown as Entries);
    return Promise.resolve();
  }

  #watch(engine: Entries): void {
    for (const name of ENTRIES) {
      const enter = engine[name];
      engine[name] = (...args) => {
        const { failure } = this;
        if (failure !== null) {
          throw failure;
        }
        try {
          return enter(...args);
        } catch (error) {
          throw isLongJump(error) ? error : this.#fail(error);
        }
      };
    }
  }

  #fail(cause: unknown): EngineFailed {
    this.#failure = new EngineFailed(cause);
    this.#onFailure(this.#failure);
    return this.#failure;
  }
}

function isLongJump(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'status' in error && error.status === LONG_JUMP;
}

/** Runs a step of the shutdown. Its failure does not keep the next steps from running. */
function attempt(step: () => unknown): void {
  try {
    step();
  } catch {
    // It has ended already, or cannot be ended.
  }
}
