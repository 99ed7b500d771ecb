import { defineEntity, p, type InferEntity } from '@mikro-orm/core';
import { hasStockRight, scopes, SYSTEM_ROLE } from '../scopes.ts';

/** The data of an item: its count, and any further members. */
export interface InventoryData {
  /** A whole number from 0 to 2^31 - 1. */
  readonly count: number;
  readonly [key: string]: unknown;
}

const viewers = [...scopes.signedIn];

/** An inventory item. It belongs to no user: a viewer has the same rights on all items. */
export const InventoryItemEntity = defineEntity({
  name: 'InventoryItem',
  tableName: 'inventory_items',
  properties: {
    /** The name after normalisation and case folding, which identifies the item. */
    nameKey: p.text().collation('C').primary(),
    name: p.text().collation('und-x-icu'),
    data: p.json<InventoryData>(),
    updatedAt: p.datetime(3),
    version: p.integer().version().default(1),
  },
  indexes: [
    { name: 'inventory_items_name_name_key', properties: ['name', 'nameKey'] },
    { name: 'inventory_items_updated_at_name_key', properties: ['updatedAt', 'nameKey'] },
  ],
  checks: [{ name: 'inventory_items_count_check', expression: `((data ->> 'count'::text))::integer >= 0` }],
  rowLevelSecurity: 'force',
  policies: [
    { name: 'inventory_items_read', command: 'select', roles: viewers, using: hasStockRight('select') },
    { name: 'inventory_items_add', command: 'insert', roles: viewers, check: hasStockRight('insert') },
    { name: 'inventory_items_change', command: 'update', roles: viewers, using: hasStockRight('update') },
    { name: 'inventory_items_delete', command: 'delete', roles: viewers, using: hasStockRight('delete') },
    { name: 'inventory_items_server', roles: [SYSTEM_ROLE], using: 'true' },
  ],
});

export type InventoryItem = InferEntity<typeof InventoryItemEntity>;
