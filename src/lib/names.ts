import { BadUserInput } from './errors.ts';

/** What a user name looks like: it is its own key, and never holds an "@". */
export const USERNAME = /^[a-z0-9._-]{2,40}$/;

const LONGEST_DISPLAY_NAME = 200;

/**
 * The form in which names are compared: Unicode normalisation (NFKC), then case folding, so that what looks alike is
 * alike. Folded here, since databases fold by their own tables.
 */
export function foldName(name: string): string {
  return name.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC');
}

/** What an e-mail address is known by: its local part is compared without case too, as nearly all providers do. */
export function emailKeyOf(email: string): string {
  return foldName(email.trim());
}

/** @throws {BadUserInput} when it is none */
export function requireUsername(text: string): string {
  const username = foldName(text.trim());
  if (!USERNAME.test(username)) {
    throw new BadUserInput('A user name is 2 to 40 of a-z, 0-9, ".", "_" and "-"', { field: 'input.username' });
  }
  return username;
}

/** @throws {BadUserInput} when it is empty, too long, or holds characters that cannot be shown */
export function requireDisplayName(text: string): string {
  const name = text.normalize('NFC').trim();
  if (name === '' || name.length > LONGEST_DISPLAY_NAME || !name.isWellFormed() || /\p{Cc}/u.test(name)) {
    throw new BadUserInput(`A display name is 1 to ${LONGEST_DISPLAY_NAME} characters, without control characters`, {
      field: 'input.displayName',
    });
  }
  return name;
}
