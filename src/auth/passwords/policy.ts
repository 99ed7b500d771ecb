import type { MatchExtended, ZxcvbnFactory } from '@zxcvbn-ts/core';
import { countCharacters, isOverlong, MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH, normalizePassword } from './hashing.ts';

/** The number of entries in the list of common passwords, which are in the order of their frequency in leaks. */
const COMMON_PASSWORDS = 3000;

/**
 * The guesses that a password must resist, as powers of ten. zxcvbn calls 10⁸ "safely" and 10¹⁰ "very" unguessable, and
 * gives 10⁸ to every password of three parts. The first limit is therefore above that: it refuses "dragon" + "monkey" +
 * "2024".
 */
const MIN_GUESSES = { general: 8.5, personal: 10 };

const MESSAGES = {
  ILL_FORMED: 'Remove the characters that are not valid Unicode: they cannot be stored.',
  TOO_SHORT: `Use at least ${MIN_PASSWORD_LENGTH} characters; a few words that do not belong together are easy to remember.`,
  TOO_LONG: `Use at most ${MAX_PASSWORD_LENGTH} characters.`,
  COMMON:
    'This is one of the most common passwords, or built from them or from a pattern, and easy to guess. Add words that do not belong together.',
  PERSONAL:
    'This is built from your name, your address or the name of this service, and easy to guess. Use words that have nothing to do with you.',
} as const;

/** A reason why a password may not be chosen. The message tells the user what to do. */
type PasswordProblem = { readonly code: keyof typeof MESSAGES; readonly message: string };

/** Checks passwords that users choose. */
type PasswordPolicy = {
  /** Returns every problem of a password for this user; empty if it may be chosen. Takes 1 to 5 ms, at most about 50 ms. */
  problems(password: string, owner: PasswordOwner): readonly PasswordProblem[];
};

/** Returns every problem of a password that a user wants to choose; empty if it may be chosen. */
export type CheckPassword = (password: string, owner: PasswordOwner) => Promise<readonly PasswordProblem[]>;

/** Creates a check by the password policy. Its dictionary is loaded with the first password, since it is slow to load. */
export function createPasswordCheck(options: { readonly serviceName: string }): CheckPassword {
  let loading: Promise<PasswordPolicy> | null = null;
  return async (password, owner) => (await (loading ??= createPasswordPolicy(options))).problems(password, owner);
}

/**
 * Creates the password policy of NIST SP 800-63B-4 §3.1.1.2: a length and a blocklist, no composition rules.
 * It refuses the most common passwords, and those built from them or from the names of user and service by repetition,
 * concatenation, reversal, leetspeak, keyboard runs, and digits or marks around them.
 */
export async function createPasswordPolicy({ serviceName }: { readonly serviceName: string }): Promise<PasswordPolicy> {
  const estimator = await createEstimator();
  return {
    problems(password, owner) {
      const words = personalWords(owner, serviceName);
      return findProblems(password, words, estimator).map((code) => ({ code, message: MESSAGES[code] }));
    },
  };
}

async function createEstimator(): Promise<ZxcvbnFactory> {
  const { ZxcvbnFactory } = await import('@zxcvbn-ts/core');
  const { adjacencyGraphs, dictionary } = await import('@zxcvbn-ts/language-common');
  return new ZxcvbnFactory({
    dictionary: { common: dictionary['passwords-common'].slice(0, COMMON_PASSWORDS) },
    graphs: { qwerty: adjacencyGraphs.qwerty },
    // More than eight substitutions are rare; trying a hundred takes six times as long.
    l33tMaxSubstitutions: 8,
    maxLength: MAX_PASSWORD_LENGTH,
  });
}

function findProblems(password: string, words: readonly string[], estimator: ZxcvbnFactory): PasswordProblem['code'][] {
  if (!password.isWellFormed()) {
    return ['ILL_FORMED'];
  }
  if (isOverlong(password)) {
    return ['TOO_LONG'];
  }
  const normalized = normalizePassword(password);
  // NFKC expands some characters (one ligature to 18 letters): the shorter count is what the user typed.
  const isShort = Math.min(countCharacters(password), countCharacters(normalized)) < MIN_PASSWORD_LENGTH;
  const guessable = findGuessable(normalized, words, estimator);
  return [...(isShort ? (['TOO_SHORT'] as const) : []), ...(guessable === null ? [] : [guessable])];
}

/** Returns the reason why an attacker with lists and names needs few guesses, or null. */
function findGuessable(
  password: string,
  words: readonly string[],
  estimator: ZxcvbnFactory,
): 'COMMON' | 'PERSONAL' | null {
  const estimates = readings(password).map(({ text, added }) => {
    const { guessesLog10, sequence } = estimator.check(text, [...words]);
    return { guesses: guessesLog10 + added, sequence };
  });
  const guesses = Math.min(...estimates.map((estimate) => estimate.guesses));
  const matches = estimates.flatMap(({ sequence }) => sequence);
  if (guesses < MIN_GUESSES.personal && isPersonal(password, words, matches)) {
    return 'PERSONAL';
  }
  const hasPattern = matches.some(({ pattern }) => pattern !== 'bruteforce');
  return guesses < MIN_GUESSES.general && hasPattern ? 'COMMON' : null;
}

/**
 * Returns the ways to read a password: as it is; without its separators; as the repetition of a prefix. Each kind of
 * separator adds a power of ten to the guesses.
 */
function readings(password: string): { text: string; added: number }[] {
  const bare = squeeze(password);
  const separators = new Set(password).size - new Set(bare).size;
  const texts = [...new Set([bare, repeatedUnit(bare.toLowerCase())])];
  return [{ text: password, added: 0 }, ...texts.map((text) => ({ text, added: separators }))];
}

/** Returns the shortest prefix whose repetition, possibly cut off, is the text: "alice" for "alicealiceal". */
function repeatedUnit(text: string): string {
  const lengths = Array.from(text, (_, index) => index + 1);
  const period = lengths.find((length) => text.startsWith(text.slice(length)));
  return text.slice(0, period);
}

function isPersonal(password: string, words: readonly string[], matches: readonly MatchExtended[]): boolean {
  const text = squeeze(password).toLowerCase();
  return words.some((word) => text.includes(word)) || matches.some((match) => match['dictionaryName'] === 'userInputs');
}

/** The names of a user who chooses a password: attackers guess these first. */
type PasswordOwner = {
  readonly username?: string | null;
  readonly email?: string | null;
  readonly displayName?: string | null;
};

/** Shorter parts of a name ("Li", "de") occur in too many passwords by chance. */
const MIN_WORD_LENGTH = 3;

/**
 * Returns the words that a password may not be built from, in lower case and without duplicates: complete names and
 * addresses, the same without separators, and their parts ("alice.smith84": "alicesmith84", "alice", "smith"); each
 * also without its accents.
 */
function personalWords(owner: PasswordOwner, serviceName: string): readonly string[] {
  const [localPart = '', domain = ''] = owner.email?.split('@') ?? [];
  const [, ...labels] = domain.split('.').toReversed();
  const names = [owner.username, owner.displayName, owner.email, localPart, domain, ...labels, serviceName];
  const words = names
    .map((name) => name?.normalize('NFKC').toLowerCase() ?? '')
    .flatMap((name) => [name, withoutAccents(name)])
    .flatMap((name) => [name, squeeze(name), name.match(/\p{L}+/gu) ?? []].flat());
  return [...new Set(words)].filter((word) => word.length >= MIN_WORD_LENGTH);
}

/** Keeps letters and digits only: a word with separators or marks in between is still one word. */
function squeeze(text: string): string {
  return text.replaceAll(/[^\p{L}\p{M}\p{N}]/gu, '');
}

function withoutAccents(text: string): string {
  return text.normalize('NFKD').replaceAll(/\p{M}/gu, '');
}
