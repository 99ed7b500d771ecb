import type { AuditAction } from './actions.ts';
import type { LiveEvent } from './live-events.ts';

/** The kinds of changes of a listed object. */
export type ChangeKind = 'CREATED' | 'UPDATED' | 'DELETED';

/** Which actions change a kind of thing, and how. */
export type ChangeActions = Partial<Record<AuditAction, ChangeKind>>;

/** A change of an object. */
export interface Change {
  readonly kind: ChangeKind;
  readonly target: string;
}

/** The event as a change of that kind of thing; null if it is none. */
export function changeOf(actions: ChangeActions, { action, target }: LiveEvent): Change | null {
  const kind = Object.hasOwn(actions, action) ? actions[action] : undefined;
  return kind === undefined || target === null ? null : { kind, target };
}
