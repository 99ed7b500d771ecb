import { BadUserInput } from './errors.ts';

/** The pattern of user names. They are their own keys, and never hold an "@". */
export const USERNAME = /^[a-z0-9._-]{2,40}$/;

/**
 * Returns the form in which names are compared: Unicode normalisation (NFKC), then case folding, so that names that look
 * alike are equal. Letters are lowered, raised and lowered again, so that `ß` and `ẞ` get one form, as do the two small sigmas. The function `rolegate_fold` of the database takes the same steps for searches.
 */
export function foldName(name: string): string {
  const folded = name.normalize('NFKC').toLowerCase().toUpperCase().toLowerCase().normalize('NFKC');
  return folded.replaceAll('ς', 'σ');
}

/** The pattern of an `<input type=email>` (HTML, §4.10.5.1.5), which the scalar `EmailAddress` uses as well. */
const EMAIL =
  /^[\w.!#$%&'*+/=?^`{|}~-]+@[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/i;

/** Returns true for exactly the e-mail addresses that the API accepts. */
export function isEmail(text: string): boolean {
  return EMAIL.test(text);
}

/** Returns the key of an e-mail address: its local part is compared without case too, as nearly all providers do. */
export function emailKeyOf(email: string): string {
  return foldName(email.trim());
}

/** @throws {BadUserInput} if it is not a user name */
export function requireUsername(text: string): string {
  const username = foldName(text.trim());
  if (!USERNAME.test(username)) {
    throw new BadUserInput('A user name consists of 2 to 40 of the characters a-z, 0-9, ".", "_" and "-"', {
      field: 'input.username',
    });
  }
  return username;
}

/** The rule of a kind of names. */
export interface NameRule {
  /** The kind of name, as error messages start: "The name of an account". */
  readonly what: string;
  readonly field: string;
  /** The largest length, in UTF-16 units; 200 by default. */
  readonly longest?: number;
}

/** Characters that no name may hold: control characters, separators of lines, and marks that reverse the text after them. */
const FORBIDDEN = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u;
/**
 * Characters that are invisible everywhere, so that two names would look alike: blanks without width, fillers, soft
 * hyphens, and tags outside of a flag. Joiners and variation selectors are not among them: scripts and emoji need these.
 */
const HIDDEN =
  /\u034f|[\u17b4\u17b5]|[\u00ad\u115f\u1160\u180e\u200b\u2060-\u2064\u206a-\u206f\u3164\ufeff\uffa0]|(?<!\u{1f3f4}[\u{e0020}-\u{e007f}]*)[\u{e0000}-\u{e007f}]/u;
/** Characters that are invisible by themselves, among them the blank of Braille. */
const INVISIBLE = /[\p{Z}\p{Cf}\p{Cc}\p{M}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/**
 * Returns a name that users choose, in the form in which it is stored.
 *
 * @throws {BadUserInput} if it is too long, entirely invisible, or holds characters that no name may hold
 */
export function requireName(text: string, { what, field, longest = 200 }: NameRule): string {
  const name = text.normalize('NFC').trim();
  const isVisible = name.replaceAll(INVISIBLE, '') !== '';
  if (!isVisible || name.length > longest || !isStorable(name) || FORBIDDEN.test(name) || HIDDEN.test(name)) {
    throw new BadUserInput(
      `${what} is 1 to ${longest} characters, at least one of them visible, without control characters and invisible ones`,
      { field },
    );
  }
  return name;
}

/** @throws {BadUserInput} as {@link requireName} */
export function requireDisplayName(text: string): string {
  return requireName(text, { what: 'A display name', field: 'input.displayName' });
}

/** Returns true if a column can hold the text: it has no NUL and no half of a character. */
export function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

/** The rule of a kind of texts. */
export interface TextRule extends NameRule {
  readonly longest: number;
}

/** @throws {BadUserInput} if the text is too long, or no column can hold it */
export function requireText(text: string, { what, field, longest }: TextRule): string {
  if (text.length > longest || !isStorable(text)) {
    throw new BadUserInput(`${what} must have at most ${longest} characters, without NUL and halves of characters`, {
      field,
    });
  }
  return text;
}

const ROLE_NAME = /^[A-Za-z][A-Za-z0-9_]{0,63}$/;

/** The rule of role names, for error messages. */
export const ROLE_NAME_RULE =
  'A role name is a letter, followed by at most 63 letters, digits and "_": ADMIN, or "night_shift"';

/** Words that lists of access show beside roles: a role of this name would be ambiguous. */
const RESERVED_ROLE_NAMES: ReadonlySet<string> = new Set(['anonymous', 'coordinate', 'kind', 'requirements']);

export function isRoleName(text: string): boolean {
  return ROLE_NAME.test(text);
}

/**
 * Checks the name of a new role.
 *
 * @throws {BadUserInput} if it is malformed or reserved
 */
export function requireNewRoleName(name: string): void {
  if (!isRoleName(name)) {
    throw new BadUserInput(ROLE_NAME_RULE, { field: 'input.name' });
  }
  if (RESERVED_ROLE_NAMES.has(foldName(name))) {
    throw new BadUserInput(
      `A role cannot have one of the reserved names ${[...RESERVED_ROLE_NAMES].join(', ')}: choose another name`,
      { field: 'input.name' },
    );
  }
}
