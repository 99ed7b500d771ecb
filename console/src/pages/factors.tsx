import { Alert, Button, Card, Code, Group, Stack, Text, TextInput, Title } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useClient, useQuery } from 'urql';
import { runMutation } from '../api/client.ts';
import { failureOf } from '../api/errors.ts';
import { canUsePasskeys, getPasskey } from '../api/passkeys.ts';
import { useViewer } from '../api/viewer.tsx';
import {
  ConfirmTotpDocument,
  DisableTotpDocument,
  RenewRecoveryCodesDocument,
  SecondFactorDocument,
  StartPasskeyConfirmationDocument,
  StartTotpDocument,
  type StartTotpMutation,
} from '../generated/graphql.ts';
import { text } from '../text.ts';
import { Dialog } from '../ui/dialog.tsx';
import { QrCode } from '../ui/qr-code.tsx';
import { Loaded, Time } from '../ui/states.tsx';
import { Failure } from '../ui/outcome.tsx';
import { PasskeyList } from './passkeys.tsx';

const words = text.factors;

/** A second factor that confirms a change. */
interface Sent {
  readonly code?: string;
  readonly passkey?: unknown;
}

function CodeInput({ value, onChange }: { readonly value: string; readonly onChange: (value: string) => void }) {
  return (
    <TextInput
      label={text.signIn.code}
      autoComplete="one-time-code"
      spellCheck={false}
      value={value}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
    />
  );
}

interface ConfirmByFactorProps {
  readonly label: string;
  readonly hint: string;
  /** True if a passkey can be shown instead of a code. */
  readonly byPasskey: boolean;
  /** Makes the change. Returns a message if it failed. */
  readonly onSent: (sent: Sent) => Promise<string | null>;
}

/** A button for a change that a code or a passkey confirms. */
function ConfirmByFactor({ label, hint, byPasskey, onSent }: ConfirmByFactorProps) {
  const client = useClient();
  const [isOpen, setOpen] = useState(false);
  const [code, setCode] = useState('');
  const [failure, setFailure] = useState<string | null>(null);

  async function send(sent: Sent): Promise<void> {
    const message = await onSent(sent);
    setCode('');
    setFailure(message);
    setOpen(message !== null);
  }

  async function sendPasskey(): Promise<void> {
    const { data } = await client.mutation(StartPasskeyConfirmationDocument, {}).toPromise();
    const passkey = await getPasskey(data?.startPasskeyConfirmation);
    if (passkey !== null) {
      await send({ passkey });
    }
  }

  return (
    <>
      <Button variant="default" onClick={() => setOpen(true)}>
        {label}
      </Button>
      <Dialog opened={isOpen} onClose={() => setOpen(false)} title={label}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void send({ code: code.trim() });
          }}
        >
          <Stack>
            <Text size="sm">{hint}</Text>
            <Failure message={failure} />
            <CodeInput value={code} onChange={setCode} />
            <Group>
              <Button type="submit">{label}</Button>
              {byPasskey && (
                <Button variant="default" onClick={() => void sendPasskey()}>
                  {words.usePasskey}
                </Button>
              )}
            </Group>
          </Stack>
        </form>
      </Dialog>
    </>
  );
}

/** Sets up codes of an authenticator app. */
function TotpSetUp({ onCodes }: { readonly onCodes: (codes: string[]) => void }) {
  const client = useClient();
  const [started, setStarted] = useState<StartTotpMutation['startTotp']>(null);
  const [code, setCode] = useState('');
  const [failure, setFailure] = useState<string | null>(null);

  async function start(): Promise<void> {
    const { data, error } = await client.mutation(StartTotpDocument, {}).toPromise();
    setStarted(data?.startTotp ?? null);
    setFailure(failureOf(error));
  }

  async function confirm(event: FormEvent): Promise<void> {
    event.preventDefault();
    const { data, error } = await client.mutation(ConfirmTotpDocument, { code: code.trim() }).toPromise();
    setFailure(failureOf(error));
    if (data?.confirmTotp != null) {
      onCodes(data.confirmTotp.codes);
    }
  }

  if (started == null) {
    return (
      <Stack align="flex-start">
        <Failure message={failure} />
        <Button onClick={() => void start()}>{words.setUp}</Button>
      </Stack>
    );
  }
  return (
    <form onSubmit={(event) => void confirm(event)}>
      <Stack align="flex-start">
        <Text size="sm">{words.scan}</Text>
        <QrCode value={started.uri} label={words.qr} />
        <Text size="sm">
          {words.secret} <Code>{started.secret}</Code>
        </Text>
        <Failure message={failure} />
        <CodeInput value={code} onChange={setCode} />
        <Button type="submit">{words.confirm}</Button>
      </Stack>
    </form>
  );
}

/** The viewer's second factors: codes of an app, passkeys, and recovery codes. */
export function FactorsSection() {
  const client = useClient();
  const { reload: reloadViewer } = useViewer();
  const [result, load] = useQuery({ query: SecondFactorDocument, requestPolicy: 'cache-and-network' });
  const [codes, setCodes] = useState<string[] | null>(null);
  const reload = (): void => load({ requestPolicy: 'network-only' });

  function show(shown: string[] | null): void {
    setCodes(shown);
    reload();
  }

  async function disable(sent: Sent): Promise<string | null> {
    const message = await runMutation(client, DisableTotpDocument, sent);
    reload();
    return message;
  }

  async function renew(sent: Sent): Promise<string | null> {
    const { data, error } = await client.mutation(RenewRecoveryCodesDocument, sent).toPromise();
    if (data?.renewRecoveryCodes != null) {
      show(data.renewRecoveryCodes.codes);
    }
    return failureOf(error);
  }

  return (
    <Card withBorder component="section" aria-label={words.title}>
      <Stack>
        <Title order={2} size="h5">
          {words.title}
        </Title>
        {codes !== null && (
          <Alert color="green" variant="outline" role="status" title={words.codes}>
            <Text size="sm" mb="xs">
              {words.codesHint}
            </Text>
            <Code block mb="sm">
              {codes.join('\n')}
            </Code>
            <Button
              onClick={() => {
                setCodes(null);
                void reloadViewer();
              }}
            >
              {words.kept}
            </Button>
          </Alert>
        )}
        <Loaded value={result.data?.secondFactor} state={result} retry={reload} height={120}>
          {({ enabledAt, recoveryCodesLeft, passkeys }) => {
            const byPasskey = (passkeys ?? []).length > 0 && canUsePasskeys(result.data?.passkeyDomain);
            const hasAny = enabledAt !== null || (passkeys ?? []).length > 0;
            return (
              <Stack>
                <Title order={3} size="h6">
                  {words.app}
                </Title>
                {enabledAt === null ? (
                  <TotpSetUp onCodes={show} />
                ) : (
                  <Group>
                    <Text size="sm">
                      {words.since} <Time at={enabledAt} />
                    </Text>
                    <ConfirmByFactor
                      label={words.disable}
                      hint={words.confirmHint}
                      byPasskey={byPasskey}
                      onSent={disable}
                    />
                  </Group>
                )}
                <PasskeyList
                  passkeys={passkeys ?? []}
                  domain={result.data?.passkeyDomain}
                  onCodes={show}
                  onChanged={reload}
                />
                {hasAny && (
                  <>
                    <Title order={3} size="h6">
                      {words.recovery}
                    </Title>
                    <Group>
                      <Text size="sm">{words.left(recoveryCodesLeft)}</Text>
                      <ConfirmByFactor
                        label={words.renew}
                        hint={words.confirmHint}
                        byPasskey={byPasskey}
                        onSent={renew}
                      />
                    </Group>
                  </>
                )}
              </Stack>
            );
          }}
        </Loaded>
      </Stack>
    </Card>
  );
}
