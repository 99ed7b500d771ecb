import type { Writable } from 'node:stream';
import { parseArgs } from 'node:util';
import type { TablesConfig } from '../config/config.ts';
import { type Database, openDatabase } from '../database/database.ts';
import type { Progress } from '../database/migrate.ts';
import { seedBuiltInRoles } from '../database/seed/seed.ts';
import { builtInRoles, buildSchema } from '../schema.ts';
import { exportUsers, importUsers } from '../modules/users/transfer.ts';
import {
  FileFailure,
  readBytes,
  ReaderLeft,
  type Target,
  targetFile,
  targetStream,
  type CommandOutput,
} from './output.ts';

export const USERS_USAGE = `Usage: npm run users -- <command>

  import <file.csv> [--dry-run]
      creates the users of a CSV file: all of them, or none if a line has a problem
  export [<file.csv>]
      writes all users, to the file or to standard output

The columns are username,email,display_name and, if wanted, roles (separated by blanks), account (an id) and active.
Files are in UTF-8, or in UTF-16 with a byte order mark. A cell that starts like a formula of a spreadsheet (= + - @) is
exported with an apostrophe before it, and import removes that apostrophe.`;

/** The parts of the process that the command uses. */
export interface UsersEdges extends CommandOutput {
  readonly now: () => Date;
  /** The destination of an export without a file. */
  readonly stdout: Writable;
  /** Opens this database instead of the configured one, for tests. */
  readonly openDatabase?: () => Promise<Database>;
}

/**
 * The `users` commands.
 *
 * @returns the exit code. 0: done. 1: refused, and nothing was written. 2: not understood.
 */
export async function usersCommand(args: readonly string[], config: TablesConfig, edges: UsersEdges): Promise<number> {
  const command = parseUsersArguments(args);
  if ('problem' in command) {
    edges.err(`${command.problem}\n\n${USERS_USAGE}`);
    return 2;
  }
  try {
    return await (command.name === 'import'
      ? importFile(command.file, command.isDryRun, config, edges)
      : exportTo(command.file, config, edges));
  } catch (error) {
    if (error instanceof FileFailure) {
      edges.err(error.message);
      return 1;
    }
    if (error instanceof ReaderLeft) {
      return 0;
    }
    throw error;
  }
}

type UsersArguments =
  | { readonly name: 'import'; readonly file: string; readonly isDryRun: boolean }
  | { readonly name: 'export'; readonly file: string | null };

function parseUsersArguments(args: readonly string[]): UsersArguments | { readonly problem: string } {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { 'dry-run': { type: 'boolean', default: false } },
      allowPositionals: true,
      strict: true,
    });
    const [name, file, extra] = positionals;
    const isDryRun = values['dry-run'];
    if (extra !== undefined) {
      return { problem: `Unexpected argument "${extra}".` };
    }
    if (name === 'import') {
      return file === undefined ? { problem: 'Name the file to import.' } : { name, file, isDryRun };
    }
    if (name === 'export') {
      return isDryRun ? { problem: 'Only import has --dry-run.' } : { name, file: file ?? null };
    }
    return { problem: name === undefined ? 'A command is missing.' : `There is no command "${name}".` };
  } catch (error) {
    if (error instanceof TypeError) {
      return { problem: error.message };
    }
    throw error;
  }
}

async function importFile(file: string, dryRun: boolean, config: TablesConfig, edges: UsersEdges): Promise<number> {
  const { out, err, now } = edges;
  const bytes = await readBytes(file);
  const progress = (step: string): void => out(`… ${step}`);
  const database = await open(config, edges, progress);
  try {
    await seedBuiltInRoles(database.run, builtInRoles(buildSchema()));
    const { users, written, problems } = await importUsers(database.run, bytes, { dryRun, now: now(), progress });
    for (const { line, message } of problems) {
      err(`line ${line}: ${message}`);
    }
    if (problems.length > 0) {
      err(`${countOf(problems.length, 'problem')}. Nothing was written.`);
      return 1;
    }
    out(
      dryRun
        ? `Import would create ${countOf(users, 'user')}. Nothing was written.`
        : `Done: ${countOf(written, 'user')}.`,
    );
    return 0;
  } finally {
    await database.close();
  }
}

async function exportTo(file: string | null, config: TablesConfig, edges: UsersEdges): Promise<number> {
  const target = file === null ? targetStream(edges.stdout) : await targetFile(file);
  try {
    return await exportUsersTo(target, config, edges);
  } finally {
    await target.close();
  }
}

async function exportUsersTo({ write, keep }: Target, config: TablesConfig, edges: UsersEdges): Promise<number> {
  const { err, now } = edges;
  // Only the export goes to standard output, which may be a pipe.
  const progress = (step: string): void => err(`… ${step}`);
  const database = await open(config, edges, progress);
  try {
    const users = await exportUsers(database.run, write, { now: now(), progress });
    await keep();
    err(`Done: ${countOf(users, 'user')}.`);
    return 0;
  } finally {
    await database.close();
  }
}

function open(config: TablesConfig, edges: UsersEdges, progress: Progress): Promise<Database> {
  return edges.openDatabase?.() ?? openDatabase(config, 'npm run users', progress);
}

function countOf(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
