import { ZxcvbnFactory, type MatchExtended } from '@zxcvbn-ts/core';
import { adjacencyGraphs, dictionary } from '@zxcvbn-ts/language-common';
import {
  countCharacters,
  isOverlong,
  MAX_PASSWORD_LENGTH,
  MIN_PASSWORD_LENGTH,
  normalizePassword,
} from './password-text.ts';
import { personalWords, squeeze, type PasswordOwner } from './personal-words.ts';

/** How many of the commonest passwords are known; the list and its order come from leaked ones. */
const COMMON_PASSWORDS = 3000;

/**
 * Guesses that a password must outlast, as powers of ten. zxcvbn calls 10⁸ "safely" and 10¹⁰ "very" unguessable, and
 * gives 10⁸ to whatever has three parts, so that the first border stands above that: "dragon" + "monkey" + "2024" is out.
 */
const MIN_GUESSES = { ofStrangers: 8.5, ofThoseWhoKnowTheUser: 10 };

const MESSAGES = {
  ILL_FORMED: 'Leave out the characters that are broken: they cannot be stored.',
  TOO_SHORT: `Use at least ${MIN_PASSWORD_LENGTH} characters; a few words that do not belong together are easy to remember.`,
  TOO_LONG: `Use at most ${MAX_PASSWORD_LENGTH} characters.`,
  COMMON:
    'This is one of the commonest passwords, or made of them or of a pattern, and would be guessed soon. Add words that do not belong together.',
  PERSONAL:
    'This is made of your name, your address or the name of this service, and would be guessed soon. Use words that have nothing to do with you.',
} as const;

/** Why a password may not be chosen, and in the message what to do about it, for the user to read. */
export type PasswordProblem = { readonly code: keyof typeof MESSAGES; readonly message: string };

/** Judges passwords that somebody wants to choose. */
export type PasswordPolicy = {
  /** All that is wrong with a password for this user; empty if it may be chosen. Takes 1 to 5 ms, at most some 50 ms. */
  problems(password: string, owner: PasswordOwner): readonly PasswordProblem[];
};

/**
 * Creates the password policy of NIST SP 800-63B-4 §3.1.1.2: a length and a blocklist, no rules of composition.
 * Refused are the commonest passwords, and what is made of them, or of the names of user and service, by
 * repeating, joining, reversing, leetspeak, keyboard runs, and digits or marks around them.
 */
export function createPasswordPolicy({ serviceName }: { readonly serviceName: string }): PasswordPolicy {
  const estimator = createEstimator();
  return {
    problems(password, owner) {
      const words = personalWords(owner, serviceName);
      return findProblems(password, words, estimator).map((code) => ({ code, message: MESSAGES[code] }));
    },
  };
}

function createEstimator(): ZxcvbnFactory {
  return new ZxcvbnFactory({
    dictionary: { common: dictionary['passwords-common'].slice(0, COMMON_PASSWORDS) },
    graphs: { qwerty: adjacencyGraphs.qwerty },
    // More than eight substitutions are no disguise any more; trying a hundred takes six times as long.
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
  // What NFKC makes of one character (a ligature of 18 letters) is not what somebody typed.
  const isShort = Math.min(countCharacters(password), countCharacters(normalized)) < MIN_PASSWORD_LENGTH;
  const guessable = findGuessable(normalized, words, estimator);
  return [...(isShort ? (['TOO_SHORT'] as const) : []), ...(guessable === null ? [] : [guessable])];
}

/** What an attacker who knows lists and names needs few guesses for, if anything. */
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
  if (guesses < MIN_GUESSES.ofThoseWhoKnowTheUser && isPersonal(password, words, matches)) {
    return 'PERSONAL';
  }
  const hasPattern = matches.some(({ pattern }) => pattern !== 'bruteforce');
  return guesses < MIN_GUESSES.ofStrangers && hasPattern ? 'COMMON' : null;
}

/**
 * How a password may have been made: as it is; of what is left without separators; by repeating the beginning of that.
 * What the separators add to the guesses, as a power of ten, is one for each kind of them.
 */
function readings(password: string): { text: string; added: number }[] {
  const bare = squeeze(password);
  const separators = new Set(password).size - new Set(bare).size;
  const texts = [...new Set([bare, repeatedUnit(bare.toLowerCase())])];
  return [{ text: password, added: 0 }, ...texts.map((text) => ({ text, added: separators }))];
}

/** The shortest beginning whose repetition, which may be cut off, is the whole text: "alice" of "alicealiceal". */
function repeatedUnit(text: string): string {
  const lengths = Array.from(text, (_, index) => index + 1);
  const period = lengths.find((length) => text.startsWith(text.slice(length)));
  return text.slice(0, period);
}

function isPersonal(password: string, words: readonly string[], matches: readonly MatchExtended[]): boolean {
  const text = squeeze(password).toLowerCase();
  return words.some((word) => text.includes(word)) || matches.some((match) => match['dictionaryName'] === 'userInputs');
}
