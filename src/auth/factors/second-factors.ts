import { createHash, randomBytes } from 'node:crypto';
import { generateSecret, generateURI, verifySync } from 'otplib';
import type { EntityManager } from '../../database/orm.ts';
import { arrayLiteral } from '../../database/literals.ts';
import type { FactorKind } from '../../lib/errors.ts';
import { LOWEST_ROLE, type RoleGraph } from '../role-graph.ts';

/** The time for which one code is valid, in seconds, and the drift of clocks that is tolerated (RFC 6238 §5.2). */
const PERIOD = 30;
const SECRET_BYTES = 20;

/** A new secret, as authenticator apps take it. */
export interface TotpEnrolment {
  /** Base32, 160 bits. */
  readonly secret: string;
  /** The `otpauth` URI, which apps read as a QR code. */
  readonly uri: string;
}

/** Creates a secret for codes by time: SHA-1, 6 digits, 30 seconds, which every app supports. */
export function createTotp(issuer: string, label: string): TotpEnrolment {
  const secret = generateSecret({ length: SECRET_BYTES });
  return { secret, uri: generateURI({ issuer, label, secret }) };
}

/** Returns true if a text has the shape of a code by time. */
function isTotpCode(code: string): boolean {
  return /^\d{6}$/.test(code);
}

/** Returns the time step of a code that is valid now, within one step of drift; null if it is not. */
export function stepOfCode(secret: string, code: string, now: Date): number | null {
  if (!isTotpCode(code)) {
    return null;
  }
  const epoch = Math.floor(now.getTime() / 1_000);
  const result = verifySync({ secret, token: code, epoch, period: PERIOD, epochTolerance: PERIOD });
  return result.valid && 'timeStep' in result ? result.timeStep : null;
}

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
 * Consumes a code of the user: a TOTP code of a later step than the last accepted one, or a recovery code. Returns null if
 * it is not valid. Concurrent uses of one code: one succeeds.
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

/** Creates a code such as `04fc-1e9a-77d0-b3c2-5a68`: hexadecimal digits are easy to tell apart. */
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

/** Removes the data that depends on second factors, if the user has none left. Logins in progress end in any case. */
export async function settleRemoval(em: EntityManager, userId: string): Promise<void> {
  await em.execute('delete from login_challenges where user_id = ?', [userId], 'run');
  if (!(await hasSecondFactor(em, userId))) {
    await em.execute('delete from recovery_codes where user_id = ?', [userId], 'run');
    await em.execute('update sessions set second_factor_at = null where user_id = ?', [userId], 'run');
  }
}

/** Returns true if one of the assigned roles, or a role that these inherit, must not be used without a second factor. */
export function requiresSecondFactor(
  required: readonly string[],
  graph: RoleGraph,
  assigned: readonly string[],
): boolean {
  if (required.length === 0) {
    return false;
  }
  const held = graph.closureOf([...assigned, LOWEST_ROLE]);
  return required.some((role) => held.has(role));
}

/** Returns true if the roles of a session require a second factor that was not shown in it. */
export function waitsForSecondFactor(
  session: { readonly assigned: readonly string[]; readonly secondFactor: boolean },
  required: readonly string[],
  graph: RoleGraph,
): boolean {
  return !session.secondFactor && requiresSecondFactor(required, graph, session.assigned);
}
