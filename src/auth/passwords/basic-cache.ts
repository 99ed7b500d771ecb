import { createHmac, randomBytes } from 'node:crypto';
import type { PrincipalWithPassword } from '../principal.ts';

/** How long a password that is sent with each request is taken as verified, in milliseconds. */
const VERIFIED_FOR = 60_000;

/** Who was verified, and by which of their passwords. */
export type VerifiedUser = Pick<PrincipalWithPassword, 'id' | 'passwordVersion'>;

/** Logins that were verified lately. What is found holds only while the user's password is still of that version. */
export interface BasicCache {
  readonly get: (login: string, password: string) => VerifiedUser | null;
  readonly add: (login: string, password: string, user: VerifiedUser) => void;
}

/**
 * Creates the memory of HTTP Basic, without which each request would cost a hash. It knows logins by a keyed hash of
 * both parts: no password can be read from it.
 *
 * @param size how many logins are held; the one that was verified first goes first
 */
export function createBasicCache(now: () => Date, size: number): BasicCache {
  const key = randomBytes(32);
  const hash = (login: string, password: string): string =>
    createHmac('sha256', key)
      .update(JSON.stringify([login, password]))
      .digest('base64url');
  const verified = new Map<string, { readonly user: VerifiedUser; readonly until: number }>();
  return {
    get(login, password) {
      const entry = verified.get(hash(login, password));
      return entry === undefined || entry.until <= now().getTime() ? null : entry.user;
    },
    add(login, password, { id, passwordVersion }) {
      const place = hash(login, password);
      verified.delete(place);
      verified.set(place, { user: { id, passwordVersion }, until: now().getTime() + VERIFIED_FOR });
      const [oldest] = verified.keys();
      if (verified.size > size && oldest !== undefined) {
        verified.delete(oldest);
      }
    },
  };
}
