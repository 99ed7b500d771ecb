import { useQuery } from 'urql';
import { strip } from '../api/strip.ts';
import { OwnAccountDocument } from '../generated/graphql.ts';
import { ownAccount } from '../resources/accounts.tsx';
import { text } from '../text.ts';
import { Detail } from '../ui/resource-page.tsx';
import { Empty, Loaded, PageTitle } from '../ui/states.tsx';
import { useFlags } from '../ui/table-state.ts';

/** The account that the viewer belongs to: what they may see of it, and what they may change. */
export function AccountPage() {
  const [result, load] = useQuery({
    query: strip(OwnAccountDocument, useFlags(ownAccount)),
    variables: {} as never,
    requestPolicy: 'cache-and-network',
  });
  const reload = (): void => load({ requestPolicy: 'network-only' });
  const { data } = result;
  if (data !== undefined && data.item === null && result.error === undefined) {
    return (
      <>
        <PageTitle>{text.accounts.own}</PageTitle>
        <Empty>{text.accounts.noOwn}</Empty>
      </>
    );
  }
  return (
    <>
      {data?.item == null && <PageTitle>{text.accounts.own}</PageTitle>}
      <Loaded value={data?.item} state={result} retry={reload}>
        {(row) => <Detail resource={ownAccount} row={row} reload={reload} title={text.accounts.own} />}
      </Loaded>
    </>
  );
}
