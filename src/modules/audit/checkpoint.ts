import type { EntityManager } from '../../database/orm.ts';
import type { Reader } from '../../database/reading.ts';
import type { ChainLink } from './seal.ts';
import type { AuditSigner } from './signer.ts';

/** What stands at the beginning of a chain that retention has shortened: the last link that was removed. */
export interface Checkpoint extends ChainLink {
  /** How many events all prunings together have removed. */
  readonly events: number;
  /** Milliseconds since 1970. */
  readonly madeAt: string;
  readonly signature: string;
}

const textOf = ({ number, hash, events, madeAt }: Omit<Checkpoint, 'signature'>): string =>
  JSON.stringify(['audit checkpoint', 1, number, hash, events, madeAt]);

/** Whether one of the server's own keys made the checkpoint. */
export function isGenuineCheckpoint(checkpoint: Checkpoint, signer: AuditSigner): boolean {
  return signer.isSigned(textOf(checkpoint), checkpoint.signature);
}

/** The checkpoints, the newest first. There is one, or none if nothing was ever removed. */
export function readCheckpoints(reader: Reader): Promise<Checkpoint[]> {
  return reader.execute<Checkpoint[]>(
    `select number::float8 as number, hash, events::float8 as events, signature,
       (extract(epoch from made_at) * 1000)::bigint::text as "madeAt"
     from audit_checkpoints order by audit_checkpoints.number desc`,
  );
}

/** Puts a signed checkpoint in the place of the one before. */
export async function replaceCheckpoint(
  em: EntityManager,
  signer: AuditSigner,
  { number, hash }: ChainLink,
  { events, now }: { readonly events: number; readonly now: Date },
): Promise<void> {
  const signature = signer.sign(textOf({ number, hash, events, madeAt: String(now.getTime()) }));
  await em.execute('delete from audit_checkpoints', [], 'run');
  await em.execute(
    'insert into audit_checkpoints (number, hash, events, made_at, signature) values (?, ?, ?, ?, ?)',
    [number, hash, events, now, signature],
    'run',
  );
}
