import type { EntityManager } from '../../database/orm.ts';
import { authScope } from '../../database/scopes.ts';
import type { AuthDependencies, Background } from '../dependencies.ts';
import { millis } from './sessions.ts';

/** The interval between two cleanups, in milliseconds. */
const INTERVAL = 3_600_000;
/** The time for which ended sessions are kept, in milliseconds: they hold the addresses from which a user signs in. */
const SESSIONS_KEPT = 30 * 24 * 3_600_000;
/** The number of rows that one statement deletes: a long statement would block others. */
const BATCH = 5_000;

/** Deletes of expired rows. Rows that another process has locked are skipped until the next cleanup. */
const EXPIRED = [
  `delete from throttles where key in
     (select key from throttles where ends_at <= ? limit ${BATCH} for update skip locked)`,
  `delete from password_resets where token_hash in
     (select token_hash from password_resets where expires_at <= ? limit ${BATCH} for update skip locked)`,
  `delete from login_challenges where token_hash in
     (select token_hash from login_challenges where expires_at <= ? limit ${BATCH} for update skip locked)`,
  `delete from passkey_challenges where challenge_hash in
     (select challenge_hash from passkey_challenges where expires_at <= ? limit ${BATCH} for update skip locked)`,
  `delete from issuer_sign_ins where token_hash in
     (select token_hash from issuer_sign_ins where expires_at <= ? limit ${BATCH} for update skip locked)`,
  `delete from invitations where token_hash in
     (select token_hash from invitations where expires_at <= ? limit ${BATCH} for update skip locked)`,
];
const EXPIRED_SESSIONS = `
  delete from sessions where id in
    (select id from sessions where coalesce(ended_at, expires_at) <= ? limit ${BATCH} for update skip locked)`;

/**
 * Deletes expired throttles, mailed tokens and challenges, and sessions that ended a month ago. Where the clocks differ,
 * the later one does not count: a process whose clock is ahead would delete what is valid for all others.
 */
export async function purgeExpired(em: EntityManager, time: Date): Promise<void> {
  const [earlier] = await em.execute<{ at: number }[]>(`select ${millis('least(?, clock_timestamp())')} as at`, [time]);
  const now = new Date(earlier?.at ?? time);
  for (const sql of EXPIRED) {
    await em.execute(sql, [now], 'run');
  }
  await em.execute(EXPIRED_SESSIONS, [new Date(now.getTime() - SESSIONS_KEPT)], 'run');
}

/** Runs the cleanup once an hour, in every process: concurrent cleanups do no harm. Returns the function that stops it. */
export function startCleanup(
  { database, now }: Pick<AuthDependencies, 'database' | 'now'>,
  background: Background,
): () => void {
  const work = (): Promise<void> => database.run(authScope, (em) => purgeExpired(em, now()));
  const timer = setInterval(() => background.start('cleanup of expired rows', work), INTERVAL).unref();
  return () => clearInterval(timer);
}
