import { DriverException, IsolationLevel } from '@mikro-orm/core';
import type { EntityManager, Orm } from './orm.ts';
import { DATABASE_PATIENCE, isOutage } from './outage.ts';
import type { ReadingConnection, ReadingPool } from './reading-pool.ts';
import type { RowScope } from './scopes.ts';

/** Reads rows as they are, without making entities of them. An entity manager is one, too. */
export interface Reader extends Pick<EntityManager, 'getMetadata'> {
  /** The rows that the statement yields; `?` stands for the parameters in turn. */
  execute<Rows extends object[] = Record<string, unknown>[]>(sql: string, params?: unknown[]): Promise<Rows>;
}

/** What a transaction's policies compare with, and how long its statements may take. */
function contextOf(scope: RowScope): Record<string, string> {
  return {
    role: scope.role,
    'rolegate.viewer_id': scope.viewerId ?? '',
    'rolegate.account_id': scope.accountId ?? '',
    statement_timeout: String(DATABASE_PATIENCE.statement),
  };
}

/** An entity manager whose next transaction runs as the scope's role, with the ids that its policies compare with. */
export function forkFor(orm: Orm, scope: RowScope, variables: Readonly<Record<string, string>> = {}): EntityManager {
  const em = orm.em.fork({ clear: true, useContext: false });
  em.setSessionContext({ variables: { ...contextOf(scope), ...variables } });
  return em;
}

/** A transaction that only reads, and shows one state of the data. */
interface ReadingTransaction {
  execute(sql: string, params: unknown[]): Promise<object[]>;
  /** Ends it, also after a statement has failed in it. */
  end(): Promise<void>;
}

/** On the embedded database: it ignores the isolation level, and needs none, since nothing runs beside a transaction. */
class EmbeddedReading implements ReadingTransaction {
  readonly #em: Promise<EntityManager>;

  constructor(orm: Orm, scope: RowScope) {
    const em = forkFor(orm, scope, { transaction_read_only: 'on' });
    this.#em = em.begin({ isolationLevel: IsolationLevel.REPEATABLE_READ }).then(() => em);
  }

  async execute(sql: string, params: unknown[]): Promise<object[]> {
    return (await this.#em).execute<object[]>(sql, params);
  }

  async end(): Promise<void> {
    // A transaction that never began has nothing to end.
    await (await this.#em.catch(() => null))?.rollback();
  }
}

/**
 * On a server: begin and context travel in one message with the first statement, and the rows come straight from the
 * driver.
 */
class ServerReading implements ReadingTransaction {
  readonly #orm: Orm;
  readonly #pool: ReadingPool;
  readonly #scope: RowScope;
  #connection: Promise<ReadingConnection> | null = null;
  #begun = false;

  constructor(orm: Orm, pool: ReadingPool, scope: RowScope) {
    this.#orm = orm;
    this.#pool = pool;
    this.#scope = scope;
  }

  async execute(sql: string, params: unknown[]): Promise<object[]> {
    const connection = await (this.#connection ??= this.#pool.take());
    const text = this.#prelude() + this.#orm.em.getPlatform().formatQuery(sql, params);
    this.#orm.onStatement?.(sql);
    try {
      return await connection.query(text);
    } catch (error) {
      throw error instanceof Error ? this.#orm.em.getDriver().convertException(error) : error;
    }
  }

  /** What is sent ahead of the first statement. */
  #prelude(): string {
    if (this.#begun) {
      return '';
    }
    this.#begun = true;
    const context = contextStatements(this.#orm, this.#scope);
    this.#orm.onStatement?.(context);
    return `begin isolation level repeatable read read only; ${context}; `;
  }

  async end(): Promise<void> {
    // A transaction that never began has nothing to end.
    (await this.#connection?.catch(() => null))?.end();
  }
}

/**
 * Settings, which have no rows to plan and to read. An id that there is none of is left out: these connections keep
 * nothing from one transaction to the next, and to a policy what is not set is what is empty.
 */
function contextStatements(orm: Orm, scope: RowScope): string {
  const key = [scope.role, scope.viewerId, scope.accountId].join();
  const known = contexts.get(key);
  if (known !== undefined) {
    return known;
  }
  const platform = orm.em.getPlatform();
  const settings = Object.entries(contextOf(scope)).filter(([, value]) => value !== '');
  const statements = settings.map(([name, value]) => `set local ${name} = ${platform.quoteValue(value)}`).join('; ');
  if (contexts.size === MOST_CONTEXTS) {
    contexts.clear();
  }
  contexts.set(key, statements);
  return statements;
}

/** The context statements of those who asked, by scope: up to so many. */
const contexts = new Map<string, string>();
const MOST_CONTEXTS = 10_000;

/**
 * What the database was away for, or took too long for, by {@link keyOf}: within one operation it is not asked again,
 * though an operation that fails may be executed anew.
 */
export type Unanswered = Map<string, unknown>;

function keyOf(sql: string, params: readonly unknown[]): string {
  return JSON.stringify([sql, params]);
}

/** A read-only transaction that shows one state of the data to everything that runs in it. */
export class Reading {
  readonly #transaction: ReadingTransaction;
  readonly #reader: Reader;
  readonly #running = new Set<Promise<unknown>>();
  #broken = false;

  constructor(orm: Orm, scope: RowScope, unanswered: Unanswered = new Map()) {
    const { readingPool } = orm;
    this.#transaction =
      readingPool === null ? new EmbeddedReading(orm, scope) : new ServerReading(orm, readingPool, scope);
    this.#reader = {
      getMetadata: orm.em.getMetadata.bind(orm.em),
      execute: async <Rows extends object[]>(sql: string, params: unknown[] = []) => {
        const error = unanswered.size === 0 ? undefined : unanswered.get(keyOf(sql, params));
        if (error !== undefined) {
          throw error;
        }
        try {
          return (await this.#transaction.execute(sql, params)) as Rows;
        } catch (failure) {
          if (isOutage(failure)) {
            unanswered.set(keyOf(sql, params), failure);
          }
          throw failure;
        }
      },
    };
  }

  /** Whether a statement failed, after which the database refuses all others. */
  get broken(): boolean {
    return this.#broken;
  }

  async run<T>(work: (reader: Reader) => Promise<T>): Promise<T> {
    const running = work(this.#reader);
    this.#running.add(running);
    try {
      return await running;
    } catch (error) {
      this.#broken ||= error instanceof DriverException;
      throw error;
    } finally {
      this.#running.delete(running);
    }
  }

  /** Ends the transaction once nothing runs in it any more. */
  async end(): Promise<void> {
    await Promise.allSettled(this.#running);
    await this.#transaction.end();
  }
}
