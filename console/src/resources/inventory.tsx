import {
  AddInventoryItemDocument,
  DeleteInventoryItemDocument,
  InventoryChangedDocument,
  InventoryItemDocument,
  InventoryItemsDocument,
  type InventoryRowFragment,
  UpdateInventoryItemDocument,
} from '../generated/graphql.ts';
import { formatNumber } from '../format.ts';
import type { FormField, Resource } from '../resource.ts';
import { text } from '../text.ts';
import { Time } from '../ui/states.tsx';

const words = text.inventory;

function countOf({ data }: InventoryRowFragment): string {
  const count = (data as { readonly count?: unknown } | null)?.count;
  return typeof count === 'number' ? formatNumber(count) : text.table.none;
}

const dataField = (input: string): FormField<InventoryRowFragment> => ({
  name: 'data',
  title: words.data,
  coordinate: `${input}.data`,
  kind: 'json',
  required: true,
  hint: words.dataHint,
  read: ({ data }) => JSON.stringify(data, null, 2),
});

export const resource: Resource<InventoryRowFragment> = {
  path: 'inventory',
  title: words.title,
  one: words.one,
  group: 'data',
  coordinate: 'Query.inventoryItems',
  list: InventoryItemsDocument,
  detail: { coordinate: 'Query.inventoryItem', document: InventoryItemDocument },
  keyOf: ({ name }) => name,
  nameOf: ({ name }) => name,
  versionOf: ({ version }) => version,
  columns: [
    {
      id: 'name',
      title: words.name,
      coordinate: 'InventoryItem.name',
      cell: (row) => row.name,
      sort: { field: 'NAME', coordinate: 'InventoryItemOrderField.NAME' },
    },
    { id: 'count', title: words.count, coordinate: 'InventoryItem.data', cell: countOf },
    {
      id: 'data',
      title: words.data,
      coordinate: 'InventoryItem.data',
      cell: (row) => <code>{JSON.stringify(row.data)}</code>,
      optional: true,
    },
    {
      id: 'updatedAt',
      title: words.updated,
      coordinate: 'InventoryItem.updatedAt',
      cell: (row) => <Time at={row.updatedAt} />,
      sort: { field: 'UPDATED_AT', coordinate: 'InventoryItemOrderField.UPDATED_AT' },
    },
  ],
  search: 'InventoryItemFilter.search',
  create: {
    coordinate: 'Mutation.addInventoryItem',
    document: AddInventoryItemDocument,
    fields: [
      { name: 'name', title: words.name, coordinate: 'AddInventoryItemInput.name', kind: 'text', required: true },
      { ...dataField('AddInventoryItemInput') },
    ],
  },
  update: {
    coordinate: 'Mutation.updateInventoryItem',
    document: UpdateInventoryItemDocument,
    fields: [dataField('UpdateInventoryItemInput')],
    variables: (row, input) => ({ input: { ...input, name: row?.name } }),
  },
  remove: { coordinate: 'Mutation.deleteInventoryItem', document: DeleteInventoryItemDocument },
  changes: { coordinate: 'Subscription.inventoryChanged', document: InventoryChangedDocument },
};
