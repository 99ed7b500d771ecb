import { emailKeyOf, foldName, USERNAME } from '../../lib/names.ts';

/** An address is at most 64 characters, "@" and 255 (RFC 5321 §4.5.3.1): longer logins are nobody's. */
const LONGEST_LOGIN = 320;

/** Where the user is found whose login this is: by user name or by e-mail address. */
export interface LoginPlace {
  readonly column: 'username' | 'email_key';
  readonly key: string;
}

/** Where to look a login up; null: no user can be called so. */
export function placeOfLogin(login: string): LoginPlace | null {
  if (login.length > LONGEST_LOGIN || login.includes('\0') || !login.isWellFormed()) {
    return null;
  }
  const key = emailKeyOf(login);
  return { column: USERNAME.test(key) ? 'username' : 'email_key', key };
}

/** What attempts with a login count against while nobody is known by it: its spelling makes no difference. */
export function loginKey(login: string): string {
  return foldName(login.slice(0, LONGEST_LOGIN).toWellFormed().trim());
}
