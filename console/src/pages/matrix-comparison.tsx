import { Alert, Button, FileInput, Group, Stack, Table, Text, Textarea } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { saveFile } from '../csv.ts';
import { formatNumber } from '../format.ts';
import { text } from '../text.ts';
import { Dialog } from '../ui/dialog.tsx';
import { headsOf, ScrollTable } from '../ui/scroll-table.tsx';
import { Verdict } from '../ui/verdict.tsx';
import { changesBetween, formatMatrix, type Matrix, parseMatrix, type VerdictChange } from './matrix-versions.ts';

const words = text.matrix;

/** Rows that are drawn of a long comparison. */
const ROWS = 500;

function Changes({ changes }: { readonly changes: readonly VerdictChange[] }) {
  if (changes.length === 0) {
    return (
      <Alert color="teal" variant="outline" role="status">
        {words.same}
      </Alert>
    );
  }
  const show = (verdict: VerdictChange['before']) => (verdict === null ? words.absent : <Verdict verdict={verdict} />);
  return (
    <>
      <Text role="status">{words.changes(formatNumber(changes.length))}</Text>
      <ScrollTable
        title={words.versions}
        minWidth={560}
        heads={headsOf([words.coordinate, words.ofRole, words.before, words.after])}
      >
        {changes.slice(0, ROWS).map(({ coordinate, column, before, after }) => (
          <Table.Tr key={`${coordinate} ${column}`}>
            <Table.Th scope="row" className="coordinate">
              {coordinate}
            </Table.Th>
            <Table.Td>{column}</Table.Td>
            <Table.Td>{show(before)}</Table.Td>
            <Table.Td>{show(after)}</Table.Td>
          </Table.Tr>
        ))}
      </ScrollTable>
    </>
  );
}

/** A button that compares the matrix of this server with a saved one, or that of another server. */
export function MatrixComparison({ matrix }: { readonly matrix: Matrix }) {
  const [isOpen, setOpen] = useState(false);
  const [source, setSource] = useState('');
  const [changes, setChanges] = useState<readonly VerdictChange[] | null>(null);
  const [isInvalid, setInvalid] = useState(false);

  function compare(event: FormEvent): void {
    event.preventDefault();
    const saved = parseMatrix(source);
    setInvalid(saved === null);
    setChanges(saved === null ? null : changesBetween(saved, matrix));
  }

  return (
    <>
      <Button variant="default" onClick={() => setOpen(true)}>
        {words.versions}
      </Button>
      <Dialog opened={isOpen} onClose={() => setOpen(false)} title={words.versions} size="xl">
        <form onSubmit={compare}>
          <Stack>
            <Text>{words.versionsHint}</Text>
            <Group>
              <Button
                variant="default"
                onClick={() => saveFile('access-matrix.md', 'text/markdown', formatMatrix(matrix))}
              >
                {words.save}
              </Button>
            </Group>
            <FileInput
              label={words.file}
              accept=".md,text/markdown,text/plain"
              clearable={false}
              onChange={(file) => void file?.text().then(setSource)}
            />
            <Textarea
              label={words.saved}
              description={words.savedHint}
              rows={5}
              spellCheck={false}
              value={source}
              error={isInvalid && words.invalidVersion}
              onChange={({ currentTarget }) => setSource(currentTarget.value)}
            />
            <Group>
              <Button type="submit">{words.compareVersions}</Button>
            </Group>
            {changes !== null && <Changes changes={changes} />}
          </Stack>
        </form>
      </Dialog>
    </>
  );
}
