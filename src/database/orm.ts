import { cpSync, existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { Migrator } from '@mikro-orm/migrations';
import type { SqlEntityManager, SqlMikroORM } from '@mikro-orm/sql';
import { CompiledQuery } from 'kysely';
import type { DatabaseConnection } from 'kysely';
import type { Pool, PoolClient } from 'pg';
import { Announcer, NOTIFY } from './announcer.ts';
import type { EmbeddedEngine } from './embedded-engine.ts';
import { entities } from './entities/index.ts';
import { migrationsList } from './migrations/index.ts';
import type { DatabaseTimeouts } from './outage.ts';
import type { PoolFigures, ReadingPool } from './reading-pool.ts';
import type { Position, ReplicaListener, Replicas } from './replicas.ts';
import { NOBODY_ROLE } from './scopes.ts';
import { traceStatements } from './traced-statement.ts';
import { within } from '../lib/deadline.ts';

export type EntityManager = SqlEntityManager;

/** The parts of a MikroORM instance that this project uses, whichever of the two drivers it has. */
export type Orm = Pick<SqlMikroORM, 'close' | 'schema' | 'migrator' | 'config'> & {
  readonly em: EntityManager;
  /** The connections on which reading transactions run on a server; null for the embedded database. */
  readonly readingPool: ReadingPool | null;
  /** The connections on which all other transactions run on a server; null for the embedded database. */
  readonly writingPool: Pool | null;
  /** Null where none are configured. */
  readonly replicas: Replicas | null;
  /** Returns the connections of each pool at this moment; none for the embedded database. */
  readonly pools: () => readonly PoolFigures[];
  /** Notifies every process of committed events. */
  readonly announcer: Announcer;
  /** The engine of the embedded database; null on a server. */
  readonly embedded: EmbeddedEngine | null;
} & OrmOptions;

/** The same on the embedded database. */
export type EmbeddedOrm = Orm & {
  readonly embedded: EmbeddedEngine;
  /** Called for each notification: there is no other process. */
  readonly notified: Set<() => void>;
};

/** The settings that both engines share. */
export interface OrmOptions {
  /** Called with the text of each statement but the begin, context and commit around it. */
  readonly onStatement?: ((sql: string) => void) | undefined;
}

/** The place of the embedded database: a folder, or memory when it is null. */
export interface EmbeddedOptions extends OrmOptions {
  readonly folder: string | null;
  /** The folder of a database that was closed, which a new one is a copy of; without it, that of the build. */
  readonly template?: string | undefined;
  /** The engine, if it is being compiled already. */
  readonly engine?: Promise<WebAssembly.Module> | undefined;
}

export interface ServerOptions extends OrmOptions {
  readonly url: string;
  /** The maximum number of connections for reading, and of those for everything else. */
  readonly poolSize: number;
  /** Makes each connection give up its login's rights at once: needed when the login has any. */
  readonly dropRights: boolean;
  /** The longest time for which a statement waits for a lock, in milliseconds; without it, as the server is set. */
  readonly lockTimeout?: number;
  /** Time limits for a connection and for an answer; without them there are none, as migrations need it. */
  readonly timeouts?: DatabaseTimeouts;
  readonly replicas?: ReplicaSettings | undefined;
}

/** The read replicas of a server. */
export interface ReplicaSettings {
  readonly urls: readonly string[];
  /** A replica that lags by more milliseconds is left out. */
  readonly maxLag: number;
  readonly leastPrivilege: boolean;
  readonly onChange: ReplicaListener;
}

/** Returns the settings that both engines share. */
export function sharedOptions({ onStatement }: OrmOptions) {
  return {
    entities,
    extensions: [Migrator],
    // Each migration in a transaction of its own, which holds its locks as briefly as possible, and stays done if a later one fails.
    migrations: { migrationsList, snapshot: false, silent: true, allOrNothing: false },
    // Triggers and functions are written by migrations.
    schemaGenerator: { ignoreTriggers: true, ignoreRoutines: true },
    onQuery: (sql: string): string => {
      onStatement?.(sql);
      return sql;
    },
  };
}

/** Connects to the embedded database (PGlite) as its superuser: the caller gives that up once migrations are done. */
export async function connectEmbedded(options: EmbeddedOptions): Promise<EmbeddedOrm> {
  const { MikroORM } = await import('@mikro-orm/pglite');
  const { EmbeddedPostgres } = await import('./embedded-postgres.ts');
  const { EmbeddedEngine } = await import('./embedded-engine.ts');
  const beginning = await beginningOf(options);
  const engine = await options.engine;
  const again = {
    dataDir: options.folder ?? 'memory://',
    ...(engine === undefined ? {} : { pgliteWasmModule: engine }),
  };
  const first = beginning === null ? again : { ...again, loadDataDir: beginning };
  const embedded = new EmbeddedEngine(
    (onFailure) => new EmbeddedPostgres(first, onFailure),
    options.folder === null ? null : (onFailure) => new EmbeddedPostgres(again, onFailure),
  );
  const orm = new MikroORM({ ...sharedOptions(options), driverOptions: () => ({ pglite: embedded }) }); // while files are read
  await embedded.waitReady;
  await orm.connect();
  const close = orm.close.bind(orm);
  const notified = new Set<() => void>();
  return Object.assign(orm, {
    readingPool: null,
    writingPool: null,
    replicas: null,
    pools: () => [],
    embedded,
    notified,
    announcer: new Announcer(async () => notified.forEach((listener) => listener())),
    onStatement: options.onStatement,
    close: async (force?: boolean) => {
      await close(force);
      await embedded.close();
    },
  });
}

/** A database as the migrations leave it: the built server brings it along. */
export const BUILT_TEMPLATE = fileURLToPath(new URL('./database-template', import.meta.url));

/**
 * Fills the folder of a new database from the template. Where there is none, the answer is what PGlite has to unpack,
 * which takes much longer: what `initdb` makes, made in advance for this release of it.
 */
async function beginningOf({ folder, template = BUILT_TEMPLATE }: EmbeddedOptions): Promise<Blob | null> {
  if (folder !== null && existsSync(folder)) {
    return null;
  }
  if (folder !== null && existsSync(template)) {
    cpSync(template, folder, { recursive: true });
    return null;
  }
  const { dataDir } = await import('@electric-sql/pglite-prepopulatedfs');
  return dataDir();
}

/**
 * The bytes of code that a function of the embedded database must have run before V8 optimizes it: thirty times the
 * default, which a start reaches half-way, and which made it take longer and use a third more memory.
 */
const TIERING_BUDGET = 400_000_000;

/**
 * Begins to compile the engine of the embedded database, on threads of its own: there is much else to do before it is
 * needed.
 */
export function compileEmbedded(): Promise<WebAssembly.Module> {
  setFlagsFromString(`--wasm-tiering-budget=${TIERING_BUDGET}`);
  const engine = new URL('./pglite.wasm', import.meta.resolve('@electric-sql/pglite'));
  return WebAssembly.compile(readFileSync(engine));
}

/** Connects to a PostgreSQL server. */
export async function connectServer(options: ServerOptions): Promise<Orm> {
  const { MikroORM } = await import('@mikro-orm/postgresql');
  const { poolFigures, ReadingPool, sendFirst } = await import('./reading-pool.ts');
  let readingPool: ReadingPool | null = null;
  let writingPool: Pool | null = null;
  const pools: (() => PoolFigures)[] = [];
  const orm = new MikroORM({
    ...sharedOptions(options),
    clientUrl: options.url,
    ensureDatabase: false, // a typing error in the name must not create a database
    pool: { min: 0, max: options.poolSize },
    driverOptions: {
      onPoolCreated: (created: Pool) => {
        returnDeadConnections(created);
        traceStatements(created);
        const first = options.dropRights ? DROP_RIGHTS : null;
        sendFirst(created, first);
        const reading = new ReadingPool(created, options.poolSize, first);
        readingPool = reading;
        writingPool = created;
        pools.push(
          () => reading.figuresAs('reading'),
          () => poolFigures('writing', created),
        );
      },
      ...(options.timeouts === undefined ? {} : timeoutOptions(options.timeouts)),
    },
    ...(options.lockTimeout === undefined
      ? {}
      : { onCreateConnection: (connection) => send(connection, `set lock_timeout = ${options.lockTimeout}`) }),
  });
  await orm.connect();
  const close = orm.close.bind(orm);
  const replicas = writingPool === null ? null : await connectReplicas(orm.em, writingPool, options);
  return Object.assign(orm, {
    readingPool,
    writingPool,
    replicas,
    pools: () => [...pools.map((read) => read()), ...(replicas?.pools() ?? [])],
    embedded: null,
    announcer: new Announcer(async () => writingPool?.query(NOTIFY)),
    onStatement: options.onStatement,
    close: async (force?: boolean) => {
      await within(Promise.all([readingPool?.end(), replicas?.close(), close(force)]), CLOSING_MS, () => null);
    },
  });
}

/** Connects to the replicas, and looks at each once: the server also starts while some or all of them cannot be reached. */
async function connectReplicas(
  em: EntityManager,
  like: Pool,
  { replicas: settings, poolSize, dropRights }: ServerOptions,
): Promise<Replicas | null> {
  if (settings === undefined || settings.urls.length === 0) {
    return null;
  }
  const { parsePosition, Replicas } = await import('./replicas.ts');
  const { connectReplica, IDENTITY } = await import('./replica.ts');
  const ask = async (sql: string): Promise<string> => {
    const [row] = await em.getConnection().execute<{ answer: string }[]>(sql);
    return row?.answer ?? '';
  };
  const positionOf = async (name: string): Promise<Position> => {
    const text = await ask(`select ${name}()::text as answer`);
    const position = parsePosition(text);
    if (position === null) {
      throw new Error(`PostgreSQL gave no position, but "${text}"`);
    }
    return position;
  };
  // Where the login may not read it, replicas are not compared.
  const cluster = (): Promise<string | null> => ask(IDENTITY).catch(() => null);
  const { leastPrivilege, maxLag, onChange } = settings;
  const first = dropRights ? DROP_RIGHTS : null;
  const found = new Replicas({
    replicas: settings.urls.map((url) => connectReplica({ url, like, poolSize, first, leastPrivilege, cluster })),
    primary: () => positionOf('pg_current_wal_lsn'),
    committed: () => positionOf('pg_current_wal_insert_lsn'),
    maxLag,
    onChange,
  });
  await found.start();
  return found;
}

/** Pools close when all connections have been released. One that never is must not keep the process from ending. */
const CLOSING_MS = 3_000;

/**
 * A statement that gets no answer closes its connection, and with it the transaction that hangs. (Without pipelining the
 * driver would hand the connection, and the open transaction, to the next caller.)
 */
function timeoutOptions({ connection, answer }: DatabaseTimeouts) {
  return { connectionTimeoutMillis: connection, query_timeout: answer, pipeline: true, keepAlive: true };
}

const DROP_RIGHTS = `set role ${NOBODY_ROLE}`;

async function send(connection: unknown, statement: string): Promise<void> {
  await (connection as DatabaseConnection).executeQuery(CompiledQuery.raw(statement));
}

/**
 * Removes connections from the pool that die while they are in use. Otherwise Kysely keeps them when the begin, the
 * commit or the rollback of a transaction fails, and an outage would use the pool up for good.
 */
export function returnDeadConnections(pool: Pool): void {
  const held = new WeakSet<PoolClient>();
  const onEnd = (client: PoolClient): void => {
    if (held.has(client)) {
      client.release(true);
      // Its user may release it once more; the pool would throw.
      client.release = () => undefined;
    }
  };
  pool.on('connect', (client) => client.once('end', () => onEnd(client)));
  pool.on('acquire', (client) => held.add(client));
  pool.on('release', (_error, client) => held.delete(client));
}
