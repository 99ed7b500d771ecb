import type { Database } from '../../database/database.ts';
import type { EntityManager } from '../../database/orm.ts';
import { systemScope } from '../../database/scopes.ts';
import { readCheckpoints, replaceCheckpoint } from './checkpoint.ts';
import { recordEvent } from '../../database/events/record.ts';
import type { ChainLink } from './seal.ts';
import { CHAIN_LOCK } from './sealer.ts';
import type { AuditSigner } from './signer.ts';

/** How many seals, of up to a thousand events each, one transaction removes. */
const STEP = 100;

/** What there is to remove. */
export interface Pruning {
  /** The last seal to go; null: none. */
  readonly through: number | null;
  readonly seals: number;
  readonly events: number;
}

export interface PruneOptions {
  readonly signer: AuditSigner;
  readonly before: Date;
  readonly now: () => Date;
  readonly progress: (events: number, of: number) => void;
}

/**
 * What retention would remove: the seals at the beginning of the chain all of whose events are older. An older event
 * that shares a seal with a younger one stays.
 */
export async function planPruning(em: EntityManager, before: Date): Promise<Pruning> {
  const [plan] = await em.execute<{ through: number | null; seals: number }[]>(
    `select max(number)::float8 as through, count(*)::float8 as seals from audit_seals where number < coalesce(
       (select min(seal) from audit_events where at >= ? and seal is not null), 9223372036854775807)`,
    [before],
  );
  const through = plan?.through ?? null;
  if (through === null) {
    return { through, seals: 0, events: 0 };
  }
  const [found] = await em.execute<{ events: number }[]>(
    'select count(*)::float8 as events from audit_events where seal <= ?',
    [through],
  );
  return { through, seals: plan?.seals ?? 0, events: found?.events ?? 0 };
}

/**
 * Removes events older than a date, in steps. Each leaves a signed checkpoint from which the rest of the chain follows,
 * and an event that says what was removed: cut short, pruning can be taken up again.
 *
 * @returns how many events were removed
 */
export async function prune(database: Pick<Database, 'run'>, options: PruneOptions): Promise<number> {
  const { through, events } = await database.run(systemScope, (em) => planPruning(em, options.before));
  let removed = 0;
  for (let isMore = through !== null; isMore;) {
    const step = await database.run(systemScope, (em) => pruneStep(em, through ?? 0, options));
    removed += step ?? 0;
    isMore = step !== null;
    options.progress(removed, events);
  }
  return removed;
}

/** Returns how many events were removed; null when nothing was left to remove. */
async function pruneStep(
  em: EntityManager,
  through: number,
  { signer, before, now }: PruneOptions,
): Promise<number | null> {
  await em.execute('select pg_advisory_xact_lock(?)', [CHAIN_LOCK]);
  const last = await lastOfStep(em, through);
  if (last === null) {
    return null;
  }
  const removed = await em.execute<unknown[]>('delete from audit_events where seal <= ? returning 1', [last.number]);
  await em.execute('delete from audit_seals where number <= ?', [last.number], 'run');
  const [checkpoint] = await readCheckpoints(em);
  const events = (checkpoint?.events ?? 0) + removed.length;
  await replaceCheckpoint(em, signer, last, { events, now: now() });
  await recordEvent(
    em,
    { actorId: null, address: null, now: now() },
    {
      action: 'audit.pruned',
      target: { type: 'audit', id: String(last.number) },
      details: { before: before.toISOString(), events: removed.length, hash: last.hash },
    },
  );
  return removed.length;
}

async function lastOfStep(em: EntityManager, through: number): Promise<ChainLink | null> {
  const [last] = await em.execute<ChainLink[]>(
    `select number, hash from (
       select number::float8 as number, hash from audit_seals where audit_seals.number <= ?
       order by audit_seals.number limit ?
     ) as step order by step.number desc limit 1`,
    [through, STEP],
  );
  return last ?? null;
}
