import { defineEntity, p, type InferEntity } from '@mikro-orm/core';
import { scopes, SYSTEM_ROLE } from '../scopes.ts';

/** The data of an item: its count, and any further members. */
export interface InventoryData {
  /** A whole number from 0 to 2^31 - 1. */
  readonly count: number;
  readonly [key: string]: unknown;
}

/** Something in stock. To the database all who are signed in are alike: which of them read and write is the schema's word. */
export const InventoryItemEntity = defineEntity({
  name: 'InventoryItem',
  tableName: 'inventory_items',
  properties: {
    /** The name after normalisation and case folding: what the item is known by. */
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
  policies: [{ name: 'inventory_items_signed_in', roles: [...scopes.signedIn, SYSTEM_ROLE], using: 'true' }],
});

export type InventoryItem = InferEntity<typeof InventoryItemEntity>;
