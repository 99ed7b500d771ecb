/** Shortest password that may be chosen, in characters (NIST SP 800-63B-4 §3.1.1.2, single factor). */
export const MIN_PASSWORD_LENGTH = 15;

/** Longest password that is looked at at all, in characters: at most 512 bytes. */
export const MAX_PASSWORD_LENGTH = 128;

/**
 * Whether a password is too long to be hashed. A character is a Unicode code point, counted as it was typed;
 * text of any size is judged at once.
 */
export function isOverlong(password: string): boolean {
  // A code point takes at most two UTF-16 units, so that nothing huge is ever counted.
  return password.length > 2 * MAX_PASSWORD_LENGTH || countCharacters(password) > MAX_PASSWORD_LENGTH;
}

/** The number of Unicode code points (NIST SP 800-63B-4: each counts as one character). */
export function countCharacters(text: string): number {
  return Array.from(text).length;
}

/**
 * The form of a password that is hashed: NFKC (NIST SP 800-63B-4 §3.1.1.2, UAX 15 §12.1), so that one password typed
 * on two keyboards or systems is the same. All of it counts: nothing is trimmed or cut, case and spaces matter.
 */
export function normalizePassword(password: string): string {
  return password.normalize('NFKC');
}
