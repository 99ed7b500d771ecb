import { Button, Group, NativeSelect, Table, Text, Title } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useClient } from 'urql';
import { runMutation } from '../api/client.ts';
import { useViewer } from '../api/viewer.tsx';
import { AllowRolesDocument, ExcludeRolesDocument, type ExclusionKind, type RolesQuery } from '../generated/graphql.ts';
import { text } from '../text.ts';
import { Confirm } from '../ui/confirm.tsx';
import { headsOf, ScrollTable } from '../ui/scroll-table.tsx';
import { Failure } from '../ui/outcome.tsx';

const words = text.exclusions;

type Pair = NonNullable<RolesQuery['roleExclusions']>[number];

const KINDS = Object.entries(words.kinds).map(([value, label]) => ({ value, label }));

interface ExclusionFormProps {
  readonly names: readonly string[];
  readonly onChanged: () => void;
}

/** Declares a pair of roles mutually exclusive. A refusal stands in the server's words. */
function ExclusionForm({ names, onChanged }: ExclusionFormProps) {
  const client = useClient();
  const [a, setA] = useState(names[0] ?? '');
  const [b, setB] = useState(names[1] ?? '');
  const [kind, setKind] = useState<ExclusionKind>('STATIC');
  const [failure, setFailure] = useState<string | null>(null);

  async function save(event: FormEvent): Promise<void> {
    event.preventDefault();
    const message = await runMutation(client, ExcludeRolesDocument, { a, b, kind });
    setFailure(message);
    if (message === null) {
      onChanged();
    }
  }

  return (
    <form onSubmit={(event) => void save(event)}>
      <Group align="end" my="sm">
        <NativeSelect
          label={words.first}
          value={a}
          data={[...names]}
          onChange={({ currentTarget }) => setA(currentTarget.value)}
        />
        <NativeSelect
          label={words.second}
          value={b}
          data={[...names]}
          onChange={({ currentTarget }) => setB(currentTarget.value)}
        />
        <NativeSelect
          label={words.kind}
          value={kind}
          data={KINDS}
          onChange={({ currentTarget }) => setKind(currentTarget.value as ExclusionKind)}
        />
        <Button type="submit">{words.add}</Button>
      </Group>
      <Failure message={failure} />
    </form>
  );
}

interface ExclusionsProps extends ExclusionFormProps {
  readonly pairs: readonly Pair[];
}

/** The pairs of mutually exclusive roles. */
export function Exclusions({ pairs, names, onChanged }: ExclusionsProps) {
  const { can } = useViewer();
  const client = useClient();
  const canAllow = can('Mutation.allowRoles');

  async function allow(pair: Pair): Promise<string | null> {
    const { a, b, kind } = pair;
    const message = await runMutation(client, AllowRolesDocument, { a, b, kind });
    onChanged();
    return message;
  }

  return (
    <>
      <Title order={2} size="h4" mt="lg" mb="xs">
        {words.title}
      </Title>
      {pairs.length === 0 && <Text>{words.none}</Text>}
      {pairs.length > 0 && (
        <ScrollTable
          title={words.title}
          minWidth={480}
          heads={headsOf([words.first, words.second, words.kind, ...(canAllow ? [text.actions.title] : [])])}
        >
          {pairs.map((pair) => (
            <Table.Tr key={`${pair.a} ${pair.b} ${pair.kind}`}>
              <Table.Td>{pair.a}</Table.Td>
              <Table.Td>{pair.b}</Table.Td>
              <Table.Td>{words.kinds[pair.kind]}</Table.Td>
              {canAllow && (
                <Table.Td>
                  <Confirm
                    size="compact-sm"
                    label={words.remove}
                    name={`${pair.a}, ${pair.b}`}
                    question={words.confirm(pair.a, pair.b)}
                    hint={words.removeHint}
                    onConfirm={() => allow(pair)}
                  />
                </Table.Td>
              )}
            </Table.Tr>
          ))}
        </ScrollTable>
      )}
      {can('Mutation.excludeRoles') && <ExclusionForm names={names} onChanged={onChanged} />}
    </>
  );
}
