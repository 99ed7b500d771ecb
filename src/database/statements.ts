import { type InventoryItem, InventoryItemEntity, type Tables } from './entities/index.ts';
import type { EntityManager } from './orm.ts';
import { rowShapeOf } from './rows.ts';

/** Locks tables against writes of other transactions, until this one ends. */
export async function lockForWriting(em: EntityManager, tables: readonly (keyof Tables)[]): Promise<void> {
  await em.execute(`lock table ${tables.join(', ')} in share row exclusive mode`);
}

const ADD = `
  update inventory_items
  set data = jsonb_set(data, '{count}', to_jsonb((data ->> 'count')::bigint + ?)), updated_at = ?, version = version + 1
  where name_key = ? and (data ->> 'count')::bigint + ? between 0 and ?
  returning`;

/**
 * Adds to the count of an inventory item in one statement, so that concurrent changes all count. SQL text, since the
 * count is a member of a JSON value, which the query builder does not address.
 *
 * @param most the largest count that is allowed; the smallest is 0
 * @returns the item as it is then; null when there is none, or its count would leave the range
 */
export async function addToCount(
  em: EntityManager,
  { nameKey, by, most, now }: { nameKey: string; by: number; most: number; now: Date },
): Promise<InventoryItem | null> {
  const shape = rowShapeOf(em, InventoryItemEntity);
  const sql = `${ADD} ${shape.selection}`;
  const [row] = await em.execute<Record<string, unknown>[]>(sql, [by, now, nameKey, by, most]);
  return row === undefined ? null : shape.toRow(row);
}
