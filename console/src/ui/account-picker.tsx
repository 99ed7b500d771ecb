import { Group, NativeSelect, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { useQuery } from 'urql';
import { AccountNamesDocument } from '../generated/graphql.ts';
import { text } from '../text.ts';

interface AccountPickerProps {
  readonly label: string;
  /** The id of the chosen account; empty for none. */
  readonly value: string;
  readonly onChange: (id: string) => void;
}

/** A choice of an account: the first ones whose names match a search. */
export function AccountPicker({ label, value, onChange }: AccountPickerProps) {
  const [search, setSearch] = useState('');
  const [applied] = useDebouncedValue(search, 250);
  const [{ data }] = useQuery({ query: AccountNamesDocument, variables: { search: applied } });
  const found = data?.accounts?.nodes?.filter((node) => node !== null) ?? [];
  return (
    <Group align="end">
      <TextInput
        type="search"
        label={text.accounts.search}
        value={search}
        onChange={({ currentTarget }) => {
          setSearch(currentTarget.value);
          onChange('');
        }}
      />
      <NativeSelect
        label={label}
        value={value}
        data={[
          { value: '', label: text.users.noAccount },
          ...found.map(({ id, name }) => ({ value: id, label: name })),
        ]}
        onChange={({ currentTarget }) => onChange(currentTarget.value)}
      />
    </Group>
  );
}
