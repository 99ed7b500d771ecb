import { type ChainLink, type Checkpoint, writeCheckpoint } from '../../database/events/chain.ts';
import type { EntityManager } from '../../database/orm.ts';
import type { AuditSigner } from './signer.ts';

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
