import type { Reader } from '../reading-entity-manager.ts';
import type { AuditAction } from './actions.ts';

/** Something that was done and is committed: an event of the audit trail, reduced to what every process may learn: ids. */
export interface LiveEvent {
  /** The id of the event in the audit trail. */
  readonly id: string;
  readonly action: AuditAction;
  /** The target; null if there is none. */
  readonly target: string | null;
}

/** A place in the sequence of committed events: what a statement saw at that time, and the last seal. */
export interface Position {
  /** `pg_snapshot` as text. */
  readonly snapshot: string;
  readonly seal: number;
}

/** The events that were committed after a position, and the position behind them. */
export interface CommittedEvents {
  readonly events: readonly LiveEvent[];
  readonly position: Position;
}

/** The seals and the position are read by the same statement as the events, so that nothing comes between them. */
const POSITION = `pg_current_snapshot()::text as snapshot, (select coalesce(max(number), 0)::float8 from (
    select number from audit_seals union all select number from audit_checkpoints) as links) as seal`;

/** An event that is sealed meanwhile is not in the short list of those that are not: its seal is a later one then. */
const EVENTS = `(select coalesce(jsonb_agg(jsonb_build_object('id', id, 'action', action, 'target', target_id) order by id), '[]')
    from (select id, action, target_id, tx from audit_events where seal is null
      union all select id, action, target_id, tx from audit_events where seal > ?) as recent
    where not pg_visible_in_snapshot(tx, ?::pg_snapshot)) as events`;

/** Returns the position of this moment. */
export async function currentPosition(reader: Reader): Promise<Position> {
  const [row] = await reader.execute<Position[]>(`select ${POSITION}`);
  return requireRow(row);
}

/**
 * Returns the events that were committed after the position, each of them once, however long their transactions took.
 * The later of two changes of the same row is returned later; in one answer events are ordered by their ids, which hold
 * the time of the process that recorded them.
 */
export async function committedAfter(reader: Reader, { seal, snapshot }: Position): Promise<CommittedEvents> {
  const [row] = await reader.execute<(Position & Pick<CommittedEvents, 'events'>)[]>(`select ${POSITION}, ${EVENTS}`, [
    seal,
    snapshot,
  ]);
  const found = requireRow(row);
  return { events: found.events, position: { snapshot: found.snapshot, seal: found.seal } };
}

function requireRow<Row>(row: Row | undefined): Row {
  if (row === undefined) {
    throw new TypeError('A statement that always returns a row has returned none');
  }
  return row;
}
