import { Anchor, Badge, Button, Card, Group, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core';
import { type FormEvent, lazy, useState } from 'react';
import { useClient, useQuery } from 'urql';
import { Link } from 'wouter';
import { runMutation } from '../api/client.ts';
import { useViewer } from '../api/viewer.tsx';
import { ChangeMyEmailDocument, ChangePasswordDocument, MeDocument, UpdateMeDocument } from '../generated/graphql.ts';
import { text } from '../text.ts';
import { type Outcome, OutcomeNote } from '../ui/outcome.tsx';
import { Loaded, PageTitle } from '../ui/states.tsx';
import { CurrentPassword } from '../ui/current-password.tsx';

const IdentitiesSection = lazy(async () => ({ default: (await import('./identities.tsx')).IdentitiesSection }));
const FactorsSection = lazy(async () => ({ default: (await import('./factors.tsx')).FactorsSection }));

function NameForm({ name, version }: { readonly name: string; readonly version: number }) {
  const client = useClient();
  const [value, setValue] = useState(name);
  const [outcome, setOutcome] = useState<Outcome>(null);

  async function save(event: FormEvent): Promise<void> {
    event.preventDefault();
    const message = await runMutation(client, UpdateMeDocument, { input: { displayName: value, version } });
    setOutcome(message === null ? { color: 'green', message: text.actions.saved } : { color: 'red', message });
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

/** Asks for another address, which is the viewer's once its reader has confirmed it. */
function EmailForm() {
  const client = useClient();
  const [email, setEmail] = useState('');
  const [outcome, setOutcome] = useState<Outcome>(null);

  async function save(event: FormEvent): Promise<void> {
    event.preventDefault();
    const message = await runMutation(client, ChangeMyEmailDocument, { email });
    setOutcome(message === null ? { color: 'green', message: text.profile.emailSent } : { color: 'red', message });
  }

  return (
    <form onSubmit={(event) => void save(event)}>
      <Stack>
        <TextInput
          type="email"
          label={text.profile.email}
          description={text.profile.emailHint}
          autoComplete="email"
          required
          value={email}
          onChange={({ currentTarget }) => setEmail(currentTarget.value)}
        />
        <OutcomeNote outcome={outcome} />
        <Group>
          <Button type="submit">{text.profile.changeEmail}</Button>
          <Anchor component={Link} href="/confirm-email">
            {text.profile.haveToken}
          </Anchor>
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
    const message = await runMutation(client, ChangePasswordDocument, { current, next });
    setOutcome(message === null ? { color: 'green', message: text.profile.changed } : { color: 'red', message });
  }

  return (
    <form onSubmit={(event) => void save(event)}>
      <Stack>
        <CurrentPassword label={text.profile.current} value={current} onChange={setCurrent} />
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

/** The viewer's own data, address and password. */
export function ProfilePage() {
  const { can } = useViewer();
  const [result, load] = useQuery({ query: MeDocument });
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
            {can('Mutation.updateMe') && <NameForm key={me.version} name={me.displayName} version={me.version} />}
            {can('Query.secondFactor') && can('Mutation.startTotp') && <FactorsSection />}
            {can('Mutation.changeMyEmail') && <EmailForm />}
            {can('Query.identities') && <IdentitiesSection />}
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
