import { Alert, Button, Group, Loader, Text, Title, VisuallyHidden } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';
import type { CombinedError } from 'urql';
import { describe } from '../api/errors.ts';
import { useViewer } from '../api/viewer.tsx';
import { formatTime } from '../format.ts';
import { text } from '../text.ts';

/** The heading of a page, which is the title of the window as well. */
export function PageTitle({ children, actions }: { readonly children: string; readonly actions?: ReactNode }) {
  const { view } = useViewer();
  const isSide = view !== null && view.isSide;
  useEffect(() => {
    if (!isSide) {
      document.title = `${children} – ${text.product}`;
    }
  }, [children, isSide]);
  return (
    <Group justify="space-between" mb="md">
      <Title order={isSide ? 2 : 1} size="h2">
        {children}
      </Title>
      <Group gap="xs">{actions}</Group>
    </Group>
  );
}

/** A place for content that is on its way. It keeps its height, so that nothing jumps. */
export function Loading({ height = 320 }: { readonly height?: number }) {
  return (
    <Group justify="center" mih={height} role="status">
      <Loader size="sm" aria-hidden />
      <Text>{text.states.loading}</Text>
    </Group>
  );
}

interface FailedProps {
  readonly message: string;
  readonly retry?: () => void;
}

/** The place of content that could not be loaded. */
export function Failed({ message, retry }: FailedProps) {
  return (
    <Alert color="red" variant="outline" title={text.states.failed} role="alert">
      <Text mb={retry === undefined ? 0 : 'sm'}>{message}</Text>
      {retry !== undefined && <Button onClick={retry}>{text.states.retry}</Button>}
    </Alert>
  );
}

interface LoadedProps<Value> {
  /** The value, as far as it has arrived. */
  readonly value: Value | null | undefined;
  readonly state: { readonly error?: CombinedError | undefined; readonly fetching: boolean };
  readonly retry?: () => void;
  /** The height of the place while nothing has arrived. */
  readonly height?: number;
  readonly children: (value: Value) => ReactNode;
}

/** A value once it has arrived; until then its place, and the failure if there is one. */
export function Loaded<Value>({ value, state, retry, height = 320, children }: LoadedProps<Value>) {
  const { error, fetching } = state;
  if (value != null) {
    return children(value);
  }
  return fetching ? (
    <Loading height={height} />
  ) : (
    <Failed message={error === undefined ? text.states.missing : describe(error)} {...(retry && { retry })} />
  );
}

/** The place of a list that has nothing in it. */
export function Empty({ children = text.states.empty }: { readonly children?: string }) {
  return (
    <Alert color="gray" variant="outline">
      {children}
    </Alert>
  );
}

/** The place of a value that the viewer may not see, with the reason. Nothing of the value is in the page. */
export function Lock({ coordinate }: { readonly coordinate: string }) {
  const { roles } = useViewer();
  const reason = text.lock(coordinate, roles.join(', '));
  return (
    <span title={reason} className="lock">
      <svg viewBox="0 0 16 16" width="14" height="14" fill="currentColor" aria-hidden>
        <path d="M8 1a3.5 3.5 0 0 0-3.5 3.5V7H3v8h10V7h-1.5V4.5A3.5 3.5 0 0 0 8 1Zm2 6H6V4.5a2 2 0 1 1 4 0V7Z" />
      </svg>
      <VisuallyHidden>{reason}</VisuallyHidden>
    </span>
  );
}

/** A time in the viewer's zone; the exact one on hover. */
export function Time({ at }: { readonly at: string | null | undefined }) {
  return at == null ? (
    text.table.none
  ) : (
    <time dateTime={at} title={at}>
      {formatTime(at)}
    </time>
  );
}
