import { readdirSync, statSync } from 'node:fs';
import { type FileHandle, lstat, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { nearestName } from '../access/edit-distance.ts';

/** The output of a command: results and errors. Each text is one or more lines without the last line end. */
export interface CommandOutput {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/**
 * Handles errors of standard output and standard error. The reader of a pipe may close it before everything is written
 * (`npm run access -- matrix | head -1`), which ends nothing; any other failure, such as a full disk, ends the process
 * with one sentence.
 */
export function watchOutput(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') {
      process.stderr.write(`Standard output cannot be written (${error.code ?? error.message}).\n`);
      process.exit(1);
    }
  });
  process.stderr.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') {
      process.exit(1);
    }
  });
}

/** A file of the command line cannot be read or written. The message is one sentence. */
export class FileFailure extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'FileFailure';
  }
}

/** A destination of an export. All its functions throw {@link FileFailure}. */
export interface Target {
  /** @throws {ReaderLeft} if the reader of a pipe has closed it */
  readonly write: (text: string) => Promise<void>;
  /** Makes everything that was written visible under the file's name. */
  readonly keep: () => Promise<void>;
  /** Closes the destination. Without {@link keep}, a file that was there before is unchanged. */
  readonly close: () => Promise<void>;
}

/** The reader of a pipe has closed it, as in `npm run users -- export | head -1`. The command ends without an error. */
export class ReaderLeft extends Error {
  constructor(cause: unknown) {
    super('The reader of the output has closed it.', { cause });
    this.name = 'ReaderLeft';
  }
}

/** Reads a file. @throws {FileFailure} */
export async function readBytes(file: string): Promise<Buffer> {
  return readFile(file).catch(failing(`The file "${file}" cannot be read`, file));
}

/** Reads a file, or standard input if the file is called "-". @throws {FileFailure} */
export async function readInput(file: string): Promise<Buffer> {
  // Not by /dev/stdin, which cannot be opened where standard input is a socket.
  return file === '-' ? buffer(process.stdin) : readBytes(file);
}

/** Opens a file to read its lines. @throws {FileFailure} */
export async function openLines(file: string): Promise<FileHandle> {
  const handle = await open(file).catch(failing(`The file "${file}" cannot be read`));
  if ((await handle.stat()).isDirectory()) {
    await handle.close();
    throw new FileFailure(`The file "${file}" cannot be read: it is a folder.`);
  }
  return handle;
}

/** Writes a file. @throws {FileFailure} */
export async function writeText(file: string, text: string): Promise<void> {
  return writeFile(file, text).catch(failing(`The file "${file}" cannot be written`));
}

/**
 * Writes a generated file. A file that is there already is replaced only if it is empty, or `isOwn` recognises its text as
 * generated: a misspelt name could be that of a file with other work in it.
 *
 * @throws {FileFailure}
 */
export async function writeGenerated(file: string, text: string, isOwn: (text: string) => boolean): Promise<void> {
  if (statSync(file, { throwIfNoEntry: false })?.isFile() === true) {
    const present = (await readBytes(file)).toString('utf8');
    if (present.trim() !== '' && !isOwn(present)) {
      throw new FileFailure(
        `The file "${file}" was not written by this command, and is not overwritten: name another file, or remove this one.`,
      );
    }
  }
  return writeText(file, text);
}

/** Returns the question whether a file beside a missing one is meant, with a space before it; '' if none is called alike. */
export function similarFile(file: string): string {
  try {
    const meant = nearestName(basename(file), readdirSync(dirname(file)));
    return meant === undefined ? '' : ` Is ${join(dirname(file), meant)} meant?`;
  } catch {
    return '';
  }
}

/** A destination that is already open, such as standard output. */
export function targetStream(stream: Writable): Target {
  const write = (text: string): Promise<void> =>
    new Promise<void>((resolve, reject) => {
      stream.write(text, (error) => (error ? reject(error) : resolve()));
    }).catch(failing('Standard output cannot be written'));
  return { write, keep: nothing, close: nothing };
}

/**
 * Opens a file that only its owner can read. The text goes to a file beside it, which replaces it at the end; devices
 * and pipes are written directly.
 *
 * @throws {FileFailure}
 */
export async function targetFile(file: string): Promise<Target> {
  const fail = failing(`The file "${file}" cannot be written`);
  const isDirect = await isDevice(file).catch(fail);
  const path = isDirect ? file : `${file}.part-${process.pid}`;
  const handle = await open(path, 'w', 0o600).catch(fail);
  const write = (text: string): Promise<void> => handle.writeFile(text).catch(fail);
  if (isDirect) {
    return { write, keep: nothing, close: () => handle.close() };
  }
  return { write, keep: () => replace(handle, path, file).catch(fail), close: () => discard(handle, path) };
}

/** Returns true for a device, a pipe, a link or a folder. */
async function isDevice(file: string): Promise<boolean> {
  try {
    return !(await lstat(file)).isFile();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') {
      return false;
    }
    throw error;
  }
}

async function replace(handle: FileHandle, path: string, file: string): Promise<void> {
  await handle.sync(); // Some file systems report a full disk only now.
  await rename(path, file);
}

async function discard(handle: FileHandle, path: string): Promise<void> {
  await handle.close();
  await rm(path, { force: true });
}

function nothing(): Promise<void> {
  return Promise.resolve();
}

function codeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error ? String(error.code) : null;
}

const REASONS = new Map<string | null, string>([
  ['ENOENT', 'there is no such file or folder'],
  ['ENOTDIR', 'a part of its path is not a folder'],
  ['EISDIR', 'it is a folder'],
  ['EACCES', 'this user has no right to it'],
  ['EPERM', 'this user has no right to it'],
  ['EROFS', 'it is on a read-only file system'],
  ['ENOSPC', 'the disk is full'],
  ['EDQUOT', 'the quota of the disk is used up'],
  ['ENAMETOOLONG', 'the name is too long'],
]);

/** Returns a function that throws an error of the file system in words, with the name of a file that may be meant. */
function failing(what: string, file?: string): (error: unknown) => never {
  return (error) => {
    const code = codeOf(error);
    if (code === 'EPIPE') {
      throw new ReaderLeft(error);
    }
    const remedy = code === 'ENOENT' && file !== undefined ? similarFile(file) : '';
    throw new FileFailure(`${what}: ${REASONS.get(code) ?? String(error)}.${remedy}`);
  };
}
