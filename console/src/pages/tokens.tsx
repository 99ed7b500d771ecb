import { Alert, Anchor, Button, Group, Stack, TextInput, Title } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { type Client, type CombinedError, useClient } from 'urql';
import { Link } from 'wouter';
import { runMutation } from '../api/client.ts';
import { describe, fieldErrors } from '../api/errors.ts';
import {
  AcceptInvitationDocument,
  ConfirmEmailDocument,
  RequestEmailConfirmationDocument,
  ResetPasswordDocument,
} from '../generated/graphql.ts';
import type { FormField } from '../resource.ts';
import { text } from '../text.ts';
import { FieldInput } from '../ui/form.tsx';
import { PageTitle } from '../ui/states.tsx';

type Values = Readonly<Record<string, string>>;

/** The last part of the address of a page for the token of a mail. */
export type TokenPath = 'reset-password' | 'accept-invitation' | 'confirm-email';

/** The task that the reader of a mail does with its token. */
interface TokenTask {
  readonly words: Readonly<Record<'title' | 'token' | 'tokenHint' | 'submit' | 'done', string>>;
  readonly fields: readonly FormField<unknown>[];
  readonly send: (client: Client, token: string, values: Values) => Promise<CombinedError | undefined>;
}

/** A form for the token of a mail. A token in the fragment (`#token=`) never reaches a server's log. */
function TokenForm({ words, fields, send }: TokenTask) {
  const client = useClient();
  const [token, setToken] = useState(() => new URLSearchParams(window.location.hash.slice(1)).get('token') ?? '');
  const [values, setValues] = useState<Values>({});
  const [error, setError] = useState<CombinedError | undefined>();
  const [isBusy, setBusy] = useState(false);
  const [isDone, setDone] = useState(false);
  const problems = error === undefined ? {} : fieldErrors(error);
  const isOfField = fields.some(({ name }) => name in problems);

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    setBusy(true);
    const failure = await send(client, token.trim(), values);
    setBusy(false);
    setError(failure);
    setDone(failure === undefined);
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
            {error !== undefined && !isOfField && (
              <Alert color="red" variant="outline" role="alert">
                {describe(error)}
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
            {fields.map((field) => (
              <FieldInput
                key={field.name}
                field={field}
                value={values[field.name] ?? ''}
                error={problems[field.name]}
                onChange={(value) => setValues((old) => ({ ...old, [field.name]: value }))}
              />
            ))}
            <Group>
              <Button type="submit" loading={isBusy}>
                {words.submit}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Stack>
  );
}

const TASKS: Readonly<Record<TokenPath, TokenTask>> = {
  'reset-password': {
    words: text.reset,
    fields: [{ name: 'next', title: text.profile.next, coordinate: 'Mutation.resetPassword', kind: 'password' }],
    send: async (client, token, { next = '' }) =>
      (await client.mutation(ResetPasswordDocument, { token, next }).toPromise()).error,
  },
  'accept-invitation': {
    words: text.invitation,
    fields: [
      {
        name: 'username',
        title: text.users.username,
        coordinate: 'AcceptInvitationInput.username',
        kind: 'text',
        hint: text.users.usernameHint,
      },
      {
        name: 'displayName',
        title: text.users.displayName,
        coordinate: 'AcceptInvitationInput.displayName',
        kind: 'text',
      },
      { name: 'password', title: text.users.password, coordinate: 'AcceptInvitationInput.password', kind: 'password' },
    ],
    send: async (client, token, { username = '', displayName = '', password = '' }) => {
      const input = { token, username, displayName, password };
      return (await client.mutation(AcceptInvitationDocument, { input }).toPromise()).error;
    },
  },
  'confirm-email': {
    words: text.confirmEmail,
    fields: [],
    send: async (client, token) => (await client.mutation(ConfirmEmailDocument, { token }).toPromise()).error,
  },
};

/** Has the mail of a sign-up sent again, with the same answer for every login. */
function MailAgain() {
  const words = text.confirmEmail;
  const client = useClient();
  const [login, setLogin] = useState('');
  const [answer, setAnswer] = useState<string | null>(null);

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    const message = await runMutation(client, RequestEmailConfirmationDocument, { login });
    setAnswer(message ?? words.sent);
  }

  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack maw={520} mx="auto" mt="xl">
        <Title order={2} size="h5">
          {words.lost}
        </Title>
        {answer !== null && (
          <Alert color="gray" variant="outline" role="status">
            {answer}
          </Alert>
        )}
        <TextInput
          label={text.signIn.login}
          autoComplete="username"
          required
          value={login}
          onChange={({ currentTarget }) => setLogin(currentTarget.value)}
        />
        <Group>
          <Button type="submit" variant="default">
            {words.again}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** The page for the token of a mail that the address names. */
export function TokenPage({ path }: { readonly path: TokenPath }) {
  return (
    <>
      <TokenForm key={path} {...TASKS[path]} />
      {path === 'confirm-email' && <MailAgain />}
    </>
  );
}
