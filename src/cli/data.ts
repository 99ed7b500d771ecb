import { statSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { TablesConfig } from '../config/config.ts';
import { lockDataFolder } from '../database/folder.ts';
import { migrateServer, runMigrations } from '../database/migrate.ts';
import { connectEmbedded, connectServer, type EntityManager, type Orm } from '../database/orm.ts';
import { openDatabase } from '../database/database.ts';
import { systemScope } from '../database/scopes.ts';
import { FileFailure, openLines, ReaderLeft, type Target, targetFile, type CommandOutput } from './output.ts';
import { Checksum, DataRefused, eachRow, headOfFile, insertAll, TABLES } from './data-file.ts';

export const DATA_USAGE = `Usage: npm run data -- <command>

  export <file>   write all rows of the configured database to a file
  import <file>   read such a file into the configured database, which must be empty

The embedded database and PostgreSQL write and read the same files. Stop the servers first, keep JWT_SECRET, and
verify the audit trail afterwards: npm run audit -- verify`;

const HOLDER = 'npm run data';

/** The table whose one row the migrations write. */
const MADE_BY_MIGRATIONS = 'access_version';

/**
 * The `data` commands.
 *
 * @returns the exit code. 0: done. 1: refused, and nothing was written to the database. 2: not understood.
 */
export async function dataCommand(
  args: readonly string[],
  config: TablesConfig,
  output: CommandOutput,
): Promise<number> {
  const [command, file, ...rest] = args;
  if (file === undefined || rest.length > 0 || (command !== 'export' && command !== 'import')) {
    output.err(DATA_USAGE);
    return 2;
  }
  try {
    await (command === 'export' ? exportData(file, config, output) : importData(file, config, output));
    return 0;
  } catch (error) {
    if (error instanceof DataRefused || error instanceof FileFailure) {
      output.err(error.message);
      return 1;
    }
    if (error instanceof ReaderLeft) {
      return 0;
    }
    throw error;
  }
}

async function exportData(file: string, config: TablesConfig, { out }: CommandOutput): Promise<void> {
  if (statSync(file, { throwIfNoEntry: false })?.isFile()) {
    throw new DataRefused(`The file "${file}" exists: name another one, or remove it. Nothing was written.`);
  }
  const target = await targetFile(file);
  try {
    await exportTo(target, config, out);
  } finally {
    await target.close();
  }
}

async function exportTo(target: Target, config: TablesConfig, out: CommandOutput['out']): Promise<void> {
  const database = await openDatabase(config, HOLDER, (step) => out(`… ${step}`));
  try {
    const write = (line: string): Promise<void> => target.write(`${line}\n`);
    await write(headOfFile());
    let rows = 0;
    await database.run(systemScope, async (em) => {
      for (const table of TABLES) {
        const sum = new Checksum();
        await eachRow(em, table, async (row) => {
          sum.add(row);
          await write(`${table} ${row}`);
        });
        rows += sum.rows;
        out(`… ${table}: ${sum.rows} rows`);
      }
    });
    await write(`end ${rows}`);
    await target.keep();
    out(`Done: ${rows} rows. The file holds password hashes and personal data: keep it as you keep a backup.`);
  } finally {
    await database.close();
  }
}

async function importData(file: string, config: TablesConfig, { out }: CommandOutput): Promise<void> {
  const progress = (step: string): void => out(`… ${step}`);
  const source = await openLines(file);
  try {
    await importFrom(source, config, out, progress);
  } finally {
    await source.close();
  }
}

async function importFrom(
  source: FileHandle,
  config: TablesConfig,
  out: CommandOutput['out'],
  progress: (step: string) => void,
): Promise<void> {
  const { orm, close } = await openAsOwner(config, progress);
  try {
    await orm.em.fork().transactional(async (em) => {
      await requireEmpty(em);
      // The owner of the tables obeys the policies as well, and none is for it.
      for (const table of TABLES) {
        await em.execute(`alter table ${table} no force row level security`);
      }
      await em.execute(`delete from ${MADE_BY_MIGRATIONS}`);
      const sums = await insertAll(em, source, progress);
      for (const [table, sum] of sums) {
        const read = new Checksum();
        await eachRow(em, table, (row) => read.add(row));
        if (!read.equals(sum)) {
          throw new DataRefused(`${table} differs from the file after the import. Nothing was written.`);
        }
      }
      for (const table of TABLES) {
        await em.execute(`alter table ${table} force row level security`);
      }
      const rows = [...sums.values()].reduce((total, sum) => total + sum.rows, 0);
      out(`Done: ${rows} rows, each compared with the file. Verify the audit trail: npm run audit -- verify`);
    });
  } finally {
    await close();
  }
}

/** Opens the configured database with the rights of its owner, and migrates it. */
async function openAsOwner(
  { database, dataDir }: TablesConfig,
  progress: (step: string) => void,
): Promise<{ readonly orm: Orm; readonly close: () => Promise<void> }> {
  if (database !== null) {
    const ownerUrl = database.adminUrl ?? database.url;
    await migrateServer(ownerUrl, database.url, progress);
    const orm = await connectServer({ url: ownerUrl, poolSize: 2, dropRights: false });
    return { orm, close: () => orm.close() };
  }
  const lock = lockDataFolder(dataDir, HOLDER, new Date());
  try {
    const orm = await connectEmbedded({ folder: join(dataDir, 'database') });
    await runMigrations(orm, progress);
    return {
      orm,
      close: async () => {
        await orm.close();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** @throws {DataRefused} if a table has rows that no migration made */
async function requireEmpty(em: EntityManager): Promise<void> {
  for (const table of TABLES.filter((name) => name !== MADE_BY_MIGRATIONS)) {
    await em.execute(`alter table ${table} no force row level security`);
    const rows = await em.execute<unknown[]>(`select 1 from ${table} limit 1`);
    if (rows.length > 0) {
      throw new DataRefused(`The table ${table} has rows: the database must be empty. Nothing was written.`);
    }
  }
}
