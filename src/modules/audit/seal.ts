import { createHash } from 'node:crypto';
import type { AuditSigner } from './signer.ts';

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

const millis = (column: string): string => `(extract(epoch from ${column}) * 1000)::bigint::text`;

/** The select list that yields {@link EventText}. */
export const EVENT_TEXT = `id, ${millis('at')} as at, actor_id as "actorId", action, target_type as "targetType",
  target_id as "targetId", address, details::text as details, count::text as count`;

/** The select list that yields {@link StoredSeal}. */
export const STORED_SEAL = `number::float8 as number, prev_hash as "prevHash", hash, signature, count,
  encode(digests, 'hex') as digests, ${millis('sealed_at')} as "sealedAt"`;

/** A place in the chain: the next seal has the next number, and names this hash. */
export interface ChainLink {
  readonly number: number;
  readonly hash: string;
}

/** What the first seal follows. */
export const CHAIN_START: ChainLink = { number: 0, hash: '0'.repeat(64) };

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

const ID_LENGTH = 32;
const DIGEST_LENGTH = ID_LENGTH + 64;

function digestOf(event: EventText): string {
  const { id, at, actorId, action, targetType, targetId, address, details, count } = event;
  const text = JSON.stringify([id, at, actorId, action, targetType, targetId, address, details, count]);
  return id.replaceAll('-', '') + createHash('sha256').update(text).digest('hex');
}

/** What a signature is over: everything that the seal says, and all that it covers. */
function bodyOf({ number, prevHash, count, sealedAt, digests }: Omit<StoredSeal, 'hash' | 'signature'>): string {
  const text = JSON.stringify(['audit seal', 1, number, prevHash, count, sealedAt, digests]);
  return createHash('sha256').update(text).digest('hex');
}

/** The hash covers the signature as well, so that the next seal stands for every column of this one. */
function hashOf(body: string, signature: string): string {
  return createHash('sha256').update(`${body} ${signature}`).digest('hex');
}

/** The seal of some events, which must be in the order of their ids, behind the last one. */
export function makeSeal(events: readonly EventText[], last: ChainLink, signer: AuditSigner, now: Date): StoredSeal {
  const content = {
    number: last.number + 1,
    prevHash: last.hash,
    count: events.length,
    digests: events.map(digestOf).join(''),
    sealedAt: String(now.getTime()),
  };
  const body = bodyOf(content);
  const signature = signer.sign(body);
  return { ...content, signature, hash: hashOf(body, signature) };
}

/** Whether the seal is as it was made, by whomever. */
export function isWhole(seal: StoredSeal): boolean {
  return seal.hash === hashOf(bodyOf(seal), seal.signature) && seal.digests.length === seal.count * DIGEST_LENGTH;
}

/** Whether one of the server's own keys made the seal. */
export function isGenuine(seal: StoredSeal, signer: AuditSigner): boolean {
  return signer.isSigned(bodyOf(seal), seal.signature);
}

/** How events differ from what was sealed. */
export interface Differences {
  readonly removed: readonly string[];
  readonly altered: readonly string[];
  readonly inserted: readonly string[];
}

/** The ids of the events that are not as they were when the seal was made. */
export function differencesFrom({ digests }: StoredSeal, events: readonly EventText[]): Differences {
  const current = events.map(digestOf);
  if (current.join('') === digests) {
    return { removed: [], altered: [], inserted: [] };
  }
  const sealed = byId(digestsIn(digests));
  const present = byId(current);
  const [before, now] = [[...sealed], [...present]];
  return {
    removed: before.filter(([id]) => !present.has(id)).map(uuidOf),
    altered: now.filter(([id, digest]) => sealed.has(id) && sealed.get(id) !== digest).map(uuidOf),
    inserted: now.filter(([id]) => !sealed.has(id)).map(uuidOf),
  };
}

function byId(digests: readonly string[]): Map<string, string> {
  return new Map(digests.map((digest) => [digest.slice(0, ID_LENGTH), digest]));
}

function digestsIn(digests: string): string[] {
  return Array.from({ length: Math.ceil(digests.length / DIGEST_LENGTH) }, (_, index) =>
    digests.slice(index * DIGEST_LENGTH, (index + 1) * DIGEST_LENGTH),
  );
}

function uuidOf([hex]: readonly [string, string]): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
