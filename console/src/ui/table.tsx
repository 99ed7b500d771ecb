import {
  Anchor,
  Button,
  Checkbox,
  Group,
  NativeSelect,
  type NativeSelectProps,
  Popover,
  Stack,
  Table,
  Text,
  TextInput,
} from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useEffect, useMemo, useState } from 'react';
import { useQuery } from 'urql';
import { Link } from 'wouter';
import { strip } from '../api/strip.ts';
import { useViewer } from '../api/viewer.tsx';
import { formatNumber } from '../format.ts';
import { RolesDocument } from '../generated/graphql.ts';
import type { Column, Filter, Page, Resource } from '../resource.ts';
import { text } from '../text.ts';
import { ScrollTable } from './scroll-table.tsx';
import { Empty, Loaded, Lock } from './states.tsx';
import { ROWS, type TableState, useChanges, useFlags, useTableState, variablesOf } from './table-state.ts';

function SearchBox({ state }: { readonly state: TableState }) {
  const [value, setValue] = useState(state.search);
  const apply = useDebouncedCallback((search: string) => state.set({ search }), 250);
  return (
    <TextInput
      type="search"
      label={text.table.search}
      value={value}
      onChange={({ currentTarget }) => {
        setValue(currentTarget.value);
        apply(currentTarget.value);
      }}
    />
  );
}

/** A choice of a role, where the viewer may list them. */
function RoleFilter(props: Pick<NativeSelectProps, 'label' | 'value' | 'onChange'>) {
  const { can } = useViewer();
  const flags = { permissions: false, exclusions: false };
  const [{ data }] = useQuery({ query: strip(RolesDocument, flags), variables: flags, pause: !can('Query.roles') });
  const names = data?.roles?.nodes?.flatMap((node) => (node === null ? [] : [node.name])) ?? [];
  return names.length > 0 && <NativeSelect {...props} data={[{ value: '', label: text.table.all }, ...names]} />;
}

function FilterBox({ filter, state }: { readonly filter: Filter; readonly state: TableState }) {
  const props = {
    label: filter.title,
    value: state.filters[filter.name] ?? '',
    onChange: ({ currentTarget }: { currentTarget: { value: string } }) =>
      state.set({ [filter.name]: currentTarget.value }),
  };
  if (filter.kind === 'link') {
    return (
      props.value !== '' && (
        <Button
          variant="default"
          aria-label={text.table.remove(filter.title)}
          onClick={() => state.set({ [filter.name]: null })}
        >
          {filter.title} ✕
        </Button>
      )
    );
  }
  if (filter.kind === 'role') {
    return <RoleFilter {...props} />;
  }
  if (filter.kind !== undefined) {
    return <TextInput {...props} type={filter.kind} />;
  }
  return <NativeSelect {...props} data={[{ value: '', label: text.table.all }, ...filter.options]} />;
}

interface ColumnChoiceProps<Row> {
  readonly columns: readonly Column<Row>[];
  readonly state: TableState;
}

function ColumnChoice<Row>({ columns, state }: ColumnChoiceProps<Row>) {
  return (
    <Popover position="bottom-end" trapFocus>
      <Popover.Target>
        <Button variant="default">{text.table.columns}</Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={text.table.columns}>
        <Stack gap="xs">
          {columns.map(({ id, title }) => (
            <Checkbox
              key={id}
              label={title}
              checked={state.shown.includes(id)}
              onChange={({ currentTarget }) => {
                const next = columns
                  .map((column) => column.id)
                  .filter((other) => (other === id ? currentTarget.checked : state.shown.includes(other)));
                state.set({ columns: next.join(',') || id }, true);
              }}
            />
          ))}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

function Head<Row>({ column, state }: { readonly column: Column<Row>; readonly state: TableState }) {
  const { can } = useViewer();
  const { title, sort, coordinate } = column;
  if (!can(coordinate)) {
    return (
      <Table.Th scope="col">
        {title} <Lock coordinate={coordinate} />
      </Table.Th>
    );
  }
  if (sort === undefined || !can(sort.coordinate)) {
    return <Table.Th scope="col">{title}</Table.Th>;
  }
  const direction = state.sort?.field === sort.field ? state.sort.direction : null;
  const next = direction === 'ASC' ? `${sort.field}-DESC` : direction === 'DESC' ? null : `${sort.field}-ASC`;
  return (
    <Table.Th scope="col" aria-sort={direction === null ? 'none' : direction === 'ASC' ? 'ascending' : 'descending'}>
      <button type="button" className="sort" onClick={() => state.set({ sort: next })}>
        {title}
        <span aria-hidden> {direction === null ? '↕' : direction === 'ASC' ? '↑' : '↓'}</span>
      </button>
    </Table.Th>
  );
}

interface RowsProps<Row> {
  readonly resource: Resource<Row>;
  readonly rows: readonly Row[];
  readonly state: TableState;
}

function Rows<Row>({ resource, rows, state }: RowsProps<Row>) {
  const { can } = useViewer();
  const columns = resource.columns.filter(({ id }) => state.shown.includes(id));
  const isLinked = resource.detail !== undefined && can(resource.detail.coordinate);
  return (
    <ScrollTable
      title={resource.title}
      minWidth={Math.max(columns.length * 120, 300)}
      heads={columns.map((column) => (
        <Head key={column.id} column={column} state={state} />
      ))}
    >
      {rows.map((row) => (
        <Table.Tr key={resource.keyOf(row)}>
          {columns.map(({ id, coordinate, cell }, index) => (
            <Table.Td key={id}>
              {!can(coordinate) ? (
                <Lock coordinate={coordinate} />
              ) : index === 0 && isLinked ? (
                <Anchor component={Link} href={`/${resource.path}/${encodeURIComponent(resource.keyOf(row))}`} inherit>
                  {cell(row)}
                </Anchor>
              ) : (
                cell(row)
              )}
            </Table.Td>
          ))}
        </Table.Tr>
      ))}
    </ScrollTable>
  );
}

function Pager({ page, state }: { readonly page: NonNullable<Page<unknown>['page']>; readonly state: TableState }) {
  const { hasNextPage, hasPreviousPage, startCursor, endCursor } = page.pageInfo;
  return (
    <Group justify="space-between" mt="sm">
      <Text size="sm" role="status">
        {page.totalCount === null ? '' : text.table.total(formatNumber(page.totalCount))}
      </Text>
      <Group gap="xs">
        <Button
          variant="default"
          disabled={!hasPreviousPage}
          onClick={() => state.set({ before: startCursor, after: null }, true)}
        >
          {text.table.previous}
        </Button>
        <Button
          variant="default"
          disabled={!hasNextPage}
          onClick={() => state.set({ after: endCursor, before: null }, true)}
        >
          {text.table.next}
        </Button>
      </Group>
    </Group>
  );
}

interface ResourceTableProps<Row> {
  readonly resource: Resource<Row>;
  /** Counts the changes that were made beside the table: the rows are read again after each. */
  readonly changes: number;
}

/** A table of objects: search, filters, order, pages and columns, as the viewer may use them. */
export function ResourceTable<Row>({ resource, changes }: ResourceTableProps<Row>) {
  const { can } = useViewer();
  const state = useTableState(resource);
  const flags = useFlags(resource);
  const { otherwise } = resource;
  const isWide = can(resource.coordinate) || otherwise === undefined;
  const query = strip(isWide ? resource.list : otherwise.list, flags);
  const variables = variablesOf(resource, state);
  const key = JSON.stringify(variables);
  const stable = useMemo(() => JSON.parse(key) as never, [key]);
  const [result, load] = useQuery<Page<Row>>({
    query,
    variables: stable,
    requestPolicy: 'cache-and-network',
  });
  const [seen, setSeen] = useState(0);
  useChanges(resource, () => setSeen((count) => count + 1));
  useEffect(() => {
    if (seen + changes > 0) {
      load({ requestPolicy: 'network-only' });
    }
  }, [seen, changes, load]);
  // While the next page is on its way the last one stays, so that nothing jumps.
  const [last, setLast] = useState<Page<Row>['page']>(null);
  const { data } = result;
  const found = data?.page ?? data?.parent?.page;
  const page = found ?? (result.fetching ? last : null);
  useEffect(() => {
    if (found) {
      setLast(found);
    }
  }, [found]);

  return (
    <>
      <Group align="end" mb="md" gap="sm">
        {resource.search !== undefined && can(resource.search) && <SearchBox state={state} />}
        {resource.filters
          ?.filter(({ coordinate }) => can(coordinate))
          .map((filter) => (
            <FilterBox key={filter.name} filter={filter} state={state} />
          ))}
        <ColumnChoice columns={resource.columns} state={state} />
        {resource.tools?.('filter' in variables ? variables.filter : {})}
      </Group>
      <Loaded value={page} state={result} height={ROWS * 40} retry={() => load({ requestPolicy: 'network-only' })}>
        {(shown) => {
          const rows = shown.nodes?.filter((row) => row !== null) ?? [];
          return (
            <>
              {rows.length === 0 ? <Empty /> : <Rows resource={resource} rows={rows} state={state} />}
              <Pager page={shown} state={state} />
            </>
          );
        }}
      </Loaded>
    </>
  );
}
