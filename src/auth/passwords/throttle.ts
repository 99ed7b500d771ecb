import { createHash } from 'node:crypto';
import type { FailureLimit } from '../../config/config.ts';
import { arrayLiteral } from '../../database/literals.ts';
import type { EntityManager } from '../../database/orm.ts';
import { RateLimited } from '../../lib/errors.ts';

/** A limit on attempts within a window of time. */
export interface Allowance {
  /** A hash: see {@link throttleKey}. */
  readonly key: string;
  readonly limit: FailureLimit;
}

/** Returns the key of a throttle: a hash, so that the table holds no names and no addresses. */
export function throttleKey(kind: string, ...parts: readonly string[]): string {
  return createHash('sha256')
    .update(JSON.stringify([kind, ...parts]))
    .digest('base64url');
}

interface Count {
  readonly key: string;
  readonly attempts: number;
  readonly endsInSeconds: number;
}

const RESERVE = `
  insert into throttles as t (key, attempts, ends_at)
  select w.key, 1, ?::timestamptz + make_interval(secs => w.seconds)
  from unnest(?::text[], ?::int[]) as w (key, seconds) order by w.key
  on conflict (key) do update set
    attempts = case when t.ends_at <= ? then 1 else t.attempts + 1 end,
    ends_at = case when t.ends_at <= ? then excluded.ends_at else t.ends_at end
  returning key, attempts, ceil(extract(epoch from ends_at - ?::timestamptz))::int as "endsInSeconds"`;

/**
 * Counts an attempt against all of the allowances before it is made, so that concurrent attempts cannot exceed them.
 * Runs in its own transaction: the count stays, also if the attempt fails.
 *
 * @throws {RateLimited} if one is used up; the attempt is then counted against none
 */
export async function reserveAttempt(em: EntityManager, allowances: readonly Allowance[], now: Date): Promise<void> {
  const keys = arrayLiteral(allowances.map(({ key }) => key));
  const windows = arrayLiteral(allowances.map(({ limit }) => limit.windowSeconds));
  const counts = await em.execute<Count[]>(RESERVE, [now, keys, windows, now, now, now]);
  const limits = new Map(allowances.map(({ key, limit }) => [key, limit.failures]));
  const usedUp = counts.filter(({ key, attempts }) => attempts > (limits.get(key) ?? 0));
  if (usedUp.length > 0) {
    const wait = Math.max(...usedUp.map(({ endsInSeconds }) => endsInSeconds));
    throw new RateLimited('Too many attempts: wait before the next one', wait);
  }
}

/** Releases a reserved attempt that did not fail. */
export async function releaseAttempt(em: EntityManager, allowances: readonly Allowance[]): Promise<void> {
  const keys = arrayLiteral(allowances.map(({ key }) => key));
  await em.execute(
    `with counted as (select key from throttles where key = any(?::text[]) order by key for update)
     update throttles t set attempts = t.attempts - 1 from counted c where t.key = c.key and t.attempts > 0`,
    [keys],
    'run',
  );
}

/**
 * Creates the limit of one password for each operation: aliases in one document would otherwise hash many.
 *
 * @throws {RateLimited} (the returned function) if the operation has checked or set a password before
 */
export function createOncePerOperation(): (operation: object) => void {
  const seen = new WeakSet();
  return (operation) => {
    if (seen.has(operation)) {
      throw new RateLimited('An operation checks or sets at most one password: send the others separately', 1);
    }
    seen.add(operation);
  };
}
