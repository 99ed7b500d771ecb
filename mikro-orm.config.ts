import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Options } from '@mikro-orm/sql';
import { PGliteDialect } from 'kysely';
import { loadEnvironment, readConfig } from './src/config/config.ts';
import { lockDataFolder } from './src/database/lock.ts';
import { migrationsList } from './src/database/migrations/index.ts';
import { sharedOptions } from './src/database/orm.ts';

const MIGRATIONS = 'src/database/migrations';

/** Returns the file name of the next migration: `0009-suppliers` for `migration:create --name suppliers`. */
function fileName(_timestamp: string, name = 'changes'): string {
  const last = Math.max(...migrationsList.map((migration) => Number.parseInt(migration.name, 10)));
  return `${String(last + 1).padStart(4, '0')}-${name}`;
}

const shared = sharedOptions({});
const options = {
  ...shared,
  migrations: { ...shared.migrations, silent: false, path: MIGRATIONS, pathTs: MIGRATIONS, emit: 'ts', fileName },
} satisfies Options;

/**
 * Returns the settings of the `mikro-orm` commands: for the database that the server would open, as the tables' owner.
 * The embedded database admits one process at a time: stop the server first.
 */
export default async function config(): Promise<Options> {
  const { database, dataDir } = readConfig(loadEnvironment());
  if (database !== null) {
    const { PostgreSqlDriver } = await import('@mikro-orm/postgresql');
    return { ...options, driver: PostgreSqlDriver, clientUrl: database.adminUrl ?? database.url };
  }
  const { PgliteDriver } = await import('@mikro-orm/pglite');
  const { EmbeddedPostgres } = await import('./src/database/embedded-postgres.ts');
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const lock = lockDataFolder(dataDir, 'npx mikro-orm', new Date());
  process.once('exit', () => lock.release());
  // Closing the dialect closes the database; MikroORM leaves one open that it is given, and the command would not end.
  const pglite = new EmbeddedPostgres({ dataDir: join(dataDir, 'database') });
  return { ...options, driver: PgliteDriver, dbName: 'memory://', driverOptions: new PGliteDialect({ pglite }) };
}
