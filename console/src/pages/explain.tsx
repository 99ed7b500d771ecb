import { Alert, Button, Group, NativeSelect, Stack, Table, Textarea, TextInput, Title } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useClient, useQuery } from 'urql';
import { describe } from '../api/errors.ts';
import { AccessMatrixDocument, ExplainAccessDocument, type ExplainAccessQuery } from '../generated/graphql.ts';
import { text } from '../text.ts';
import { headsOf, ScrollTable } from '../ui/scroll-table.tsx';
import { PageTitle } from '../ui/states.tsx';
import { Verdict } from '../ui/verdict.tsx';
import { Failure } from '../ui/outcome.tsx';

const words = text.explain;

const FIRST = `query Example {
  me { username }
  accounts(first: 3) {
    nodes { name iban }
  }
  users(first: 3) {
    nodes { email }
  }
}`;

type Explanation = NonNullable<ExplainAccessQuery['explainAccess']>;
type Coordinate = Explanation['coordinates'][number];

const ORDER = ['NO', 'DEPENDS', 'OWN', 'YES'] as const;

/** Returns what is said beside a line: everything on it that is not simply allowed, the strictest first; or that all is. */
function judgedOn(line: number, coordinates: readonly Coordinate[]): readonly Coordinate[] {
  const used = coordinates
    .filter(({ lines }) => lines.includes(line))
    .toSorted((a, b) => ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict));
  const limited = used.filter(({ verdict }) => verdict !== 'YES');
  return limited.length > 0 ? limited : used.slice(0, 1);
}

/** The coordinate, with the type that a field of an abstract type returns. */
const nameOf = ({ coordinate, returning }: Coordinate): string =>
  returning === null ? coordinate : words.returning(coordinate, returning);

const remediesOf = ({ remedies }: Coordinate): string =>
  remedies.map((grants) => grants.join(words.and)).join(words.or) || text.table.none;

function Lines({
  operation,
  coordinates,
}: {
  readonly operation: string;
  readonly coordinates: readonly Coordinate[];
}) {
  return (
    <ScrollTable
      title={words.annotated}
      minWidth={700}
      heads={headsOf([words.line, words.operation, text.matrix.verdict])}
    >
      {operation.split('\n').map((line, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- a line has no other name than its number
        <Table.Tr key={index}>
          <Table.Td w={40}>{index + 1}</Table.Td>
          <Table.Td>
            <code className="line">{line}</code>
          </Table.Td>
          <Table.Td>
            {judgedOn(index + 1, coordinates).map((coordinate) => (
              <Group key={nameOf(coordinate)} gap={6}>
                <Verdict verdict={coordinate.verdict} />
                <span>
                  <code>{nameOf(coordinate)}</code>
                  {coordinate.verdict !== 'YES' && `: ${words.needs} ${remediesOf(coordinate)}`}
                </span>
              </Group>
            ))}
          </Table.Td>
        </Table.Tr>
      ))}
    </ScrollTable>
  );
}

function Coordinates({ coordinates }: { readonly coordinates: readonly Coordinate[] }) {
  const titles = [text.matrix.coordinate, text.matrix.verdict, text.matrix.requirements, words.smallest];
  return (
    <ScrollTable title={words.details} minWidth={700} heads={headsOf(titles)}>
      {coordinates.map((coordinate) => (
        <Table.Tr key={nameOf(coordinate)}>
          <Table.Th scope="row" className="coordinate">
            {nameOf(coordinate)}
          </Table.Th>
          <Table.Td>
            <Verdict verdict={coordinate.verdict} />
          </Table.Td>
          <Table.Td className="wrap">
            {coordinate.requirements.map(({ from, alternatives }) => `${alternatives} (${from})`).join(words.and) ||
              text.table.none}
          </Table.Td>
          <Table.Td className="wrap">{remediesOf(coordinate)}</Table.Td>
        </Table.Tr>
      ))}
    </ScrollTable>
  );
}

/** An operation, judged for a role: line by line, with the smallest grants that are missing. */
export function ExplainPage() {
  const client = useClient();
  const [{ data }] = useQuery({ query: AccessMatrixDocument });
  const [operation, setOperation] = useState(FIRST);
  const [role, setRole] = useState('');
  const [permissions, setPermissions] = useState('');
  const [answer, setAnswer] = useState<{ operation: string; explanation: Explanation } | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const roles = data?.accessMatrix?.columns.filter((name) => name !== 'anonymous') ?? [];

  async function explain(event: FormEvent): Promise<void> {
    event.preventDefault();
    const given = permissions.split(/[\s,]+/).filter((name) => name !== '');
    const variables = { operation, roles: role === '' ? null : [role], permissions: given.length === 0 ? null : given };
    const result = await client.query(ExplainAccessDocument, variables, { requestPolicy: 'network-only' }).toPromise();
    const explanation = result.data?.explainAccess ?? null;
    setFailure(explanation === null && result.error !== undefined ? describe(result.error) : null);
    setAnswer(explanation === null ? null : { operation, explanation });
  }

  return (
    <>
      <PageTitle>{words.title}</PageTitle>
      <form onSubmit={(event) => void explain(event)}>
        <Stack mb="lg">
          <Textarea
            label={words.operation}
            rows={10}
            spellCheck={false}
            value={operation}
            styles={{ input: { fontFamily: 'monospace' } }}
            onChange={({ currentTarget }) => setOperation(currentTarget.value)}
          />
          <Group align="end">
            <NativeSelect
              label={words.role}
              value={role}
              data={[{ value: '', label: text.matrix.anonymous }, ...roles]}
              onChange={({ currentTarget }) => setRole(currentTarget.value)}
            />
            <TextInput
              label={words.permissions}
              value={permissions}
              onChange={({ currentTarget }) => setPermissions(currentTarget.value)}
            />
            <Button type="submit">{words.submit}</Button>
          </Group>
        </Stack>
      </form>
      <Failure message={failure} />
      {answer !== null && (
        <>
          <Alert color={answer.explanation.allowed ? 'teal' : 'orange'} variant="outline" mb="md" role="status">
            {answer.explanation.allowed ? words.allowed : words.denied}
          </Alert>
          <Title order={2} size="h4" mb="xs">
            {words.annotated}
          </Title>
          <Lines operation={answer.operation} coordinates={answer.explanation.coordinates} />
          <Title order={2} size="h4" mb="xs">
            {words.details}
          </Title>
          <Coordinates coordinates={answer.explanation.coordinates} />
        </>
      )}
    </>
  );
}
