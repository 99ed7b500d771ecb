import type { Database } from '../../database/database.ts';
import type { EntityManager } from '../../database/orm.ts';
import { systemScope } from '../../database/scopes.ts';
import { CHAIN_START, type ChainLink, EVENT_TEXT, type EventText, makeSeal } from './seal.ts';
import type { AuditSigner } from './signer.ts';

/** Whoever extends or shortens the chain holds this advisory lock until its transaction ends. */
export const CHAIN_LOCK = 7_306_429_106;
/** How often the sealer looks, in milliseconds: an event is sealed within a second of its commit. */
const INTERVAL = 500;
/** How many events a seal covers at most. */
const BATCH = 1_000;

/** Chains the events of the audit trail in batches, so that no row is removed or altered without a trace. */
export interface Sealer {
  /** Seals what is committed and not sealed yet; leaves it to the other one, if there is one at it. */
  readonly seal: () => Promise<void>;
  /** Ends the regular sealing, with a last one. */
  readonly stop: () => Promise<void>;
}

export interface SealerParts {
  readonly database: Pick<Database, 'run'>;
  readonly signer: AuditSigner;
  readonly now: () => Date;
  /** In milliseconds. */
  readonly sealInterval?: number | undefined;
  readonly log: {
    info(details: object, message: string): void;
    warn(details: object, message: string): void;
  };
}

/**
 * Starts to seal. Any number of processes may: one does it at a time. Failures are logged, once a series, and the next
 * attempt follows all the same.
 */
export function startSealer(parts: SealerParts): Sealer {
  const { log, sealInterval = INTERVAL } = parts;
  let failing = false;
  let running: Promise<void> | null = null;

  async function attempt(): Promise<void> {
    try {
      await sealAll(parts);
      failing = false;
    } catch (error) {
      if (!failing) {
        log.warn({ err: error }, 'audit events cannot be sealed; they will be, once it works again');
      }
      failing = true;
    }
  }

  const tick = (): void => {
    running ??= attempt().finally(() => {
      running = null;
    });
  };
  const timer = setInterval(tick, sealInterval).unref();
  return {
    seal: () => sealAll(parts),
    async stop() {
      clearInterval(timer);
      await running;
      await attempt();
    },
  };
}

async function sealAll({ database, signer, now, log }: SealerParts): Promise<void> {
  for (let isMore = true; isMore;) {
    const sealed = await database.run(systemScope, (em) => sealBatch(em, signer, now()));
    if (sealed !== null) {
      // Whoever keeps these lines elsewhere can tell when the end of the chain was cut off: `audit verify --head`.
      log.info({ seal: sealed.number, hash: sealed.hash, events: sealed.count }, 'audit events sealed');
    }
    isMore = sealed?.count === BATCH;
  }
}

/**
 * Seals events that are committed and not sealed yet, in the order of their ids; null when there are none, or another
 * transaction is at it. What commits late is sealed late: an event is known to be unsealed by its own row, and not by
 * its place in some order that other transactions may overtake.
 */
export async function sealBatch(
  em: EntityManager,
  signer: AuditSigner,
  now: Date,
): Promise<(ChainLink & { readonly count: number }) | null> {
  const [pending] = await em.execute<unknown[]>('select 1 from audit_events where seal is null limit 1');
  if (pending === undefined || !(await isLockTaken(em))) {
    return null;
  }
  // Only with the lock is it certain that nobody else is sealing these, and which seal is the last.
  const events = await em.execute<EventText[]>(
    `select ${EVENT_TEXT} from audit_events where seal is null order by audit_events.id limit ?`,
    [BATCH],
  );
  if (events.length === 0) {
    return null;
  }
  const seal = makeSeal(events, await lastLink(em), signer, now);
  await em.execute(
    `insert into audit_seals (number, prev_hash, hash, signature, count, digests, sealed_at)
     values (?, ?, ?, ?, ?, decode(?, 'hex'), ?)`,
    [seal.number, seal.prevHash, seal.hash, seal.signature, seal.count, seal.digests, now],
    'run',
  );
  const marked = await em.execute<unknown[]>(
    'update audit_events set seal = ? where id = any(?::uuid[]) and seal is null returning 1',
    [seal.number, `{${events.map(({ id }) => id).join(',')}}`],
  );
  if (marked.length !== events.length) {
    throw new Error('Events were sealed by somebody who did not hold the lock of the chain');
  }
  return seal;
}

async function isLockTaken(em: EntityManager): Promise<boolean> {
  const [lock] = await em.execute<{ taken: boolean }[]>('select pg_try_advisory_xact_lock(?) as taken', [CHAIN_LOCK]);
  return lock?.taken === true;
}

/** The end of the chain, which may be what retention has left of it. */
async function lastLink(em: EntityManager): Promise<ChainLink> {
  const [last] = await em.execute<ChainLink[]>(
    `select number::float8 as number, hash from (
       select number, hash from audit_seals union all select number, hash from audit_checkpoints
     ) as links order by links.number desc limit 1`,
  );
  return last ?? CHAIN_START;
}
