import { Button, Group, Stack, Table, Text, TextInput, Title } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useClient } from 'urql';
import { runMutation } from '../api/client.ts';
import { failureOf } from '../api/errors.ts';
import { canUsePasskeys, createPasskey } from '../api/passkeys.ts';
import {
  AddPasskeyDocument,
  DeletePasskeyDocument,
  RenamePasskeyDocument,
  type SecondFactorQuery,
  StartPasskeyDocument,
} from '../generated/graphql.ts';
import { text } from '../text.ts';
import { Confirm } from '../ui/confirm.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Failure } from '../ui/outcome.tsx';
import { headsOf, ScrollTable } from '../ui/scroll-table.tsx';
import { Time } from '../ui/states.tsx';

const words = text.factors;

type Passkeys = NonNullable<NonNullable<SecondFactorQuery['secondFactor']>['passkeys']>;

/** Renames a passkey. */
function Rename({ id, name, onDone }: { readonly id: string; readonly name: string; readonly onDone: () => void }) {
  const client = useClient();
  const [isOpen, setOpen] = useState(false);
  const [value, setValue] = useState(name);
  const [failure, setFailure] = useState<string | null>(null);

  async function save(event: FormEvent): Promise<void> {
    event.preventDefault();
    const message = await runMutation(client, RenamePasskeyDocument, { id, name: value });
    setFailure(message);
    setOpen(message !== null);
    onDone();
  }

  return (
    <>
      <Button
        variant="default"
        size="compact-sm"
        aria-label={`${words.rename}: ${name}`}
        onClick={() => {
          setValue(name);
          setOpen(true);
        }}
      >
        {words.rename}
      </Button>
      <Dialog opened={isOpen} onClose={() => setOpen(false)} title={`${words.rename}: ${name}`}>
        <form onSubmit={(event) => void save(event)}>
          <Stack>
            <Failure message={failure} />
            <TextInput
              label={words.name}
              required
              value={value}
              onChange={({ currentTarget }) => setValue(currentTarget.value)}
            />
            <Button type="submit">{text.actions.save}</Button>
          </Stack>
        </form>
      </Dialog>
    </>
  );
}

interface PasskeysProps {
  readonly passkeys: Passkeys;
  readonly domain: string | null | undefined;
  readonly onCodes: (codes: string[] | null) => void;
  readonly onChanged: () => void;
}

/** The viewer's passkeys, each to be renamed and deleted, and a form for a new one. */
export function PasskeyList({ passkeys, domain, onCodes, onChanged }: PasskeysProps) {
  const client = useClient();
  const [name, setName] = useState('');
  const [failure, setFailure] = useState<string | null>(null);

  async function add(event: FormEvent): Promise<void> {
    event.preventDefault();
    const started = await client.mutation(StartPasskeyDocument, {}).toPromise();
    setFailure(failureOf(started.error));
    const response = started.data?.startPasskey == null ? null : await createPasskey(started.data.startPasskey);
    if (response === null) {
      setFailure(failureOf(started.error) ?? words.declined);
      return;
    }
    const { data, error } = await client.mutation(AddPasskeyDocument, { name, response }).toPromise();
    setFailure(failureOf(error));
    if (data?.addPasskey != null) {
      setName('');
      onCodes(data.addPasskey.codes ?? null);
    }
  }

  async function remove(id: string): Promise<string | null> {
    const message = await runMutation(client, DeletePasskeyDocument, { id });
    onChanged();
    return message;
  }

  return (
    <Stack>
      <Title order={3} size="h6">
        {words.passkeys}
      </Title>
      {passkeys.length > 0 && (
        <ScrollTable
          title={words.passkeys}
          minWidth={480}
          heads={headsOf([words.name, words.added, words.used, text.actions.title])}
        >
          {passkeys.map((passkey) => (
            <Table.Tr key={passkey.id}>
              <Table.Td className="wrap">{passkey.name}</Table.Td>
              <Table.Td>
                <Time at={passkey.createdAt} />
              </Table.Td>
              <Table.Td>{passkey.lastUsedAt === null ? text.table.none : <Time at={passkey.lastUsedAt} />}</Table.Td>
              <Table.Td>
                <Group gap="xs" wrap="nowrap">
                  <Rename id={passkey.id} name={passkey.name} onDone={onChanged} />
                  <Confirm
                    size="compact-sm"
                    label={text.actions.remove}
                    name={passkey.name}
                    question={text.actions.confirmRemove(passkey.name)}
                    hint={words.deleteHint}
                    onConfirm={() => remove(passkey.id)}
                  />
                </Group>
              </Table.Td>
            </Table.Tr>
          ))}
        </ScrollTable>
      )}
      <Failure message={failure} />
      {canUsePasskeys(domain) ? (
        <form onSubmit={(event) => void add(event)}>
          <Group align="end">
            <TextInput
              label={words.name}
              required
              value={name}
              onChange={({ currentTarget }) => setName(currentTarget.value)}
            />
            <Button type="submit">{words.addPasskey}</Button>
          </Group>
        </form>
      ) : (
        <Text size="sm">{domain == null ? words.noPasskeys : words.elsewhere(domain)}</Text>
      )}
    </Stack>
  );
}
