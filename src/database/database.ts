import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineListener } from './embedded-engine.ts';
import { DatabaseDamaged, setAsideIncomplete, type FolderLock, lockDataFolder } from './folder.ts';
import { mayMigrate, migrateServer, type Progress, requireMigrated, runMigrations } from './migrate.ts';
import { type Listen, listenEmbedded, listenToServer } from './notifications.ts';
import { connectEmbedded, connectServer, type EmbeddedOrm, type Orm } from './orm.ts';
import type { PoolFigures } from './reading-pool.ts';
import type { ReplicaListener, Replicas } from './replicas.ts';
import { NOBODY_ROLE, type RowScope } from './scopes.ts';
import { requireClosedDatabase, requireLeastPrivilege } from './least-privilege.ts';
import { DATABASE_TIMEOUTS, type DatabaseTimeouts } from './outage.ts';
import { inTransaction, UnitOfWork, type Work } from './unit-of-work.ts';
import type { TablesConfig } from '../config/config.ts';

/** Runs `work` in one transaction as the scope's role, which commits all of its changes or none. */
export type Run = <T>(scope: RowScope, work: Work<T>) => Promise<T>;

export type Engine = 'pglite' | 'postgresql';

/** The database, as the rest of the server sees it: every access to rows names the scope it is for. */
export interface Database {
  readonly engine: Engine;
  readonly run: Run;
  /** The database work of one GraphQL operation. */
  unitOfWork(scope: RowScope): UnitOfWork;
  /** Listens to notifications of transactions of every process. Stop it before the database is closed. */
  readonly listen: Listen;
  /** Returns the connections of each pool at this moment; none for the embedded database. */
  pools(): readonly PoolFigures[];
  /** Calls a listener when the engine of the embedded database fails, and when it runs again. */
  readonly onEngineChange: (listener: EngineListener) => void;
  /** The read replicas; null where there are none. */
  readonly replicas: Pick<Replicas, 'serve' | 'figures'> | null;
  /** Resolves to true if the database answers now. */
  isReachable(): Promise<boolean>;
  /** Waits for running work, then closes every connection. Idempotent. */
  close(): Promise<void>;
}

export interface DatabaseHooks {
  readonly progress: Progress;
  readonly onStatement?: (sql: string) => void;
  readonly onReplica?: ReplicaListener;
}

export interface EmbeddedDatabaseOptions {
  readonly dataDir: string;
  /** A name for the caller, shown to the process that finds the data in use. */
  readonly holder: string;
  readonly now: Date;
  /** The folder of a closed database that a new one is copied from: for tests. */
  readonly template?: string;
  /** The engine, if it is being compiled already: by `compileEmbedded`. */
  readonly engine?: Promise<WebAssembly.Module> | undefined;
}

/**
 * Opens the embedded database in a folder, and creates it if there is none. One process at a time.
 *
 * @throws {DataFolderInUse}
 * @throws {DatabaseDamaged}
 */
export async function openEmbedded(options: EmbeddedDatabaseOptions, hooks: DatabaseHooks): Promise<Database> {
  const lock = lockDataFolder(options.dataDir, options.holder, options.now);
  try {
    const folder = join(options.dataDir, 'database');
    const creating = join(options.dataDir, 'database.creating');
    setAsideIncomplete(folder, creating, options.now, hooks.progress);
    if (!existsSync(folder)) {
      hooks.progress(`creating the database in ${folder}`);
      writeFileSync(creating, '');
    }
    const orm = await connectEmbedded({
      folder,
      template: options.template,
      engine: options.engine,
      onStatement: hooks.onStatement,
    }).catch((error: unknown) => {
      throw new DatabaseDamaged(folder, 'it cannot be opened', { cause: error });
    });
    await prepareEmbedded(orm, hooks.progress);
    rmSync(creating, { force: true });
    return databaseOf('pglite', orm, listenEmbedded(orm), lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Migrates, then gives up the superuser's rights for the rest of the connection's life. */
async function prepareEmbedded(orm: EmbeddedOrm, progress: Progress): Promise<void> {
  try {
    await runMigrations(orm, progress);
    await orm.embedded.prepare((instance) => instance.exec(`set role ${NOBODY_ROLE}`));
  } catch (error) {
    await orm.close();
    throw error;
  }
}

export interface ServerDatabaseOptions {
  readonly url: string;
  /** For LISTEN, where `url` is a pooler; `url` itself without it. */
  readonly listenUrl?: string | null;
  /** The tables' owner; null: `url` itself outside production, if it may migrate, and none in production. */
  readonly adminUrl: string | null;
  readonly production: boolean;
  /** The maximum number of connections for reading, and of those for everything else. */
  readonly poolSize?: number;
  readonly timeouts?: DatabaseTimeouts;
  /** Read replicas. */
  readonly replicaUrls?: readonly string[];
  /** A replica that lags by more seconds is left out. */
  readonly replicaMaxLagSeconds?: number;
}

/**
 * Connects to a PostgreSQL server and migrates it, if that is allowed to this process.
 *
 * @throws {OverprivilegedLogin} in production, when the login bypasses row-level security
 * @throws {DatabaseOpenToOthers} in production, when every login of the cluster may connect
 * @throws {MigrationsPending} if the tables are behind and this process may not change them
 */
export async function openServer(options: ServerDatabaseOptions, hooks: DatabaseHooks): Promise<Database> {
  const ownerUrl = options.adminUrl ?? (!options.production && (await mayMigrate(options.url)) ? options.url : null);
  if (ownerUrl !== null) {
    await migrateServer(ownerUrl, options.url, hooks.progress);
  }
  const { url, production, poolSize = 10, timeouts = DATABASE_TIMEOUTS } = options;
  const replicas = {
    urls: options.replicaUrls ?? [],
    maxLag: (options.replicaMaxLagSeconds ?? 5) * 1_000,
    leastPrivilege: production,
    onChange: hooks.onReplica ?? (() => undefined),
  };
  const { onStatement } = hooks;
  const orm = await connectServer({ url, poolSize, dropRights: !production, timeouts, replicas, onStatement });
  try {
    if (production) {
      await requireLeastPrivilege(orm.em);
    }
    if (ownerUrl === null) {
      await requireMigrated(orm);
    }
    if (production) {
      await requireClosedDatabase(orm.em);
    }
    return databaseOf('postgresql', orm, listenToServer(options.listenUrl ?? url, url), null);
  } catch (error) {
    await orm.close();
    throw error;
  }
}

function databaseOf(engine: Engine, orm: Orm, listen: Listen, lock: FolderLock | null): Database {
  let closing: Promise<void> | null = null;
  const close = async (): Promise<void> => {
    await orm.close();
    lock?.release();
  };
  return {
    engine,
    listen,
    run: (scope, work) => inTransaction(orm, scope, work),
    unitOfWork: (scope) => new UnitOfWork(orm, scope),
    pools: orm.pools,
    onEngineChange: (listener) => void orm.embedded?.onChange(listener),
    replicas: orm.replicas,
    isReachable: () => orm.em.getConnection().isConnected(),
    close: () => (closing ??= close()),
  };
}

/**
 * Opens the configured database for a command.
 *
 * @param holder the name of the command, which other processes see while it holds the embedded database
 * @throws {DataFolderInUse} if another process holds the embedded database
 */
export function openDatabase(config: TablesConfig, holder: string, progress: Progress): Promise<Database> {
  if (config.database === null) {
    return openEmbedded({ dataDir: config.dataDir, holder, now: new Date() }, { progress });
  }
  const { url, adminUrl } = config.database;
  return openServer({ url, adminUrl, production: config.production }, { progress });
}
