import { createHash, createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';
import {
  type ChainLink,
  type Checkpoint,
  type EventText,
  type StoredSeal,
  writeCheckpoint,
} from '../../database/events/chain.ts';
import { deriveKey } from '../../lib/secrets.ts';
import type { EntityManager } from '../../database/orm.ts';

const textOf = ({ number, hash, events, madeAt }: Omit<Checkpoint, 'signature'>): string =>
  JSON.stringify(['audit checkpoint', 1, number, hash, events, madeAt]);

/** Returns true if one of the server's own keys made the checkpoint. */
export function isGenuineCheckpoint(checkpoint: Checkpoint, signer: AuditSigner): boolean {
  return signer.isSigned(textOf(checkpoint), checkpoint.signature);
}

/** Replaces the checkpoint by a signed one. */
export async function replaceCheckpoint(
  em: EntityManager,
  signer: AuditSigner,
  { number, hash }: ChainLink,
  { events, now }: { readonly events: number; readonly now: Date },
): Promise<void> {
  const signature = signer.sign(textOf({ number, hash, events, madeAt: String(now.getTime()) }));
  await writeCheckpoint(em, { number, hash, events, signature }, now);
}

/** Signs seals and checkpoints, with keys that are not in the database. */
export interface AuditSigner {
  readonly sign: (text: string) => string;
  readonly isSigned: (text: string, signature: string) => boolean;
}

/**
 * Signatures by HMAC-SHA-256, in hexadecimal.
 *
 * @param secrets as in JWT_SECRET: the first signs, all verify
 */
export function createAuditSigner(secrets: readonly [string, ...string[]]): AuditSigner {
  const [first, ...older] = secrets;
  const key = deriveKey(first, 'audit');
  const keys = [key, ...older.map((secret) => deriveKey(secret, 'audit'))];
  return {
    sign: (text) => mac(key, text).toString('hex'),
    isSigned(text, signature) {
      const given = Buffer.from(signature, 'hex');
      return given.length === 32 && keys.some((candidate) => timingSafeEqual(given, mac(candidate, text)));
    },
  };
}

function mac(key: KeyObject, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

/** The link before the first seal. */
export const CHAIN_START: ChainLink = { number: 0, hash: '0'.repeat(64) };

const ID_LENGTH = 32;
const DIGEST_LENGTH = ID_LENGTH + 64;

function digestOf(event: EventText): string {
  const { id, at, actorId, action, targetType, targetId, address, details, count } = event;
  const text = JSON.stringify([id, at, actorId, action, targetType, targetId, address, details, count]);
  return id.replaceAll('-', '') + createHash('sha256').update(text).digest('hex');
}

/** Returns the text that a signature covers: every column of the seal, and the digests of its events. */
function bodyOf({ number, prevHash, count, sealedAt, digests }: Omit<StoredSeal, 'hash' | 'signature'>): string {
  const text = JSON.stringify(['audit seal', 1, number, prevHash, count, sealedAt, digests]);
  return createHash('sha256').update(text).digest('hex');
}

/** The hash covers the signature as well, so that the next seal stands for every column of this one. */
function hashOf(body: string, signature: string): string {
  return createHash('sha256').update(`${body} ${signature}`).digest('hex');
}

/** Creates the seal that follows the last one. @param events in the order of their ids */
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

/** Returns true if the seal is unchanged since it was made, by any key. */
export function isWhole(seal: StoredSeal): boolean {
  return seal.hash === hashOf(bodyOf(seal), seal.signature) && seal.digests.length === seal.count * DIGEST_LENGTH;
}

/** Returns true if one of the server's own keys made the seal. */
export function isGenuine(seal: StoredSeal, signer: AuditSigner): boolean {
  return signer.isSigned(bodyOf(seal), seal.signature);
}

/** The differences between events and their seal. */
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
