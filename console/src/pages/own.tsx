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
import { type FormEvent, type ReactNode, useState } from 'react';
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
import { Failed, Loading, PageTitle, Time } from '../ui/states.tsx';

/** A message about what a form did. */
type Outcome = { readonly color: 'red' | 'green'; readonly message: string } | null;

function OutcomeNote({ outcome }: { readonly outcome: Outcome }) {
  return outcome === null ? null : (
    <Alert color={outcome.color} variant="outline" role={outcome.color === 'red' ? 'alert' : 'status'}>
      {outcome.message}
    </Alert>
  );
}

interface SmallTableProps {
  readonly title: string;
  readonly heads: readonly string[];
  readonly children: ReactNode;
}

function SmallTable({ title, heads, children }: SmallTableProps) {
  return (
    <Table.ScrollContainer
      minWidth={heads.length * 110}
      scrollAreaProps={{ viewportProps: { tabIndex: 0, role: 'region', 'aria-label': title } }}
    >
      <Table aria-label={title}>
        <Table.Thead>
          <Table.Tr>
            {heads.map((head) => (
              <Table.Th key={head} scope="col">
                {head}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>{children}</Table.Tbody>
      </Table>
    </Table.ScrollContainer>
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
  const [{ data, error, fetching }] = useQuery({ query: MeDocument });
  const hasAccount = can('Query.myAccount') && can('Account.name');
  const [{ data: own }] = useQuery({ query: MyAccountDocument, pause: !hasAccount });
  const me = data?.me;
  if (me == null) {
    return fetching ? <Loading /> : <Failed message={error === undefined ? text.states.missing : describe(error)} />;
  }
  return (
    <>
      <PageTitle>{text.profile.title}</PageTitle>
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
        {can('Mutation.changePassword') && (
          <>
            <Title order={2} size="h5">
              {text.profile.password}
            </Title>
            <PasswordForm />
          </>
        )}
      </Stack>
    </>
  );
}

/** The viewer's sessions, each of which can be ended. */
export function SessionsPage() {
  const words = text.sessions;
  const client = useClient();
  const [{ data, error, fetching }, load] = useQuery({
    query: SessionsDocument,
    variables: { first: 100 },
    requestPolicy: 'cache-and-network',
  });
  const rows = data?.sessions?.nodes?.filter((node) => node !== null);

  async function end(id: string): Promise<string | null> {
    const result = await client.mutation(EndSessionDocument, { id }).toPromise();
    load({ requestPolicy: 'network-only' });
    return result.error === undefined ? null : describe(result.error);
  }

  return (
    <>
      <PageTitle>{words.title}</PageTitle>
      {rows === undefined ? (
        fetching ? (
          <Loading />
        ) : (
          <Failed message={error === undefined ? text.states.missing : describe(error)} />
        )
      ) : (
        <SmallTable
          title={words.title}
          heads={[words.device, words.address, words.created, words.used, words.expires, words.end]}
        >
          {rows.map(({ id, device, address, createdAt, lastUsedAt, expiresAt, current }) => (
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
                {current ? (
                  words.current
                ) : (
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
        </SmallTable>
      )}
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
  const [{ data, error, fetching }, load] = useQuery({
    query: ApiKeysDocument,
    variables: { first: 100 },
    requestPolicy: 'cache-and-network',
  });
  const rows = data?.apiKeys?.nodes?.filter((node) => node !== null);
  const reload = (): void => load({ requestPolicy: 'network-only' });

  async function revoke(id: string): Promise<string | null> {
    const result = await client.mutation(RevokeApiKeyDocument, { id }).toPromise();
    reload();
    return result.error === undefined ? null : describe(result.error);
  }

  return (
    <>
      <PageTitle>{words.title}</PageTitle>
      {can('Mutation.createApiKey') && <KeyForm onCreated={reload} />}
      {rows === undefined ? (
        fetching ? (
          <Loading />
        ) : (
          <Failed message={error === undefined ? text.states.missing : describe(error)} />
        )
      ) : rows.length === 0 ? (
        <Text>{text.states.empty}</Text>
      ) : (
        <SmallTable
          title={words.title}
          heads={[words.name, words.roles, words.permissions, words.created, words.used, words.expires, words.revoke]}
        >
          {rows.map(({ id, name, roles, permissions, createdAt, lastUsedAt, expiresAt }) => (
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
                <Confirm
                  size="compact-sm"
                  label={words.revoke}
                  name={name}
                  question={`${words.revoke}: ${name}`}
                  hint={words.revokeHint}
                  onConfirm={() => revoke(id)}
                />
              </Table.Td>
            </Table.Tr>
          ))}
        </SmallTable>
      )}
    </>
  );
}
