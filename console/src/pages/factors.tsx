import { Alert, Button, Card, Code, Group, Stack, Table, Text, TextInput, Title } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { type CombinedError, useClient, useQuery } from 'urql';
import { describe } from '../api/errors.ts';
import { canUsePasskeys, createPasskey, getPasskey } from '../api/passkeys.ts';
import { useViewer } from '../api/viewer.tsx';
import {
  AddPasskeyDocument,
  ConfirmTotpDocument,
  DeletePasskeyDocument,
  DisableTotpDocument,
  RenamePasskeyDocument,
  RenewRecoveryCodesDocument,
  SecondFactorDocument,
  type SecondFactorQuery,
  StartPasskeyConfirmationDocument,
  StartPasskeyDocument,
  StartTotpDocument,
  type StartTotpMutation,
} from '../generated/graphql.ts';
import { text } from '../text.ts';
import { Confirm } from '../ui/confirm.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { QrCode } from '../ui/qr-code.tsx';
import { headsOf, ScrollTable } from '../ui/scroll-table.tsx';
import { Loaded, Time } from '../ui/states.tsx';
import { Failure } from '../ui/outcome.tsx';

const words = text.factors;

type Passkeys = NonNullable<NonNullable<SecondFactorQuery['secondFactor']>['passkeys']>;

/** A second factor that confirms a change. */
interface Sent {
  readonly code?: string;
  readonly passkey?: unknown;
}

const failureOf = (error: CombinedError | undefined): string | null => (error === undefined ? null : describe(error));

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

/** Renames a passkey. */
function Rename({ id, name, onDone }: { readonly id: string; readonly name: string; readonly onDone: () => void }) {
  const client = useClient();
  const [isOpen, setOpen] = useState(false);
  const [value, setValue] = useState(name);
  const [failure, setFailure] = useState<string | null>(null);

  async function save(event: FormEvent): Promise<void> {
    event.preventDefault();
    const { error } = await client.mutation(RenamePasskeyDocument, { id, name: value }).toPromise();
    setFailure(failureOf(error));
    setOpen(error !== undefined);
    onDone();
  }

  return (
    <>
      <Button
        variant="default"
        size="compact-sm"
        aria-label={`${words.rename}: ${name}`}
        onClick={() => {
          setValue(name);
          setOpen(true);
        }}
      >
        {words.rename}
      </Button>
      <Dialog opened={isOpen} onClose={() => setOpen(false)} title={`${words.rename}: ${name}`}>
        <form onSubmit={(event) => void save(event)}>
          <Stack>
            <Failure message={failure} />
            <TextInput
              label={words.name}
              required
              value={value}
              onChange={({ currentTarget }) => setValue(currentTarget.value)}
            />
            <Button type="submit">{text.actions.save}</Button>
          </Stack>
        </form>
      </Dialog>
    </>
  );
}

interface PasskeysProps {
  readonly passkeys: Passkeys;
  readonly domain: string | null | undefined;
  readonly onCodes: (codes: string[] | null) => void;
  readonly onChanged: () => void;
}

function PasskeyList({ passkeys, domain, onCodes, onChanged }: PasskeysProps) {
  const client = useClient();
  const [name, setName] = useState('');
  const [failure, setFailure] = useState<string | null>(null);

  async function add(event: FormEvent): Promise<void> {
    event.preventDefault();
    const started = await client.mutation(StartPasskeyDocument, {}).toPromise();
    setFailure(failureOf(started.error));
    const response = started.data?.startPasskey == null ? null : await createPasskey(started.data.startPasskey);
    if (response === null) {
      setFailure(failureOf(started.error) ?? words.declined);
      return;
    }
    const { data, error } = await client.mutation(AddPasskeyDocument, { name, response }).toPromise();
    setFailure(failureOf(error));
    if (data?.addPasskey != null) {
      setName('');
      onCodes(data.addPasskey.codes ?? null);
    }
  }

  async function remove(id: string): Promise<string | null> {
    const { error } = await client.mutation(DeletePasskeyDocument, { id }).toPromise();
    onChanged();
    return failureOf(error);
  }

  return (
    <Stack>
      <Title order={3} size="h6">
        {words.passkeys}
      </Title>
      {passkeys.length > 0 && (
        <ScrollTable
          title={words.passkeys}
          minWidth={480}
          heads={headsOf([words.name, words.added, words.used, text.actions.title])}
        >
          {passkeys.map((passkey) => (
            <Table.Tr key={passkey.id}>
              <Table.Td className="wrap">{passkey.name}</Table.Td>
              <Table.Td>
                <Time at={passkey.createdAt} />
              </Table.Td>
              <Table.Td>{passkey.lastUsedAt === null ? text.table.none : <Time at={passkey.lastUsedAt} />}</Table.Td>
              <Table.Td>
                <Group gap="xs" wrap="nowrap">
                  <Rename id={passkey.id} name={passkey.name} onDone={onChanged} />
                  <Confirm
                    size="compact-sm"
                    label={text.actions.remove}
                    name={passkey.name}
                    question={text.actions.confirmRemove(passkey.name)}
                    hint={words.deleteHint}
                    onConfirm={() => remove(passkey.id)}
                  />
                </Group>
              </Table.Td>
            </Table.Tr>
          ))}
        </ScrollTable>
      )}
      <Failure message={failure} />
      {canUsePasskeys(domain) ? (
        <form onSubmit={(event) => void add(event)}>
          <Group align="end">
            <TextInput
              label={words.name}
              required
              value={name}
              onChange={({ currentTarget }) => setName(currentTarget.value)}
            />
            <Button type="submit">{words.addPasskey}</Button>
          </Group>
        </form>
      ) : (
        <Text size="sm">{domain == null ? words.noPasskeys : words.elsewhere(domain)}</Text>
      )}
    </Stack>
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
    const { error } = await client.mutation(DisableTotpDocument, sent).toPromise();
    reload();
    return failureOf(error);
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
