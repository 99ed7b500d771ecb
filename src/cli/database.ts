import { existsSync, writeFileSync } from 'node:fs';
import { createPasswordHasher } from '../auth/passwords/hashing.ts';
import type { TablesConfig } from '../config/config.ts';
import { migrateServer, runMigrations } from '../database/migrate.ts';
import { migrationsList } from '../database/migrations/index.ts';
import { connectEmbedded } from '../database/orm.ts';
import { seedBuiltInRoles, seedDemo } from '../database/seed/seed.ts';
import { builtInRoles, buildSchema } from '../schema.ts';
import { openDatabase } from '../database/database.ts';
import { newMigration } from './new-migration.ts';
import type { CommandOutput } from './output.ts';

/** The settings of commands on the tables alone. */

export const DATABASE_USAGE = `Usage: npm run database -- <command>

  migrate        bring the tables up to date
  create <name>  write a migration from the difference between entities and migrations
  seed           load the built-in roles and the demo data (not in production)`;

const HOLDER = 'npm run database';

/** The `database` commands. Returns the exit code. */
export async function databaseCommand(
  args: readonly string[],
  config: TablesConfig,
  output: CommandOutput,
): Promise<number> {
  const [command, name] = args;
  if (command === 'migrate' && args.length === 1) {
    return migrate(config, output);
  }
  if (command === 'seed' && args.length === 1) {
    return seed(config, output);
  }
  if (command === 'create' && name !== undefined && /^[a-z0-9-]+$/.test(name)) {
    return createMigration(name, output);
  }
  output.err(DATABASE_USAGE);
  return 2;
}

async function migrate(config: TablesConfig, { out }: CommandOutput): Promise<number> {
  const steps: string[] = [];
  const progress = (step: string): void => {
    steps.push(step);
    out(`… ${step}`);
  };
  if (config.database === null) {
    await (await openDatabase(config, HOLDER, progress)).close();
  } else {
    const { url, adminUrl } = config.database;
    await migrateServer(adminUrl ?? url, url, progress);
  }
  out(steps.length === 0 ? 'The database is up to date.' : 'Done.');
  return 0;
}

async function seed(config: TablesConfig, { out, err }: CommandOutput): Promise<number> {
  if (config.production) {
    err('The demo data has public passwords: it is not loaded in production. Unset NODE_ENV to load it elsewhere.');
    return 1;
  }
  const database = await openDatabase(config, HOLDER, (step) => out(`… ${step}`));
  try {
    const hasher = createPasswordHasher();
    await seedBuiltInRoles(database.run, builtInRoles(buildSchema()));
    await seedDemo(
      database.run,
      (password) => hasher.hash(password),
      (step) => out(`… ${step}`),
    );
  } finally {
    await database.close();
  }
  out('Done.');
  return 0;
}

/** The folder of the migrations. */
const MIGRATIONS = new URL('../database/migrations/', import.meta.url);

/** Compares a fresh database that has run all migrations with the entities. */
async function createMigration(name: string, { out, err }: CommandOutput): Promise<number> {
  if (!existsSync(MIGRATIONS)) {
    err('This command writes a source file, and there are none here: run it in a clone of the repository.');
    return 1;
  }
  const orm = await connectEmbedded({ folder: null });
  try {
    await runMigrations(orm, () => null);
    const sql = await orm.schema.getUpdateSchemaSQL({ wrap: false });
    const statements = sql.split(/;\s*\n|;\s*$/).filter((statement) => statement.trim() !== '');
    if (statements.length === 0) {
      out('Entities and migrations agree: there is nothing to migrate.');
      return 0;
    }
    const existing = migrationsList.map((migration) => migration.name);
    const { fileName, text } = newMigration(name, statements, existing);
    writeFileSync(new URL(fileName, MIGRATIONS), text, { flag: 'wx' });
    out(`Wrote src/database/migrations/${fileName}. Read it, grant the rights it needs, and list it in index.ts.`);
    return 0;
  } finally {
    await orm.close();
  }
}
