import { selectedColumns } from '../../paging/selected-columns.ts';
import type { Resolvers } from '../../generated/resolvers.ts';
import { liveField } from '../live-field.ts';
import { readInventoryChange, watchInventory } from './live.ts';
import {
  addInventoryItem,
  adjustInventoryCount,
  deleteInventoryItem,
  listInventoryItems,
  requireInventoryItem,
  setInventoryCount,
  updateInventoryItem,
} from './service.ts';

export const inventoryResolvers: Resolvers = {
  Query: {
    inventoryItems: (_parent, input, context, info) =>
      listInventoryItems(context, input, selectedColumns(info, context.policy)),
    inventoryItem: (_parent, { name }, context) => requireInventoryItem(context, name),
  },
  Mutation: {
    addInventoryItem: (_parent, { input }, context) => addInventoryItem(context, input),
    updateInventoryItem: (_parent, { input }, context) => updateInventoryItem(context, input),
    setInventoryCount: (_parent, input, context) => setInventoryCount(context, input),
    adjustInventoryCount: (_parent, { name, by }, context) => adjustInventoryCount(context, name, by),
    deleteInventoryItem: (_parent, { name }, context) => deleteInventoryItem(context, name),
  },
  Subscription: {
    inventoryChanged: liveField({ watch: watchInventory, read: readInventoryChange }),
  },
};
