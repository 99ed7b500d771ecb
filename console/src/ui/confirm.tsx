import { Alert, Button, Group, Text } from '@mantine/core';
import { useState } from 'react';
import { text } from '../text.ts';
import { Dialog } from './dialog.tsx';

interface ConfirmProps {
  /** The button, which only opens the question. */
  readonly label: string;
  /** Distinguishes the button from others with the same label. */
  readonly name?: string;
  readonly question: string;
  readonly hint?: string | undefined;
  /** Returns a message if it failed. */
  readonly onConfirm: () => Promise<string | null>;
  readonly size?: string;
}

/** A button for what cannot be undone: it is done only after a second click. */
export function Confirm({ label, name, question, hint, onConfirm, size = 'sm' }: ConfirmProps) {
  const [isOpen, setOpen] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);

  async function confirm(): Promise<void> {
    setBusy(true);
    const message = await onConfirm();
    setBusy(false);
    setFailure(message);
    setOpen(message !== null);
  }

  return (
    <>
      <Button
        color="red"
        variant="outline"
        size={size}
        aria-label={name === undefined ? label : `${label}: ${name}`}
        onClick={() => {
          setFailure(null);
          setOpen(true);
        }}
      >
        {label}
      </Button>
      <Dialog opened={isOpen} onClose={() => setOpen(false)} title={question}>
        <Text mb="md">{hint ?? text.actions.noReturn}</Text>
        {failure !== null && (
          <Alert color="red" variant="outline" mb="md" role="alert">
            {failure}
          </Alert>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={() => setOpen(false)} data-autofocus>
            {text.actions.cancel}
          </Button>
          <Button color="red" loading={isBusy} onClick={() => void confirm()}>
            {label}
          </Button>
        </Group>
      </Dialog>
    </>
  );
}
