import { Alert, Button, Code, Group, Stack, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useClient, useQuery } from 'urql';
import { runMutation } from '../api/client.ts';
import { failureOf } from '../api/errors.ts';
import { useViewer } from '../api/viewer.tsx';
import { ApiKeysDocument, CreateApiKeyDocument, RevokeApiKeyDocument } from '../generated/graphql.ts';
import { text } from '../text.ts';
import { Choices } from '../ui/choices.tsx';
import { Confirm } from '../ui/confirm.tsx';
import { Dialog, DialogButtons } from '../ui/dialog.tsx';
import { ListTable } from '../ui/list-table.tsx';
import { Empty, Loaded, PageTitle, Time } from '../ui/states.tsx';
import { Failure } from '../ui/outcome.tsx';

const words = text.keys;

interface KeyFormProps {
  readonly onCancel: () => void;
  readonly onCreated: (key: string) => void;
}

/** A new key, with at most what the viewer holds. */
function KeyForm({ onCancel, onCreated }: KeyFormProps) {
  const client = useClient();
  const viewer = useViewer();
  const [name, setName] = useState('');
  const [roles, setRoles] = useState(viewer.roles);
  const [permissions, setPermissions] = useState<readonly string[]>([]);
  const [expires, setExpires] = useState('');
  const [failure, setFailure] = useState<string | null>(null);

  async function create(event: FormEvent): Promise<void> {
    event.preventDefault();
    const expiresAt = expires === '' ? null : new Date(expires).toISOString();
    const input = { name, roles: [...roles], permissions: [...permissions], expiresAt };
    const { data, error } = await client.mutation(CreateApiKeyDocument, { input }).toPromise();
    setFailure(failureOf(error));
    if (data?.createApiKey) {
      onCreated(data.createApiKey.key);
    }
  }

  return (
    <form onSubmit={(event) => void create(event)}>
      <Stack>
        <TextInput
          label={words.name}
          required
          value={name}
          onChange={({ currentTarget }) => setName(currentTarget.value)}
        />
        <Choices title={words.roles} names={viewer.effectiveRoles} chosen={roles} onChange={setRoles} />
        {viewer.permissions.length > 0 && (
          <Choices
            title={words.permissions}
            hint={words.permissionsHint}
            names={viewer.permissions}
            chosen={permissions}
            onChange={setPermissions}
          />
        )}
        <TextInput
          type="datetime-local"
          label={words.expires}
          description={words.expiresHint}
          value={expires}
          onChange={({ currentTarget }) => setExpires(currentTarget.value)}
        />
        <Failure message={failure} />
        <DialogButtons onCancel={onCancel} submit={words.create} />
      </Stack>
    </form>
  );
}

/** A button for a new key, which is shown once. */
function NewKey({ onCreated }: { readonly onCreated: () => void }) {
  const [isOpen, setOpen] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const title = text.actions.create(words.one);
  const close = (): void => {
    setOpen(false);
    setSecret(null);
  };
  return (
    <>
      <Button onClick={() => setOpen(true)}>{title}</Button>
      <Dialog opened={isOpen} onClose={close} title={title} size="lg">
        {secret === null ? (
          <KeyForm
            onCancel={close}
            onCreated={(key) => {
              setSecret(key);
              onCreated();
            }}
          />
        ) : (
          <Stack>
            <Alert color="green" variant="outline" role="status" title={words.secret}>
              <Code block>{secret}</Code>
            </Alert>
            <Group justify="flex-end">
              <Button onClick={close}>{text.actions.close}</Button>
            </Group>
          </Stack>
        )}
      </Dialog>
    </>
  );
}

/** The viewer's API keys: created, shown once, and revoked. */
export function KeysPage() {
  const { can } = useViewer();
  const client = useClient();
  const [result, load] = useQuery({
    query: ApiKeysDocument,
    variables: { first: 100 },
    requestPolicy: 'cache-and-network',
  });
  const rows = result.data?.apiKeys?.nodes?.filter((node) => node !== null);
  const reload = (): void => load({ requestPolicy: 'network-only' });

  async function revoke(id: string): Promise<string | null> {
    const message = await runMutation(client, RevokeApiKeyDocument, { id });
    reload();
    return message;
  }

  return (
    <>
      <PageTitle actions={can('Mutation.createApiKey') && <NewKey onCreated={reload} />}>{words.title}</PageTitle>
      <Loaded value={rows} state={result} retry={reload}>
        {(keys) =>
          keys.length === 0 ? (
            <Empty>{words.none}</Empty>
          ) : (
            <ListTable
              title={words.title}
              minWidth={770}
              rows={keys}
              keyOf={({ id }) => id}
              columns={[
                { title: words.name, cell: ({ name }) => name },
                { title: words.roles, cell: ({ roles }) => roles.join(', ') || text.table.none },
                { title: words.permissions, cell: ({ permissions }) => permissions.join(', ') || text.table.none },
                { title: words.created, cell: ({ createdAt }) => <Time at={createdAt} /> },
                { title: words.used, cell: ({ lastUsedAt }) => <Time at={lastUsedAt} /> },
                {
                  title: words.expires,
                  cell: ({ expiresAt }) => (expiresAt === null ? words.never : <Time at={expiresAt} />),
                },
                {
                  title: words.revoke,
                  cell: ({ id, name }) =>
                    can('Mutation.revokeApiKey') && (
                      <Confirm
                        size="compact-sm"
                        label={words.revoke}
                        name={name}
                        question={`${words.revoke}: ${name}`}
                        hint={words.revokeHint}
                        onConfirm={() => revoke(id)}
                      />
                    ),
                },
              ]}
            />
          )
        }
      </Loaded>
    </>
  );
}
