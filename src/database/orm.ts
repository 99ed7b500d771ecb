import { existsSync } from 'node:fs';
import { Migrator } from '@mikro-orm/migrations';
import type { SqlEntityManager, SqlMikroORM } from '@mikro-orm/sql';
import { CompiledQuery } from 'kysely';
import type { DatabaseConnection } from 'kysely';
import type { Pool } from 'pg';
import { returnDeadConnections } from './dead-connections.ts';
import { entities } from './entities/index.ts';
import { migrationsList } from './migrations/index.ts';
import type { DatabasePatience } from './outage.ts';
import type { ReadingPool } from './reading-pool.ts';
import { NOBODY_ROLE } from './scopes.ts';

export type EntityManager = SqlEntityManager;

/** What this project uses of a MikroORM instance, whichever of the two drivers it has. */
export type Orm = Pick<SqlMikroORM, 'close' | 'schema' | 'migrator'> & {
  readonly em: EntityManager;
  /** Where reading transactions run on a server; null for the embedded database. */
  readonly readingPool: ReadingPool | null;
} & OrmOptions;

/** The settings that both engines share. */
export interface OrmOptions {
  /** Called with the text of each statement but the begin, context and commit around it. */
  readonly onStatement?: ((sql: string) => void) | undefined;
}

/** Where the embedded database lives: a folder, or memory when there is none. */
export interface EmbeddedOptions extends OrmOptions {
  readonly folder: string | null;
  /** What a new database starts from, as `PGlite.dumpDataDir` writes it; without it, it is empty. */
  readonly template?: Blob | undefined;
}

export interface ServerOptions extends OrmOptions {
  readonly url: string;
  /** Connections for reading, at most, and as many again for all else. */
  readonly poolSize: number;
  /** Whether each connection gives up its login's rights at once: needed when the login has any. */
  readonly dropRights: boolean;
  /** How long is waited for a connection and for an answer; without it for ever, as migrations want it. */
  readonly patience?: DatabasePatience;
}

function shared({ onStatement }: OrmOptions) {
  return {
    entities,
    extensions: [Migrator],
    migrations: { migrationsList, snapshot: false, silent: true },
    onQuery: (sql: string): string => {
      onStatement?.(sql);
      return sql;
    },
  };
}

/** Connects to the embedded database (PGlite) as its superuser: the caller gives that up once migrations are done. */
export async function connectEmbedded(options: EmbeddedOptions): Promise<Orm> {
  const { MikroORM } = await import('@mikro-orm/pglite');
  const { pg_trgm } = await import('@electric-sql/pglite/contrib/pg_trgm');
  const isNew = options.folder === null || !existsSync(options.folder);
  const template = options.template ?? (isNew ? await emptyDatabase() : undefined);
  const orm = new MikroORM({
    ...shared(options),
    dbName: options.folder === null ? 'memory://' : 'postgres',
    // A function, since MikroORM copies plain objects deeply, and a copied Blob is none.
    driverOptions: () => ({
      dataDir: options.folder ?? 'memory://',
      extensions: { pg_trgm },
      ...(template === undefined ? {} : { loadDataDir: template }),
    }),
  });
  await orm.connect();
  return Object.assign(orm, { readingPool: null, onStatement: options.onStatement });
}

/** What `initdb` makes, made in advance for this release of PGlite: unpacking it takes half the time. */
async function emptyDatabase(): Promise<Blob> {
  const { dataDir } = await import('@electric-sql/pglite-prepopulatedfs');
  return dataDir();
}

/** Connects to a PostgreSQL server. */
export async function connectServer(options: ServerOptions): Promise<Orm> {
  const { MikroORM } = await import('@mikro-orm/postgresql');
  const { ReadingPool } = await import('./reading-pool.ts');
  let readingPool: ReadingPool | null = null;
  const orm = new MikroORM({
    ...shared(options),
    clientUrl: options.url,
    pool: { min: 0, max: options.poolSize },
    driverOptions: {
      onPoolCreated: (created: Pool) => {
        returnDeadConnections(created);
        readingPool = new ReadingPool(created, options.poolSize);
      },
      ...(options.patience === undefined ? {} : impatient(options.patience)),
    },
    ...(options.dropRights ? { onCreateConnection: dropRights } : {}),
  });
  await orm.connect();
  const close = orm.close.bind(orm);
  return Object.assign(orm, {
    readingPool,
    onStatement: options.onStatement,
    close: async (force?: boolean) => {
      await readingPool?.end();
      await close(force);
    },
  });
}

/**
 * A statement that gets no answer ends its connection, which takes the transaction that hangs in it along. (In its
 * other mode the driver would hand the connection, and the open transaction, to the next who wants one.)
 */
function impatient({ connection, answer }: DatabasePatience) {
  return { connectionTimeoutMillis: connection, query_timeout: answer, pipeline: true, keepAlive: true };
}

async function dropRights(connection: unknown): Promise<void> {
  await (connection as DatabaseConnection).executeQuery(CompiledQuery.raw(`set role ${NOBODY_ROLE}`));
}
