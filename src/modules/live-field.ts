import type { RequestContext } from '../context.ts';
import type { LiveEvent } from '../database/events/committed-events.ts';
import type { AuditAction } from '../database/events/actions.ts';
import type { EntityName, PolicyDef } from '@mikro-orm/core';
import type { Reader } from '../database/reading-entity-manager.ts';
import type { RowScope } from '../database/scopes.ts';
import type { UnitOfWork } from '../database/unit-of-work.ts';

/** The parts of a field of `Subscription`. */
export interface LiveFieldParts<Input, Payload> {
  /** Returns the events that may concern the field. Its `return` closes everything that it opens. */
  readonly watch: (context: RequestContext, input: Input) => Promise<AsyncIterable<LiveEvent>>;
  /**
   * Reads the payload of an event, as the subscriber may see it now; null if the event is not for this subscriber. Each
   * event has a context of its own.
   */
  readonly read: (context: RequestContext, event: LiveEvent, input: Input) => Promise<Payload | null>;
}

/** The resolvers of a field of `Subscription`. */
export function liveField<Input, Payload>({ watch, read }: LiveFieldParts<Input, Payload>) {
  return {
    subscribe: (_parent: unknown, input: Input, context: RequestContext) => watch(context, input),
    resolve: (event: LiveEvent, input: Input, context: RequestContext) => read(context, event, input),
  };
}

/** The kinds of changes of a listed object. */
export type ChangeKind = 'CREATED' | 'UPDATED' | 'DELETED';

/** The actions that change a kind of object, with the kind of each change. */
export type ChangeActions = Partial<Record<AuditAction, ChangeKind>>;

/** A change of an object. */
export interface Change {
  readonly kind: ChangeKind;
  readonly target: string;
}

/** Returns the change that an event records, or null if its action is none of these. */
export function changeOf(actions: ChangeActions, { action, target }: LiveEvent): Change | null {
  const kind = Object.hasOwn(actions, action) ? actions[action] : undefined;
  return kind === undefined || target === null ? null : { kind, target };
}

/** The time for which a row is shared, in milliseconds: a slower subscriber reads the row again. */
const FRESH_FOR = 1_000;

/** A row that was read for an event, or is being read. */
interface SharedRead<Row> {
  readonly row: Promise<Row | null>;
  readonly at: number;
}

/** Reads the row of an event for one subscriber; null if it is deleted, or does not exist for the viewer. */
export type ReadRow<Row, Input> = (
  context: Pick<RequestContext, 'unit'>,
  event: LiveEvent,
  input: Input,
) => Promise<Row | null>;

/**
 * Returns a function that reads the row of an event once for all subscribers of the same row scope and input, however
 * many there are. Callers must not change the row.
 *
 * It is first read without the ids of the viewer and their account: row-level security finds a row then only if it is
 * there for every viewer of the database role. A row that is not found is read again with the ids, for this viewer
 * only, unless no policy of the table depends on them.
 *
 * @param entity the entity of the row
 * @param work reads one row by a key. The result must depend on nothing but the event and the input
 */
export function sharedRow<Row extends object, Input = undefined>(
  entity: EntityName<Row>,
  work: (reader: Reader, event: LiveEvent, input: Input) => Promise<Row | null>,
): ReadRow<Row, Input> {
  const reads = new WeakMap<LiveEvent, Map<string, SharedRead<Row>>>();
  let hasIds: boolean | null = null;

  /** Reads as the scope, or shares a running read of the same scope. */
  function read(unit: UnitOfWork, event: LiveEvent, input: Input, scope: RowScope): Promise<Row | null> {
    const known = reads.get(event) ?? new Map<string, SharedRead<Row>>();
    const key = JSON.stringify([scope, input]);
    const found = known.get(key);
    const now = performance.now();
    if (found !== undefined && now - found.at < FRESH_FOR) {
      return found.row;
    }
    const row = unit.readAs(scope, (reader) => {
      hasIds ??= policiesNameIds(reader.getMetadata().get(entity).policies);
      return work(reader, event, input);
    });
    reads.set(event, known.set(key, { row, at: now }));
    row.catch(() => known.delete(key));
    return row;
  }

  return async ({ unit }, event, input) => {
    const { scope } = unit;
    const row = await read(unit, event, input, { ...scope, viewerId: null, accountId: null });
    const isForAll = hasIds === false || (scope.viewerId === null && scope.accountId === null);
    return row !== null || isForAll ? row : read(unit, event, input, scope);
  };
}

const NAMES_IDS = /viewer_id|account_id|\bfrom\b/i;

/** Reports if a policy on reading depends on the ids of the viewer or their account, directly or through another table. */
function policiesNameIds(policies: readonly PolicyDef[]): boolean {
  return policies.some(
    ({ command = 'all', using = '' }) =>
      (command === 'all' || command === 'select') && (typeof using !== 'string' || NAMES_IDS.test(using)),
  );
}
