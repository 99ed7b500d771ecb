import { arrayLiteral } from '../literals.ts';
import type { EntityManager } from '../orm.ts';
import type { Reader } from '../reading-entity-manager.ts';

// The statements of the audit chain. SQL text, since seals cover every value as the text that PostgreSQL writes for it.

/** An event as it is sealed: every column but the seal, as the text that PostgreSQL writes for it. */
export interface EventText {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly at: string;
  readonly actorId: string | null;
  readonly action: string;
  readonly targetType: string | null;
  readonly targetId: string | null;
  readonly address: string | null;
  /** `jsonb` has one spelling for each value. */
  readonly details: string;
  readonly count: string;
}

/** A place in the chain: the next seal has the next number, and names this hash. */
export interface ChainLink {
  readonly number: number;
  readonly hash: string;
}

/** A seal as the database holds it. */
export interface StoredSeal extends ChainLink {
  readonly prevHash: string;
  readonly signature: string;
  readonly count: number;
  /** For each event, in the order of the ids, its id and its hash: 16 and 32 bytes, in hexadecimal. */
  readonly digests: string;
  /** Milliseconds since 1970. */
  readonly sealedAt: string;
}

/** The beginning of a chain that retention has shortened: the last link that was removed. */
export interface Checkpoint extends ChainLink {
  /** The number of events that all prunings together have removed. */
  readonly events: number;
  /** Milliseconds since 1970. */
  readonly madeAt: string;
  readonly signature: string;
}

/** The advisory lock that a transaction holds while it extends or shortens the chain. */
const CHAIN_LOCK = 7_306_429_106;

const millis = (column: string): string => `(extract(epoch from ${column}) * 1000)::bigint::text`;

const EVENT_TEXT = `id, ${millis('at')} as at, actor_id as "actorId", action, target_type as "targetType",
  target_id as "targetId", address, details::text as details, count::text as count`;

const STORED_SEAL = `number::float8 as number, prev_hash as "prevHash", hash, signature, count,
  encode(digests, 'hex') as digests, ${millis('sealed_at')} as "sealedAt"`;

/** Takes the lock of the chain, or waits for it, until the transaction ends. */
export async function lockChain(em: EntityManager): Promise<void> {
  await em.execute('select pg_advisory_xact_lock(?)', [CHAIN_LOCK]);
}

/** Takes the lock of the chain until the transaction ends, unless another transaction holds it. Returns true if it did. */
export async function tryLockChain(em: EntityManager): Promise<boolean> {
  const [lock] = await em.execute<{ taken: boolean }[]>('select pg_try_advisory_xact_lock(?) as taken', [CHAIN_LOCK]);
  return lock?.taken === true;
}

/** Returns true if there are events that no seal covers. */
export async function hasUnsealedEvents(reader: Reader): Promise<boolean> {
  const found = await reader.execute<unknown[]>('select 1 from audit_events where seal is null limit 1');
  return found.length > 0;
}

/** Returns when the oldest event was recorded that is not sealed, in milliseconds since 1970; null if all are. */
export async function oldestUnsealed(reader: Reader): Promise<number | null> {
  const sql = 'select extract(epoch from min(at)) * 1000 as at from audit_events where seal is null';
  const [found] = await reader.execute<{ at: string | number | null }[]>(sql);
  return found === undefined || found.at === null ? null : Number(found.at);
}

/** Returns the first events that no seal covers, in the order of their ids. */
export function unsealedEvents(reader: Reader, limit: number): Promise<EventText[]> {
  return reader.execute<EventText[]>(
    `select ${EVENT_TEXT} from audit_events where seal is null order by audit_events.id limit ?`,
    [limit],
  );
}

/** Returns the number of events that no seal covers, and the time of the oldest. */
export async function unsealedTail(reader: Reader): Promise<{ readonly count: number; readonly oldest: Date | null }> {
  const [tail] = await reader.execute<{ count: number; oldest: number | null }[]>(
    `select count(*)::float8 as count, (extract(epoch from min(at)) * 1000)::float8 as oldest
     from audit_events where seal is null`,
  );
  const oldest = tail?.oldest ?? null;
  return { count: tail?.count ?? 0, oldest: oldest === null ? null : new Date(oldest) };
}

/** Adds a seal to the chain. */
export async function insertSeal(
  em: EntityManager,
  { number, prevHash, hash, signature, count, digests }: Omit<StoredSeal, 'sealedAt'>,
  now: Date,
): Promise<void> {
  await em.execute(
    `insert into audit_seals (number, prev_hash, hash, signature, count, digests, sealed_at)
     values (?, ?, ?, ?, ?, decode(?, 'hex'), ?)`,
    [number, prevHash, hash, signature, count, digests, now],
    'run',
  );
}

/** Marks events as covered by a seal. Returns the number of events that were not covered before. */
export async function markSealed(em: EntityManager, seal: number, ids: readonly string[]): Promise<number> {
  const marked = await em.execute<unknown[]>(
    'update audit_events set seal = ? where id = any(?::uuid[]) and seal is null returning 1',
    [seal, arrayLiteral(ids)],
  );
  return marked.length;
}

/** Returns the end of the chain, which may be a checkpoint; null when nothing was ever sealed. */
export async function lastLink(reader: Reader): Promise<ChainLink | null> {
  const [last] = await reader.execute<ChainLink[]>(
    `select number::float8 as number, hash from (
       select number, hash from audit_seals union all select number, hash from audit_checkpoints
     ) as links order by links.number desc limit 1`,
  );
  return last ?? null;
}

/** Returns the number of seals. */
export async function countSeals(reader: Reader): Promise<number> {
  const [row] = await reader.execute<{ total: number }[]>('select count(*)::float8 as total from audit_seals');
  return row?.total ?? 0;
}

/** Returns the seals after a number, in order; from the first one without it. */
export function sealsAfter(reader: Reader, number: number | null, limit: number): Promise<StoredSeal[]> {
  return reader.execute<StoredSeal[]>(
    `select ${STORED_SEAL} from audit_seals where number > ? order by audit_seals.number limit ?`,
    [number ?? Number.MIN_SAFE_INTEGER, limit],
  );
}

/** Returns the events of the seals between two numbers, by the seal's number as text. */
export async function eventsOfSeals(
  reader: Reader,
  first: number,
  last: number,
): Promise<ReadonlyMap<string, readonly EventText[]>> {
  const rows = await reader.execute<(EventText & { seal: string })[]>(
    `select seal::text as seal, ${EVENT_TEXT} from audit_events where audit_events.seal between ? and ?
     order by audit_events.seal, audit_events.id`,
    [first, last],
  );
  return Map.groupBy(rows, ({ seal }) => seal);
}

/** Returns some of the events that name a seal which does not exist. */
export function orphanedEvents(reader: Reader): Promise<{ id: string; seal: string }[]> {
  return reader.execute<{ id: string; seal: string }[]>(
    `select e.id, e.seal::text as seal from audit_events e
     where e.seal is not null and not exists (select 1 from audit_seals s where s.number = e.seal)
     order by e.seal, e.id limit 20`,
  );
}

/** Returns the last seal, and the number of seals, of the part of the chain all of whose events are older than a date. */
export async function sealsBefore(
  reader: Reader,
  before: Date,
): Promise<{ readonly through: number | null; readonly seals: number }> {
  const [found] = await reader.execute<{ through: number | null; seals: number }[]>(
    `select max(number)::float8 as through, count(*)::float8 as seals from audit_seals where number < coalesce(
       (select min(seal) from audit_events where at >= ? and seal is not null), 9223372036854775807)`,
    [before],
  );
  return found ?? { through: null, seals: 0 };
}

/** Returns the number of events that the seals up to a number cover. */
export async function countEventsThrough(reader: Reader, seal: number): Promise<number> {
  const [found] = await reader.execute<{ events: number }[]>(
    'select count(*)::float8 as events from audit_events where seal <= ?',
    [seal],
  );
  return found?.events ?? 0;
}

/** Returns the last of the first seals, at most `step` of them, up to a number; null when there are none. */
export async function lastOfFirstSeals(reader: Reader, through: number, step: number): Promise<ChainLink | null> {
  const [last] = await reader.execute<ChainLink[]>(
    `select number, hash from (
       select number::float8 as number, hash from audit_seals where audit_seals.number <= ?
       order by audit_seals.number limit ?
     ) as step order by step.number desc limit 1`,
    [through, step],
  );
  return last ?? null;
}

/** Removes the seals up to a number, and their events. Returns the number of events. */
export async function removeThrough(em: EntityManager, seal: number): Promise<number> {
  const removed = await em.execute<unknown[]>('delete from audit_events where seal <= ? returning 1', [seal]);
  await em.execute('delete from audit_seals where number <= ?', [seal], 'run');
  return removed.length;
}

/** Returns the checkpoints, the newest first. There is one, or none if nothing was ever removed. */
export function readCheckpoints(reader: Reader): Promise<Checkpoint[]> {
  return reader.execute<Checkpoint[]>(
    `select number::float8 as number, hash, events::float8 as events, signature,
       (extract(epoch from made_at) * 1000)::bigint::text as "madeAt"
     from audit_checkpoints order by audit_checkpoints.number desc`,
  );
}

/** Replaces the checkpoint. */
export async function writeCheckpoint(
  em: EntityManager,
  { number, hash, events, signature }: Omit<Checkpoint, 'madeAt'>,
  now: Date,
): Promise<void> {
  await em.execute('delete from audit_checkpoints', [], 'run');
  await em.execute(
    'insert into audit_checkpoints (number, hash, events, made_at, signature) values (?, ?, ?, ?, ?)',
    [number, hash, events, now, signature],
    'run',
  );
}
