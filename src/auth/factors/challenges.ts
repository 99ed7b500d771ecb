import { arrayLiteral } from '../../database/literals.ts';
import type { EntityManager } from '../../database/orm.ts';
import type { Activation } from '../principal.ts';
import { createOpaqueToken, hashToken, isOpaqueToken } from '../tokens/opaque-token.ts';

/** The time in which the second step of a login follows the first, in milliseconds. */
const VALID_FOR = 5 * 60_000;

/** A login whose first credential was verified and whose second factor is still missing. */
export interface LoginChallenge {
  readonly userId: string;
  /** The version of the password that was verified; null: the user signed in without one. */
  readonly passwordVersion: number | null;
  readonly activation: Activation;
  readonly inCookie: boolean;
}

/** Stores a challenge. Returns its token, which is valid for five minutes and one session. */
export async function createLoginChallenge(
  em: EntityManager,
  { userId, passwordVersion, activation, inCookie }: LoginChallenge,
  now: Date,
): Promise<string> {
  const token = createOpaqueToken('challenge');
  const roles = activation === 'all' ? null : arrayLiteral(activation);
  const expiresAt = new Date(now.getTime() + VALID_FOR);
  await em.execute(
    `insert into login_challenges (token_hash, user_id, password_version, roles, in_cookie, expires_at)
     values (?, ?, ?, ?, ?, ?)`,
    [hashToken(token), userId, passwordVersion, roles, inCookie, expiresAt],
    'run',
  );
  return token;
}

interface ChallengeRow extends Omit<LoginChallenge, 'activation'> {
  readonly roles: readonly string[] | null;
}

/** Returns the challenge of a token, or null. A text of any other shape costs the same look-up. */
export async function getLoginChallenge(em: EntityManager, token: string, now: Date): Promise<LoginChallenge | null> {
  const [row] = await em.execute<ChallengeRow[]>(
    `select user_id as "userId", password_version as "passwordVersion", roles, in_cookie as "inCookie"
     from login_challenges where token_hash = ? and expires_at > ?`,
    [hashToken(isOpaqueToken('challenge', token) ? token : ''), now],
  );
  if (row === undefined) {
    return null;
  }
  const { roles, ...rest } = row;
  return { ...rest, activation: roles ?? 'all' };
}

/** Deletes a challenge. Returns false if another request has used it. */
export async function useLoginChallenge(em: EntityManager, token: string): Promise<boolean> {
  const used = await em.execute<unknown[]>('delete from login_challenges where token_hash = ? returning user_id', [
    hashToken(token),
  ]);
  return used.length > 0;
}
