import { SqlEntityManager } from '@mikro-orm/sql';
import {
  ControlledTransaction,
  type DatabaseConnection,
  DefaultQueryExecutor,
  PostgresAdapter,
  PostgresDialect,
  type PostgresDialectConfig,
  PostgresDriver,
  PostgresQueryCompiler,
  SingleConnectionProvider,
} from 'kysely';
import type { Pool } from 'pg';
import { BOUND_DRIVER, bindDriver, type BoundDriver } from './bound-driver.ts';
import type { EntityManager, Orm } from './orm.ts';
import { forkFor } from './reading.ts';
import { lazyManager } from './reading-entity-manager.ts';
import type { RowScope } from './scopes.ts';
import { EMPTY, type Result, type Row, WritingTransaction } from './writing.ts';

/** A transaction with the entity manager of its work. */
export interface Writing {
  readonly em: EntityManager;
  /** Writes what has changed of entities, and commits. */
  readonly commit: () => Promise<void>;
  readonly rollback: () => Promise<void>;
}

/**
 * Begins a transaction on a server. The entity manager sends text by itself; MikroORM's is created when anything else is
 * asked of it, and works in the same transaction.
 */
export function beginWriting(orm: Orm, pool: Pool, scope: RowScope): Writing {
  const transaction = new WritingTransaction(orm, pool, scope);
  const platform = orm.em.getPlatform();
  let bound: BoundDriver | null = null;
  const driver = (): BoundDriver => (bound ??= bindDriver(orm.em.getDriver(), false));
  let created: EntityManager | null = null;
  const manager = (): EntityManager => {
    transaction.requireOpen();
    return (created ??= managerOn(orm, pool, scope, transaction, driver()));
  };

  async function execute(...args: Parameters<EntityManager['execute']>): Promise<unknown> {
    const [query, params, options] = withDefaults(args);
    if (created !== null || typeof query !== 'string' || !Array.isArray(params) || typeof options !== 'string') {
      return manager().execute(...args);
    }
    const sql = orm.config.get('onQuery')(query, params);
    try {
      return shaped(await transaction.run(platform.formatQuery(sql, params)), options);
    } catch (error) {
      throw error instanceof Error ? orm.em.getDriver().convertException(error) : error;
    }
  }

  const own = new Map<string | symbol, unknown>([
    ['execute', execute],
    [BOUND_DRIVER, () => driver().driver],
    ['getMetadata', orm.em.getMetadata.bind(orm.em)],
    ['flush', async () => created?.flush()],
    ['then', undefined], // read by `await`: an entity manager is not a promise
  ]);
  const em = lazyManager(SqlEntityManager.prototype as EntityManager, manager, own);
  return {
    em,
    commit: () => created?.commit() ?? transaction.commit(),
    rollback: async () => {
      // An error of the rollback must not hide why the transaction has failed.
      await (created?.isInTransaction() === true ? created.rollback().catch(() => undefined) : null);
      await transaction.rollback();
    },
  };
}

function withDefaults([query, params = [], options = 'all']: readonly unknown[]): readonly [unknown, unknown, unknown] {
  return [query, params, options];
}

/** Shapes a result as MikroORM does. */
function shaped({ rows, rowCount }: Result, method: string): unknown {
  if (method === 'run') {
    return { affectedRows: rowCount ?? 0, insertId: undefined, row: rows[0], rows };
  }
  return method === 'get' ? rows[0] : rows;
}

/** Returns an entity manager of MikroORM that works in the transaction, and commits it. */
function managerOn(
  orm: Orm,
  pool: Pool,
  scope: RowScope,
  transaction: WritingTransaction,
  bound: BoundDriver,
): EntityManager {
  const { em, bind } = forkFor(orm, scope, {}, bound);
  const kysely = createKysely(pool, transaction);
  em.setTransactionContext(kysely);
  bind(kysely);
  return em;
}

/** Returns MikroORM's transaction context: Kysely's controlled transaction, on the connection of ours. */
function createKysely(connections: Pool, transaction: WritingTransaction): ControlledTransaction<unknown> {
  const client = {
    query: (first: string | Cursor, values?: readonly unknown[]) =>
      first instanceof Cursor ? first.over(transaction) : runOrEnd(transaction, first, values),
    release: () => undefined,
  };
  // The driver cancels a statement by a client of its own, made as those of the pool are.
  const pool = Object.assign(Object.create(connections) as object, { connect: () => Promise.resolve(client) });
  const config = { pool, cursor: Cursor } as unknown as PostgresDialectConfig;
  const driver = new PostgresDriver(config);
  const acquired = driver.init().then(() => driver.acquireConnection());
  const connection: Required<DatabaseConnection> = {
    executeQuery: async (query) => (await acquired).executeQuery(query),
    async *streamQuery(query, chunkSize) {
      yield* (await acquired).streamQuery(query, chunkSize);
    },
    collectSessionInfo: async () => (await acquired).collectSessionInfo?.(),
    cancelQuery: async (provider) => (await acquired).cancelQuery?.(provider),
    killSession: async (provider) => (await acquired).killSession?.(provider),
  };
  const provider = new SingleConnectionProvider(connection);
  return new ControlledTransaction({
    config: { dialect: DIALECT },
    dialect: DIALECT,
    driver,
    executor: new DefaultQueryExecutor(new PostgresQueryCompiler(), new PostgresAdapter(), provider),
    connection: { connection, release: () => undefined },
  });
}

/** The dialect of transactions, which is never connected: it describes the database to those who ask Kysely for it. */
const DIALECT = new PostgresDialect({ pool: () => Promise.reject(new Error('The transaction has its connection')) });

async function runOrEnd(transaction: WritingTransaction, text: string, values?: readonly unknown[]): Promise<Result> {
  if (text === 'commit') {
    await transaction.commit();
  } else if (text === 'rollback') {
    await transaction.rollback();
  } else {
    return transaction.run(text, values);
  }
  return EMPTY;
}

/** Reads the rows of a query in parts, for Kysely's driver: by a cursor of SQL, since all statements travel as text. */
class Cursor {
  static #created = 0;
  readonly #name = `rolegate_${(Cursor.#created += 1)}`;
  readonly #sql: string;
  readonly #values: readonly unknown[];
  #transaction: WritingTransaction | null = null;
  #isOpen = false;
  #isRead = false;

  constructor(sql: string, values: readonly unknown[]) {
    this.#sql = sql;
    this.#values = values;
  }

  over(transaction: WritingTransaction): this {
    this.#transaction = transaction;
    return this;
  }

  async read(count: number): Promise<Row[]> {
    if (!/^\s*select\b/i.test(this.#sql)) {
      // A cursor of SQL only reads.
      const isFirst = !this.#isRead;
      this.#isRead = true;
      return isFirst ? this.#run(this.#sql, this.#values) : [];
    }
    if (!this.#isOpen) {
      await this.#run(`declare ${this.#name} no scroll cursor for ${this.#sql}`, this.#values);
      this.#isOpen = true;
    }
    return this.#run(`fetch ${count} from ${this.#name}`);
  }

  async close(): Promise<void> {
    if (this.#isOpen) {
      // After an error of the transaction it is closed already.
      await this.#run(`close ${this.#name}`).catch(() => []);
    }
  }

  async #run(text: string, values?: readonly unknown[]): Promise<Row[]> {
    return (await this.#transaction?.run(text, values))?.rows ?? [];
  }
}
