import { IsolationLevel } from '@mikro-orm/core';
import { SqlEntityManager } from '@mikro-orm/sql';
import { CompiledQuery, type Kysely } from 'kysely';
import { bindDriver, type BoundDriver } from './bound-driver.ts';
import { literalOf } from './literals.ts';
import type { EntityManager, Orm } from './orm.ts';
import { DATABASE_TIMEOUTS, isOutage } from './outage.ts';
import { lazyReader, type Reader, ReadingEntityManager } from './reading-entity-manager.ts';
import type { ReadingConnection, ReadingPool } from './reading-pool.ts';
import type { Replica } from './replicas.ts';
import type { RowScope } from './scopes.ts';
import { traceStatement } from './traced-statement.ts';
import { requireRead, requireText } from './transaction-control.ts';

/** The settings of a transaction: its role, the ids that its policies compare with, its statements' time limit. */
function contextOf(scope: RowScope): Record<string, string> {
  return {
    role: scope.role,
    'rolegate.viewer_id': scope.viewerId ?? '',
    'rolegate.account_id': scope.accountId ?? '',
    'rolegate.stock': scope.stock?.join(' ') ?? '',
    ...(scope.rights?.length ? { 'rolegate.rights': ` ${scope.rights.join(' ')} ` } : {}),
    statement_timeout: String(DATABASE_TIMEOUTS.statement),
  };
}

/** An entity manager, and the function that names the transaction in which its driver works. */
export interface Fork extends Pick<BoundDriver, 'bind'> {
  readonly em: EntityManager;
}

/**
 * Returns an entity manager whose next transaction runs as the scope's role, with the ids that its policies compare with.
 *
 * @param variables further settings of the transaction
 * @param bound its driver; one of its own without it
 */
export function forkFor(
  orm: Orm,
  scope: RowScope,
  variables: Readonly<Record<string, string>> = {},
  { driver, bind }: BoundDriver = bindDriver(orm.em.getDriver(), orm.embedded !== null),
): Fork {
  const events = orm.em.getEventManager().clone();
  const em = new SqlEntityManager(orm.config, driver, orm.em.getMetadata(), false, events);
  em.setSessionContext({ variables: { ...contextOf(scope), ...variables } });
  return { em, bind };
}

/** A transaction that only reads, and shows one state of the data. */
interface ReadingTransaction {
  /** Runs a statement that is complete with its values. */
  run(text: string): Promise<object[]>;
  /** Ends the transaction, even after a statement has failed in it. */
  end(): Promise<void>;
}

/** On the embedded database: it ignores the isolation level, and needs none, since nothing runs beside a transaction. */
class EmbeddedReading implements ReadingTransaction {
  readonly #em: Promise<EntityManager>;

  constructor(orm: Orm, scope: RowScope) {
    const { em } = forkFor(orm, scope, { transaction_read_only: 'on' });
    this.#em = em.begin({ isolationLevel: IsolationLevel.REPEATABLE_READ }).then(() => em);
  }

  async run(text: string): Promise<object[]> {
    const transaction = (await this.#em).getTransactionContext<Kysely<unknown>>();
    const { rows } = (await transaction?.executeQuery<object>(CompiledQuery.raw(text))) ?? { rows: [] };
    return rows;
  }

  async end(): Promise<void> {
    // A transaction that never began has nothing to end.
    await (await this.#em.catch(() => null))?.rollback();
  }
}

/**
 * On a server: begin and context travel in one message with the first statement, and the rows come straight from the
 * driver. 16 connections read 20 rows 6,700 to 7,800 times a second so, and 3,700 to 3,900 times where begin, context,
 * statement and end wait for each other, as they do through the ORM's own connection.
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

  async run(text: string): Promise<object[]> {
    const connection = await (this.#connection ??= this.#pool.take());
    return traceStatement(text, () => connection.query(this.#prelude() + text));
  }

  /** Returns the statements that are sent ahead of the first one. */
  #prelude(): string {
    if (this.#begun) {
      return '';
    }
    this.#begun = true;
    const context = contextStatements(this.#scope, false);
    this.#orm.onStatement?.(context);
    return `begin isolation level repeatable read read only; ${context}; `;
  }

  async end(): Promise<void> {
    // A transaction that never began has nothing to end.
    (await this.#connection?.catch(() => null))?.end();
  }
}

/**
 * Returns `set local` statements, which have no rows to plan and to read.
 *
 * @param isComplete false leaves out an id that is absent: the connection keeps nothing from one transaction to the next, and
 *   a policy takes a missing setting for an empty one
 */
export function contextStatements(scope: RowScope, isComplete: boolean): string {
  const known = contexts[isComplete ? 'complete' : 'short'].get(scope);
  if (known !== undefined) {
    return known;
  }
  const settings = Object.entries(contextOf(scope)).filter(([, value]) => isComplete || value !== '');
  const statements = settings.map(([name, value]) => `set local ${name} = ${literalOf(value)}`).join('; ');
  contexts[isComplete ? 'complete' : 'short'].set(scope, statements);
  return statements;
}

const contexts = { complete: new WeakMap<RowScope, string>(), short: new WeakMap<RowScope, string>() };

/**
 * The failed-statement cache of one operation: statements for which the database was unavailable, or took too long, with their
 * errors. None of them is sent again, although parts of an operation that fails may be executed again.
 */
export type FailedStatements = Map<string, unknown>;

/** A read failed because of the replica, not of the statement: it is repeated on the primary. */
export class ReplicaFailed extends Error {
  readonly replica: Replica;
  readonly reason: unknown;

  constructor(replica: Replica, reason: unknown) {
    super(`The replica ${replica.name} has failed`);
    this.name = 'ReplicaFailed';
    this.replica = replica;
    this.reason = reason;
  }
}

/**
 * SQLSTATEs of statements that a standby cancels since they conflict with what it replays (PostgreSQL §27.4.2), and of a
 * standby that lacks a table or a right whose migration it has not replayed.
 */
const STANDBY_STATE: ReadonlySet<unknown> = new Set(['40001', '40P01', '42P01', '42703', '42501', '22023']);

function isOfReplica(error: unknown): boolean {
  return isOutage(error) || (error instanceof Error && 'code' in error && STANDBY_STATE.has(error.code));
}

/** A read-only transaction that shows one state of the data to everything that runs in it. */
export class Reading {
  readonly #orm: Orm;
  readonly #transaction: ReadingTransaction;
  readonly #em: ReadingEntityManager;
  readonly #failed: FailedStatements;
  readonly #replica: Replica | null;
  readonly #running = new Set<Promise<unknown>>();
  #broken = false;
  #ended = false;

  /** @param replica runs it; null: the database of DATABASE_URL does */
  constructor(orm: Orm, scope: RowScope, failed: FailedStatements = new Map(), replica: Replica | null = null) {
    const readingPool = replica?.pool ?? orm.readingPool;
    this.#orm = orm;
    this.#failed = failed;
    this.#replica = replica;
    this.#transaction =
      readingPool === null ? new EmbeddedReading(orm, scope) : new ServerReading(orm, readingPool, scope);
    const platform = orm.em.getPlatform();
    const statements = {
      run: (text: string) => this.#run(text, null),
      runReported: (text: string) => this.#run(text, text),
      execute: (sql: string, params: readonly unknown[]) => this.#run(platform.formatQuery(sql, params), sql),
    };
    const create = (): ReadingEntityManager => ReadingEntityManager.over(orm, statements, contextOf(scope));
    this.#em = lazyReader(create, statements, orm.em.getMetadata());
  }

  /** True once a statement has failed: the database refuses all others after it. */
  get broken(): boolean {
    return this.#broken;
  }

  /** Runs `work`. The transaction ends only after it. */
  run<T>(work: (reader: Reader) => Promise<T>): Promise<T> {
    return this.#track(work(this.#em));
  }

  /** Ends the transaction once nothing runs in it any more. */
  async end(): Promise<void> {
    while (this.#running.size > 0) {
      await Promise.allSettled(this.#running);
    }
    this.#ended = true;
    await this.#transaction.end();
  }

  async #track<T>(running: Promise<T>): Promise<T> {
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }

  /**
   * @param reported what `onStatement` is called with; null for a statement that it knows of
   * @throws {Error} if the transaction has ended: an entity that was read in it loads nothing more, since its
   *   connection may belong to another viewer by then
   */
  async #run(text: string, reported: string | null): Promise<object[]> {
    if (this.#ended) {
      throw new Error('The transaction that read this has ended: read again in "unit.read"');
    }
    const error = this.#failed.size === 0 ? undefined : this.#failed.get(text);
    if (error !== undefined) {
      throw error;
    }
    requireText(text);
    requireRead(text);
    if (reported !== null) {
      this.#orm.onStatement?.(reported);
    }
    return this.#track(this.#send(text));
  }

  async #send(text: string): Promise<object[]> {
    try {
      return await this.#transaction.run(text);
    } catch (failure) {
      this.#broken = true;
      const error = failure instanceof Error ? this.#orm.em.getDriver().convertException(failure) : failure;
      if (this.#replica !== null && isOfReplica(error)) {
        throw new ReplicaFailed(this.#replica, error);
      }
      if (isOutage(error)) {
        this.#failed.set(text, error);
      }
      throw error;
    }
  }
}
