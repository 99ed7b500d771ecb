import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Progress } from './migrate.ts';

/** The folder of the embedded database is there, but not complete. It is never deleted, since it may hold data. */
export class DatabaseDamaged extends Error {
  constructor(folder: string, problem: string, options?: ErrorOptions) {
    super(
      `The database in "${folder}" is damaged: ${problem}. Nothing was changed. Put a backup of the whole folder in its ` +
        'place; or, to begin with an empty database, move the folder away.',
      options,
    );
    this.name = 'DatabaseDamaged';
  }
}

/**
 * Checks the folder of an embedded database. A folder whose creation was interrupted, as its file `creating` shows, is
 * moved aside: nothing that may be data is ever deleted.
 *
 * @throws {DatabaseDamaged} if files of a database are missing or truncated
 */
export function setAsideIncomplete(folder: string, creating: string, now: Date, progress: Progress): void {
  if (!existsSync(folder)) {
    return;
  }
  if (existsSync(creating)) {
    const aside = `${folder}.incomplete-${now.toISOString().replaceAll(/[:.]/g, '-')}`;
    renameSync(folder, aside);
    progress(`the creation of the database was interrupted: its files were moved to ${aside}`);
    return;
  }
  if (readdirSync(folder).length === 0) {
    rmSync(folder, { recursive: true });
    return;
  }
  const problem = problemOf(folder);
  if (problem !== null) {
    throw new DatabaseDamaged(folder, problem);
  }
}

/** Files and folders without which PGlite would start a new database over the old one, or not start at all. */
const NEEDED = ['PG_VERSION', 'base', 'global', 'global/pg_control', 'global/pg_filenode.map', 'pg_wal', 'pg_xact'];

/** PostgreSQL writes its control file in this size. */
const CONTROL_FILE_BYTES = 8_192;

function problemOf(folder: string): string | null {
  const missing = NEEDED.filter((path) => !existsSync(join(folder, path)));
  if (missing.length > 0) {
    return `it lacks ${missing.join(', ')}`;
  }
  if (!/^\d+\s*$/.test(readFileSync(join(folder, 'PG_VERSION'), 'utf8'))) {
    return 'PG_VERSION does not hold a version';
  }
  const { size } = statSync(join(folder, 'global/pg_control'));
  return size === CONTROL_FILE_BYTES ? null : `global/pg_control has ${size} bytes, not ${CONTROL_FILE_BYTES}`;
}

/** The holder of a data folder, as it described itself. */
export interface Holder {
  readonly pid: number;
  readonly since: string;
  readonly what: string;
}

/** Another process holds the data folder. Two processes on one embedded database would lose data silently. */
export class DataFolderInUse extends Error {
  readonly holder: Holder | null;

  constructor(dataDir: string, holder: Holder | null) {
    const who = holder === null ? 'another process' : `process ${holder.pid} (${holder.what}, since ${holder.since})`;
    super(
      `The data in "${dataDir}" is held by ${who}. Nothing was changed. ` +
        'Stop that process first, or use another folder with DATA_DIR, or a PostgreSQL server with DATABASE_URL.',
    );
    this.name = 'DataFolderInUse';
    this.holder = holder;
  }
}

/** A held lock. */
export interface FolderLock {
  release(): void;
}

/**
 * Takes the one lock of a data folder, and makes the folder if need be.
 *
 * The lock is the operating system's, on an SQLite file inside the folder: the system releases it when its holder
 * ends, even by a crash, so there is nothing to clean up.
 *
 * @param what the name of the caller, for the error message of the next one
 * @throws {DataFolderInUse} if another process, or another call in this one, holds it
 */
export function lockDataFolder(dataDir: string, what: string, now: Date): FolderLock {
  mkdirSync(dataDir, { recursive: true });
  const holderFile = join(dataDir, 'holder.json');
  const lock = new DatabaseSync(join(dataDir, 'lock.sqlite'), { timeout: 0 });
  try {
    lock.exec('begin exclusive');
  } catch (error) {
    lock.close();
    if (isBusy(error)) {
      throw new DataFolderInUse(dataDir, readHolder(holderFile));
    }
    throw error;
  }
  writeFileSync(holderFile, `${JSON.stringify({ pid: process.pid, since: now.toISOString(), what })}\n`);
  return { release: () => lock.close() };
}

const SQLITE_BUSY = 5;

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY;
}

/** Returns the text that the holder wrote; null while it is still writing. */
function readHolder(file: string): Holder | null {
  try {
    const { pid, since, what } = JSON.parse(readFileSync(file, 'utf8')) as Partial<Holder>;
    return pid === undefined || since === undefined || what === undefined ? null : { pid, since, what };
  } catch (error) {
    if (error instanceof SyntaxError || (error instanceof Error && 'code' in error && error.code === 'ENOENT')) {
      return null;
    }
    throw error;
  }
}
