import { Alert } from '@mantine/core';

/** A message about what a form did; null before it has done anything. */
export type Outcome = { readonly color: 'red' | 'green'; readonly message: string } | null;

/** The message about what a form did, which assistive technology reads out. */
export function OutcomeNote({ outcome }: { readonly outcome: Outcome }) {
  return outcome === null ? null : (
    <Alert color={outcome.color} variant="outline" role={outcome.color === 'red' ? 'alert' : 'status'}>
      {outcome.message}
    </Alert>
  );
}

/** A message about what failed, which assistive technology reads out at once; nothing without one. */
export function Failure({ message }: { readonly message: string | null }) {
  return message === null ? null : (
    <Alert color="red" variant="outline" role="alert">
      {message}
    </Alert>
  );
}
