import type { RequestContext } from '../../context.ts';
import { type InventoryItem, InventoryItemEntity } from '../../database/entities/index.ts';
import { selectRow } from '../../database/rows.ts';
import { type Change, type ChangeActions, type ChangeKind, changeOf, sharedRow } from '../live-field.ts';
import type { LiveEvent } from '../../database/events/committed-events.ts';
import { foldName } from '../../lib/names.ts';

const ACTIONS: ChangeActions = {
  'inventory.added': 'CREATED',
  'inventory.updated': 'UPDATED',
  'inventory.deleted': 'DELETED',
};

export interface InventoryChange {
  readonly kind: ChangeKind;
  readonly name: string;
  readonly item: InventoryItem | null;
}

export interface InventoryWatchInput {
  readonly name?: string | null;
}

/** Subscribes to changes of items; with a name, ignoring case, to those of that item. */
export function watchInventory(
  { live }: RequestContext,
  { name }: InventoryWatchInput,
): Promise<AsyncIterable<LiveEvent>> {
  const key = typeof name === 'string' ? foldName(name.trim()) : null;
  const isMeant = ({ target }: Change): boolean => key === null || foldName(target) === key;
  return live.subscribe((event) => {
    const change = changeOf(ACTIONS, event);
    return change !== null && isMeant(change);
  });
}

const readItem = sharedRow(InventoryItemEntity, (reader, _event, name: string) =>
  selectRow(reader, InventoryItemEntity, 'nameKey', foldName(name)),
);

/** Returns the change of an item with its current state; null if the item has been deleted, which is an event of its own. */
export async function readInventoryChange(context: RequestContext, event: LiveEvent): Promise<InventoryChange | null> {
  const change = changeOf(ACTIONS, event);
  if (change === null) {
    return null;
  }
  const { kind, target: name } = change;
  if (kind === 'DELETED') {
    return { kind, name, item: null };
  }
  const item = await readItem(context, event, name);
  return item === null ? null : { kind, name: item.name, item };
}
