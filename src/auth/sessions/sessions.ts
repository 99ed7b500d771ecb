import { v4 as randomUuid } from 'uuid';
import { arrayLiteral } from '../../database/literals.ts';
import type { EntityManager } from '../../database/orm.ts';
import type { Client } from '../../lib/viewer.ts';
import { hasSecondFactor } from '../factors/second-factors.ts';
import { createOpaqueToken, hashToken } from '../tokens/opaque-token.ts';
import type { Activation } from '../principal.ts';
import type { RefreshToken, RefreshTokens } from '../tokens/refresh-token.ts';

/** The time after a rotation in which a retry with the previous token gets the same successor, in milliseconds. */
const RETRY_WINDOW = 10_000;
/** The precision of the time of last use, in milliseconds: it is not written more often. */
export const LAST_USE_PRECISION = 60_000;
const LONGEST_DEVICE = 200;

/** The lifetime of sessions, in milliseconds: in all, and without use. */
export interface SessionLifetime {
  readonly absolute: number;
  readonly idle: number;
}

/** A new session, with its credential. */
export interface OpenedSession {
  readonly id: string;
  readonly expiresAt: Date;
  /** Null if the session is kept in a cookie. */
  readonly refreshToken: string | null;
  /** Null if the session is kept by a refresh token. */
  readonly cookie: string | null;
}

export interface NewSession {
  readonly userId: string;
  /** The version of the password that was verified; null: the user signed in without one. */
  readonly passwordVersion: number | null;
  /** True if a second factor was shown. */
  readonly secondFactor: boolean;
  readonly activation: Activation;
  readonly inCookie: boolean;
  readonly client: Client;
  readonly now: Date;
  readonly lifetime: SessionLifetime;
}

/**
 * Opens a session under a new id, unless a second factor is to be shown first. Returns null if, since the credential was
 * verified, the password was changed or the user disabled. A concurrent change of either waits for this transaction and then ends the session, or commits first and prevents it.
 */
export async function openSession(
  em: EntityManager,
  tokens: RefreshTokens,
  { userId, passwordVersion, secondFactor, activation, inCookie, client, now, lifetime }: NewSession,
): Promise<OpenedSession | 'second factor required' | null> {
  const still =
    passwordVersion === null
      ? await em.execute<unknown[]>('select 1 from users where id = ? and active for share', [userId])
      : await em.execute<unknown[]>(
          `select 1 from users u join credentials c on c.user_id = u.id
           where u.id = ? and u.active and c.version = ? for share`,
          [userId, passwordVersion],
        );
  if (still.length === 0) {
    return null;
  }
  // The lock makes a concurrent set-up of a second factor wait, which then ends this session.
  if (!secondFactor && (await hasSecondFactor(em, userId))) {
    return 'second factor required';
  }
  const id = randomUuid();
  const expiresAt = new Date(now.getTime() + lifetime.absolute);
  const refreshToken = inCookie ? null : tokens.first(id);
  const cookie = inCookie ? createOpaqueToken('session') : null;
  await em.execute(
    `insert into sessions (id, user_id, roles, refresh_hash, cookie_hash, device, address, created_at, last_used_at,
       expires_at, second_factor_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    [
      id,
      userId,
      activation === 'all' ? null : arrayLiteral(activation),
      refreshToken && hashToken(refreshToken),
      cookie && hashToken(cookie),
      client.device.slice(0, LONGEST_DEVICE),
      client.address,
      now,
      now,
      expiresAt,
      secondFactor ? now : null,
    ],
    'run',
  );
  return { id, expiresAt, refreshToken, cookie };
}

/** The current state of a session and of its user. */
export interface SessionState {
  readonly id: string;
  readonly userId: string;
  readonly active: boolean;
  readonly accountId: string | null;
  readonly assigned: readonly string[];
  readonly activation: Activation;
  readonly lastUsedAt: Date;
  readonly expiresAt: Date;
  readonly ended: boolean;
  /** The time of the last sign-in in it, which a refresh does not change. */
  readonly authenticatedAt: Date;
  /** True if a second factor was shown in it. */
  readonly secondFactor: boolean;
}

interface SessionRow extends Omit<SessionState, 'activation' | 'lastUsedAt' | 'expiresAt' | 'authenticatedAt'> {
  readonly roles: readonly string[] | null;
  readonly lastUsed: number;
  readonly expires: number;
  readonly authenticated: number;
}

/** Returns SQL for a time in milliseconds since 1970: the two engines return dates differently. */
export const millis = (time: string): string => `(extract(epoch from ${time}) * 1000)::float8`;

const SESSION_STATE = `
  with used as (
    update sessions s set last_used_at = ? from users u
    where s.KEY = ? and s.ended_at is null and s.expires_at > ? and s.last_used_at > ? and s.last_used_at < ?
      and u.id = s.user_id and u.active returning s.last_used_at)
  select s.id, s.user_id as "userId", s.roles, s.ended_at is not null as ended,
    s.second_factor_at is not null as "secondFactor",
    ${millis('coalesce(s.authenticated_at, s.created_at)')} as authenticated,
    ${millis('coalesce((select last_used_at from used), s.last_used_at)')} as "lastUsed",
    ${millis('s.expires_at')} as expires, u.active, u.account_id as "accountId",
    array(select role from role_assignments where user_id = u.id order by 1) as assigned
  from sessions s join users u on u.id = s.user_id where s.KEY = ?`;

/**
 * Returns the session by its id or by its cookie's hash, and records its use, unless it has ended, expired, or been idle
 * for too long. Runs one statement.
 */
export async function getSession(
  em: EntityManager,
  by: 'id' | 'cookie_hash',
  key: string,
  { now, lifetime }: { readonly now: Date; readonly lifetime: SessionLifetime },
): Promise<SessionState | null> {
  const sql = SESSION_STATE.replaceAll('KEY', by);
  const idleSince = new Date(now.getTime() - lifetime.idle);
  const recordedBefore = new Date(now.getTime() - LAST_USE_PRECISION);
  const [row] = await em.execute<SessionRow[]>(sql, [now, key, now, idleSince, recordedBefore, key]);
  if (row === undefined) {
    return null;
  }
  const { roles, lastUsed, expires, authenticated, ...rest } = row;
  return {
    ...rest,
    activation: roles ?? 'all',
    lastUsedAt: new Date(lastUsed),
    expiresAt: new Date(expires),
    authenticatedAt: new Date(authenticated),
  };
}

/** Returns true if the session may be used now. */
export function isLive(session: SessionState, now: Date, lifetime: SessionLifetime): boolean {
  const idleUntil = session.lastUsedAt.getTime() + lifetime.idle;
  return !session.ended && session.active && now < session.expiresAt && now.getTime() < idleUntil;
}

/** Returns true if the time of last use should be written again. */
export function isUseToBeRecorded({ lastUsedAt }: { readonly lastUsedAt: Date }, now: Date): boolean {
  return now.getTime() - lastUsedAt.getTime() > LAST_USE_PRECISION;
}

/** The outcome of a rotation. */
export type Rotation =
  | { readonly outcome: 'rotated' | 'retried'; readonly successor: string; readonly userId: string }
  | { readonly outcome: 'replayed' }
  | { readonly outcome: 'refused' };

export interface RotationInput {
  readonly token: string;
  readonly parsed: RefreshToken;
  readonly now: Date;
  readonly lifetime: SessionLifetime;
  /** The length of an outage of the database, during which no retry could be answered, in milliseconds. */
  readonly outage: number;
}

/**
 * Replaces the refresh token of a session by its successor, in one statement that one of several concurrent calls wins.
 * The others are retries and get the same successor. After a replay the caller ends the session: see
 * {@link endSessions}.
 */
export async function rotate(
  em: EntityManager,
  tokens: RefreshTokens,
  { token, parsed, now, lifetime, outage }: RotationInput,
): Promise<Rotation> {
  const successors = tokens.successorsOf(token);
  const [successor] = successors;
  const idleSince = new Date(now.getTime() - lifetime.idle);
  const [rotated] = await em.execute<{ userId: string }[]>(
    `update sessions s set refresh_hash = ?, previous_hash = ?, rotated_at = ?, last_used_at = ?
     from users u
     where s.id = ? and s.refresh_hash = ? and s.ended_at is null and s.expires_at > ? and s.last_used_at > ?
       and u.id = s.user_id and u.active returning s.user_id as "userId"`,
    [hashToken(successor), parsed.hash, now, now, parsed.sessionId, parsed.hash, now, idleSince],
  );
  if (rotated !== undefined) {
    return { outcome: 'rotated', successor, userId: rotated.userId };
  }
  return whyNotRotated(em, parsed, { now, since: new Date(now.getTime() - RETRY_WINDOW - outage) }, successors);
}

interface UnrotatedRow {
  readonly userId: string;
  readonly usable: boolean;
  /** The hash of the token that is valid now. */
  readonly current: string;
  /** True if the token is the previous one, replaced within the retry window. */
  readonly isPredecessor: boolean;
}

async function whyNotRotated(
  em: EntityManager,
  { sessionId, hash }: RefreshToken,
  { now, since }: { readonly now: Date; readonly since: Date },
  successors: readonly string[],
): Promise<Rotation> {
  const [row] = await em.execute<UnrotatedRow[]>(
    `select s.user_id as "userId", s.ended_at is null and s.expires_at > ? and u.active as usable,
       s.refresh_hash as current, coalesce(s.previous_hash = ? and s.rotated_at >= ?, false) as "isPredecessor"
     from sessions s join users u on u.id = s.user_id where s.id = ? and s.refresh_hash is not null`,
    [now, hash, since, sessionId],
  );
  if (row === undefined || !row.usable || row.current === hash) {
    return { outcome: 'refused' };
  }
  const successor = successors.find((candidate) => hashToken(candidate) === row.current);
  return row.isPredecessor && successor !== undefined
    ? { outcome: 'retried', successor, userId: row.userId }
    : { outcome: 'replayed' };
}

/** The reason why a session was ended early. */
export type EndReason =
  | 'logout'
  | 'ended'
  | 'ended by an administrator'
  | 'replayed'
  | 'password changed'
  | 'password reset'
  | 'second factor changed'
  | 'second factor reset'
  | 'identity unlinked'
  | 'deactivated';

/** The sessions to end: one, or all of a user's, or all but one. */
export type Ending =
  | { readonly sessionId: string; readonly userId?: string }
  | { readonly userId: string; readonly except?: string | null };

/** Ends sessions. Their tokens are invalid once the transaction is committed. Returns the number of live ones. */
export async function endSessions(em: EntityManager, which: Ending, reason: EndReason, now: Date): Promise<number> {
  const [condition, params] = conditionOf(which);
  const ended = await em.execute<unknown[]>(
    `update sessions set ended_at = ?, ended_because = ? where ${condition} and ended_at is null returning id`,
    [now, reason, ...params],
  );
  return ended.length;
}

function conditionOf(which: Ending): [string, string[]] {
  if ('sessionId' in which) {
    return which.userId === undefined
      ? ['id = ?', [which.sessionId]]
      : ['id = ? and user_id = ?', [which.sessionId, which.userId]];
  }
  return which.except ? ['user_id = ? and id <> ?', [which.userId, which.except]] : ['user_id = ?', [which.userId]];
}
