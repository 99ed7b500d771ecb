import {
  type ChainLink,
  type Checkpoint,
  countSeals,
  eventsOfSeals,
  type EventText,
  orphanedEvents,
  readCheckpoints,
  sealsAfter,
  type StoredSeal,
  unsealedTail,
} from '../../database/events/chain.ts';
import type { Reader } from '../../database/reading-entity-manager.ts';
import { type AuditSigner, CHAIN_START, differencesFrom, isGenuine, isGenuineCheckpoint, isWhole } from './seal.ts';
import { systemScope } from '../../database/scopes.ts';
import type { AuditVerification, RequestContext } from '../../context.ts';
import { Conflict } from '../../lib/errors.ts';

/** The number of seals that are read together. */
const STEP = 50;

/** The result of a verification. */
export interface Verdict {
  /** The differences from what was sealed, in the order of the chain; empty if the trail is intact. */
  readonly damage: readonly string[];
  readonly seals: number;
  readonly events: number;
  /** The last link. Stored elsewhere, it proves later that the end of the chain was not cut off. */
  readonly head: ChainLink;
  /** The number of events that retention has removed. */
  readonly pruned: number;
  /** The number of events that no seal covers yet, and that therefore cannot be verified. */
  readonly unsealed: { readonly count: number; readonly oldest: Date | null };
  /** False if the verification was stopped before the last seal. */
  readonly isComplete: boolean;
}

export interface VerifyOptions {
  readonly signer: AuditSigner;
  /** A link that was stored elsewhere before; the chain must still contain it. */
  readonly known?: ChainLink | null;
  readonly progress?: (seals: number, of: number) => void;
  /** Called after each step: true ends the verification with what was verified until then. */
  readonly shouldStop?: () => boolean;
}

/** Verifies the complete chain. `reader` must read from one snapshot. */
export async function verifyTrail(reader: Reader, options: VerifyOptions): Promise<Verdict> {
  const [checkpoint, ...superseded] = await readCheckpoints(reader);
  const walk = new Walk(checkpoint ?? null, options);
  superseded.forEach(({ number }) => walk.report(`A checkpoint (at seal ${number}) was inserted.`));
  const total = await countSeals(reader);
  let isComplete = true;
  for (
    let seals = await sealsAfter(reader, null, STEP);
    seals.length > 0;
    seals = await sealsAfter(reader, seals.at(-1)?.number ?? null, STEP)
  ) {
    const events = await eventsOfSeals(reader, seals[0]?.number ?? 0, seals.at(-1)?.number ?? 0);
    seals.forEach((seal) => walk.visit(seal, events.get(String(seal.number)) ?? []));
    options.progress?.(walk.seals, total);
    if (walk.seals < total && options.shouldStop?.() === true) {
      isComplete = false;
      break;
    }
  }
  const { damage } = walk;
  if (isComplete) {
    walk.end();
    await reportOrphans(reader, walk);
  }
  const { seals, events, head } = walk;
  return {
    damage,
    seals,
    events,
    head,
    pruned: checkpoint?.events ?? 0,
    unsealed: await unsealedTail(reader),
    isComplete,
  };
}

async function reportOrphans(reader: Reader, walk: Walk): Promise<void> {
  (await orphanedEvents(reader)).forEach(({ id, seal }) =>
    walk.report(`Event ${id} names seal ${seal}, which does not exist.`),
  );
}

/** Walks along the chain, and collects the differences. */
class Walk {
  readonly damage: string[] = [];
  head: ChainLink;
  seals = 0;
  events = 0;
  readonly #signer: AuditSigner;
  readonly #known: ChainLink | null;
  readonly #start: number;
  /** The newest seal that one of our keys has signed proves all seals before it. */
  #isHeadGenuine = true;

  constructor(checkpoint: Checkpoint | null, { signer, known = null }: VerifyOptions) {
    this.head = checkpoint ?? CHAIN_START;
    this.#signer = signer;
    this.#known = known;
    this.#start = this.head.number;
    if (checkpoint !== null && !isGenuineCheckpoint(checkpoint, signer)) {
      this.report(`The checkpoint at seal ${checkpoint.number} was altered or forged. ${UNKNOWN_KEY}`);
    }
    this.#compareWithKnown();
  }

  report(damage: string): void {
    this.damage.push(damage);
  }

  visit(seal: StoredSeal, events: readonly EventText[]): void {
    this.seals++;
    this.events += events.length;
    if (seal.number <= this.#start) {
      this.report(`Seal ${seal.number} was inserted: the chain begins with ${this.#start + 1}.`);
      return;
    }
    this.#follow(seal);
    if (isWhole(seal)) {
      this.#compare(seal, events);
    } else {
      this.report(`Seal ${seal.number} was altered.`);
    }
    this.#isHeadGenuine = isGenuine(seal, this.#signer);
    this.head = { number: seal.number, hash: seal.hash };
    this.#compareWithKnown();
  }

  end(): void {
    if (!this.#isHeadGenuine) {
      this.report(`The last seal, ${this.head.number}, was not made by this server. ${UNKNOWN_KEY}`);
    }
    if (this.#known !== null && this.#known.number > this.head.number) {
      this.report(`The chain ends with seal ${this.head.number}: seal ${this.#known.number} was cut off.`);
    }
  }

  #follow({ number, prevHash }: StoredSeal): void {
    const missing = number - this.head.number - 1;
    if (missing > 0) {
      const first = this.head.number + 1;
      this.report(missing === 1 ? `Seal ${first} is missing.` : `Seals ${first} to ${number - 1} are missing.`);
    } else if (prevHash !== this.head.hash) {
      this.report(`Seal ${number} does not follow from the one before: either of them was altered.`);
    }
  }

  #compare(seal: StoredSeal, events: readonly EventText[]): void {
    const { removed, altered, inserted } = differencesFrom(seal, events);
    removed.forEach((id) => this.report(`Event ${id} is missing from seal ${seal.number}.`));
    altered.forEach((id) => this.report(`Event ${id} of seal ${seal.number} was altered.`));
    inserted.forEach((id) => this.report(`Event ${id} was inserted into seal ${seal.number}.`));
  }

  #compareWithKnown(): void {
    if (this.#known?.number === this.head.number && this.#known.hash !== this.head.hash) {
      this.report(`Seal ${this.head.number} is not the one that was written down: the chain was rebuilt.`);
    }
  }
}

const UNKNOWN_KEY = 'If its secret was retired, add it to the end of JWT_SECRET and verify again.';

/** The time that a verification may take: the embedded database has a single connection, for which others wait. */
const TIME_LIMIT_MS = 3_000;

/** The number of differences that are listed: the first one matters most. */
const MOST_DIFFERENCES = 20;

interface Dependencies {
  readonly signer: AuditSigner;
  readonly timeLimit?: number;
}

/** Creates a function that verifies the audit trail within a time limit. It runs once at a time in a process. */
export function createAuditVerifier({
  signer,
  timeLimit = TIME_LIMIT_MS,
}: Dependencies): RequestContext['verifyAudit'] {
  let isRunning = false;
  return async (unit) => {
    if (isRunning) {
      throw new Conflict('A verification of the audit trail is running: retry when it has finished');
    }
    isRunning = true;
    const started = performance.now();
    const shouldStop = (): boolean => performance.now() - started > timeLimit;
    try {
      return describeVerdict(await unit.readAs(systemScope, (reader) => verifyTrail(reader, { signer, shouldStop })));
    } finally {
      isRunning = false;
    }
  };
}

function describeVerdict({ damage, isComplete, seals, events, unsealed, head }: Verdict): AuditVerification {
  return {
    intact: damage.length === 0,
    complete: isComplete,
    seals,
    events,
    unsealed: unsealed.count,
    damage: damage.slice(0, MOST_DIFFERENCES),
    head: `${head.number}:${head.hash}`,
  };
}
