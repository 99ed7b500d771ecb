import { Alert, Button, Text } from '@mantine/core';
import { useState } from 'react';
import { useClient } from 'urql';
import { describe } from '../api/errors.ts';
import { useViewer } from '../api/viewer.tsx';
import { formatNumber } from '../format.ts';
import { AuditVerificationDocument, type AuditVerificationQuery } from '../generated/graphql.ts';
import { text } from '../text.ts';
import { Dialog } from './dialog.tsx';

const words = text.seals;

type Verification = NonNullable<AuditVerificationQuery['auditVerification']>;

function Result({ verification }: { readonly verification: Verification }) {
  const { intact, complete, seals, events, unsealed, damage, head } = verification;
  return (
    <>
      <Alert color={intact ? 'teal' : 'red'} variant="outline" mb="md" role={intact ? 'status' : 'alert'}>
        {intact ? words.intact : words.damaged}
      </Alert>
      <Text>{words.counted(formatNumber(events), formatNumber(seals), formatNumber(unsealed))}</Text>
      {!complete && <Text>{words.incomplete}</Text>}
      {damage.length > 0 && (
        <ul>
          {damage.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
      <Text mt="md">{words.head}</Text>
      <code className="wrap">{head}</code>
    </>
  );
}

/** A button that verifies the seals of the audit trail, and shows the result. */
export function VerifySeals() {
  const { can } = useViewer();
  const client = useClient();
  const [isBusy, setBusy] = useState(false);
  const [result, setResult] = useState<Verification | string | null>(null);

  async function verify(): Promise<void> {
    setBusy(true);
    const { data, error } = await client
      .query(AuditVerificationDocument, {}, { requestPolicy: 'network-only' })
      .toPromise();
    setResult(data?.auditVerification ?? (error === undefined ? text.states.missing : describe(error)));
    setBusy(false);
  }

  if (!can('Query.auditVerification')) {
    return null;
  }
  return (
    <>
      <Button variant="default" loading={isBusy} onClick={() => void verify()}>
        {words.verify}
      </Button>
      <Dialog opened={result !== null} onClose={() => setResult(null)} title={words.title}>
        {typeof result === 'string' && (
          <Alert color="red" variant="outline" role="alert">
            {result}
          </Alert>
        )}
        {result !== null && typeof result !== 'string' && <Result verification={result} />}
      </Dialog>
    </>
  );
}
