import { createHash, randomBytes } from 'node:crypto';
import type { EntityManager } from '../../database/orm.ts';
import { arrayLiteral } from '../../database/literals.ts';
import type { FactorKind } from '../../lib/errors.ts';
import { isTotpCode, stepOfCode } from './totp.ts';

/** The recovery codes of a user: each has 80 random bits, so that a plain hash of it may be stored. */
const RECOVERY_CODES = 10;
const RECOVERY_CODE_BYTES = 10;

/** SQL that holds if the user of a row has a second factor. */
export const hasFactorOf = (userId: string): string =>
  `(exists (select 1 from totp_secrets t where t.user_id = ${userId} and t.confirmed_at is not null)
    or exists (select 1 from passkeys k where k.user_id = ${userId}))`;

/** Returns the ways in which the user can show a second factor: none without one. */
export async function factorsOf(em: EntityManager, userId: string): Promise<FactorKind[]> {
  const [found] = await em.execute<{ totp: boolean; passkey: boolean }[]>(
    `select exists (select 1 from totp_secrets where user_id = ? and confirmed_at is not null) as totp,
       exists (select 1 from passkeys where user_id = ?) as passkey`,
    [userId, userId],
  );
  const kinds: FactorKind[] = [
    ...(found?.totp === true ? (['TOTP'] as const) : []),
    ...(found?.passkey === true ? (['PASSKEY'] as const) : []),
  ];
  return kinds.length === 0 ? [] : [...kinds, 'RECOVERY_CODE'];
}

/** Returns true if the user has set up a second factor. */
export async function hasSecondFactor(em: EntityManager, userId: string): Promise<boolean> {
  return (await factorsOf(em, userId)).length > 0;
}

/**
 * Uses up a code of the user: a code by time, of a later step than the last one that was accepted, or a recovery code.
 * Returns null if it is not valid. Concurrent uses of one code: one succeeds.
 */
export async function useCode(em: EntityManager, userId: string, code: string, now: Date): Promise<FactorKind | null> {
  const text = code.slice(0, 100).replaceAll(/[\s-]/g, '').toLowerCase();
  if (!isTotpCode(text)) {
    return (await useRecoveryCode(em, userId, text)) ? 'RECOVERY_CODE' : null;
  }
  const [factor] = await em.execute<{ secret: string }[]>(
    'select secret from totp_secrets where user_id = ? and confirmed_at is not null',
    [userId],
  );
  const step = factor === undefined ? null : stepOfCode(factor.secret, text, now);
  if (factor === undefined || step === null) {
    return null;
  }
  const used = await em.execute<unknown[]>(
    `update totp_secrets set last_step = ? where user_id = ? and secret = ? and confirmed_at is not null
       and (last_step is null or last_step < ?) returning user_id`,
    [step, userId, factor.secret, step],
  );
  return used.length > 0 ? 'TOTP' : null;
}

async function useRecoveryCode(em: EntityManager, userId: string, code: string): Promise<boolean> {
  const used = await em.execute<unknown[]>(
    'delete from recovery_codes where user_id = ? and code_hash = ? returning user_id',
    [userId, hashRecoveryCode(userId, code)],
  );
  return used.length > 0;
}

/** Replaces the recovery codes of a user. Returns the new ones, which cannot be read again. */
export async function renewRecoveryCodes(em: EntityManager, userId: string): Promise<string[]> {
  const codes = Array.from({ length: RECOVERY_CODES }, createRecoveryCode);
  const hashes = codes.map((code) => hashRecoveryCode(userId, code.replaceAll('-', '')));
  await em.execute('delete from recovery_codes where user_id = ?', [userId], 'run');
  await em.execute(
    'insert into recovery_codes (user_id, code_hash) select ?, hash from unnest(?::text[]) as hash',
    [userId, arrayLiteral(hashes)],
    'run',
  );
  return codes;
}

/** Creates a code such as `04fc-1e9a-77d0-b3c2-5a68`: hexadecimal digits are not mistaken for one another. */
function createRecoveryCode(): string {
  return randomBytes(RECOVERY_CODE_BYTES).toString('hex').match(/.{4}/g)?.join('-') ?? '';
}

function hashRecoveryCode(userId: string, code: string): string {
  return createHash('sha256').update(`${userId} ${code}`).digest('base64url');
}

/** Removes the codes by time of a user. Returns false if they were not set up. */
export async function removeTotp(em: EntityManager, userId: string): Promise<boolean> {
  const removed = await em.execute<{ confirmed: boolean }[]>(
    'delete from totp_secrets where user_id = ? returning confirmed_at is not null as confirmed',
    [userId],
  );
  await settleRemoval(em, userId);
  return removed[0]?.confirmed === true;
}

/** Removes all second factors of a user, and what depends on them. Returns false if there is none. */
export async function removeSecondFactors(em: EntityManager, userId: string): Promise<boolean> {
  const removed = await em.execute<unknown[]>('delete from passkeys where user_id = ? returning id', [userId]);
  return (await removeTotp(em, userId)) || removed.length > 0;
}

/** Removes what depends on second factors, once the user has none any more. Logins that are half done end in any case. */
export async function settleRemoval(em: EntityManager, userId: string): Promise<void> {
  await em.execute('delete from login_challenges where user_id = ?', [userId], 'run');
  if (!(await hasSecondFactor(em, userId))) {
    await em.execute('delete from recovery_codes where user_id = ?', [userId], 'run');
    await em.execute('update sessions set second_factor_at = null where user_id = ?', [userId], 'run');
  }
}
