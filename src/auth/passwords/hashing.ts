import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { hash, parseOptions, verify } from '@node-rs/argon2';
import pLimit from 'p-limit';
import { OverloadedError, ServiceUnavailable } from '../../lib/errors.ts';

/** The shortest password that may be chosen, in characters (NIST SP 800-63B-4 §3.1.1.2, single factor). */
export const MIN_PASSWORD_LENGTH = 15;

/** The longest password that is accepted, in characters: at most 512 bytes. */
export const MAX_PASSWORD_LENGTH = 128;

/**
 * Returns true if a password is too long to be hashed. A character is a Unicode code point, as typed. The check takes
 * constant time for text of any size.
 */
export function isOverlong(password: string): boolean {
  // A code point takes at most two UTF-16 units, so that huge texts are never counted.
  return password.length > 2 * MAX_PASSWORD_LENGTH || countCharacters(password) > MAX_PASSWORD_LENGTH;
}

/** Returns the number of Unicode code points (NIST SP 800-63B-4: each counts as one character). */
export function countCharacters(text: string): number {
  return Array.from(text).length;
}

/**
 * Returns the form of a password that is hashed: NFKC (NIST SP 800-63B-4 §3.1.1.2, UAX 15 §12.1), so that one password
 * typed on two keyboards or systems is the same. The complete text counts: nothing is trimmed or cut, case and spaces
 * matter.
 */
export function normalizePassword(password: string): string {
  return password.normalize('NFKC');
}

/** The cost of one argon2id hash (RFC 9106 §3.1): memory in KiB, passes over it, and lanes. */
export type Argon2Parameters = {
  readonly memoryCost: number;
  readonly timeCost: number;
  readonly parallelism: number;
};

/** OWASP Password Storage Cheat Sheet: 19 MiB, two passes, one lane; some 15 ms. */
export const OWASP_PARAMETERS: Argon2Parameters = { memoryCost: 19 * 1024, timeCost: 2, parallelism: 1 };

/** Options of a password hasher. Every default suits production. */
export type PasswordHasherOptions = {
  readonly parameters?: Argon2Parameters;
  /** The number of hashes that run at once. By default all cores but one, at most 3 of libuv's 4 threads: files and DNS need one. */
  readonly concurrency?: number;
  /** The number of hashes that may be queued: 200 by default, which take about three seconds of one core. */
  readonly queueLimit?: number;
};

/** Hashes and verifies passwords, off the event loop. */
export type PasswordHasher = {
  /** The number of hashes that run at once. */
  readonly concurrency: number;

  /** The number of hashes computed so far, by either method. */
  readonly computed: number;

  /**
   * Hashes a password that the password policy accepts. Returns a PHC string.
   *
   * @throws {RangeError} if the password is too long, or not well-formed Unicode
   * @throws {OverloadedError} if too many hashes are queued
   */
  hash(password: string): Promise<string>;

  /**
   * Returns true if the password is the one that was hashed. `null` stands for an unknown user, or one without a
   * password: the result is false, after one hash like any other. A password that is too long is false without a hash,
   * for every user.
   *
   * @throws {OverloadedError} if too many hashes are queued
   */
  verify(password: string, phc: string | null): Promise<boolean>;

  /** Returns true if a hash is weaker than what {@link PasswordHasher.hash} returns now: the next login replaces it. */
  needsRehash(phc: string): boolean;
};

/** Creates a password hasher: argon2id (RFC 9106) with a random salt of 16 bytes, as PHC strings. */
export function createPasswordHasher(options: PasswordHasherOptions = {}): PasswordHasher {
  const { parameters = OWASP_PARAMETERS, concurrency = defaultConcurrency(), queueLimit = 200 } = options;
  const limit = pLimit(concurrency);
  const unmatchable = unmatchableHash(parameters);
  let computed = 0;

  async function compute<T>(work: () => Promise<T>): Promise<T> {
    if (limit.activeCount + limit.pendingCount >= concurrency + queueLimit) {
      throw new OverloadedError('Too many passwords are queued for hashing');
    }
    return limit(() => {
      computed += 1;
      return work();
    });
  }

  return {
    concurrency,
    get computed() {
      return computed;
    },
    async hash(password) {
      if (isOverlong(password) || !password.isWellFormed()) {
        throw new RangeError('The password is too long or not well-formed');
      }
      return compute(() => hash(normalizePassword(password), parameters));
    },
    async verify(password, phc) {
      if (isOverlong(password)) {
        return false;
      }
      // All lone surrogates become the same replacement character, which no hashed password contains.
      const expected = password.isWellFormed() ? phc : null;
      return compute(() => verify(expected ?? unmatchable, normalizePassword(password)));
    },
    needsRehash: (phc) => isWeaker(phc, parameters),
  };
}

function defaultConcurrency(): number {
  return Math.min(3, Math.max(1, availableParallelism() - 1));
}

/** Returns a PHC string that a password matches with probability 2⁻²⁵⁶, and that costs as much to verify as a real one. */
function unmatchableHash({ memoryCost, timeCost, parallelism }: Argon2Parameters): string {
  const [salt, digest] = [16, 32].map((size) => randomBytes(size).toString('base64').replaceAll('=', ''));
  return `$argon2id$v=19$m=${memoryCost},t=${timeCost},p=${parallelism}$${salt}$${digest}`;
}

function isWeaker(phc: string, parameters: Argon2Parameters): boolean {
  const { memoryCost, timeCost } = parseOptions(phc);
  const outdated = !phc.startsWith('$argon2id$v=19$');
  return outdated || memoryCost < parameters.memoryCost || timeCost < parameters.timeCost;
}

/**
 * Runs work that hashes a password.
 *
 * @throws {ServiceUnavailable} if too many hashes are queued
 */
export async function hashed<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof OverloadedError
      ? new ServiceUnavailable('Too many passwords are being checked: try again soon', 2)
      : error;
  }
}
