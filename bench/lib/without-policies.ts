import { Pool, types } from 'pg';
import { pino } from 'pino';
import { type App, createApp } from '../../src/app.ts';
import { loadEnvironment, readConfig } from '../../src/config/config.ts';
import type { Database } from '../../src/database/database.ts';
import { connectServer } from '../../src/database/orm.ts';
import type { Reader } from '../../src/database/reading-entity-manager.ts';
import type { UnitOfWork, Work } from '../../src/database/unit-of-work.ts';

/** The types that the ORM receives as text: dates and timestamps. */
const AS_TEXT = new Set<number>([types.builtins.DATE, types.builtins.TIMESTAMP, types.builtins.TIMESTAMPTZ]);

const getTypeParser = ((oid: number, format?: 'text') =>
  AS_TEXT.has(oid) ? String : types.getTypeParser(oid, format)) as typeof types.getTypeParser;

/** A database without row-level security: no transaction around reads, no role, no context. */
export async function openWithoutPolicies(url: string): Promise<Database> {
  const orm = await connectServer({ url, poolSize: 10, dropRights: false });
  const inTransaction = <T>(work: Work<T>): Promise<T> => orm.em.fork({ clear: true }).transactional(work);
  const pool = new Pool({ connectionString: url, max: 10, pipeline: true, types: { getTypeParser } });
  pool.on('error', () => undefined); // the database is dropped while connections close
  // The benchmark's query reads plain rows, and nothing else of a reader.
  const reader = {
    getMetadata: orm.em.getMetadata.bind(orm.em),
    execute: async (sql: string, params: unknown[] = []) =>
      (await pool.query(orm.em.getPlatform().formatQuery(sql, params))).rows,
  } as Partial<Reader> as Reader;
  const unit: Pick<UnitOfWork, 'read' | 'write' | 'as' | 'close'> = {
    read: (work) => work(reader),
    write: inTransaction,
    as: (_scope, work) => inTransaction(work),
    close: async () => undefined,
  };
  const database = {
    engine: 'postgresql' as const,
    run: <T>(_scope: unknown, work: Work<T>) => inTransaction(work),
    unitOfWork: () => ({ ...unit }) as UnitOfWork, // one object an operation
    /** No data changes during the benchmark, so there is nothing to listen to. */
    listen: async ({ onUp }: { onUp: () => void }) => {
      onUp();
      return async () => undefined;
    },
    isReachable: async () => true,
    onEngineChange: () => undefined,
    pools: () => [],
    replicas: null,
    close: async () => {
      await pool.end();
      await orm.close();
    },
  };
  return database;
}

/** Rolegate as the environment configures it, on a database that the caller opens. */
export function createQuietApp(openDatabase: () => Promise<Database>): Promise<App> {
  const config = readConfig(loadEnvironment());
  const log = pino({ level: config.logLevel });
  return createApp(config, { log, now: () => new Date(), progress: () => undefined, openDatabase });
}
