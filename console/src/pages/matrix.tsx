import { Button, Checkbox, Group, NativeSelect, Table, Text, TextInput } from '@mantine/core';
import { useDeferredValue, useMemo, useState } from 'react';
import { useQuery } from 'urql';
import { useSearchParams } from 'wouter';
import { formatNumber } from '../format.ts';
import { AccessMatrixDocument, type AccessVerdict } from '../generated/graphql.ts';
import { text } from '../text.ts';
import { headsOf, ScrollTable } from '../ui/scroll-table.tsx';
import { Loaded, PageTitle } from '../ui/states.tsx';
import { ViewAs } from '../ui/view-as.tsx';
import { Verdict } from '../ui/verdict.tsx';
import { MatrixComparison } from './matrix-comparison.tsx';
import type { Matrix } from './matrix-versions.ts';

const words = text.matrix;

type Row = Matrix['rows'][number];

/** Rows that are drawn at first, and with each further click. */
const ROWS = 150;

const VERDICTS = Object.entries(words.verdicts).map(([value, label]) => ({ value, label }));

interface Choice {
  readonly search: string;
  readonly role: string;
  readonly verdict: string;
  readonly compare: string;
  readonly difference: boolean;
}

function rowsOf({ columns, rows }: Matrix, { search, role, verdict, compare, difference }: Choice): readonly Row[] {
  const parts = search
    .toLowerCase()
    .split(/\s+/)
    .filter((part) => part !== '');
  const at = columns.indexOf(role);
  const other = columns.indexOf(compare);
  return rows.filter(({ coordinate, requirements, cells }) => {
    const line = `${coordinate} ${requirements}`.toLowerCase();
    return (
      parts.every((part) => line.includes(part)) &&
      (verdict === '' || (at === -1 ? cells.includes(verdict as AccessVerdict) : cells[at] === verdict)) &&
      (!difference || at === -1 || other === -1 || cells[at] !== cells[other])
    );
  });
}

/** The columns that are shown: those of the chosen roles, or all. */
function shownColumns({ columns }: Matrix, { role, compare }: Choice): readonly number[] {
  const chosen = [role, compare].map((name) => columns.indexOf(name)).filter((index) => index !== -1);
  return chosen.length === 0 ? columns.map((_, index) => index) : chosen;
}

/**
 * Returns the least that would let a role reach a coordinate: the roles that do and that reach least, and the permissions
 * of which one is enough. Empty if the role reaches it.
 */
function shortestWays({ columns, rows }: Matrix, { cells, requirements }: Row, role: string): readonly string[] {
  if (cells[columns.indexOf(role)] === 'YES') {
    return [];
  }
  const reach = (index: number): number => rows.filter((row) => row.cells[index] === 'YES').length;
  const includes = (index: number, other: number): boolean =>
    rows.every((row) => row.cells[other] !== 'YES' || row.cells[index] === 'YES');
  const able = columns.map((_, index) => index).filter((index) => cells[index] === 'YES');
  const least = able.filter(
    (index) =>
      !able.some(
        (other) => other !== index && includes(index, other) && (other > index || reach(other) < reach(index)),
      ),
  );
  const [first = [], ...others] = requirements
    .split(' and ')
    .map((one) => [...one.matchAll(/"([^"]+)"/g)].map(([, name = '']) => name));
  const enough = first.filter((name) => others.every((names) => names.includes(name)));
  return [...least.map((index) => columns[index] ?? ''), ...enough.map(words.permission)];
}

const titleOf = (column: string): string => (column === 'anonymous' ? words.anonymous : column);

function MatrixTable({
  matrix,
  choice,
  rows,
}: {
  readonly matrix: Matrix;
  readonly choice: Choice;
  readonly rows: readonly Row[];
}) {
  const [count, setCount] = useState(ROWS);
  const columns = shownColumns(matrix, choice);
  const typeOf = (row: Row | undefined): string => row?.coordinate.split('.')[0] ?? '';
  const shown = rows.slice(0, count);
  const judged = matrix.columns.includes(choice.role) ? choice.role : null;
  return (
    <>
      <ScrollTable
        title={words.title}
        minWidth={360 + columns.length * 110}
        hasBodies
        heads={headsOf([
          words.coordinate,
          ...columns.map((index) => titleOf(matrix.columns[index] ?? '')),
          words.requirements,
          ...(judged === null ? [] : [words.shortest]),
        ])}
      >
        {shown.map((row, index) => (
          <Table.Tbody key={row.coordinate}>
            {typeOf(row) !== typeOf(shown[index - 1]) && (
              <Table.Tr className="group">
                <Table.Th colSpan={columns.length + (judged === null ? 2 : 3)} scope="rowgroup">
                  {typeOf(row)}
                </Table.Th>
              </Table.Tr>
            )}
            <Table.Tr>
              <Table.Th scope="row" className="coordinate">
                {row.coordinate}
              </Table.Th>
              {columns.map((column) => (
                <Table.Td key={column}>
                  <Verdict verdict={row.cells[column] ?? 'NO'} />
                </Table.Td>
              ))}
              <Table.Td className="wrap">{row.requirements}</Table.Td>
              {judged !== null && (
                <Table.Td className="wrap">
                  {shortestWays(matrix, row, judged).join(text.explain.or) || text.table.none}
                </Table.Td>
              )}
            </Table.Tr>
          </Table.Tbody>
        ))}
      </ScrollTable>
      {rows.length > count && (
        <Button variant="default" mt="sm" onClick={() => setCount((old) => old + ROWS)}>
          {words.more}
        </Button>
      )}
    </>
  );
}

/** Roles across, coordinates down. Which part of it is shown is in the address. */
export function MatrixPage() {
  const [result, load] = useQuery({ query: AccessMatrixDocument, requestPolicy: 'cache-and-network' });
  const { data } = result;
  const [params, setParams] = useSearchParams();
  const get = (name: string): string => params.get(name) ?? '';
  const choice: Choice = {
    search: get('search'),
    role: get('role'),
    verdict: get('verdict'),
    compare: get('compare'),
    difference: get('difference') !== '',
  };
  const set = (name: keyof Choice, value: string): void =>
    setParams(
      (old) => {
        const next = new URLSearchParams(old);
        if (value === '') {
          next.delete(name);
        } else {
          next.set(name, value);
        }
        return next;
      },
      { replace: true },
    );
  const deferred = useDeferredValue(JSON.stringify(choice));
  const matrix = data?.accessMatrix ?? null;
  const rows = useMemo(
    () => (matrix === null ? [] : rowsOf(matrix, JSON.parse(deferred) as Choice)),
    [matrix, deferred],
  );
  const roles = matrix?.columns.map((value) => ({ value, label: titleOf(value) })) ?? [];

  return (
    <>
      <PageTitle>{words.title}</PageTitle>
      <Group align="end" mb="md">
        <TextInput
          type="search"
          label={words.search}
          value={choice.search}
          onChange={({ currentTarget }) => set('search', currentTarget.value)}
        />
        <NativeSelect
          label={words.role}
          value={choice.role}
          data={[{ value: '', label: text.table.all }, ...roles]}
          onChange={({ currentTarget }) => set('role', currentTarget.value)}
        />
        <NativeSelect
          label={words.compare}
          value={choice.compare}
          data={[{ value: '', label: words.none }, ...roles]}
          onChange={({ currentTarget }) => set('compare', currentTarget.value)}
        />
        <NativeSelect
          label={words.verdict}
          value={choice.verdict}
          data={[{ value: '', label: words.anyVerdict }, ...VERDICTS]}
          onChange={({ currentTarget }) => set('verdict', currentTarget.value)}
        />
        <Checkbox
          label={words.difference}
          checked={choice.difference}
          onChange={({ currentTarget }) => set('difference', currentTarget.checked ? 'yes' : '')}
          mb={8}
        />
        {data?.accessMatrix?.columns.includes(choice.role) === true && choice.role !== 'anonymous' && (
          <ViewAs target={{ role: choice.role }} name={choice.role} />
        )}
        {matrix !== null && <MatrixComparison matrix={matrix} />}
      </Group>
      <Loaded value={matrix} state={result} height={600} retry={() => load({ requestPolicy: 'network-only' })}>
        {(all) => (
          <>
            <Text size="sm" mb="xs" role="status">
              {words.count(formatNumber(rows.length), formatNumber(all.rows.length))}
            </Text>
            <MatrixTable key={deferred} matrix={all} choice={choice} rows={rows} />
          </>
        )}
      </Loaded>
    </>
  );
}
