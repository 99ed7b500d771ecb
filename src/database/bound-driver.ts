import type { AbstractSqlDriver, SqlEntityManager } from '@mikro-orm/sql';
import type { Kysely } from 'kysely';
import { requireScope } from './transaction-control.ts';

type Driver = AbstractSqlDriver;
type Connection = ReturnType<Driver['getConnection']>;

/** A driver of MikroORM that works in one transaction, once there is one. */
export interface BoundDriver {
  readonly driver: Driver;
  /** Names the transaction in which everything runs from now on. */
  readonly bind: (transaction: Kysely<unknown> | undefined) => void;
}

/**
 * Returns a driver for one entity manager. Where no transaction is named, as in `em.getDriver().find(…)` and
 * `em.getConnection().execute(…)`, MikroORM takes a connection from the pool: that has no rights on tables, and on the
 * embedded database, whose only connection is in use, the caller would wait forever.
 *
 * @param isOnly true if there is no connection for a second transaction beside the first
 * @param replaced methods of the connection that behave in another way
 */
export function bindDriver(driver: Driver, isOnly: boolean, replaced: Partial<Connection> = {}): BoundDriver {
  const original = driver.getConnection();
  let bound: Kysely<unknown> | undefined;
  const own: Partial<Connection> = {
    getClient: <T>() => (bound ?? original.getClient()) as Kysely<T>,
    execute: async (query, params, method, transaction = bound, ...rest) => {
      if (typeof query === 'string') {
        requireScope(query);
      }
      return original.execute(query, params, method, transaction, ...rest);
    },
    stream: (query, params, transaction = bound, ...rest) => original.stream(query, params, transaction, ...rest),
    begin: async (options) => {
      if (isOnly && bound !== undefined && options?.ctx === undefined) {
        throw new Error(
          'The embedded database runs one transaction at a time: work in the one of "em", or after it has ended',
        );
      }
      return original.begin(options);
    },
    commit: (...args) => original.commit(...args),
    rollback: (...args) => original.rollback(...args),
    ...replaced,
  };
  const connection = Object.assign(Object.create(original) as Connection, own);
  return {
    driver: Object.assign(Object.create(driver) as Driver, { connection }),
    bind: (transaction) => (bound = transaction),
  };
}

/** The member by which an entity manager that has not been created yet returns the driver that it will have. */
export const BOUND_DRIVER = Symbol('bound driver');

/** Returns the driver of an entity manager, which those of nested transactions share: it identifies the transaction. */
export function boundDriverOf(em: SqlEntityManager): Driver {
  const coming = Reflect.get(em, BOUND_DRIVER) as (() => Driver) | undefined;
  return coming?.() ?? em.getDriver();
}
