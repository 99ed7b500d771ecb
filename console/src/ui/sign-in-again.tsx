import { Button, Stack, Text, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { type CombinedError, useClient, useQuery } from 'urql';
import { describe } from '../api/errors.ts';
import { canUsePasskeys, getPasskey } from '../api/passkeys.ts';
import {
  IdentitiesDocument,
  SecondFactorDocument,
  SignInAgainByPasskeyDocument,
  SignInAgainDocument,
  StartPasskeyConfirmationDocument,
  StartReauthenticationDocument,
} from '../generated/graphql.ts';
import { text } from '../text.ts';
import { Dialog } from './dialog.tsx';
import { IssuerButtons } from './issuer-buttons.tsx';
import { Failure } from './outcome.tsx';
import { CurrentPassword } from './current-password.tsx';

const words = text.signIn;

/** A change that waits for a recent sign-in. */
export interface SignInAgain {
  readonly onDone: (isDone: boolean) => void;
}

/** Asks for the password, and the second factor of those who have one, in the present session. */
export function SignInAgainDialog({ onDone }: SignInAgain) {
  const client = useClient();
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const [failure, setFailure] = useState<string | null>(null);

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    const variables = { password, code: code.trim() === '' ? null : code.trim() };
    const { error } = await client.mutation(SignInAgainDocument, variables).toPromise();
    settle(error);
  }

  function settle(error: CombinedError | undefined): void {
    if (error === undefined) {
      onDone(true);
    } else {
      setFailure(describe(error));
    }
  }

  const [{ data }] = useQuery({ query: SecondFactorDocument });
  const hasPasskey = (data?.secondFactor?.passkeys ?? []).length > 0 && canUsePasskeys(data?.passkeyDomain);

  const [identities] = useQuery({ query: IdentitiesDocument });
  const issuers = new Map(
    identities.data?.identities?.flatMap(({ issuer }) =>
      issuer?.reauthenticates === true ? [[issuer.id, issuer]] : [],
    ),
  );

  async function usePasskey(): Promise<void> {
    const started = await client.mutation(StartPasskeyConfirmationDocument, {}).toPromise();
    const passkey = await getPasskey(started.data?.startPasskeyConfirmation);
    if (passkey !== null) {
      const { error } = await client.mutation(SignInAgainByPasskeyDocument, { passkey }).toPromise();
      settle(error);
    }
  }

  return (
    <Dialog opened onClose={() => onDone(false)} title={words.again}>
      <form onSubmit={(event) => void submit(event)}>
        <Stack>
          <Text size="sm">{words.againHint}</Text>
          <Failure message={failure} />
          <CurrentPassword label={words.password} required value={password} onChange={setPassword} />
          <TextInput
            label={words.againCode}
            autoComplete="one-time-code"
            value={code}
            onChange={({ currentTarget }) => setCode(currentTarget.value)}
          />
          <Button type="submit">{words.again}</Button>
          <IssuerButtons
            issuers={[...issuers.values()]}
            labelOf={text.issuers.signIn}
            begin={async (issuer) => {
              const returnTo = location.pathname + location.search;
              const variables = { issuer, code: code.trim() === '' ? null : code.trim(), returnTo };
              const { data: begun, error } = await client
                .mutation(StartReauthenticationDocument, variables)
                .toPromise();
              return { url: begun?.startReauthentication?.url, error };
            }}
          />
          {hasPasskey && (
            <Button variant="default" onClick={() => void usePasskey()}>
              {text.factors.usePasskey}
            </Button>
          )}
        </Stack>
      </form>
    </Dialog>
  );
}
