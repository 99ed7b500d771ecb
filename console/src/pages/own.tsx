import {
  Alert,
  Badge,
  Button,
  Card,
  Code,
  Group,
  PasswordInput,
  Stack,
  Table,
  Text,
  TextInput,
  Title,
} from '@mantine/core';
import { type FormEvent, lazy, useState } from 'react';
import { useClient, useQuery } from 'urql';
import { describe } from '../api/errors.ts';
import { useViewer } from '../api/viewer.tsx';
import {
  ApiKeysDocument,
  ChangePasswordDocument,
  CreateApiKeyDocument,
  EndSessionDocument,
  MeDocument,
  MyAccountDocument,
  RevokeApiKeyDocument,
  SessionsDocument,
  UpdateMeDocument,
} from '../generated/graphql.ts';
import { text } from '../text.ts';
import { Confirm } from '../ui/confirm.tsx';
import { headsOf, ScrollTable } from '../ui/scroll-table.tsx';
import { Empty, Loaded, PageTitle, Time } from '../ui/states.tsx';

const FactorsSection = lazy(async () => ({ default: (await import('./factors.tsx')).FactorsSection }));

/** A message about what a form did. */
type Outcome = { readonly color: 'red' | 'green'; readonly message: string } | null;

function OutcomeNote({ outcome }: { readonly outcome: Outcome }) {
  return outcome === null ? null : (
    <Alert color={outcome.color} variant="outline" role={outcome.color === 'red' ? 'alert' : 'status'}>
      {outcome.message}
    </Alert>
  );
}

function NameForm({ name, version }: { readonly name: string; readonly version: number }) {
  const client = useClient();
  const [value, setValue] = useState(name);
  const [outcome, setOutcome] = useState<Outcome>(null);

  async function save(event: FormEvent): Promise<void> {
    event.preventDefault();
    const { error } = await client.mutation(UpdateMeDocument, { input: { displayName: value, version } }).toPromise();
    setOutcome(
      error === undefined
        ? { color: 'green', message: text.actions.saved }
        : { color: 'red', message: describe(error) },
    );
  }

  return (
    <form onSubmit={(event) => void save(event)}>
      <Stack>
        <TextInput
          label={text.users.displayName}
          value={value}
          onChange={({ currentTarget }) => setValue(currentTarget.value)}
        />
        <OutcomeNote outcome={outcome} />
        <Group>
          <Button type="submit">{text.actions.save}</Button>
        </Group>
      </Stack>
    </form>
  );
}

function PasswordForm() {
  const client = useClient();
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [outcome, setOutcome] = useState<Outcome>(null);

  async function save(event: FormEvent): Promise<void> {
    event.preventDefault();
    const { error } = await client.mutation(ChangePasswordDocument, { current, next }).toPromise();
    setOutcome(
      error === undefined
        ? { color: 'green', message: text.profile.changed }
        : { color: 'red', message: describe(error) },
    );
  }

  return (
    <form onSubmit={(event) => void save(event)}>
      <Stack>
        <PasswordInput
          label={text.profile.current}
          autoComplete="current-password"
          value={current}
          onChange={({ currentTarget }) => setCurrent(currentTarget.value)}
        />
        <PasswordInput
          label={text.profile.next}
          autoComplete="new-password"
          value={next}
          onChange={({ currentTarget }) => setNext(currentTarget.value)}
        />
        <OutcomeNote outcome={outcome} />
        <Group>
          <Button type="submit">{text.profile.password}</Button>
        </Group>
      </Stack>
    </form>
  );
}

/** The viewer's own data, account and password. */
export function ProfilePage() {
  const { can } = useViewer();
  const [result, load] = useQuery({ query: MeDocument });
  const hasAccount = can('Query.myAccount') && can('Account.name');
  const [{ data: own }] = useQuery({ query: MyAccountDocument, pause: !hasAccount });
  return (
    <>
      <PageTitle>{text.profile.title}</PageTitle>
      <Loaded value={result.data?.me} state={result} retry={() => load({ requestPolicy: 'network-only' })}>
        {(me) => (
          <Stack maw={560}>
            <Card withBorder>
              <Text>
                <b>{me.username}</b> · {me.email}
              </Text>
              <Group gap={6} mt="xs">
                {me.roles.map((role) => (
                  <Badge key={role} variant="outline">
                    {role}
                  </Badge>
                ))}
              </Group>
            </Card>
            {hasAccount && (
              <Card withBorder>
                <Title order={2} size="h5">
                  {text.profile.account}
                </Title>
                {own?.myAccount == null ? text.profile.noAccount : `${own.myAccount.name} (${own.myAccount.status})`}
              </Card>
            )}
            {can('Mutation.updateMe') && <NameForm key={me.version} name={me.displayName} version={me.version} />}
            {can('Query.secondFactor') && can('Mutation.startTotp') && <FactorsSection />}
            {can('Mutation.changePassword') && (
              <>
                <Title order={2} size="h5">
                  {text.profile.password}
                </Title>
                <PasswordForm />
              </>
            )}
          </Stack>
        )}
      </Loaded>
    </>
  );
}

/** The viewer's sessions, each of which can be ended. */
export function SessionsPage() {
  const words = text.sessions;
  const client = useClient();
  const [result, load] = useQuery({
    query: SessionsDocument,
    variables: { first: 100 },
    requestPolicy: 'cache-and-network',
  });
  const { can } = useViewer();
  const reload = (): void => load({ requestPolicy: 'network-only' });

  async function end(id: string): Promise<string | null> {
    const { error } = await client.mutation(EndSessionDocument, { id }).toPromise();
    reload();
    return error === undefined ? null : describe(error);
  }

  return (
    <>
      <PageTitle>{words.title}</PageTitle>
      <Loaded value={result.data?.sessions?.nodes} state={result} retry={reload}>
        {(nodes) => (
          <ScrollTable
            title={words.title}
            minWidth={660}
            heads={headsOf([words.device, words.address, words.created, words.used, words.expires, words.end])}
          >
            {nodes
              .filter((node) => node !== null)
              .map(({ id, device, address, createdAt, lastUsedAt, expiresAt, current }) => (
                <Table.Tr key={id}>
                  <Table.Td className="wrap">{device}</Table.Td>
                  <Table.Td>{address}</Table.Td>
                  <Table.Td>
                    <Time at={createdAt} />
                  </Table.Td>
                  <Table.Td>
                    <Time at={lastUsedAt} />
                  </Table.Td>
                  <Table.Td>
                    <Time at={expiresAt} />
                  </Table.Td>
                  <Table.Td>
                    {current && words.current}
                    {!current && can('Mutation.endSession') && (
                      <Confirm
                        size="compact-sm"
                        label={words.end}
                        name={device}
                        question={`${words.end}: ${device}`}
                        hint={words.endHint}
                        onConfirm={() => end(id)}
                      />
                    )}
                  </Table.Td>
                </Table.Tr>
              ))}
          </ScrollTable>
        )}
      </Loaded>
    </>
  );
}

function KeyForm({ onCreated }: { readonly onCreated: () => void }) {
  const client = useClient();
  const { roles } = useViewer();
  const [name, setName] = useState('');
  const [granted, setGranted] = useState(roles.join(', '));
  const [secret, setSecret] = useState<string | null>(null);
  const [outcome, setOutcome] = useState<Outcome>(null);

  async function create(event: FormEvent): Promise<void> {
    event.preventDefault();
    const input = { name, roles: granted.split(/[\s,]+/).filter((role) => role !== '') };
    const { data, error } = await client.mutation(CreateApiKeyDocument, { input }).toPromise();
    setSecret(data?.createApiKey?.key ?? null);
    setOutcome(error === undefined ? null : { color: 'red', message: describe(error) });
    if (error === undefined) {
      onCreated();
    }
  }

  return (
    <form onSubmit={(event) => void create(event)}>
      <Group align="end" mb="md">
        <TextInput
          label={text.keys.name}
          required
          value={name}
          onChange={({ currentTarget }) => setName(currentTarget.value)}
        />
        <TextInput
          label={text.keys.roles}
          value={granted}
          onChange={({ currentTarget }) => setGranted(currentTarget.value)}
        />
        <Button type="submit">{text.actions.create(text.keys.one)}</Button>
      </Group>
      <OutcomeNote outcome={outcome} />
      {secret !== null && (
        <Alert color="green" variant="outline" mb="md" role="status" title={text.keys.secret}>
          <Code block>{secret}</Code>
        </Alert>
      )}
    </form>
  );
}

/** The viewer's API keys: created, shown once, and revoked. */
export function KeysPage() {
  const words = text.keys;
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
    const { error } = await client.mutation(RevokeApiKeyDocument, { id }).toPromise();
    reload();
    return error === undefined ? null : describe(error);
  }

  return (
    <>
      <PageTitle>{words.title}</PageTitle>
      {can('Mutation.createApiKey') && <KeyForm onCreated={reload} />}
      {rows?.length === 0 && <Empty />}
      {rows?.length !== 0 && (
        <Loaded value={rows} state={result} retry={reload}>
          {(keys) => (
            <ScrollTable
              title={words.title}
              minWidth={770}
              heads={headsOf([
                words.name,
                words.roles,
                words.permissions,
                words.created,
                words.used,
                words.expires,
                words.revoke,
              ])}
            >
              {keys.map(({ id, name, roles, permissions, createdAt, lastUsedAt, expiresAt }) => (
                <Table.Tr key={id}>
                  <Table.Td>{name}</Table.Td>
                  <Table.Td className="wrap">{roles.join(', ') || text.table.none}</Table.Td>
                  <Table.Td className="wrap">{permissions.join(', ') || text.table.none}</Table.Td>
                  <Table.Td>
                    <Time at={createdAt} />
                  </Table.Td>
                  <Table.Td>
                    <Time at={lastUsedAt} />
                  </Table.Td>
                  <Table.Td>{expiresAt === null ? words.never : <Time at={expiresAt} />}</Table.Td>
                  <Table.Td>
                    {can('Mutation.revokeApiKey') && (
                      <Confirm
                        size="compact-sm"
                        label={words.revoke}
                        name={name}
                        question={`${words.revoke}: ${name}`}
                        hint={words.revokeHint}
                        onConfirm={() => revoke(id)}
                      />
                    )}
                  </Table.Td>
                </Table.Tr>
              ))}
            </ScrollTable>
          )}
        </Loaded>
      )}
    </>
  );
}
