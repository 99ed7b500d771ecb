/** What a user name looks like: it is its own key, and never holds an "@". */
export const USERNAME = /^[a-z0-9._-]{2,40}$/;

/**
 * The form in which names are compared: Unicode normalisation (NFKC), then case folding, so that what looks alike is
 * alike. Folded here, since databases fold by their own tables.
 */
export function foldName(name: string): string {
  return name.normalize('NFKC').toLowerCase().normalize('NFKC');
}

/** What an e-mail address is known by: its local part is compared without case too, as nearly all providers do. */
export function emailKeyOf(email: string): string {
  return foldName(email.trim());
}
