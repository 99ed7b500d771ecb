import { Table } from '@mantine/core';
import type { ReactNode } from 'react';
import { useViewer } from '../api/viewer.tsx';

interface ScrollTableProps {
  /** The name of the table, which tells it from the others of the page. */
  readonly title: string;
  readonly minWidth: number;
  readonly heads: readonly ReactNode[];
  /** The table's rows; or its bodies, if it has several. */
  readonly children: ReactNode;
  readonly hasBodies?: boolean;
}

/** A table that scrolls sideways by itself where the screen is narrow, also with the keyboard. */
export function ScrollTable({ title, minWidth, heads, children, hasBodies = false }: ScrollTableProps) {
  const { view } = useViewer();
  const name = view === null ? title : `${title} (${view.name})`;
  return (
    <Table.ScrollContainer
      minWidth={minWidth}
      scrollAreaProps={{ viewportProps: { tabIndex: 0, role: 'region', 'aria-label': name } }}
    >
      <Table highlightOnHover aria-label={title}>
        <Table.Thead>
          <Table.Tr>{heads}</Table.Tr>
        </Table.Thead>
        {hasBodies ? children : <Table.Tbody>{children}</Table.Tbody>}
      </Table>
    </Table.ScrollContainer>
  );
}

/** The heads of columns that are only titles. */
export const headsOf = (titles: readonly string[]): ReactNode[] =>
  titles.map((title) => (
    <Table.Th key={title} scope="col">
      {title}
    </Table.Th>
  ));
