import { UniqueConstraintViolationException } from '@mikro-orm/core';
import { auditBy, recordEvent } from '../../database/events/record.ts';
import { type RequestContext, requireSignedIn } from '../../context.ts';
import { type InventoryData, type InventoryItem, InventoryItemEntity } from '../../database/entities/index.ts';
import { addToCount } from '../../database/statements.ts';
import type { EntityManager } from '../../database/orm.ts';
import { lockRow, selectRow, updateRow } from '../../database/rows.ts';
import { Conflict, NotFound, requireVersion } from '../../lib/errors.ts';
import type { SelectedColumns } from '../../paging/selected-columns.ts';
import { containsInKey } from '../../paging/condition.ts';
import { type Connection, pageRequest, type PageArguments } from '../../paging/connection.ts';
import { fetchConnection, type ListDefinition, type Order } from '../../paging/list.ts';
import { foldName, isStorable } from '../../lib/names.ts';
import { LARGEST_COUNT, requireCount, requireItemData, requireItemName, requireMayReplace } from './rules.ts';

export type InventoryItemConnection = Connection<InventoryItem>;
export type InventoryItemOrderField = 'NAME' | 'UPDATED_AT';

const inventoryList: ListDefinition<InventoryItem, InventoryItemOrderField> = {
  name: 'inventory',
  entity: InventoryItemEntity,
  orders: { NAME: 'name', UPDATED_AT: 'updatedAt' },
  key: 'nameKey',
};

export interface InventoryListInput extends PageArguments {
  readonly filter?: { readonly search?: string | null } | null;
  readonly orderBy?: Order<InventoryItemOrderField> | null;
}

export interface AddInventoryItemInput {
  readonly name: string;
  readonly data: unknown;
}

export interface UpdateInventoryItemInput extends AddInventoryItemInput {
  readonly version?: number | null | undefined;
}

/** Lists the inventory items. */
export function listInventoryItems(
  { unit, cursors }: RequestContext,
  input: InventoryListInput,
  selected: SelectedColumns | null,
): Promise<InventoryItemConnection> {
  const search = input.filter?.search;
  return fetchConnection((work) => unit.read(work), cursors, {
    list: inventoryList,
    order: input.orderBy ?? { field: 'NAME', direction: 'ASC' },
    page: pageRequest(input),
    conditions: search ? [containsInKey('name_key', search)] : [],
    selected,
  });
}

/** Returns the item of a name, ignoring case. @throws {NotFound} */
export function requireInventoryItem({ unit }: RequestContext, name: string): Promise<InventoryItem> {
  return requireNamed(name, (nameKey) =>
    unit.read((reader) => selectRow(reader, InventoryItemEntity, 'nameKey', nameKey)),
  );
}

/** Locks the item of a name until the transaction ends, and returns it. @throws {NotFound} */
function requireLocked(em: EntityManager, name: string): Promise<InventoryItem> {
  return requireNamed(name, (nameKey) => lockRow(em, InventoryItemEntity, 'nameKey', nameKey));
}

async function requireNamed(
  name: string,
  find: (nameKey: string) => Promise<InventoryItem | null>,
): Promise<InventoryItem> {
  const nameKey = foldName(name.trim());
  const item = isStorable(nameKey) ? await find(nameKey) : null;
  if (item === null) {
    throw new NotFound('There is no such item');
  }
  return item;
}

/**
 * Adds an item.
 *
 * @throws {Conflict} if another item has the name, ignoring case
 */
export async function addInventoryItem(context: RequestContext, input: AddInventoryItemInput): Promise<InventoryItem> {
  const name = requireItemName(input.name);
  const row = {
    nameKey: foldName(name),
    name,
    data: requireItemData(input.data),
    updatedAt: context.now(),
    version: 1,
  };
  try {
    return await context.unit.write(async (em) => {
      const item = em.create(InventoryItemEntity, row);
      await em.flush();
      await record(context, em, 'inventory.added', item);
      return item;
    });
  } catch (error) {
    if (error instanceof UniqueConstraintViolationException) {
      throw new Conflict('Another item has this name', { field: 'input.name', cause: error });
    }
    throw error;
  }
}

/**
 * Replaces the data of an item.
 *
 * @throws {NotFound} if there is no such item
 * @throws {Conflict} if a newer version is stored
 * @throws {Forbidden} if more than the count would change, and the viewer may change counts only
 */
export function updateInventoryItem(context: RequestContext, input: UpdateInventoryItemInput): Promise<InventoryItem> {
  const data = requireItemData(input.data);
  const viewer = requireSignedIn(context.viewer);
  return replaceData(context, input, (stored) => {
    requireMayReplace(viewer, stored, data);
    return data;
  });
}

/** The new count of an item, and the version that was read. */
export interface SetInventoryCountInput {
  readonly name: string;
  readonly count: number;
  readonly version?: number | null | undefined;
}

/**
 * Sets the count of an item, and leaves the rest of its data.
 *
 * @throws {NotFound} if there is no such item
 * @throws {Conflict} if a newer version is stored
 */
export function setInventoryCount(context: RequestContext, input: SetInventoryCountInput): Promise<InventoryItem> {
  const count = requireCount(input.count, 'count');
  return replaceData(context, input, (stored) => ({ ...stored, count }));
}

function replaceData(
  context: RequestContext,
  { name, version }: Pick<SetInventoryCountInput, 'name' | 'version'>,
  dataFrom: (stored: InventoryData) => InventoryData,
): Promise<InventoryItem> {
  return context.unit.write(async (em) => {
    const item = await requireLocked(em, name);
    requireVersion(item, version);
    const changes = { data: dataFrom(item.data), updatedAt: context.now() };
    const changed = await updateRow(em, InventoryItemEntity, 'nameKey', item, changes);
    await record(context, em, 'inventory.updated', changed);
    return changed;
  });
}

/**
 * Adds to the count of an item, in one statement: concurrent additions are never lost.
 *
 * @throws {NotFound} if there is no such item
 * @throws {Conflict} if the count would become negative or too large
 */
export function adjustInventoryCount(context: RequestContext, name: string, by: number): Promise<InventoryItem> {
  return context.unit.write(async (em) => {
    const nameKey = foldName(name.trim());
    const now = context.now();
    const item = isStorable(nameKey) ? await addToCount(em, { nameKey, by, most: LARGEST_COUNT, now }) : null;
    if (item === null) {
      await requireLocked(em, name);
      throw new Conflict(`The count must stay from 0 to ${LARGEST_COUNT}`, { field: 'by' });
    }
    await record(context, em, 'inventory.updated', item, { by });
    return item;
  });
}

/** Deletes an item. Returns it as it was. @throws {NotFound} */
export function deleteInventoryItem(context: RequestContext, name: string): Promise<InventoryItem> {
  return context.unit.write(async (em) => {
    const item = await requireLocked(em, name);
    await em.nativeDelete(InventoryItemEntity, { nameKey: item.nameKey });
    await record(context, em, 'inventory.deleted', item);
    return item;
  });
}

function record(
  context: RequestContext,
  em: EntityManager,
  action: 'inventory.added' | 'inventory.updated' | 'inventory.deleted',
  { name }: InventoryItem,
  details: { readonly by?: number } = {},
): Promise<void> {
  return recordEvent(em, auditBy(context), { action, target: { type: 'inventoryItem', id: name }, details });
}
