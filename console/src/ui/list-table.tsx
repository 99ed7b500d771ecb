import { Table } from '@mantine/core';
import type { ReactNode } from 'react';
import { headsOf, ScrollTable } from './scroll-table.tsx';

interface ListTableProps<Row> {
  readonly title: string;
  readonly minWidth: number;
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  readonly columns: readonly { readonly title: string; readonly cell: (row: Row) => ReactNode }[];
}

/** A short list as a table, without search and pages. */
export function ListTable<Row>({ title, minWidth, rows, keyOf, columns }: ListTableProps<Row>) {
  return (
    <ScrollTable title={title} minWidth={minWidth} heads={headsOf(columns.map((column) => column.title))}>
      {rows.map((row) => (
        <Table.Tr key={keyOf(row)}>
          {columns.map((column) => (
            <Table.Td key={column.title} className="wrap">
              {column.cell(row)}
            </Table.Td>
          ))}
        </Table.Tr>
      ))}
    </ScrollTable>
  );
}
