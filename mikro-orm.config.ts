import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TSMigrationGenerator } from '@mikro-orm/migrations';
import type { Options } from '@mikro-orm/sql';
import { PGliteDialect } from 'kysely';
import { newMigration } from './src/cli/new-migration.ts';
import { ConfigError, loadEnvironment, readTablesConfig } from './src/config/config.ts';
import { lockDataFolder } from './src/database/folder.ts';
import { migrationsList } from './src/database/migrations/index.ts';
import { sharedOptions } from './src/database/orm.ts';

const MIGRATIONS = 'src/database/migrations';

/** Writes what `npm run database -- create` writes, for the database as it is. */
class MigrationGenerator extends TSMigrationGenerator {
  /**
   * Writes the next migration, in `src/database/migrations/`.
   *
   * @throws Error if a migration of the repository has not run on this database: the new one would repeat it
   */
  override async generate(
    { up }: { readonly up: string[] },
    _path?: string,
    name = 'changes',
  ): Promise<[string, string]> {
    const known = migrationsList.map((migration) => migration.name);
    const rows = await this.driver.execute<{ name: string }[]>('select name from public.mikro_orm_migrations');
    const missing = known.filter((migration) => rows.every((row) => row.name !== migration));
    if (missing.length > 0) {
      throw new Error(`Run npx mikro-orm migration:up first: this database lacks ${missing.join(', ')}.`);
    }
    const { fileName, text } = newMigration(name, up.map((sql) => sql.replace(/;\s*$/, '')).filter(Boolean), known);
    writeFileSync(join(import.meta.dirname, MIGRATIONS, fileName), text, { flag: 'wx' });
    return [text, fileName];
  }
}

const shared = sharedOptions({});
const options = {
  ...shared,
  migrations: {
    ...shared.migrations,
    silent: false,
    path: MIGRATIONS,
    pathTs: MIGRATIONS,
    generator: MigrationGenerator,
  },
} satisfies Options;

/** Reads the environment. Ends the command with one sentence a problem, where MikroORM would print a stack trace. */
function settings(): ReturnType<typeof readTablesConfig> {
  try {
    return readTablesConfig(loadEnvironment());
  } catch (error) {
    if (error instanceof ConfigError) {
      process.stderr.write(`${error.message}\n`);
      process.exit(1);
    }
    throw error;
  }
}

/**
 * Returns the settings of the `mikro-orm` commands: for the database that the server would open, as the tables' owner.
 * The embedded database admits one process at a time: stop the server first.
 */
export default async function config(): Promise<Options> {
  const { database, dataDir } = settings();
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
