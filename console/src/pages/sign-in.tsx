import { Alert, Anchor, Button, Card, Group, SimpleGrid, Stack, Text, TextInput, Title } from '@mantine/core';
import { type FormEvent, useEffect, useState } from 'react';
import { useClient, useQuery } from 'urql';
import { Link, useLocation } from 'wouter';
import { issuerReturn, SIGN_IN_PAGE } from '../api/issuers.ts';
import { canUsePasskeys } from '../api/passkeys.ts';
import { type Challenge, useViewer } from '../api/viewer.tsx';
import { demoLogins } from '../demo.ts';
import {
  PasskeyDomainDocument,
  RequestResetDocument,
  SignInIssuersDocument,
  StartSignInDocument,
} from '../generated/graphql.ts';
import { text } from '../text.ts';
import { IssuerButtons } from '../ui/issuer-buttons.tsx';
import { PageTitle } from '../ui/states.tsx';
import { CurrentPassword } from '../ui/current-password.tsx';

const words = text.signIn;

/** The demo's logins as buttons, one for each role. */
function DemoButtons({ onFailed }: { readonly onFailed: () => void }) {
  const { signIn } = useViewer();
  const [, navigate] = useLocation();
  const [busy, setBusy] = useState<string | null>(null);

  async function use(username: string, password: string): Promise<void> {
    setBusy(username);
    if ((await signIn(username, password)) === 'signed in') {
      navigate('/');
    } else {
      onFailed();
    }
    setBusy(null);
  }

  return (
    <Card withBorder>
      <Title order={2} size="h5">
        {words.demo}
      </Title>
      <Text size="sm" mb="sm">
        {words.demoHint}
      </Text>
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="xs">
        {demoLogins.map(({ username, password, role }) => (
          <Button
            key={username}
            variant="default"
            loading={busy === username}
            onClick={() => void use(username, password)}
          >
            {role}
          </Button>
        ))}
      </SimpleGrid>
    </Card>
  );
}

/** Asks for the second factor. */
function CodeForm({ challenge, onBack }: { readonly challenge: Challenge; readonly onBack: () => void }) {
  const { completeSignIn, signInByPasskey } = useViewer();
  const [, navigate] = useLocation();
  const [code, setCode] = useState('');
  const [hasFailed, setFailed] = useState(false);

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (await completeSignIn(challenge.challenge, code.trim())) {
      navigate('/');
    } else {
      setCode('');
      setFailed(true);
    }
  }

  async function usePasskey(): Promise<void> {
    const isSignedIn = await signInByPasskey(challenge);
    if (isSignedIn === true) {
      navigate('/');
    }
    setFailed(isSignedIn === false);
  }

  return (
    <Stack maw={520} mx="auto">
      <PageTitle>{words.title}</PageTitle>
      <form onSubmit={(event) => void submit(event)}>
        <Stack>
          {hasFailed && (
            <Alert color="orange" variant="outline" role="alert">
              {words.codeFailed}
            </Alert>
          )}
          <TextInput
            label={words.code}
            description={words.codeHint}
            autoComplete="one-time-code"
            spellCheck={false}
            autoFocus
            required
            value={code}
            onChange={({ currentTarget }) => setCode(currentTarget.value)}
          />
          <Group justify="space-between">
            <Button type="submit">{words.submit}</Button>
            {challenge.passkey !== null && (
              <Button variant="default" onClick={() => void usePasskey()}>
                {text.factors.usePasskey}
              </Button>
            )}
            <Button variant="subtle" onClick={onBack}>
              {words.back}
            </Button>
          </Group>
        </Stack>
      </form>
    </Stack>
  );
}

/** Signs in without a password, where this page can use passkeys. */
function PasskeyButton({ onFailed }: { readonly onFailed: () => void }) {
  const { signInByPasskey } = useViewer();
  const [, navigate] = useLocation();
  const [{ data }] = useQuery({ query: PasskeyDomainDocument });

  async function use(): Promise<void> {
    const isSignedIn = await signInByPasskey(null);
    if (isSignedIn === true) {
      navigate('/');
    } else if (isSignedIn === false) {
      onFailed();
    }
  }

  return canUsePasskeys(data?.passkeyDomain) ? (
    <Button variant="default" onClick={() => void use()}>
      {words.passkey}
    </Button>
  ) : null;
}

/** Signs in at an external issuer. */
function SignInIssuers() {
  const client = useClient();
  const [{ data }] = useQuery({ query: SignInIssuersDocument });
  return (
    <IssuerButtons
      issuers={data?.signInIssuers ?? []}
      labelOf={text.issuers.signIn}
      begin={async (issuer) => {
        const variables = { issuer, returnTo: SIGN_IN_PAGE };
        const { data: begun, error } = await client.mutation(StartSignInDocument, variables).toPromise();
        return { url: begun?.startSignIn?.url, error };
      }}
    />
  );
}

/** Signs in with the session cookie; the console sees no token. */
export function SignInPage() {
  const { signIn, signedIn, ended } = useViewer();
  const client = useClient();
  const [, navigate] = useLocation();
  const [login, setLogin] = useState('');
  const [password, setPassword] = useState('');
  const [message, setMessage] = useState<string | null>(ended ? words.ended : null);
  const [isBusy, setBusy] = useState(false);
  const [challenge, setChallenge] = useState<Challenge | null>(issuerReturn.challenge);
  useEffect(() => {
    issuerReturn.challenge = null;
  }, []);
  const isDone = issuerReturn.isSignIn && issuerReturn.message === null && signedIn;
  useEffect(() => {
    if (isDone) {
      navigate('/', { replace: true });
    }
  }, [isDone, navigate]);

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    setBusy(true);
    const outcome = await signIn(login, password);
    setBusy(false);
    if (outcome === 'signed in') {
      navigate('/');
    } else if (outcome === 'wrong') {
      setMessage(words.failed);
    } else {
      setMessage(null);
      setChallenge(outcome);
    }
  }

  async function reset(): Promise<void> {
    if (login === '') {
      setMessage(words.resetNeedsLogin);
      return;
    }
    await client.mutation(RequestResetDocument, { login }).toPromise();
    setMessage(words.resetSent);
  }

  if (challenge !== null) {
    return <CodeForm challenge={challenge} onBack={() => setChallenge(null)} />;
  }
  return (
    <Stack maw={520} mx="auto">
      <PageTitle>{words.title}</PageTitle>
      <form onSubmit={(event) => void submit(event)}>
        <Stack>
          {message !== null && (
            <Alert color="orange" variant="outline" role="alert">
              {message}
            </Alert>
          )}
          <TextInput
            label={words.login}
            autoComplete="username"
            required
            value={login}
            onChange={({ currentTarget }) => setLogin(currentTarget.value)}
          />
          <CurrentPassword label={words.password} required value={password} onChange={setPassword} />
          <Group justify="space-between">
            <Button type="submit" loading={isBusy}>
              {words.submit}
            </Button>
            <Button variant="subtle" onClick={() => void reset()}>
              {words.reset}
            </Button>
          </Group>
          <Anchor component={Link} href="/reset-password">
            {words.haveToken}
          </Anchor>
        </Stack>
      </form>
      <SignInIssuers />
      <PasskeyButton onFailed={() => setMessage(words.passkeyFailed)} />
      {demoLogins.length > 0 && <DemoButtons onFailed={() => setMessage(words.failed)} />}
    </Stack>
  );
}
