import {
  AddInventoryItemDocument,
  DeleteInventoryItemDocument,
  InventoryChangedDocument,
  InventoryItemDocument,
  InventoryItemsDocument,
  type InventoryRowFragment,
  SetInventoryCountDocument,
  UpdateInventoryItemDocument,
} from '../generated/graphql.ts';
import { Button, Group, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useClient } from 'urql';
import { runMutation } from '../api/client.ts';
import { useViewer } from '../api/viewer.tsx';
import { formatNumber } from '../format.ts';
import type { FormField, Resource } from '../resource.ts';
import { text } from '../text.ts';
import { Time } from '../ui/states.tsx';

const words = text.inventory;

function storedCount({ data }: InventoryRowFragment): number | null {
  const count = (data as { readonly count?: unknown } | null)?.count;
  return typeof count === 'number' ? count : null;
}

function countOf(row: InventoryRowFragment): string {
  const count = storedCount(row);
  return count === null ? text.table.none : formatNumber(count);
}

/** Sets the count alone, which takes less than changing all data of the item. */
function CountForm({ row, reload }: { readonly row: InventoryRowFragment; readonly reload: () => void }) {
  const { can } = useViewer();
  const client = useClient();
  const [value, setValue] = useState(String(storedCount(row) ?? 0));
  const [failure, setFailure] = useState<string | null>(null);

  async function save(event: FormEvent): Promise<void> {
    event.preventDefault();
    const count = Number(value);
    if (value === '' || !Number.isInteger(count)) {
      setFailure(words.countHint);
      return;
    }
    const variables = { name: row.name, count, version: row.version };
    const message = await runMutation(client, SetInventoryCountDocument, variables);
    setFailure(message);
    if (message !== null) {
      reload();
    }
  }

  if (!can('Mutation.setInventoryCount')) {
    return null;
  }
  return (
    <form onSubmit={(event) => void save(event)}>
      <Group align="end">
        <TextInput
          label={words.count}
          inputMode="numeric"
          value={value}
          error={failure}
          onChange={({ currentTarget }) => setValue(currentTarget.value)}
        />
        <Button type="submit">{words.setCount}</Button>
      </Group>
    </form>
  );
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
  extra: (row, reload) => <CountForm row={row} reload={reload} />,
  asks: ['Mutation.setInventoryCount'],
  changes: { coordinate: 'Subscription.inventoryChanged', document: InventoryChangedDocument },
};
