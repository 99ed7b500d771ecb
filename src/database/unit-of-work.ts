import { DriverException, EventType } from '@mikro-orm/core';
import type { Kysely } from 'kysely';
import { hasRecorded } from './events/record.ts';
import type { EntityManager, Orm } from './orm.ts';
import { isOutage, orUnavailable } from './outage.ts';
import { forkFor, Reading, ReplicaFailed, type FailedStatements } from './reading.ts';
import type { Reader } from './reading-entity-manager.ts';
import type { RowScope } from './scopes.ts';
import { beginWriting } from './writing-entity-manager.ts';

/** Work that runs in a transaction of its own. */
export type Work<T> = (em: EntityManager) => Promise<T>;

/** Work that only reads, in the transaction that all reads of an operation share. */
export type ReadingWork<T> = (reader: Reader) => Promise<T>;

/**
 * Runs `work` in one transaction as the scope's role: all of it is committed, or nothing.
 *
 * @throws {ServiceUnavailable} if the database is unavailable; a commit without a response may have succeeded
 */
export async function inTransaction<T>(orm: Orm, scope: RowScope, work: Work<T>): Promise<T> {
  const { replicas } = orm;
  let [hasWritten, isRecorded] = [false, false];
  const noted: Work<T> = async (em) => {
    const done = await work(em);
    isRecorded = hasRecorded(em);
    if (replicas !== null) {
      await em.flush();
      const [row] = await em.execute<{ written: boolean }[]>(HAS_WRITTEN);
      hasWritten = row?.written === true;
    }
    return done;
  };
  const result = await orUnavailable(() => transact(orm, scope, noted));
  if (isRecorded) {
    orm.announcer.announce();
  }
  if (hasWritten) {
    await replicas?.wrote(scope.viewerId);
  }
  return result;
}

async function transact<T>(orm: Orm, scope: RowScope, work: Work<T>): Promise<T> {
  if (orm.writingPool === null || isObserved(orm)) {
    const { em, bind } = forkFor(orm, scope);
    return em.transactional((inner) => {
      bind(inner.getTransactionContext<Kysely<unknown>>());
      return work(inner);
    });
  }
  const writing = beginWriting(orm, orm.writingPool, scope);
  try {
    const done = await work(writing.em);
    await writing.commit();
    return done;
  } catch (error) {
    await writing.rollback();
    throw convert(orm, error);
  }
}

/** Reports if a logger or a subscriber of MikroORM observes statements or transactions: only MikroORM's own transactions call these. */
function isObserved({ em, config }: Orm): boolean {
  const isLogged = config.get('slowQueryThreshold') !== undefined || config.getLogger().isEnabled('query');
  return (
    isLogged ||
    [...em.getEventManager().getSubscribers()].some((one) => TRANSACTION_EVENTS.some((event) => event in one))
  );
}

const TRANSACTION_EVENTS = [
  EventType.beforeTransactionStart,
  EventType.afterTransactionStart,
  EventType.beforeTransactionCommit,
  EventType.afterTransactionCommit,
  EventType.beforeTransactionRollback,
  EventType.afterTransactionRollback,
];

/** Returns an error of the database as the ORM's: the commit fails with the errors of the statements that it is sent with. */
function convert(orm: Orm, error: unknown): unknown {
  const isRaw = error instanceof Error && 'severity' in error && !(error instanceof DriverException);
  return isRaw ? orm.em.getDriver().convertException(error) : error;
}

/** SQL that is true in a transaction that has changed something. */
const HAS_WRITTEN = 'select pg_current_xact_id_if_assigned() is not null as written';

/**
 * The database work of one GraphQL operation, as one row scope.
 *
 * All reads share one read-only transaction, begun by the first of them, so that an operation sees one state of the
 * data and pays for one begin and one context. Writes, and work as another role, are transactions of their own: the
 * reading one ends before they begin (the embedded database has a single connection), and later reads see what
 * they committed.
 */
export class UnitOfWork {
  readonly #orm: Orm;
  readonly #scope: RowScope;
  #reading: Reading | null = null;
  /** The last transaction that runs alone, or the end of a reading one; reads wait for it. */
  #turn: Promise<unknown> | null = null;
  readonly #failed: FailedStatements = new Map();
  /** True once a replica has failed: the rest of the operation reads from the primary. */
  #isOnPrimary = false;
  #isOver = false;

  constructor(orm: Orm, scope: RowScope) {
    this.#orm = orm;
    this.#scope = scope;
  }

  /** The row scope of the viewer. */
  get scope(): RowScope {
    return this.#scope;
  }

  /**
   * Runs `work` in the shared reading transaction; again in a new one, when the statement of a sibling broke the first,
   * or the replica that ran it has failed.
   */
  async read<T>(work: ReadingWork<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await orUnavailable(() => this.#share(work));
      } catch (error) {
        if (attempt === MOST_ATTEMPTS || !(error instanceof ReplicaFailed || isAborted(error))) {
          throw error;
        }
        if (error instanceof ReplicaFailed) {
          this.#isOnPrimary = true;
          if (isOutage(error.reason)) {
            this.#orm.replicas?.failed(error.replica, error.reason);
          }
        }
      }
    }
  }

  /** Runs `work` in a transaction of its own. */
  write<T>(work: Work<T>): Promise<T> {
    return this.as(this.#scope, work);
  }

  /** Runs `work` in a transaction of its own, as another role. */
  as<T>(scope: RowScope, work: Work<T>): Promise<T> {
    return this.#alone(() => inTransaction(this.#orm, scope, work));
  }

  /** Runs `work` in a reading transaction of its own, as another role. */
  readAs<T>(scope: RowScope, work: ReadingWork<T>): Promise<T> {
    return this.#alone(async () => {
      const reading = new Reading(this.#orm, scope, new Map());
      try {
        return await orUnavailable(() => reading.run(work));
      } finally {
        await reading.end();
      }
    });
  }

  /**
   * Ends the reading transaction once the operation has been answered. Idempotent. Resolvers may still run then, after
   * a sibling field failed: their reads are refused, since another transaction would never be ended.
   */
  close(): Promise<void> {
    this.#isOver = true;
    return this.#endReading();
  }

  #endReading(): Promise<void> {
    return this.#alone(() => Promise.resolve());
  }

  async #share<T>(work: ReadingWork<T>): Promise<T> {
    while (this.#turn !== null) {
      await this.#turn.catch(() => null);
    }
    if (this.#isOver) {
      throw new Error('The operation has been answered: it cannot read any more');
    }
    const reading = (this.#reading ??= this.#begin());
    try {
      return await reading.run(work);
    } catch (error) {
      if (reading.broken && this.#reading === reading) {
        void this.#endReading();
      }
      throw error;
    }
  }

  #begin(): Reading {
    const replica = this.#isOnPrimary ? null : (this.#orm.replicas?.choose(this.#scope.viewerId) ?? null);
    return new Reading(this.#orm, this.#scope, this.#failed, replica);
  }

  /** Runs `task` once the reading transaction and all earlier tasks have ended. */
  #alone<T>(task: () => Promise<T>): Promise<T> {
    const before = this.#turn;
    const reading = this.#reading;
    this.#reading = null;
    const turn = (async (): Promise<T> => {
      await before?.catch(() => null);
      await orUnavailable(async () => reading?.end());
      return task();
    })();
    this.#turn = turn;
    const leave = (): void => {
      this.#turn = this.#turn === turn ? null : this.#turn;
    };
    turn.then(leave, leave);
    return turn;
  }
}

/** A read starts again at most this often after a sibling has broken its transaction. */
const MOST_ATTEMPTS = 10;

const IN_FAILED_SQL_TRANSACTION = '25P02';

function isAborted(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === IN_FAILED_SQL_TRANSACTION;
}
