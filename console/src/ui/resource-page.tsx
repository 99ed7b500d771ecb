import { Alert, Anchor, Button, Group, Table } from '@mantine/core';
import { useState } from 'react';
import { useClient, useQuery } from 'urql';
import { Link, useLocation } from 'wouter';
import { runMutation } from '../api/client.ts';
import { strip } from '../api/strip.ts';
import { useViewer } from '../api/viewer.tsx';
import type { AnyDocument, Item, Resource } from '../resource.ts';
import { text } from '../text.ts';
import { Confirm } from './confirm.tsx';
import { ResourceForm } from './form.tsx';
import { Loaded, Lock, PageTitle } from './states.tsx';
import { useFlags } from './table-state.ts';
import { ResourceTable } from './table.tsx';

/** The list of a resource, and the form for a new object where the viewer may create one. */
export function ListPage<Row>({ resource }: { readonly resource: Resource<Row> }) {
  const { can } = useViewer();
  const [isOpen, setOpen] = useState(false);
  const [changes, setChanges] = useState(0);
  const { create } = resource;
  const isOffered = create !== undefined && can(create.coordinate);
  const title = text.actions.create(resource.one);
  return (
    <>
      <PageTitle actions={isOffered && <Button onClick={() => setOpen(true)}>{title}</Button>}>
        {resource.title}
      </PageTitle>
      <ResourceTable resource={resource} changes={changes} />
      {isOffered && (
        <ResourceForm
          resource={resource}
          change={create}
          row={null}
          title={title}
          isOpen={isOpen}
          onClose={() => setOpen(false)}
          onSaved={() => {
            setOpen(false);
            setChanges((count) => count + 1);
          }}
        />
      )}
    </>
  );
}

interface DetailProps<Row> {
  readonly resource: Resource<Row>;
  readonly id: string;
}

/** One object: its fields, what else is known about it, and what the viewer may change. */
export function DetailPage<Row>({ resource, id }: DetailProps<Row>) {
  const flags = useFlags(resource);
  const { detail } = resource;
  const [result, load] = useQuery<Item<Row>>({
    query: strip((detail?.document ?? resource.list) as AnyDocument<Item<Row>>, flags),
    variables: { id },
    requestPolicy: 'cache-and-network',
    pause: detail === undefined,
  });
  const reload = (): void => load({ requestPolicy: 'network-only' });
  return (
    <>
      <Anchor component={Link} href={`/${resource.path}`}>
        ← {text.actions.back}
      </Anchor>
      {result.data?.item == null && <PageTitle>{resource.title}</PageTitle>}
      <Loaded value={result.data?.item} state={result} retry={reload}>
        {(row) => <Detail key={id} resource={resource} row={row} reload={reload} />}
      </Loaded>
    </>
  );
}

interface DetailBodyProps<Row> {
  readonly resource: Resource<Row>;
  readonly row: Row;
  readonly reload: () => void;
  /** The heading, by default the name of the object. */
  readonly title?: string;
}

/** The fields of one object, with what the viewer may do with it. */
export function Detail<Row>({ resource, row, reload, title = resource.nameOf(row) }: DetailBodyProps<Row>) {
  const { can } = useViewer();
  return (
    <>
      <PageTitle actions={<Actions resource={resource} row={row} />}>{title}</PageTitle>
      <Table variant="vertical" withTableBorder mb="lg">
        <Table.Tbody>
          {resource.columns.map(({ id, title: name, coordinate, cell }) => (
            <Table.Tr key={id}>
              <Table.Th w="30%" scope="row">
                {name}
              </Table.Th>
              <Table.Td className="wrap">{can(coordinate) ? cell(row) : <Lock coordinate={coordinate} />}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {resource.extra?.(row, reload)}
    </>
  );
}

function Actions<Row>({ resource, row }: { readonly resource: Resource<Row>; readonly row: Row }) {
  const { can } = useViewer();
  const client = useClient();
  const [, navigate] = useLocation();
  const [isOpen, setOpen] = useState(false);
  const [isSaved, setSaved] = useState(false);
  const { update, remove } = resource;
  const name = resource.nameOf(row);

  async function removeIt(document: NonNullable<typeof remove>['document']): Promise<string | null> {
    const message = await runMutation(client, document, { id: resource.keyOf(row) } as never);
    if (message !== null) {
      return message;
    }
    navigate(`/${resource.path}`);
    return null;
  }

  return (
    <Group gap="xs">
      {isSaved && (
        <Alert color="green" variant="outline" py={4} role="status">
          {text.actions.saved}
        </Alert>
      )}
      {update !== undefined && can(update.coordinate) && (
        <>
          <Button variant="default" onClick={() => setOpen(true)}>
            {text.actions.edit}
          </Button>
          <ResourceForm
            resource={resource}
            change={update}
            row={row}
            title={`${text.actions.edit}: ${name}`}
            isOpen={isOpen}
            onClose={() => setOpen(false)}
            onSaved={() => {
              setOpen(false);
              setSaved(true);
            }}
          />
        </>
      )}
      {remove !== undefined && can(remove.coordinate) && (
        <Confirm
          label={text.actions.remove}
          question={text.actions.confirmRemove(name)}
          hint={remove.hint}
          onConfirm={() => removeIt(remove.document)}
        />
      )}
    </Group>
  );
}
