import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
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
 * Checks the folder of an embedded database. A folder whose creation was interrupted, which the file `creating` tells,
 * is moved aside: nothing is ever deleted that may be data.
 *
 * @throws {DatabaseDamaged} when files of a database are missing or truncated
 */
export function setAsideIncomplete(folder: string, creating: string, now: Date, progress: Progress): void {
  if (!existsSync(folder)) {
    return;
  }
  if (existsSync(creating)) {
    const aside = `${folder}.incomplete-${now.toISOString().replaceAll(/[:.]/g, '-')}`;
    renameSync(folder, aside);
    progress(`the creation of the database was interrupted: what there was of it is in ${aside}`);
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
