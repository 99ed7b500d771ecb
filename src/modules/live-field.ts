import type { RequestContext } from '../context.ts';
import type { LiveEvent } from '../database/events/committed-events.ts';
import type { AuditAction } from '../database/events/actions.ts';

/** The parts of a field of `Subscription`. */
export interface LiveFieldParts<Input, Payload> {
  /** Returns the events that may concern the field. All that it opens is closed by `return`. */
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
