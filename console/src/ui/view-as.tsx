import { Alert, Button } from '@mantine/core';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { useViewer } from '../api/viewer.tsx';
import { text } from '../text.ts';

interface ViewAsProps {
  readonly target: { readonly userId: string } | { readonly role: string };
  /** The name of the user or the role. */
  readonly name: string;
  readonly size?: string;
}

/** A button that shows the console as a user or a role sees it; absent where the API does not let the viewer do that. */
export function ViewAs({ target, name, size = 'sm' }: ViewAsProps) {
  const { can, viewAs } = useViewer();
  const [, navigate] = useLocation();
  const [failure, setFailure] = useState<string | null>(null);

  async function start(): Promise<void> {
    const message = await viewAs(target, name);
    setFailure(message);
    if (message === null) {
      navigate('/');
    }
  }

  if (!can('Mutation.viewAs')) {
    return null;
  }
  return (
    <>
      <Button size={size} variant="default" aria-label={`${text.view.start}: ${name}`} onClick={() => void start()}>
        {text.view.start}
      </Button>
      {failure !== null && (
        <Alert color="red" variant="outline" py={4} role="alert">
          {failure}
        </Alert>
      )}
    </>
  );
}

/** Says as whom everything is shown, and ends that. */
export function ViewBanner() {
  const { view, endView } = useViewer();
  return (
    view !== null && (
      <div className="view-banner" role="status">
        <span>{text.view.banner(view.name)}</span>
        <Button size="compact-sm" variant="default" onClick={() => void endView()}>
          {text.view.end}
        </Button>
      </div>
    )
  );
}
