import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import { entities } from '../database/entities/index.ts';
import { lockDataFolder } from '../database/folder.ts';
import { migrateServer, runMigrations } from '../database/migrate.ts';
import { migrationsList } from '../database/migrations/index.ts';
import { connectEmbedded, connectServer, type EntityManager, type Orm } from '../database/orm.ts';
import { openDatabase } from '../database/database.ts';
import { systemScope } from '../database/scopes.ts';
import { FileFailure, openLines, ReaderLeft, type Target, targetFile } from './files.ts';
import type { CommandOutput } from './output.ts';

export const DATA_USAGE = `Usage: npm run data -- <command>

  export <file>   write all rows of the configured database to a file
  import <file>   read such a file into the configured database, which must be empty

The embedded database and PostgreSQL write and read the same files. Stop the servers first, keep JWT_SECRET, and
verify the audit trail afterwards: npm run audit -- verify`;

const HOLDER = 'npm run data';
const BATCH = 1_000;

/** The tables, each after those that it refers to. */
const TABLES: readonly string[] = entities.map(({ meta }) => meta.tableName);

/** The table whose one row the migrations write. */
const MADE_BY_MIGRATIONS = 'access_version';

/** The first line of a file. */
interface Head {
  readonly rolegate: 1;
  /** The last migration of the database that was exported. */
  readonly migration: string;
}

/** The data cannot be exported or imported. Nothing was written to the database. */
class DataRefused extends Error {}

/**
 * The `data` commands.
 *
 * @returns the exit code. 0: done. 1: refused, and nothing was written to the database. 2: not understood.
 */
export async function dataCommand(args: readonly string[], config: Config, output: CommandOutput): Promise<number> {
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

async function exportData(file: string, config: Config, { out }: CommandOutput): Promise<void> {
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

async function exportTo(target: Target, config: Config, out: CommandOutput['out']): Promise<void> {
  const database = await openDatabase(config, HOLDER, (step) => out(`… ${step}`));
  try {
    const write = (line: string): Promise<void> => target.write(`${line}\n`);
    await write(JSON.stringify({ rolegate: 1, migration: migrationsList.at(-1)?.name ?? '' } satisfies Head));
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

async function importData(file: string, config: Config, { out }: CommandOutput): Promise<void> {
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
  config: Config,
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
  { database, dataDir }: Config,
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

const DAMAGED = 'The file is damaged, or comes from another release. Nothing was written.';

/** Returns true for an error of PostgreSQL about values: class 22, data, or 23, constraints. */
function isOfValues(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^2[23]/.test(String(error.code));
}

/** Inserts the rows of a file. Returns their checksums by table. */
async function insertAll(
  em: EntityManager,
  source: FileHandle,
  progress: (step: string) => void,
): Promise<ReadonlyMap<string, Checksum>> {
  const sums = new Map<string, Checksum>(TABLES.map((table) => [table, new Checksum()]));
  let [table, batch, count, end]: [string, string[], number, number | null] = ['', [], 0, null];
  const flush = async (): Promise<void> => {
    if (batch.length > 0) {
      const columns = (await columnsOf(em, table)).join(', ');
      const insert = em.execute(
        `insert into ${table} (${columns}) select ${columns} from json_populate_recordset(null::${table}, ?::json)`,
        [`[${batch.join(',')}]`],
      );
      await insert.catch((error: unknown) => {
        throw isOfValues(error) ? new DataRefused(DAMAGED, { cause: error }) : error;
      });
    }
    batch = [];
  };
  let head: Head | null = null;
  for await (const line of source.readLines({ autoClose: false })) {
    if (head === null) {
      head = readHead(line);
      continue;
    }
    const at = line.indexOf(' ');
    const [name, row] = [line.slice(0, at), line.slice(at + 1)];
    if (name === 'end') {
      end = Number(row);
      continue;
    }
    const sum = sums.get(name);
    if (sum === undefined || end !== null) {
      throw new DataRefused(DAMAGED);
    }
    if (name !== table || batch.length === BATCH) {
      await flush();
    }
    if (name !== table) {
      progress(name);
      table = name;
    }
    batch.push(row);
    sum.add(row);
    count += 1;
  }
  await flush();
  if (end !== count) {
    throw new DataRefused('The file is truncated: its last line is missing. Nothing was written.');
  }
  return sums;
}

/** @throws {DataRefused} if the file was not exported by the same release of the tables */
function readHead(line: string): Head {
  const wanted = migrationsList.at(-1)?.name;
  try {
    const head = JSON.parse(line) as Head;
    if (head.rolegate === 1 && head.migration === wanted) {
      return head;
    }
  } catch {
    // Refused below.
  }
  throw new DataRefused(
    `The file was not written by "npm run data -- export" at the migration ${wanted}: export it again with this release. ` +
      'Nothing was written.',
  );
}

/** Returns the columns of a table that are stored as they are given. */
async function columnsOf(em: EntityManager, table: string): Promise<string[]> {
  const rows = await em.execute<{ name: string }[]>(
    `select quote_ident(attname) as name from pg_attribute where attrelid = ?::regclass and attnum > 0
     and not attisdropped and attgenerated = '' order by attnum`,
    [`public.${table}`],
  );
  return rows.map(({ name }) => name);
}

/** Calls a function with each row of a table, as PostgreSQL writes it in JSON, in one snapshot of the table. */
async function eachRow(em: EntityManager, table: string, use: (row: string) => unknown): Promise<void> {
  const columns = (await columnsOf(em, table)).join(', ');
  await em.execute(`set local timezone = 'UTC'`);
  await em.execute(
    `declare exported no scroll cursor for select row_to_json(r)::text as row from (select ${columns} from ${table}) r`,
  );
  for (;;) {
    const rows = await em.execute<{ row: string }[]>(`fetch ${BATCH} from exported`);
    for (const { row } of rows) {
      await use(row);
    }
    if (rows.length < BATCH) {
      break;
    }
  }
  await em.execute('close exported');
}

/** A sum over rows that does not depend on their order: of the SHA-256 of each. */
class Checksum {
  rows = 0;
  #sum = 0n;

  add(row: string): void {
    this.rows += 1;
    this.#sum += BigInt(`0x${createHash('sha256').update(row).digest('hex')}`);
  }

  equals(other: Checksum): boolean {
    return this.rows === other.rows && this.#sum === other.#sum;
  }
}
