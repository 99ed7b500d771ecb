import { Button } from '@mantine/core';
import { useState } from 'react';
import { failureOf } from '../api/errors.ts';
import type { CombinedError } from 'urql';
import { Failure } from './outcome.tsx';

/** An external issuer, as the API lists it. */
export interface Issuer {
  readonly id: string;
  readonly label: string;
}

interface IssuerButtonsProps {
  readonly issuers: readonly Issuer[];
  readonly labelOf: (label: string) => string;
  /** Begins at an issuer. */
  readonly begin: (
    issuer: string,
  ) => Promise<{ readonly url?: string | undefined; readonly error?: CombinedError | undefined }>;
}

/** A button for each issuer, which leaves the console for it. */
export function IssuerButtons({ issuers, labelOf, begin }: IssuerButtonsProps) {
  const [busy, setBusy] = useState<string | null>(null);
  const [failure, setFailure] = useState<string | null>(null);

  async function leave(issuer: string): Promise<void> {
    setBusy(issuer);
    const { url, error } = await begin(issuer);
    setFailure(failureOf(error));
    if (url === undefined) {
      setBusy(null);
    } else {
      location.assign(url);
    }
  }

  return (
    <>
      <Failure message={failure} />
      {issuers.map(({ id, label }) => (
        <Button key={id} variant="default" loading={busy === id} onClick={() => void leave(id)}>
          {labelOf(label)}
        </Button>
      ))}
    </>
  );
}
