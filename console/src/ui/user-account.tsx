import { Button, Group, Stack, Title } from '@mantine/core';
import { useState } from 'react';
import { useClient } from 'urql';
import { runMutation } from '../api/client.ts';
import { useViewer } from '../api/viewer.tsx';
import { MoveUserDocument, RemoveUserFromAccountDocument, type UserRowFragment } from '../generated/graphql.ts';
import { text } from '../text.ts';
import { AccountPicker } from './account-picker.tsx';
import { Confirm } from './confirm.tsx';
import { Failure } from './outcome.tsx';

const words = text.users;

/** Moves a user to another account, or out of theirs, where the viewer may. */
export function UserAccount({ row }: { readonly row: UserRowFragment }) {
  const { can } = useViewer();
  const client = useClient();
  const [target, setTarget] = useState('');
  const [failure, setFailure] = useState<string | null>(null);
  const { account } = row;

  async function move(): Promise<void> {
    const variables = { userId: row.id, accountId: target };
    const message = await runMutation(client, MoveUserDocument, variables);
    setFailure(message);
  }

  async function remove(accountId: string): Promise<string | null> {
    return runMutation(client, RemoveUserFromAccountDocument, { userId: row.id, accountId });
  }

  if (!can('Mutation.moveUser') || !can('Query.accounts')) {
    return null;
  }
  return (
    <Stack>
      <Title order={2} size="h4">
        {words.account}
      </Title>
      <Failure message={failure} />
      <Group align="end">
        <AccountPicker label={words.account} value={target} onChange={setTarget} />
        <Button disabled={target === '' || target === account?.id} onClick={() => void move()}>
          {words.move}
        </Button>
        {account != null && can('Mutation.removeUserFromAccount') && (
          <Confirm
            label={words.removeFromAccount}
            question={`${words.removeFromAccount}: ${account.name}`}
            hint={words.removeFromAccountHint}
            onConfirm={() => remove(account.id)}
          />
        )}
      </Group>
    </Stack>
  );
}
