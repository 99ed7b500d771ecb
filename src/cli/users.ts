import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { Config } from '../config/config.ts';
import { seedBuiltInRoles } from '../database/seed/seed.ts';
import { builtInRoles } from '../modules/roles/built-in-roles.ts';
import { buildSchema } from '../schema.ts';
import { exportUsers, importUsers } from '../modules/users/transfer.ts';
import { openDatabase } from './open-database.ts';
import type { CommandOutput } from './output.ts';

export const USERS_USAGE = `Usage: npm run users -- <command>

  import <file.csv> [--dry-run]   makes users of a CSV file: all, or none when a line is no good
  export [<file.csv>]             writes all users, to the file or to standard output

The columns are username,email,display_name and, if wanted, roles (separated by blanks), account (an id) and active.`;

/** The parts of the process that the command uses. */
export interface UsersEdges extends CommandOutput {
  readonly now: () => Date;
  /** Where an export goes that names no file. */
  readonly stdout: Writable;
}

/**
 * The `users` commands.
 *
 * @returns the exit code. 0: done. 1: refused, and nothing was written. 2: not understood.
 */
export async function usersCommand(args: readonly string[], config: Config, edges: UsersEdges): Promise<number> {
  const [command, ...rest] = args;
  const files = rest.filter((argument) => argument !== '--dry-run');
  const [file] = files;
  const dryRun = rest.length > files.length;
  if (command === 'import' && file !== undefined && files.length === 1) {
    return importFile(file, dryRun, config, edges);
  }
  if (command === 'export' && !dryRun && files.length <= 1) {
    return exportFile(file ?? null, config, edges);
  }
  edges.err(USERS_USAGE);
  return 2;
}

async function importFile(
  file: string,
  dryRun: boolean,
  config: Config,
  { out, err, now }: UsersEdges,
): Promise<number> {
  const text = await readFile(file, 'utf8');
  const progress = (step: string): void => out(`… ${step}`);
  const database = await openDatabase(config, 'npm run users', progress);
  try {
    await seedBuiltInRoles(database.run, builtInRoles(buildSchema()));
    const { users, written, problems } = await importUsers(database.run, text, { dryRun, now: now(), progress });
    for (const { line, message } of problems) {
      err(`line ${line}: ${message}`);
    }
    if (problems.length > 0) {
      err(`${problems.length} problem${problems.length === 1 ? '' : 's'}. Nothing was written.`);
      return 1;
    }
    out(dryRun ? `All ${users} users are good. Nothing was written.` : `Done: ${written} users.`);
    return 0;
  } finally {
    await database.close();
  }
}

async function exportFile(file: string | null, config: Config, { err, now, stdout }: UsersEdges): Promise<number> {
  // What is not the export goes to standard error: the export may be piped.
  const progress = (step: string): void => err(`… ${step}`);
  const database = await openDatabase(config, 'npm run users', progress);
  try {
    const target = file === null ? stdout : createWriteStream(file, { mode: 0o600 });
    const write = (csv: string): Promise<void> =>
      new Promise((resolve, reject) => {
        target.write(csv, (error) => (error ? reject(error) : resolve()));
      });
    const users = await exportUsers(database.run, write, { now: now(), progress });
    if (file !== null) {
      target.end();
      await finished(target);
    }
    err(`Done: ${users} users.`);
    return 0;
  } finally {
    await database.close();
  }
}
