import { readFileSync, statSync } from 'node:fs';

/** Longer files are not secrets, but something that was mounted by mistake. */
const MOST_BYTES = 64 * 1024;

/** Reads a secret from a file: one line, without its line end. Returns the fault of a file that holds none. */
export function readSecret(path: string): { readonly secret: string } | { readonly fault: string } {
  try {
    const { size } = statSync(path);
    if (size > MOST_BYTES) {
      return { fault: 'names a file that is too long for a secret' };
    }
    const secret = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path)).replace(/\r?\n$/, '');
    if (secret.trim() === '') {
      return { fault: 'names an empty file' };
    }
    return /[\r\n\0]/.test(secret) ? { fault: 'names a file of several lines: a secret is one line' } : { secret };
  } catch (error) {
    if (error instanceof TypeError) {
      return { fault: 'names a file that is not UTF-8' };
    }
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    return { fault: `names a file that cannot be read (${code})` };
  }
}
