import { readFileSync, statSync } from 'node:fs';

const LEAST_BYTES = 32;
const LEAST_DISTINCT = 8;
/** A repeated pattern shorter than this is not a secret. */
const LEAST_PERIOD = 16;

/** Placeholders that templates and tutorials use for a secret, in lower case and without punctuation. */
const TEMPLATES =
  /change(me|this|it)|replace(me|this|with)|your(jwt|256bit|own)?secret|placeholder|insecure|donotuse|rolegatedemo/;

/** Words that make a secret longer but not harder to guess. */
const FILLERS = /secret|password|passwort|private|super|token|admin|jwt|key|sign(ing)?|test|dev|my|the/g;

/** Returns true if the text contains a placeholder of a template. */
export function isPlaceholder(text: string): boolean {
  return TEMPLATES.test(text.toLowerCase().replaceAll(/[^a-z0-9]/g, ''));
}

function isMostlyFillers(text: string): boolean {
  const rest = text.toLowerCase().replaceAll(FILLERS, '');
  return rest.length < text.length && rest.length < LEAST_PERIOD;
}

/** Returns the length of the shortest repeated pattern: "abcabca" has period 3 (Knuth, Morris, Pratt). */
function period(text: string): number {
  const border: number[] = [0];
  let matched = 0;
  for (let at = 1; at < text.length; at += 1) {
    while (matched > 0 && text[at] !== text[matched]) {
      matched = border[matched - 1] ?? 0;
    }
    matched += text[at] === text[matched] ? 1 : 0;
    border[at] = matched;
  }
  return text.length - matched;
}

/** Returns true if most characters neighbour the one before, as in "abcdefgh" and "98765". */
function isSequence(text: string): boolean {
  const codes = Array.from(text, (letter) => letter.charCodeAt(0));
  const steps = codes.filter((code, at) => Math.abs(code - (codes[at - 1] ?? code)) === 1);
  return steps.length > codes.length / 2;
}

/**
 * Returns the reason why this text must not sign tokens, or null if it may.
 *
 * RFC 7518 §3.2 requires an HS256 key to have at least as many bits as the hash (32 bytes); RFC 8725 §3.5 forbids
 * passwords that people can remember. Length is checked exactly, guessability by its usual signs. The reason never
 * contains the text.
 */
export function weaknessOf(secret: string): string | null {
  if (Buffer.byteLength(secret) < LEAST_BYTES) {
    return `is shorter than ${LEAST_BYTES} bytes`;
  }
  if (isPlaceholder(secret) || isMostlyFillers(secret)) {
    return 'is a placeholder from a template';
  }
  if (new Set(secret).size < LEAST_DISTINCT || period(secret) < LEAST_PERIOD) {
    return 'repeats a few characters';
  }
  return isSequence(secret) ? 'is a sequence of neighbouring characters' : null;
}

/** Longer files are not secrets, but something that was mounted by mistake. */
const MOST_BYTES = 64 * 1024;

/** Reads a secret from a file: one line, without its line end. Returns the problem of a file that holds none. */
export function readSecret(path: string): { readonly secret: string } | { readonly problem: string } {
  try {
    const { size } = statSync(path);
    if (size > MOST_BYTES) {
      return { problem: 'names a file that is too long for a secret' };
    }
    const secret = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path)).replace(/\r?\n$/, '');
    if (secret.trim() === '') {
      return { problem: 'names an empty file' };
    }
    return /[\r\n\0]/.test(secret) ? { problem: 'names a file of several lines: a secret is one line' } : { secret };
  } catch (error) {
    if (error instanceof TypeError) {
      return { problem: 'names a file that is not UTF-8' };
    }
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    return { problem: `names a file that cannot be read (${code})` };
  }
}
