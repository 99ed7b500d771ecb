import { Alert, Anchor, Button, Group, PasswordInput, Stack, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useClient } from 'urql';
import { Link } from 'wouter';
import { describe, fieldErrors } from '../api/errors.ts';
import { ResetPasswordDocument } from '../generated/graphql.ts';
import { text } from '../text.ts';
import { PageTitle } from '../ui/states.tsx';

const words = text.reset;

/** Sets a new password with the token of a mail. A token in the fragment (`#token=`) never reaches a server's log. */
export function ResetPage() {
  const client = useClient();
  const [token, setToken] = useState(() => new URLSearchParams(window.location.hash.slice(1)).get('token') ?? '');
  const [next, setNext] = useState('');
  const [failure, setFailure] = useState<string | null>(null);
  const [weakness, setWeakness] = useState<string | null>(null);
  const [isDone, setDone] = useState(false);

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    const { error } = await client.mutation(ResetPasswordDocument, { token: token.trim(), next }).toPromise();
    const problem = error === undefined ? undefined : fieldErrors(error)['next'];
    setWeakness(problem ?? null);
    setFailure(error === undefined || problem !== undefined ? null : describe(error));
    setDone(error === undefined);
  }

  return (
    <Stack maw={520} mx="auto">
      <PageTitle>{words.title}</PageTitle>
      {isDone ? (
        <Alert color="green" variant="outline" role="status">
          {words.done}{' '}
          <Anchor component={Link} href="/sign-in" inherit>
            {text.signIn.title}
          </Anchor>
        </Alert>
      ) : (
        <form onSubmit={(event) => void submit(event)}>
          <Stack>
            {failure !== null && (
              <Alert color="red" variant="outline" role="alert">
                {failure}
              </Alert>
            )}
            <TextInput
              label={words.token}
              description={words.tokenHint}
              autoComplete="one-time-code"
              spellCheck={false}
              required
              value={token}
              onChange={({ currentTarget }) => setToken(currentTarget.value)}
            />
            <PasswordInput
              label={text.profile.next}
              autoComplete="new-password"
              required
              value={next}
              error={weakness}
              onChange={({ currentTarget }) => setNext(currentTarget.value)}
            />
            <Group>
              <Button type="submit">{words.submit}</Button>
            </Group>
          </Stack>
        </form>
      )}
    </Stack>
  );
}
