import { useClient, useQuery } from 'urql';
import { runMutation } from '../api/client.ts';
import { useViewer } from '../api/viewer.tsx';
import { EndSessionDocument, SessionsDocument } from '../generated/graphql.ts';
import { text } from '../text.ts';
import { Confirm } from '../ui/confirm.tsx';
import { ListTable } from '../ui/list-table.tsx';
import { Loaded, PageTitle, Time } from '../ui/states.tsx';

const words = text.sessions;

const BROWSERS = [
  ['Edge', /\bEdg\w*\/(\d+)/],
  ['Firefox', /\bFirefox\/(\d+)/],
  ['Chrome', /\b(?:Headless)?Chrome\/(\d+)/],
  ['Safari', /\bVersion\/(\d+).*\bSafari\b/],
] as const;

const SYSTEMS = [
  ['Android', /\bAndroid\b/],
  ['iOS', /\b(?:iPhone|iPad)\b/],
  ['Windows', /\bWindows\b/],
  ['macOS', /\bMacintosh\b/],
  ['Linux', /\bLinux\b/],
] as const;

/** Returns the browser and the system of a User-Agent header; the header itself if it names neither. */
function deviceOf(agent: string): string {
  const browser = BROWSERS.find(([, pattern]) => pattern.test(agent));
  const system = SYSTEMS.find(([, pattern]) => pattern.test(agent));
  const version = browser && (browser[1].exec(agent)?.[1] ?? '');
  return [browser && `${browser[0]} ${version}`, system?.[0]].filter((part) => part !== undefined).join(', ') || agent;
}

/** The viewer's sessions, each of which can be ended. */
export function SessionsPage() {
  const client = useClient();
  const [result, load] = useQuery({
    query: SessionsDocument,
    variables: { first: 100 },
    requestPolicy: 'cache-and-network',
  });
  const { can } = useViewer();
  const reload = (): void => load({ requestPolicy: 'network-only' });

  async function end(id: string): Promise<string | null> {
    const message = await runMutation(client, EndSessionDocument, { id });
    reload();
    return message;
  }

  return (
    <>
      <PageTitle>{words.title}</PageTitle>
      <Loaded value={result.data?.sessions?.nodes} state={result} retry={reload}>
        {(nodes) => (
          <ListTable
            title={words.title}
            minWidth={660}
            rows={nodes.filter((node) => node !== null)}
            keyOf={({ id }) => id}
            columns={[
              { title: words.device, cell: ({ device }) => <span title={device}>{deviceOf(device)}</span> },
              { title: words.address, cell: ({ address }) => address },
              { title: words.created, cell: ({ createdAt }) => <Time at={createdAt} /> },
              { title: words.used, cell: ({ lastUsedAt }) => <Time at={lastUsedAt} /> },
              { title: words.expires, cell: ({ expiresAt }) => <Time at={expiresAt} /> },
              {
                title: words.end,
                cell: ({ id, device, current }) =>
                  current
                    ? words.current
                    : can('Mutation.endSession') && (
                        <Confirm
                          size="compact-sm"
                          label={words.end}
                          name={device}
                          question={`${words.end}: ${deviceOf(device)}`}
                          hint={words.endHint}
                          onConfirm={() => end(id)}
                        />
                      ),
              },
            ]}
          />
        )}
      </Loaded>
    </>
  );
}
