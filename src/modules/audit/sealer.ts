import type { Database } from '../../database/database.ts';
import type { EntityManager } from '../../database/orm.ts';
import { systemScope } from '../../database/scopes.ts';
import {
  type ChainLink,
  hasUnsealedEvents,
  insertSeal,
  lastLink,
  markSealed,
  tryLockChain,
  unsealedEvents,
} from '../../database/events/chain.ts';
import { SingleFlight } from '../../lib/single-flight.ts';
import { type AuditSigner, CHAIN_START, makeSeal } from './seal.ts';
import { countDenials, type Denials, type DenialsParts } from '../../database/events/denials.ts';

/** The interval of the sealer, in milliseconds: an event is sealed within a second of its commit. */
const INTERVAL = 500;
/** The largest number of events that one seal covers. */
const BATCH = 1_000;

/** Chains the events of the audit trail in batches, so that no row is removed or altered without a trace. */
export interface Sealer {
  /** Seals the events that are committed and not sealed yet, unless another process is doing so. */
  readonly seal: () => Promise<void>;
  /** Seals once more, and stops. */
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
 * Starts to seal. Any number of processes may start it: one of them seals at a time. The first failure of a series is
 * logged, and the next attempt follows at the next interval.
 */
export function startSealer(parts: SealerParts): Sealer {
  const { log, sealInterval = INTERVAL } = parts;
  let failing = false;

  async function attempt(): Promise<void> {
    try {
      await sealAll(parts);
      failing = false;
    } catch (error) {
      if (!failing) {
        log.warn({ err: error }, 'audit events cannot be sealed now; the sealer tries again');
      }
      failing = true;
    }
  }

  const attempts = new SingleFlight(attempt);
  const timer = setInterval(() => void attempts.run(), sealInterval).unref();
  return {
    seal: () => sealAll(parts),
    async stop() {
      clearInterval(timer);
      await attempts.running;
      await attempt();
    },
  };
}

async function sealAll({ database, signer, now, log }: SealerParts): Promise<void> {
  for (let isMore = true; isMore;) {
    const sealed = await database.run(systemScope, (em) => sealBatch(em, signer, now()));
    if (sealed !== null) {
      // A copy of these lines elsewhere shows when the end of the chain was cut off: `audit verify --head`.
      log.info({ seal: sealed.number, hash: sealed.hash, events: sealed.count }, 'audit events sealed');
    }
    isMore = sealed?.count === BATCH;
  }
}

/**
 * Seals events that are committed and not sealed yet, in the order of their ids. Returns null when there are none, or
 * when another transaction is sealing. A column of each row records its seal, so that an event whose
 * transaction commits late is sealed later, whatever its id.
 */
export async function sealBatch(
  em: EntityManager,
  signer: AuditSigner,
  now: Date,
): Promise<(ChainLink & { readonly count: number }) | null> {
  if (!(await hasUnsealedEvents(em)) || !(await tryLockChain(em))) {
    return null;
  }
  // Only with the lock is it certain that no other process is sealing these events, and which seal is the last.
  const events = await unsealedEvents(em, BATCH);
  if (events.length === 0) {
    return null;
  }
  const seal = makeSeal(events, (await lastLink(em)) ?? CHAIN_START, signer, now);
  await insertSeal(em, seal, now);
  const ids = events.map(({ id }) => id);
  if ((await markSealed(em, seal.number, ids)) !== events.length) {
    throw new Error('Another transaction sealed events without the lock of the chain');
  }
  return seal;
}

/** The background work of a process for the audit trail. */
export interface AuditTrail {
  readonly denials: Denials;
  readonly sealer: Sealer;
  /** Stores the denials that were counted in memory, and seals all events. */
  readonly stop: () => Promise<void>;
}

/** Starts to count denials, and to seal. */
export function startAuditTrail(parts: SealerParts & DenialsParts): AuditTrail {
  const denials = countDenials(parts);
  const sealer = startSealer(parts);
  return {
    denials,
    sealer,
    async stop() {
      await denials.stop();
      await sealer.stop();
    },
  };
}
