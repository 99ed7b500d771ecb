import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** The holder of a data folder, as it described itself. */
export interface Holder {
  readonly pid: number;
  readonly since: string;
  readonly what: string;
}

/** Another process works on the data folder: two on one embedded database lose data silently. */
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
 * The lock is the operating system's, on an SQLite file inside the folder: it dies with its holder, however that ends,
 * and leaves nothing to clean up.
 *
 * @param what what the caller is, for the message that the next one gets
 * @throws {DataFolderInUse} when another process, or another call in this one, holds it
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
