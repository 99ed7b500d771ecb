import { createHash, timingSafeEqual } from 'node:crypto';
import { arrayLiteral } from '../../database/literals.ts';
import type { EntityManager } from '../../database/orm.ts';
import { millis } from '../sessions/sessions.ts';
import { hashToken, isOpaqueToken } from '../tokens/opaque-token.ts';
import type { SignInSecrets } from './issuer-client.ts';

/** The time in which a browser comes back from the issuer, in milliseconds. */
export const VALID_FOR = 10 * 60_000;

/** A sign-in at an issuer that a browser has begun. */
export interface BegunSignIn {
  /** The id of the issuer in our configuration. */
  readonly issuer: string;
  readonly purpose: 'sign in' | 'link' | 'reauthenticate';
  /** The user and the session to which it belongs; null for a sign-in that opens a session. */
  readonly userId: string | null;
  readonly sessionId: string | null;
  /** True if the user has shown a second factor here. */
  readonly secondFactor: boolean;
  /** The roles to activate; null: all that are assigned. */
  readonly roles: readonly string[] | null;
  /** A path of this server. */
  readonly returnTo: string;
  readonly startedAt: Date;
}

/**
 * Derives the secret values of a sign-in from the token of a browser. So no other browser can finish the sign-in, and none
 * of the values can be read from the database.
 */
export function secretsOf(token: string): SignInSecrets {
  const derive = (name: string): string => createHash('sha256').update(`${name} ${token}`).digest('base64url');
  return { state: derive('state'), nonce: derive('nonce'), verifier: derive('verifier') };
}

/** Returns true if a response with this `state` belongs to the sign-in of the browser with this token. */
export function isStateOf(token: string | null, state: string | null): boolean {
  const expected = Buffer.from(secretsOf(token ?? '').state);
  const given = Buffer.from(state ?? '');
  const isEqual = given.length === expected.length && timingSafeEqual(given, expected);
  return isEqual && token !== null && isOpaqueToken('signin', token);
}

/** Stores a sign-in that begins, under its token. */
export async function storeSignIn(em: EntityManager, token: string, begun: BegunSignIn): Promise<void> {
  const { issuer, purpose, userId, sessionId, secondFactor, roles, returnTo, startedAt } = begun;
  await em.execute(
    `insert into issuer_sign_ins (token_hash, issuer, purpose, user_id, session_id, second_factor, roles, return_to,
       started_at, expires_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    [
      hashToken(token),
      issuer,
      purpose,
      userId,
      sessionId,
      secondFactor,
      roles && arrayLiteral(roles),
      returnTo,
      startedAt,
      new Date(startedAt.getTime() + VALID_FOR),
    ],
    'run',
  );
}

/** Deletes and returns the sign-in of a token: of several concurrent calls, one gets it. Returns null if none is valid. */
export async function takeSignIn(em: EntityManager, token: string, now: Date): Promise<BegunSignIn | null> {
  const [row] = await em.execute<(Omit<BegunSignIn, 'startedAt'> & { readonly started: number })[]>(
    `delete from issuer_sign_ins where token_hash = ? and expires_at > ? returning issuer, purpose, user_id as "userId",
       session_id as "sessionId", second_factor as "secondFactor", roles, return_to as "returnTo",
       ${millis('started_at')} as started`,
    [hashToken(token), now],
  );
  if (row === undefined) {
    return null;
  }
  const { started, ...rest } = row;
  return { ...rest, startedAt: new Date(started) };
}
