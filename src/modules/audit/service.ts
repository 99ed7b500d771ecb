import { validate as isUuid } from 'uuid';
import type { RequestContext } from '../../context.ts';
import { type AuditEvent, AuditEventEntity } from '../../database/entities/index.ts';
import type { SelectedColumns } from '../../paging/selected-columns.ts';
import type { LiveEvent } from '../../database/events/committed-events.ts';
import { selectRow } from '../../database/rows.ts';
import { sharedRow } from '../live-field.ts';
import { isStorable } from '../../lib/names.ts';
import {
  allOf,
  anyOf,
  type Condition,
  equals,
  isBefore,
  isFrom,
  isOneOf,
  NEVER,
  startsWith,
} from '../../paging/condition.ts';
import { type Connection, pageRequest, type PageArguments } from '../../paging/connection.ts';
import { fetchConnection, type ListDefinition, type Order } from '../../paging/list.ts';
import { AUDIT_ACTIONS } from '../../database/events/actions.ts';

export type AuditEventConnection = Connection<AuditEvent>;
export type AuditEventOrderField = 'AT';

const auditEventList: ListDefinition<AuditEvent, AuditEventOrderField> = {
  name: 'audit events',
  entity: AuditEventEntity,
  orders: { AT: 'at' },
  key: 'id',
  computed: { actor: ['actorId'], actorUser: ['actorId'], target: ['targetId'], sealed: ['seal'] },
};

export interface AuditEventFilter {
  readonly search?: string | null;
  readonly actor?: string | null;
  readonly action?: string | null;
  readonly target?: string | null;
  readonly targetType?: string | null;
  readonly from?: Date | null;
  readonly to?: Date | null;
}

export interface AuditEventListInput extends PageArguments {
  readonly filter?: AuditEventFilter | null;
  readonly orderBy?: Order<AuditEventOrderField> | null;
}

/** Lists the events of the audit trail, newest first by default. */
export function listAuditEvents(
  { unit, cursors }: RequestContext,
  input: AuditEventListInput,
  selected: SelectedColumns | null,
): Promise<AuditEventConnection> {
  return fetchConnection((work) => unit.read(work), cursors, {
    list: auditEventList,
    order: input.orderBy ?? { field: 'AT', direction: 'DESC' },
    page: pageRequest(input),
    conditions: conditionsOf(input.filter ?? {}),
    selected,
  });
}

export interface AuditWatchInput {
  readonly filter?: AuditEventFilter | null;
}

/** Subscribes to the events that are added to the audit trail. */
export function watchAuditEvents({ live }: RequestContext): Promise<AsyncIterable<LiveEvent>> {
  return live.subscribe(() => true);
}

const readRow = sharedRow(AuditEventEntity, (reader, { id }, conditions: readonly Condition[]) =>
  selectRow(reader, AuditEventEntity, 'id', id, [], allOf(conditions)),
);

/** Returns the event as it is stored; null if the filter excludes it. */
export function readAuditEvent(
  context: RequestContext,
  event: LiveEvent,
  { filter }: AuditWatchInput,
): Promise<AuditEvent | null> {
  return readRow(context, event, conditionsOf(filter ?? {}));
}

function conditionsOf({ search, actor, action, target, targetType, from, to }: AuditEventFilter): Condition[] {
  return [
    ...(search ? [matches(search)] : []),
    ...(isGiven(actor) ? [isUuid(actor) ? equals('actor_id', actor) : NEVER] : []),
    ...(isGiven(action) ? [isAction(action)] : []),
    ...(isGiven(target) ? [isText('target_id', target)] : []),
    ...(isGiven(targetType) ? [isText('target_type', targetType)] : []),
    ...(isGiven(from) ? [isFrom('at', fromYearOne(from))] : []),
    ...(isGiven(to) ? [isBefore('at', fromYearOne(to))] : []),
  ];
}

function isGiven<T>(value: T | null | undefined): value is T {
  return value !== null && value !== undefined;
}

function isAction(action: string): Condition {
  return action.endsWith('*') ? startsWith('action', action.slice(0, -1)) : isText('action', action);
}

/** Limits a time to the year 1 and later: PostgreSQL has no year 0, which ISO 8601 has, and no event is that old. */
function fromYearOne(at: Date): Date {
  return at < YEAR_ONE ? YEAR_ONE : at;
}

const YEAR_ONE = new Date('0001-01-01T00:00:00.000Z');

/** The column equals the text; no row satisfies a text that a column cannot hold. */
function isText(column: string, text: string): Condition {
  return isStorable(text) ? equals(column, text) : NEVER;
}

/**
 * Returns the condition of a search. An index serves each of its alternatives, since this is the largest table: the few
 * actions are matched here, in memory, and targets by their beginning.
 */
function matches(untrimmed: string): Condition {
  const search = untrimmed.trim();
  const text = search.toLowerCase();
  const actions = AUDIT_ACTIONS.filter((action) => action.toLowerCase().includes(text));
  const target = startsWith('target_id', search);
  const ids = isUuid(search) ? [equals('actor_id', search), equals('id', search)] : [];
  return anyOf([isOneOf('action', actions), target, ...ids]);
}
