import { pino } from 'pino';
import { type App, createApp } from '../../src/app.ts';
import { loadEnvironment, readConfig } from '../../src/config.ts';
import type { Database } from '../../src/database/database.ts';
import { connectServer } from '../../src/database/orm.ts';
import type { Reader } from '../../src/database/reading.ts';
import type { UnitOfWork, Work } from '../../src/database/unit-of-work.ts';

/** A database without the wall: no transaction around reads, no role, no context. */
export async function openWithoutWall(url: string): Promise<Database> {
  const orm = await connectServer({ url, poolSize: 16, dropRights: false });
  const inTransaction = <T>(work: Work<T>): Promise<T> => orm.em.fork({ clear: true }).transactional(work);
  const reader: Reader = {
    getMetadata: orm.em.getMetadata.bind(orm.em),
    execute: async <Rows extends object[]>(sql: string, params: unknown[] = []) =>
      (await orm.pool?.query(orm.em.getPlatform().formatQuery(sql, params)))?.rows as Rows,
  };
  const unit: Pick<UnitOfWork, 'read' | 'write' | 'as' | 'close'> = {
    read: (work) => work(reader),
    write: inTransaction,
    as: (_scope, work) => inTransaction(work),
    close: async () => undefined,
  };
  const database = {
    engine: 'postgresql' as const,
    run: <T>(_scope: unknown, work: Work<T>) => inTransaction(work),
    unitOfWork: () => unit as UnitOfWork,
    /** Nothing is changed here while anybody is asked. */
    listen: async ({ onUp }: { onUp: () => void }) => {
      onUp();
      return async () => undefined;
    },
    isReachable: async () => true,
    close: () => orm.close(),
  };
  return database;
}

/** Rolegate as the environment configures it, on a database that the caller opens. */
export function createQuietApp(openDatabase: () => Promise<Database>): Promise<App> {
  const config = readConfig(loadEnvironment());
  const log = pino({ level: config.logLevel });
  return createApp(config, { log, now: () => new Date(), progress: () => undefined, openDatabase });
}
