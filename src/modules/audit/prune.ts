import type { Database } from '../../database/database.ts';
import type { EntityManager } from '../../database/orm.ts';
import { systemScope } from '../../database/scopes.ts';
import {
  countEventsThrough,
  lastOfFirstSeals,
  lockChain,
  readCheckpoints,
  removeThrough,
  sealsBefore,
} from '../../database/events/chain.ts';
import { type AuditSigner, replaceCheckpoint } from './seal.ts';
import { recordEvent } from '../../database/events/record.ts';

/** The number of seals, of up to a thousand events each, that one transaction removes. */
const STEP = 100;

/** The part of the chain that retention would remove. */
export interface Pruning {
  /** The last seal that would be removed; null: none. */
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
 * Returns the part of the chain that retention would remove: the seals at its beginning all of whose events are older
 * than the date. An older event that shares a seal with a younger one stays.
 */
export async function planPruning(em: EntityManager, before: Date): Promise<Pruning> {
  const { through, seals } = await sealsBefore(em, before);
  return through === null
    ? { through, seals: 0, events: 0 }
    : { through, seals, events: await countEventsThrough(em, through) };
}

/**
 * Removes events older than a date, in steps. Each leaves a signed checkpoint from which the rest of the chain follows,
 * and an event that says what was removed, so that an interrupted pruning can be continued.
 *
 * @returns the number of removed events
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

/** Returns the number of removed events; null when nothing was left to remove. */
async function pruneStep(
  em: EntityManager,
  through: number,
  { signer, before, now }: PruneOptions,
): Promise<number | null> {
  await lockChain(em);
  const last = await lastOfFirstSeals(em, through, STEP);
  if (last === null) {
    return null;
  }
  const removed = await removeThrough(em, last.number);
  const [checkpoint] = await readCheckpoints(em);
  const events = (checkpoint?.events ?? 0) + removed;
  await replaceCheckpoint(em, signer, last, { events, now: now() });
  await recordEvent(
    em,
    { actorId: null, address: null, now: now() },
    {
      action: 'audit.pruned',
      target: { type: 'audit', id: String(last.number) },
      details: { before: before.toISOString(), events: removed, hash: last.hash },
    },
  );
  return removed;
}
