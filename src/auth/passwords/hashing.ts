import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { hash, parseOptions, verify } from '@node-rs/argon2';
import pLimit from 'p-limit';
import { OverloadedError } from '../errors.ts';
import { isOverlong, normalizePassword } from './password-text.ts';

/** What one argon2id hash costs (RFC 9106 §3.1): memory in KiB, passes over it, and lanes. */
export type Argon2Parameters = {
  readonly memoryCost: number;
  readonly timeCost: number;
  readonly parallelism: number;
};

/** OWASP Password Storage Cheat Sheet: 19 MiB, two passes, one lane; some 15 ms. */
export const OWASP_PARAMETERS: Argon2Parameters = { memoryCost: 19 * 1024, timeCost: 2, parallelism: 1 };

/** How passwords are hashed; everything has a default that suits production. */
export type PasswordHasherOptions = {
  readonly parameters?: Argon2Parameters;
  /** How many hashes run at once. By default all cores but one, and at most 3 of libuv's 4 threads: files and DNS need one. */
  readonly concurrency?: number;
  /** How many hashes may wait for their turn: 200 by default, which take some three seconds of one core. */
  readonly queueLimit?: number;
};

/** Hashes passwords and verifies them, off the event loop. */
export type PasswordHasher = {
  /** How many hashes run at once. */
  readonly concurrency: number;

  /** How many hashes have been computed, by either method. */
  readonly computed: number;

  /**
   * Hashes a password that the password policy has let pass; answers with a PHC string.
   *
   * @throws {RangeError} if the password is too long, or not well-formed Unicode
   * @throws {OverloadedError} if too many hashes wait already
   */
  hash(password: string): Promise<string>;

  /**
   * Whether the password is the one that was hashed. `null` stands for an unknown user or one without a password:
   * the answer is false, and takes one hash like any other. A password that is too long is false without a hash,
   * whoever it is for.
   *
   * @throws {OverloadedError} if too many hashes wait already
   */
  verify(password: string, phc: string | null): Promise<boolean>;

  /** Whether a hash is weaker than what {@link PasswordHasher.hash} makes now, and is to be replaced at the next login. */
  needsRehash(phc: string): boolean;
};

/** Creates a hasher of passwords: argon2id (RFC 9106) with a random salt of 16 bytes, as PHC strings. */
export function createPasswordHasher(options: PasswordHasherOptions = {}): PasswordHasher {
  const { parameters = OWASP_PARAMETERS, concurrency = defaultConcurrency(), queueLimit = 200 } = options;
  const limit = pLimit(concurrency);
  const stranger = unmatchableHash(parameters);
  let computed = 0;

  async function compute<T>(work: () => Promise<T>): Promise<T> {
    if (limit.activeCount + limit.pendingCount >= concurrency + queueLimit) {
      throw new OverloadedError('Too many passwords wait to be hashed');
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
      // Lone surrogates all turn into one replacement character: they equal nothing that was ever hashed.
      const expected = password.isWellFormed() ? phc : null;
      return compute(() => verify(expected ?? stranger, normalizePassword(password)));
    },
    needsRehash: (phc) => isWeaker(phc, parameters),
  };
}

function defaultConcurrency(): number {
  return Math.min(3, Math.max(1, availableParallelism() - 1));
}

/** A PHC string that no password matches but by a chance of 2⁻²⁵⁶, and that costs as much to verify as a real one. */
function unmatchableHash({ memoryCost, timeCost, parallelism }: Argon2Parameters): string {
  const [salt, digest] = [16, 32].map((size) => randomBytes(size).toString('base64').replaceAll('=', ''));
  return `$argon2id$v=19$m=${memoryCost},t=${timeCost},p=${parallelism}$${salt}$${digest}`;
}

function isWeaker(phc: string, parameters: Argon2Parameters): boolean {
  const { memoryCost, timeCost } = parseOptions(phc);
  const outdated = !phc.startsWith('$argon2id$v=19$');
  return outdated || memoryCost < parameters.memoryCost || timeCost < parameters.timeCost;
}
