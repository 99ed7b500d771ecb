import { randomBytes } from 'node:crypto';
import { v4 as randomUuid, validate as isUuid } from 'uuid';
import type { RelyingParty } from '../../config/config.ts';
import type { EntityManager } from '../../database/orm.ts';
import { millis } from '../sessions/sessions.ts';
import { hashToken } from '../tokens/opaque-token.ts';
import { ALGORITHMS, type NewCredential } from './webauthn.ts';

/** The time in which an authenticator answers a challenge, in milliseconds. */
const VALID_FOR = 5 * 60_000;
const CHALLENGE_BYTES = 32;

/** A passkey, as its owner sees it. */
export interface Passkey {
  readonly id: string;
  readonly name: string;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
}

/** A passkey that a response names. */
export interface KnownPasskey {
  readonly id: string;
  readonly userId: string;
  readonly publicKey: string;
  /** True if the owner may sign in. */
  readonly active: boolean;
}

/**
 * The purpose of a challenge: `add` or `confirm` with the session in which it was asked for, `login` with the challenge of
 * the first step, or `sign-in`. A response that was made for one purpose is not valid for another.
 */
export type Purpose = 'sign-in' | `${'add' | 'confirm' | 'login'} ${string}`;

/** Stores a challenge, valid for five minutes and one response. Only its hash is kept. */
async function createChallenge(em: EntityManager, purpose: Purpose, now: Date): Promise<Uint8Array<ArrayBuffer>> {
  const challenge = new Uint8Array(randomBytes(CHALLENGE_BYTES));
  await em.execute(
    'insert into passkey_challenges (challenge_hash, purpose, expires_at) values (?, ?, ?)',
    [hashToken(Buffer.from(challenge).toString('base64url')), purpose, new Date(now.getTime() + VALID_FOR)],
    'run',
  );
  return challenge;
}

/** Deletes a challenge, whether or not its response is valid. Returns false if the challenge is not valid for the purpose. */
export async function useChallenge(
  em: EntityManager,
  challenge: string,
  purpose: Purpose,
  now: Date,
): Promise<boolean> {
  const used = await em.execute<{ isValid: boolean }[]>(
    `delete from passkey_challenges where challenge_hash = ?
     returning purpose = ? and expires_at > ? as "isValid"`,
    [hashToken(challenge), purpose, now],
  );
  return used[0]?.isValid === true;
}

/** Returns the options with which a browser asks for a passkey: of any user, or one of the user's. */
export async function requestOptions(
  em: EntityManager,
  rp: RelyingParty,
  purpose: Purpose,
  userId: string | null,
  now: Date,
): Promise<object> {
  const { generateAuthenticationOptions } = await import('@simplewebauthn/server');
  return generateAuthenticationOptions({
    rpID: rp.id,
    challenge: await createChallenge(em, purpose, now),
    timeout: VALID_FOR,
    userVerification: 'required',
    allowCredentials: userId === null ? [] : await credentialsOf(em, userId),
  });
}

/** Returns the options with which a browser makes a passkey of the user. */
export async function creationOptions(
  em: EntityManager,
  rp: RelyingParty,
  purpose: Purpose,
  user: { readonly handle: string; readonly username: string; readonly displayName: string; readonly id: string },
  now: Date,
): Promise<object> {
  const { generateRegistrationOptions } = await import('@simplewebauthn/server');
  return generateRegistrationOptions({
    rpID: rp.id,
    rpName: rp.id === 'localhost' ? 'Rolegate' : rp.id,
    userID: new Uint8Array(Buffer.from(user.handle, 'base64url')),
    userName: user.username,
    userDisplayName: user.displayName,
    challenge: await createChallenge(em, purpose, now),
    timeout: VALID_FOR,
    attestationType: 'none',
    supportedAlgorithmIDs: ALGORITHMS,
    excludeCredentials: await credentialsOf(em, user.id),
    // Kept by the authenticator together with the user, so that it needs no user name to sign in.
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  });
}

function credentialsOf(em: EntityManager, userId: string): Promise<{ id: string }[]> {
  return em.execute<{ id: string }[]>(
    'select credential_id as id from passkeys where user_id = ? order by created_at',
    [userId],
  );
}

/** Returns the passkey with this name of an authenticator's, or null. */
export async function findPasskey(em: EntityManager, credentialId: string): Promise<KnownPasskey | null> {
  const [found] = await em.execute<KnownPasskey[]>(
    `select p.id, p.user_id as "userId", p.public_key as "publicKey", u.active
     from passkeys p join users u on u.id = p.user_id where p.credential_id = ?`,
    [credentialId],
  );
  return found ?? null;
}

/**
 * Records a use of a passkey. Returns false if its counter has not risen, although its authenticator counts: then a
 * copy of the passkey is in use (WebAuthn §6.1.1). Of concurrent uses with one counter, one succeeds.
 */
export async function recordUse(em: EntityManager, id: string, counter: number, now: Date): Promise<boolean> {
  const recorded = await em.execute<unknown[]>(
    `update passkeys set counter = ?, last_used_at = ?
     where id = ? and (counter < ? or (counter = 0 and ? = 0)) returning id`,
    [counter, now, id, counter, counter],
  );
  return recorded.length > 0;
}

/** Returns true while there is such a passkey. */
export async function hasPasskey(em: EntityManager, id: string): Promise<boolean> {
  return (await em.execute<unknown[]>('select 1 from passkeys where id = ?', [id])).length > 0;
}

const PASSKEY = `id, name, ${millis('created_at')} as created, ${millis('last_used_at')} as used`;

interface PasskeyRow {
  readonly id: string;
  readonly name: string;
  readonly created: number;
  readonly used: number | null;
}

function passkeyOf({ id, name, created, used }: PasskeyRow): Passkey {
  return { id, name, createdAt: new Date(created), lastUsedAt: used === null ? null : new Date(used) };
}

/** Returns the passkeys of a user, the oldest first. */
export async function listPasskeys(em: EntityManager, userId: string): Promise<Passkey[]> {
  const rows = await em.execute<PasskeyRow[]>(
    `select ${PASSKEY} from passkeys where user_id = ? order by created_at, id`,
    [userId],
  );
  return rows.map(passkeyOf);
}

/** Stores a passkey of a user. Returns null if it is stored already, for any user. */
export async function insertPasskey(
  em: EntityManager,
  userId: string,
  name: string,
  { credentialId, publicKey, counter }: NewCredential,
  now: Date,
): Promise<Passkey | null> {
  const [row] = await em.execute<PasskeyRow[]>(
    `insert into passkeys (id, user_id, name, credential_id, public_key, counter, created_at)
     values (?, ?, ?, ?, ?, ?, ?) on conflict (credential_id) do nothing returning ${PASSKEY}`,
    [randomUuid(), userId, name, credentialId, publicKey, counter, now],
  );
  return row === undefined ? null : passkeyOf(row);
}

/** Renames a passkey of a user. Returns null if the user has none with the id. */
export async function renamePasskey(
  em: EntityManager,
  userId: string,
  id: string,
  name: string,
): Promise<Passkey | null> {
  const [row] = isUuid(id)
    ? await em.execute<PasskeyRow[]>(`update passkeys set name = ? where id = ? and user_id = ? returning ${PASSKEY}`, [
        name,
        id,
        userId,
      ])
    : [];
  return row === undefined ? null : passkeyOf(row);
}

/** Deletes a passkey of a user. Returns null if the user has none with the id. */
export async function deletePasskey(em: EntityManager, userId: string, id: string): Promise<Passkey | null> {
  const [row] = isUuid(id)
    ? await em.execute<PasskeyRow[]>(`delete from passkeys where id = ? and user_id = ? returning ${PASSKEY}`, [
        id,
        userId,
      ])
    : [];
  return row === undefined ? null : passkeyOf(row);
}
