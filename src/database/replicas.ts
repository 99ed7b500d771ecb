import { AsyncLocalStorage } from 'node:async_hooks';
import { LRUCache } from 'lru-cache';
import { within } from '../lib/deadline.ts';
import { SingleFlight } from '../lib/single-flight.ts';
import type { PoolFigures, ReadingPool } from './reading-pool.ts';

/** A position in PostgreSQL's write-ahead log (`pg_lsn`), in bytes. */
export type Position = bigint;

const POSITION = /^([0-9A-F]{1,8})\/([0-9A-F]{1,8})$/;

/** Reads a position as PostgreSQL writes it, `16/B374D848`. Returns null if the text is none. */
export function parsePosition(text: string): Position | null {
  const [, high, low] = POSITION.exec(text) ?? [];
  return high === undefined ? null : (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`);
}

/** Writes a position as PostgreSQL does. */
export function formatPosition(position: Position): string {
  return `${(position >> 32n).toString(16)}/${(position & 0xffff_ffffn).toString(16)}`.toUpperCase();
}

/** The state of a replica at a check. */
export interface ReplicaState {
  /** False once it has been promoted: it may hold another history then. */
  readonly isStandby: boolean;
  readonly replayed: Position;
}

/** A read replica, as {@link Replicas} uses it. */
export interface Replica {
  /** Host, port and database, without credentials. */
  readonly name: string;
  readonly pool: ReadingPool;
  /** Checks the replica. @throws {Error} if it does not respond, or cannot serve this server */
  look(): Promise<ReplicaState>;
  /** Closes its connections: statements in progress fail at once. */
  disconnect(): void;
  close(): Promise<void>;
}

/** The figures of a replica, for the metrics. */
export interface ReplicaFigures {
  readonly replica: string;
  readonly isUsed: boolean;
  /** The bytes of the log that it had not replayed at the last check; null if it did not respond. */
  readonly lag: number | null;
  /** Reading transactions that ran on it. */
  readonly reads: number;
}

/** Called when a replica is left out, with the reason, or used again. */
export type ReplicaListener = (change: {
  readonly replica: string;
  readonly isUsed: boolean;
  readonly reason: string | null;
}) => void;

/** The dependencies of {@link Replicas}. */
export interface ReplicaParts {
  readonly replicas: readonly Replica[];
  /** Returns the position up to which the primary has written. */
  readonly primary: () => Promise<Position>;
  /** Returns the position behind every transaction that was committed on the primary by now. */
  readonly committed: () => Promise<Position>;
  /** A replica that lags by more milliseconds is left out. */
  readonly maxLag: number;
  readonly onChange: ReplicaListener;
}

/** The writes that the reads of one request must see. */
interface Request {
  needed: Position;
  readonly onWrite: (position: Position) => void;
}

/** The last write of a viewer, which counts until a time of `performance.now()`. */
interface Write {
  readonly position: Position;
  readonly until: number;
}

interface Member {
  readonly replica: Replica;
  state: ReplicaState | null;
  /** The reason why it is left out; null while it is used. */
  reason: string | null;
  reads: number;
}

/** Milliseconds between two checks of the replicas. */
const INTERVAL = 250;
/** The same, while a write of this process has not reached all of them. */
const INTERVAL_AFTER_WRITE = 10;
/** Milliseconds without an answer after which a replica is left out. */
const PROBE_TIMEOUT = 1_000;
/** Milliseconds for which a viewer reads from the primary after a write whose position could not be learned. */
const UNKNOWN_POSITION_MS = 30_000;

/** A position that no replica reaches. */
const UNREACHABLE: Position = 1n << 65n;

/**
 * Chooses where reads run. A replica is used while it answers, is a standby, and lags by less than the limit. A read goes
 * to one that has replayed every write that the viewer must see: those of the request, those that its client names, and
 * those of the viewer in this process. It goes to the primary where there is none, and outside of requests.
 */
export class Replicas {
  readonly #parts: ReplicaParts;
  readonly #members: readonly Member[];
  readonly #requests = new AsyncLocalStorage<Request>();
  /** The last write of each viewer in this process. */
  readonly #writes = new LRUCache<string, Write>({ max: 100_000 });
  /** The last write of an anonymous request in this process, such as a login. */
  #lastAnonymous: Position = 0n;
  #lastWrite: Position = 0n;
  /** Positions of the primary, oldest first: what a replica must have replayed after the limit of its lag. */
  #history: { readonly at: number; readonly position: Position }[] = [];
  #turn = 0;
  #timer: NodeJS.Timeout | null = null;
  /** The time of the next check, of `performance.now()`. */
  #due = 0;
  readonly #looks = new SingleFlight(() => this.#lookNow());
  #isClosed = false;

  constructor(parts: ReplicaParts) {
    this.#parts = parts;
    this.#members = parts.replicas.map((replica) => ({ replica, state: null, reason: 'it is new', reads: 0 }));
  }

  /** Checks all replicas now, and at intervals from then on. */
  async start(): Promise<void> {
    await this.#lookNow();
    this.#schedule();
  }

  /**
   * Runs a request. Its reads may use replicas, and see what was written up to the position that its client names.
   *
   * @param onWrite is called with the position of each write of the request
   */
  serve<T>(needed: Position, onWrite: (position: Position) => void, work: () => T): T {
    return this.#requests.run({ needed, onWrite }, work);
  }

  /** Returns a replica that a reading transaction of the viewer may use; null for the primary. */
  choose(viewerId: string | null): Replica | null {
    const request = this.#requests.getStore();
    if (request === undefined) {
      return null;
    }
    const needed = largest(request.needed, this.#lastOf(viewerId), this.#lastAnonymous);
    const able = this.#members.filter(({ reason, state }) => reason === null && (state?.replayed ?? -1n) >= needed);
    const member = able[this.#turn++ % Math.max(1, able.length)];
    if (member === undefined) {
      return null;
    }
    member.reads += 1;
    return member.replica;
  }

  /** Records a committed write, so that later reads of the viewer see it. */
  async wrote(viewerId: string | null): Promise<void> {
    const request = this.#requests.getStore();
    if (viewerId === null && request === undefined) {
      return; // work in the background, which no client waits for
    }
    const position = await this.#parts.committed().catch(() => null);
    if (request !== undefined) {
      request.needed = largest(request.needed, position ?? UNREACHABLE);
    }
    if (viewerId !== null) {
      const until = position === null ? performance.now() + UNKNOWN_POSITION_MS : Number.POSITIVE_INFINITY;
      this.#writes.set(viewerId, { position: position ?? UNREACHABLE, until });
    }
    if (position === null) {
      return;
    }
    this.#lastAnonymous = viewerId === null ? largest(this.#lastAnonymous, position) : this.#lastAnonymous;
    this.#lastWrite = largest(this.#lastWrite, position);
    request?.onWrite(position);
    this.#schedule(INTERVAL_AFTER_WRITE);
  }

  #lastOf(viewerId: string | null): Position {
    const write = viewerId === null ? undefined : this.#writes.get(viewerId);
    return write === undefined || write.until < performance.now() ? 0n : write.position;
  }

  /** Excludes a replica at which a read failed, until a check succeeds. */
  failed(replica: Replica, error: unknown): void {
    const member = this.#members.find((one) => one.replica === replica);
    if (member?.reason === null) {
      this.#leaveOut(member, messageOf(error));
    }
  }

  figures(): readonly ReplicaFigures[] {
    const newest = this.#history.at(-1)?.position ?? 0n;
    return this.#members.map(({ replica, state, reason, reads }) => ({
      replica: replica.name,
      isUsed: reason === null,
      lag: state === null ? null : Number(largest(newest - state.replayed, 0n)),
      reads,
    }));
  }

  /** Returns the connections to each replica. */
  pools(): readonly PoolFigures[] {
    return this.#members.map(({ replica: { name, pool } }) => pool.figuresAs(name));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer ?? undefined);
    await this.#looks.running;
    await Promise.all(this.#members.map(({ replica }) => replica.close()));
  }

  /** Schedules a check after the given milliseconds, or earlier if one is due before. */
  #schedule(wait = INTERVAL): void {
    const due = performance.now() + wait;
    if (this.#isClosed || (this.#timer !== null && this.#due <= due)) {
      return;
    }
    clearTimeout(this.#timer ?? undefined);
    this.#due = due;
    this.#timer = setTimeout(() => void this.#look(), wait).unref();
  }

  async #look(): Promise<void> {
    this.#timer = null;
    await this.#looks.run();
    const isBehind = this.#members.some(
      ({ reason, state }) => reason === null && (state?.replayed ?? 0n) < this.#lastWrite,
    );
    this.#schedule(isBehind ? INTERVAL_AFTER_WRITE : INTERVAL);
  }

  async #lookNow(): Promise<void> {
    const now = performance.now();
    const position = await timely(this.#parts.primary()).catch(() => null);
    if (position !== null) {
      this.#history.push({ at: now, position });
    }
    const due = this.#history.findLast(({ at }) => at <= now - this.#parts.maxLag);
    this.#history = this.#history.filter(({ at }) => at >= (due?.at ?? 0));
    await Promise.all(this.#members.map((member) => this.#lookAt(member, due?.position ?? 0n)));
  }

  /** @param due is the position that a replica within the limit has replayed by now */
  async #lookAt(member: Member, due: Position): Promise<void> {
    try {
      member.state = await timely(member.replica.look());
    } catch (error) {
      member.state = null;
      this.#leaveOut(member, messageOf(error));
      member.replica.disconnect();
      return;
    }
    if (!member.state.isStandby) {
      this.#leaveOut(member, 'it is not a standby: it was promoted, or is the primary');
    } else if (member.state.replayed < due) {
      this.#leaveOut(member, `it lags by more than ${this.#parts.maxLag / 1_000} seconds`);
    } else if (member.reason !== null) {
      member.reason = null;
      this.#parts.onChange({ replica: member.replica.name, isUsed: true, reason: null });
    }
  }

  #leaveOut(member: Member, reason: string): void {
    if (member.reason !== reason) {
      member.reason = reason;
      this.#parts.onChange({ replica: member.replica.name, isUsed: false, reason });
    }
  }
}

/** Returns the largest position; 0 of none. */
export function largest(...positions: readonly Position[]): Position {
  return positions.reduce((a, b) => (a > b ? a : b), 0n);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Rejects if there is no answer in time. */
function timely<T>(answer: Promise<T>): Promise<T> {
  return within(answer, PROBE_TIMEOUT, () => {
    throw new Error(`it gave no answer for ${PROBE_TIMEOUT} ms`);
  });
}
