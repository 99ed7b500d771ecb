import { Alert, Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useClient } from 'urql';
import { runMutation } from '../api/client.ts';
import { useViewer } from '../api/viewer.tsx';
import { InviteUserDocument } from '../generated/graphql.ts';
import { text } from '../text.ts';
import { AccountPicker } from './account-picker.tsx';
import { Choices } from './choices.tsx';
import { Dialog } from './dialog.tsx';
import { Failure } from './outcome.tsx';

const words = text.users;

function InviteForm({ onClose }: { readonly onClose: () => void }) {
  const { can, effectiveRoles } = useViewer();
  const client = useClient();
  const [email, setEmail] = useState('');
  const [roles, setRoles] = useState<readonly string[]>([]);
  const [accountId, setAccountId] = useState('');
  const [failure, setFailure] = useState<string | null>(null);
  const [isSent, setSent] = useState(false);
  const [isBusy, setBusy] = useState(false);

  async function send(event: FormEvent): Promise<void> {
    event.preventDefault();
    setBusy(true);
    const variables = {
      email,
      ...(roles.length > 0 && { roles: [...roles] }),
      ...(accountId !== '' && { accountId }),
    };
    const message = await runMutation(client, InviteUserDocument, variables);
    setBusy(false);
    setFailure(message);
    setSent(message === null);
  }

  return (
    <form onSubmit={(event) => void send(event)}>
      <Stack>
        <Text>{words.inviteHint}</Text>
        <TextInput
          type="email"
          label={words.email}
          required
          value={email}
          onChange={({ currentTarget }) => {
            setEmail(currentTarget.value);
            setSent(false);
          }}
        />
        {can('Mutation.inviteUser(roles:)') && (
          <Choices title={words.roles} names={effectiveRoles} chosen={roles} onChange={setRoles} />
        )}
        {can('Query.accounts') && (
          <AccountPicker label={words.inviteAccount} value={accountId} onChange={setAccountId} />
        )}
        <Failure message={failure} />
        {isSent && (
          <Alert color="green" variant="outline" role="status">
            {words.invited}
          </Alert>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {text.actions.close}
          </Button>
          <Button type="submit" loading={isBusy}>
            {words.invite}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** A button that invites the reader of an address; absent where the API does not let the viewer do that. */
export function InviteUser() {
  const { can } = useViewer();
  const [isOpen, setOpen] = useState(false);
  if (!can('Mutation.inviteUser')) {
    return null;
  }
  return (
    <>
      <Button variant="default" onClick={() => setOpen(true)}>
        {words.invite}
      </Button>
      <Dialog opened={isOpen} onClose={() => setOpen(false)} title={words.invite} size="lg">
        <InviteForm onClose={() => setOpen(false)} />
      </Dialog>
    </>
  );
}
