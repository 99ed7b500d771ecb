import type { EntityManager } from '../../database/orm.ts';
import { authScope } from '../../database/scopes.ts';
import type { Background } from '../background.ts';
import type { AuthParts } from '../dependencies.ts';

/** How often what has passed is cleared away, in milliseconds. */
const INTERVAL = 3_600_000;
/** For how long the sessions of the past are kept, in milliseconds: they tell from where somebody usually signs in. */
const SESSIONS_KEPT = 30 * 24 * 3_600_000;
/** How many rows go at a time: a statement that takes long would hold others up. */
const BATCH = 5_000;

/** Rows that another process is clearing away, or that are in use, are left to it, and to the next time. */
const PASSED = [
  `delete from throttles where key in
     (select key from throttles where ends_at <= ? limit ${BATCH} for update skip locked)`,
  `delete from password_resets where token_hash in
     (select token_hash from password_resets where expires_at <= ? limit ${BATCH} for update skip locked)`,
];
const PASSED_SESSIONS = `
  delete from sessions where id in
    (select id from sessions where coalesce(ended_at, expires_at) <= ? limit ${BATCH} for update skip locked)`;

/** Clears away throttles and mails that no longer count, and sessions that ended a month ago. */
export async function forgetThePast(em: EntityManager, now: Date): Promise<void> {
  for (const sql of PASSED) {
    await em.execute(sql, [now], 'run');
  }
  await em.execute(PASSED_SESSIONS, [new Date(now.getTime() - SESSIONS_KEPT)], 'run');
}

/** Does so once an hour, in every process: the deletes do no harm beside each other. Returns what ends it. */
export function startUpkeep(
  { database, now }: Pick<AuthParts, 'database' | 'now'>,
  background: Background,
): () => void {
  const work = (): Promise<void> => database.run(authScope, (em) => forgetThePast(em, now()));
  const timer = setInterval(() => background.start('clearing away what has passed', work), INTERVAL).unref();
  return () => clearInterval(timer);
}
