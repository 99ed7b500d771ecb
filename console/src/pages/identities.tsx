import { Group, Stack, Table, Title } from '@mantine/core';
import { useClient, useQuery } from 'urql';
import { runMutation } from '../api/client.ts';
import { useViewer } from '../api/viewer.tsx';
import {
  IdentitiesDocument,
  LinkIdentityDocument,
  SignInIssuersDocument,
  UnlinkIdentityDocument,
} from '../generated/graphql.ts';
import { text } from '../text.ts';
import { Confirm } from '../ui/confirm.tsx';
import { IssuerButtons } from '../ui/issuer-buttons.tsx';
import { headsOf, ScrollTable } from '../ui/scroll-table.tsx';
import { Loaded, Time } from '../ui/states.tsx';

const words = text.issuers;

/** The viewer's identities at external issuers, where there are any. */
export function IdentitiesSection() {
  const client = useClient();
  const { can } = useViewer();
  const [{ data }] = useQuery({ query: SignInIssuersDocument });
  const [result, load] = useQuery({ query: IdentitiesDocument, requestPolicy: 'cache-and-network' });
  const reload = (): void => load({ requestPolicy: 'network-only' });
  const issuers = data?.signInIssuers ?? [];
  if (issuers.length === 0 && (result.data?.identities ?? []).length === 0) {
    return null;
  }

  async function unlink(id: string): Promise<string | null> {
    const message = await runMutation(client, UnlinkIdentityDocument, { id });
    reload();
    return message;
  }

  return (
    <Stack>
      <Title order={2} size="h5">
        {words.title}
      </Title>
      <Loaded value={result.data?.identities} state={result} retry={reload} height={60}>
        {(identities) =>
          identities.length === 0 ? (
            words.none
          ) : (
            <ScrollTable title={words.title} minWidth={480} heads={headsOf([words.issuer, words.since, words.unlink])}>
              {identities.map(({ id, issuer, issuerUrl, linkedAt }) => (
                <Table.Tr key={id}>
                  <Table.Td className="wrap">{issuer?.label ?? issuerUrl}</Table.Td>
                  <Table.Td>{linkedAt != null && <Time at={linkedAt} />}</Table.Td>
                  <Table.Td>
                    {can('Mutation.unlinkIdentity') && (
                      <Confirm
                        size="compact-sm"
                        label={words.unlink}
                        name={issuer?.label ?? issuerUrl}
                        question={`${words.unlink}: ${issuer?.label ?? issuerUrl}`}
                        hint={words.unlinkHint}
                        onConfirm={() => unlink(id)}
                      />
                    )}
                  </Table.Td>
                </Table.Tr>
              ))}
            </ScrollTable>
          )
        }
      </Loaded>
      {can('Mutation.linkIdentity') && (
        <Group>
          <IssuerButtons
            issuers={issuers}
            labelOf={words.link}
            begin={async (issuer) => {
              const variables = { issuer, returnTo: '/console/profile' };
              const { data: begun, error } = await client.mutation(LinkIdentityDocument, variables).toPromise();
              return { url: begun?.linkIdentity?.url, error };
            }}
          />
        </Group>
      )}
    </Stack>
  );
}
