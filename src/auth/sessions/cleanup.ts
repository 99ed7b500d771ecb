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

/** The tables with rows that expire: each with its key, and with the column that holds the time. */
const EXPIRING = [
  ['throttles', 'key', 'ends_at'],
  ['password_resets', 'token_hash', 'expires_at'],
  ['login_challenges', 'token_hash', 'expires_at'],
  ['passkey_challenges', 'challenge_hash', 'expires_at'],
  ['issuer_sign_ins', 'token_hash', 'expires_at'],
  ['invitations', 'token_hash', 'expires_at'],
  ['sessions', 'id', 'coalesce(ended_at, expires_at)'],
] as const;

/**
 * Deletes expired throttles, mailed tokens and challenges, and sessions that ended a month ago. Rows that another process
 * has locked are skipped until the next cleanup. Where the clocks differ, the later one does not count: a process whose
 * clock is ahead would delete what is valid for all others.
 */
export async function purgeExpired(em: EntityManager, time: Date): Promise<void> {
  const [earlier] = await em.execute<{ at: number }[]>(`select ${millis('least(?, clock_timestamp())')} as at`, [time]);
  const now = new Date(earlier?.at ?? time);
  for (const [table, key, expiry] of EXPIRING) {
    const before = table === 'sessions' ? new Date(now.getTime() - SESSIONS_KEPT) : now;
    await em.execute(
      `delete from ${table} where ${key} in
         (select ${key} from ${table} where ${expiry} <= ? limit ${BATCH} for update skip locked)`,
      [before],
      'run',
    );
  }
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
