import { Anchor, Button } from '@mantine/core';
import { useState } from 'react';
import { useClient } from 'urql';
import { Link } from 'wouter';
import { AuditEventAddedDocument, AuditEventsDocument, type AuditEventsQuery } from '../generated/graphql.ts';
import { saveFile, toCsv } from '../csv.ts';
import type { Resource } from '../resource.ts';
import { text } from '../text.ts';
import { Time } from '../ui/states.tsx';
import { VerifySeals } from '../ui/verify-seals.tsx';

const words = text.audit;

type Row = NonNullable<NonNullable<NonNullable<AuditEventsQuery['page']>['nodes']>[number]>;

/** Events that an export holds, in pages of the API's longest. */
const EXPORT_PAGES = 10;
const EXPORT_ROWS = 200;

/** The pages of the console that show an object, by the kind of target. */
const PLACES: Readonly<Record<string, string>> = {
  user: 'users',
  account: 'accounts',
  document: 'documents',
  inventoryItem: 'inventory',
};

function Target({ row }: { readonly row: Row }) {
  const place = PLACES[row.targetType ?? ''];
  if (row.target != null && row.targetType === 'role') {
    return (
      <Anchor component={Link} inherit href="/roles">
        {row.target}
      </Anchor>
    );
  }
  if (row.target == null || place === undefined) {
    return row.target ?? text.table.none;
  }
  return (
    <Anchor component={Link} inherit href={`/${place}/${encodeURIComponent(row.target)}`}>
      {row.target}
    </Anchor>
  );
}

function Actor({ row }: { readonly row: Row }) {
  return row.actorUser == null ? (
    (row.actor ?? text.table.none)
  ) : (
    <Anchor component={Link} inherit href={`/users/${row.actorUser.id}`}>
      {row.actorUser.displayName}
    </Anchor>
  );
}

/** A button that saves the events of the filter in use as a CSV file. */
function Export({ filter }: { readonly filter: object }) {
  const client = useClient();
  const [isBusy, setBusy] = useState(false);

  async function save(): Promise<void> {
    setBusy(true);
    const rows: Row[] = [];
    let after: string | null = null;
    for (let page = 0; page < EXPORT_PAGES; page += 1) {
      const variables: { first: number; after: string | null; filter: object } = { first: EXPORT_ROWS, after, filter };
      const { data } = await client
        .query(AuditEventsDocument, variables, { requestPolicy: 'network-only' })
        .toPromise();
      rows.push(...(data?.page?.nodes ?? []).filter((row) => row !== null));
      after = data?.page?.pageInfo.hasNextPage === true ? data.page.pageInfo.endCursor : null;
      if (after === null) {
        break;
      }
    }
    const names = [
      'id',
      'at',
      'actor',
      'action',
      'targetType',
      'target',
      'address',
      'count',
      'sealed',
      'details',
    ] as const;
    const lines = rows.map((row) =>
      names.map((name) => (name === 'details' ? JSON.stringify(row.details) : row[name])),
    );
    saveFile('audit.csv', 'text/csv', toCsv([[...names], ...lines]));
    setBusy(false);
  }

  return (
    <Button variant="default" loading={isBusy} title={words.exportLimit} onClick={() => void save()}>
      {words.export}
    </Button>
  );
}

const toIso = (value: string): string | null =>
  Number.isNaN(Date.parse(value)) ? null : new Date(value).toISOString();

export const resource: Resource<Row> = {
  path: 'audit',
  title: words.title,
  one: words.one,
  group: 'access',
  coordinate: 'Query.auditEvents',
  list: AuditEventsDocument,
  keyOf: ({ id }) => id,
  nameOf: ({ action }) => action,
  columns: [
    {
      id: 'at',
      title: words.at,
      coordinate: 'AuditEvent.at',
      cell: (row) => <Time at={row.at} />,
      sort: { field: 'AT', coordinate: 'AuditEventOrderField.AT' },
    },
    { id: 'actor', title: words.actor, coordinate: 'AuditEvent.actor', cell: (row) => <Actor row={row} /> },
    { id: 'action', title: words.action, coordinate: 'AuditEvent.action', cell: (row) => row.action },
    { id: 'target', title: words.target, coordinate: 'AuditEvent.target', cell: (row) => <Target row={row} /> },
    {
      id: 'address',
      title: words.address,
      coordinate: 'AuditEvent.address',
      cell: (row) => row.address ?? text.table.none,
    },
    { id: 'count', title: words.count, coordinate: 'AuditEvent.count', cell: (row) => row.count },
    {
      id: 'sealed',
      title: words.sealed,
      coordinate: 'AuditEvent.sealed',
      cell: (row) => (row.sealed ? text.table.yes : text.table.no),
    },
    {
      id: 'details',
      title: words.details,
      coordinate: 'AuditEvent.details',
      cell: (row) => <code>{JSON.stringify(row.details)}</code>,
      optional: true,
    },
  ],
  search: 'AuditEventFilter.search',
  filters: [
    { name: 'action', title: words.action, coordinate: 'AuditEventFilter.action', options: [], kind: 'text' },
    { name: 'target', title: words.target, coordinate: 'AuditEventFilter.target', options: [], kind: 'text' },
    {
      name: 'from',
      title: words.from,
      coordinate: 'AuditEventFilter.from',
      options: [],
      kind: 'datetime-local',
      parse: toIso,
    },
    {
      name: 'to',
      title: words.to,
      coordinate: 'AuditEventFilter.to',
      options: [],
      kind: 'datetime-local',
      parse: toIso,
    },
  ],
  changes: { coordinate: 'Subscription.auditEventAdded', document: AuditEventAddedDocument },
  tools: (filter) => (
    <>
      <Export filter={filter} />
      <VerifySeals />
    </>
  ),
  asks: ['Query.auditVerification'],
};
