import { isIP } from 'node:net';
import { orderedUuid } from '../../lib/ordered-uuid.ts';
import { boundDriverOf } from '../bound-driver.ts';
import type { EntityManager } from '../orm.ts';
import { WITH_NEXT } from '../writing.ts';
import type { AuditAction, AuditTargetType } from './actions.ts';

/** The actor of an event, with address and time. */
export interface AuditBy {
  /** The user whose credential was shown; null: none was. */
  readonly actorId: string | null;
  /** The network address that the request came from; null: it came from no network but from the server itself. */
  readonly address: string | null;
  readonly now: Date;
}

export interface AuditTarget {
  readonly type: AuditTargetType;
  /** An id; of a role its name, of a field its coordinate. */
  readonly id: string;
}

/** Further details: ids, names of roles, permissions and fields, counts. Never names or addresses of people. */
export type AuditDetails = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

/** Something that happened, in the vocabulary of the audit trail. */
export interface AuditRecord {
  readonly action: AuditAction;
  readonly target?: AuditTarget | null;
  readonly details?: AuditDetails;
  /** The number of occurrences within the minute; one without it. */
  readonly count?: number;
}

const COLUMNS = 'id, at, actor_id, action, target_type, target_id, address, details, count';

const INSERT = `
  insert into audit_events (${COLUMNS})
  select ${COLUMNS} from jsonb_to_recordset(?::jsonb) as event (id uuid, at timestamptz, actor_id uuid, action text,
    target_type text, target_id text, address text, details jsonb, count int) ${WITH_NEXT}`;

/** The drivers of transactions that have added events: nested transactions have the driver of the one around them. */
const recording = new WeakSet<object>();

/** Reports if the transaction of an entity manager, or one that was nested in it, has added events. */
export function hasRecorded(em: EntityManager): boolean {
  return recording.has(boundDriverOf(em));
}

/**
 * Adds an event to the audit trail, in the transaction of what it tells: both are kept, or neither is. Every row scope
 * may do so, but a viewer's only for that viewer: the database refuses any other `actorId`.
 *
 * Once the transaction is committed, every process is notified of the event (see `live-events.ts`): its id, action and target.
 */
export async function recordEvent(em: EntityManager, by: AuditBy, event: AuditRecord): Promise<void> {
  await recordEvents(em, [{ by, event }]);
}

/** Adds several events, in one statement. */
export async function recordEvents(
  em: EntityManager,
  entries: readonly { readonly by: AuditBy; readonly event: AuditRecord }[],
): Promise<void> {
  recording.add(boundDriverOf(em));
  await em.execute(INSERT, [JSON.stringify(entries.map(({ by, event }) => rowOf(by, event)))], 'run');
}

function rowOf(by: AuditBy, { action, target = null, details = {}, count = 1 }: AuditRecord) {
  return {
    id: orderedUuid(), // rising, so that what happens in one millisecond keeps its order
    at: by.now,
    actor_id: by.actorId,
    action,
    target_type: target?.type ?? null,
    target_id: target?.id ?? null,
    address: by.address === null ? null : networkAddress(by.address),
    details,
    count,
  };
}

/** The part of a request's context that tells who acts. */
export interface ActingContext {
  readonly viewer: { readonly id: string | null };
  readonly client: { readonly address: string };
  readonly now: () => Date;
}

/** Returns the actor of a request. */
export function auditBy({ viewer, client, now }: ActingContext): AuditBy {
  return { actorId: viewer.id, address: client.address, now: now() };
}

/** A proxy may pass on any text as an address: anything else than an address is not recorded. */
function networkAddress(text: string): string {
  return isIP(text) === 0 ? 'unknown' : text;
}
