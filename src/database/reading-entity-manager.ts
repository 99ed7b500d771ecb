import {
  type AnyEntity,
  type Dictionary,
  type EntityData,
  type EntityName,
  FlushMode,
  type MetadataStorage,
  type QueryResult as OrmResult,
  Reference,
  Utils,
  wrap,
} from '@mikro-orm/core';
import { type EmExecuteOptions, SqlEntityManager } from '@mikro-orm/sql';
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from 'kysely';
import { bindDriver } from './bound-driver.ts';
import { literalOf } from './literals.ts';
import type { Orm } from './orm.ts';

/** Runs statements, complete with their values, in one reading transaction. */
export interface ReadingStatements {
  /** Runs a statement with `?` in the places of its parameters. */
  execute(sql: string, params: readonly unknown[]): Promise<object[]>;
  /** Runs a statement that the entity manager has formatted, and has reported to `onStatement`. */
  run(text: string): Promise<object[]>;
  /** Reports a statement to `onStatement`, then runs it. */
  runReported(text: string): Promise<object[]>;
}

/** Thrown when an entity manager that only reads is to write, or to begin a transaction of its own. */
class ReadOnly extends Error {
  constructor(method: string) {
    super(`"${method}" is not available where rows are only read: write in "unit.write(async (em) => …)"`);
    this.name = 'ReadOnly';
  }
}

type Result = OrmResult | EntityData<AnyEntity> | EntityData<AnyEntity>[];

/** Methods that write, or that would leave the transaction of the operation. */
const WRITES = [
  'begin',
  'callRoutine',
  'clearSessionContext',
  'clone',
  'commit',
  'flush',
  'insert',
  'insertMany',
  'lock',
  'nativeDelete',
  'nativeUpdate',
  'persist',
  'remove',
  'resetTransactionContext',
  'rollback',
  'setSessionContext',
  'transactional',
  'upsert',
  'upsertMany',
] as const satisfies readonly (keyof SqlEntityManager)[];

/**
 * MikroORM's entity manager without the methods that write: entities with `find` and its kin (`populate`, `filters`,
 * `orderBy`), the typed query builder with `getKysely`, and plain rows with `execute`.
 */
export type Reader = Omit<SqlEntityManager, (typeof WRITES)[number] | 'fork'> & {
  fork(options?: Parameters<SqlEntityManager['fork']>[0]): Reader;
};

const REFUSED_BY_CONNECTION = Object.fromEntries(
  ['begin', 'close', 'commit', 'executeDump', 'getNativeClient', 'rollback', 'transactional'].map((method) => [
    method,
    (): never => {
      throw new ReadOnly(method);
    },
  ]),
);

/**
 * MikroORM's entity manager over the reading transaction of one operation: it has that transaction's snapshot, database
 * role and identity map, and refuses to write. Forks of it read in the same transaction.
 */
export class ReadingEntityManager extends SqlEntityManager {
  #statements: ReadingStatements | null = null;

  /**
   * Creates the entity manager of one reading transaction.
   *
   * @param session tells the row scopes apart in the keys of MikroORM's result cache; the transaction itself sets them
   */
  static over(
    orm: Orm,
    statements: ReadingStatements,
    session: Readonly<Record<string, string>>,
  ): ReadingEntityManager {
    const { em } = orm;
    const { driver, bind } = bindDriver(em.getDriver(), false, REFUSED_BY_CONNECTION);
    const reading = new ReadingEntityManager(orm.config, driver, em.getMetadata(), false, em.getEventManager());
    reading.#statements = statements;
    // Without this, a changed entity would be written before the next query on its table.
    reading.setFlushMode(FlushMode.COMMIT);
    SqlEntityManager.prototype.setSessionContext.call(reading, { variables: session });
    const kysely = createReadingKysely(statements);
    reading.setTransactionContext(kysely);
    bind(kysely);
    return reading;
  }

  /** Returns rows as the driver yields them, without entities; `?` stands for the parameters in turn. */
  override async execute<T extends Result = EntityData<AnyEntity>[]>(
    query: Parameters<SqlEntityManager['execute']>[0],
    params: unknown[] | Dictionary = [],
    options: 'all' | 'get' | 'run' | EmExecuteOptions = 'all',
  ): Promise<T> {
    if (typeof query === 'string' && Array.isArray(params) && options === 'all' && this.#statements !== null) {
      return (await this.#statements.execute(query, params)) as T;
    }
    return super.execute<T>(query, params, typeof options === 'string' ? { method: options } : options);
  }

  override fork(options: Parameters<SqlEntityManager['fork']>[0] = {}): this {
    const fork = super.fork({ ...options, keepTransactionContext: true });
    fork.#statements = this.#statements;
    return fork;
  }
}

/**
 * Returns what behaves as the entity manager that `manager` returns, which is called when anything but `own` is used:
 * most work needs rows only, and to create an entity manager takes about as much processor time as to write 20 rows into
 * a response.
 *
 * @param own the members that need no entity manager, by name
 */
export function lazyManager<Manager extends SqlEntityManager>(
  prototype: Manager,
  manager: () => Manager,
  own: ReadonlyMap<string | symbol, unknown>,
): Manager {
  return new Proxy(Object.create(prototype) as Manager, {
    get(_target, name) {
      if (own.has(name)) {
        return own.get(name);
      }
      const value: unknown = Reflect.get(manager(), name, manager());
      return typeof value === 'function' ? (value.bind(manager()) as unknown) : value;
    },
    set: (_target, name, value) => Reflect.set(manager(), name, value),
    has: (_target, name) => name in manager(),
  });
}

/** Returns a reading entity manager that `create` creates when anything but rows is asked of it. */
export function lazyReader(
  create: () => ReadingEntityManager,
  statements: ReadingStatements,
  metadata: MetadataStorage,
): ReadingEntityManager {
  let created: ReadingEntityManager | null = null;
  const manager = (): ReadingEntityManager => (created ??= create());
  const own = new Map<string | symbol, unknown>([
    ['getMetadata', (entity?: EntityName) => (entity === undefined ? metadata : metadata.get(entity))],
    [
      'execute',
      // Asynchronous, as MikroORM's is: what it throws is a rejection.
      async (...args: Parameters<ReadingEntityManager['execute']>) => {
        const [query, params = [], options] = args;
        const isRead = typeof query === 'string' && Array.isArray(params) && options === undefined;
        return await (isRead ? statements.execute(query, params) : manager().execute(...args));
      },
    ],
  ]);
  return lazyManager(ReadingEntityManager.prototype, manager, own);
}

for (const method of WRITES) {
  Object.defineProperty(ReadingEntityManager.prototype, method, {
    value(entities: unknown) {
      // MikroORM calls it with the entities that it has read, when it fills a collection with them.
      if (method === 'persist' && [entities].flat().every(isManaged)) {
        return this as unknown;
      }
      throw new ReadOnly(method);
    },
  });
}

/** Reports if a value is an entity that was read, or a reference to one. */
function isManaged(value: unknown): boolean {
  const entity: unknown = Reference.unwrapReference(Object(value) as object);
  return Utils.isEntity(entity) && wrap(entity).isManaged();
}

/** Writes values into statements: they travel, and are cached as failed, as one text. */
class LiteralCompiler extends PostgresQueryCompiler {
  protected override appendValue(value: unknown): void {
    this.append(literalOf(value));
  }
}

const refuse = (): Promise<never> => Promise.reject(new ReadOnly('transaction'));

/** Returns MikroORM's transaction context: a Kysely instance whose only connection is the reading transaction. */
function createReadingKysely(statements: ReadingStatements): Kysely<unknown> {
  const connection = connectionOver(statements);
  const driver: Driver = {
    init: () => Promise.resolve(),
    acquireConnection: () => Promise.resolve(connection),
    beginTransaction: refuse,
    commitTransaction: refuse,
    rollbackTransaction: refuse,
    releaseConnection: () => Promise.resolve(),
    destroy: () => Promise.resolve(),
  };
  return new Kysely({
    dialect: {
      createDriver: () => driver,
      createQueryCompiler: () => new LiteralCompiler(),
      createAdapter: () => new PostgresAdapter(),
      createIntrospector: (kysely) => new PostgresIntrospector(kysely),
    },
  });
}

function connectionOver(statements: ReadingStatements): DatabaseConnection {
  // MikroORM hands over raw text; the query builder hands over the tree that the text was compiled of.
  const run = async ({ query, sql, parameters }: CompiledQuery): Promise<QueryResult<never>> => {
    if (parameters.length > 0) {
      throw new TypeError(
        '"CompiledQuery.raw" with parameters is not available where rows are only read: use the template "sql" of Kysely',
      );
    }
    const rows = await (query.kind === 'RawNode' ? statements.run(sql) : statements.runReported(sql));
    return { rows: rows as never[] };
  };
  return {
    executeQuery: run,
    async *streamQuery(query: CompiledQuery) {
      yield await run(query);
    },
  };
}
