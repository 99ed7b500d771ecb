import { Code, Stack, Textarea, TextInput, Title } from '@mantine/core';
import { type FormEvent, useEffect, useState } from 'react';
import { useClient } from 'urql';
import { describe } from '../api/errors.ts';
import { formatNumber } from '../format.ts';
import {
  CreateRoleDocument,
  DraftMatrixDocument,
  type DraftMatrixQuery,
  type RolesQuery,
  UpdateRoleDocument,
} from '../generated/graphql.ts';
import { text } from '../text.ts';
import { Choices } from '../ui/choices.tsx';
import { Dialog, DialogButtons } from '../ui/dialog.tsx';
import { Failure } from '../ui/outcome.tsx';

const words = text.roles;

export type Role = NonNullable<NonNullable<NonNullable<RolesQuery['roles']>['nodes']>[number]>;

interface Draft {
  readonly inherits: readonly string[];
  readonly permissions: readonly string[];
}

/** The coordinates that a draft reaches and the saved role does not, and the other way round. */
interface Difference {
  readonly opened: readonly string[];
  readonly closed: readonly string[];
}

function differenceOf(
  { columns, rows }: NonNullable<DraftMatrixQuery['accessMatrix']>,
  saved: string | null,
): Difference {
  // A new role is compared with a viewer who is only signed in, which is the first column that is named.
  const before = saved === null ? 1 : columns.indexOf(saved);
  const after = columns.indexOf('draft');
  const reach = (index: number, cells: readonly string[]): boolean => cells[index] !== 'NO';
  return {
    opened: rows.filter(({ cells }) => !reach(before, cells) && reach(after, cells)).map((row) => row.coordinate),
    closed: rows.filter(({ cells }) => reach(before, cells) && !reach(after, cells)).map((row) => row.coordinate),
  };
}

interface PreviewProps {
  readonly draft: Draft;
  /** The saved role; null for a new one. */
  readonly saved: string | null;
  /** The role that every signed-in viewer has: it inherits nothing. */
  readonly lowest: string;
}

/** The difference of the access matrix before anything is saved. */
function Preview({ draft, saved, lowest }: PreviewProps) {
  const client = useClient();
  const [difference, setDifference] = useState<Difference | null>(null);
  const key = JSON.stringify(draft);
  useEffect(() => {
    let isLatest = true;
    const variables = {
      roles: [saved ?? lowest],
      draft: JSON.parse(key) as { inherits: string[]; permissions: string[] },
    };
    void client
      .query(DraftMatrixDocument, variables, { requestPolicy: 'network-only' })
      .toPromise()
      .then(
        ({ data }) => isLatest && setDifference(data?.accessMatrix ? differenceOf(data.accessMatrix, saved) : null),
      );
    return () => {
      isLatest = false;
    };
  }, [client, key, saved, lowest]);
  if (difference === null) {
    return text.states.loading;
  }
  const { opened, closed } = difference;
  return (
    <div role="status">
      <Title order={3} size="h6">
        {words.preview}
      </Title>
      {opened.length + closed.length === 0 && words.previewNone}
      {opened.length > 0 && (
        <details>
          <summary>+ {words.wouldOpen(formatNumber(opened.length))}</summary>
          <Code block tabIndex={0}>
            {opened.join('\n')}
          </Code>
        </details>
      )}
      {closed.length > 0 && (
        <details>
          <summary>− {words.wouldClose(formatNumber(closed.length))}</summary>
          <Code block tabIndex={0}>
            {closed.join('\n')}
          </Code>
        </details>
      )}
    </div>
  );
}

interface RoleFormProps {
  /** The role to change; null to create one. */
  readonly role: Role | null;
  readonly roles: readonly Role[];
  readonly permissions: readonly string[];
  readonly onClose: () => void;
  readonly onSaved: () => void;
}

/** Creates or changes a role, and shows what the change allows and denies before it is saved. */
export function RoleForm({ role, roles, permissions, onClose, onSaved }: RoleFormProps) {
  const client = useClient();
  const [name, setName] = useState(role?.name ?? '');
  const [description, setDescription] = useState(role?.description ?? '');
  const [draft, setDraft] = useState<Draft>({ inherits: role?.inherits ?? [], permissions: role?.permissions ?? [] });
  const [failure, setFailure] = useState<string | null>(null);
  const others = roles.map((other) => other.name).filter((other) => other !== role?.name);
  const lowest = roles.find(({ inherits, builtIn }) => builtIn && inherits.length === 0)?.name ?? '';

  async function save(event: FormEvent): Promise<void> {
    event.preventDefault();
    const input = { description, inherits: [...draft.inherits], permissions: [...draft.permissions] };
    const { error } =
      role === null
        ? await client.mutation(CreateRoleDocument, { input: { ...input, name } }).toPromise()
        : await client
            .mutation(UpdateRoleDocument, { name: role.name, input: { ...input, version: role.version } })
            .toPromise();
    if (error === undefined) {
      onSaved();
    } else {
      setFailure(describe(error));
    }
  }

  return (
    <Dialog
      opened
      onClose={onClose}
      size="xl"
      title={role === null ? text.actions.create(words.one) : `${text.actions.edit}: ${role.name}`}
    >
      <form onSubmit={(event) => void save(event)}>
        <Stack>
          {role === null && (
            <TextInput
              label={words.name}
              description={words.nameHint}
              required
              value={name}
              onChange={({ currentTarget }) => setName(currentTarget.value)}
            />
          )}
          <Textarea
            label={words.description}
            value={description}
            onChange={({ currentTarget }) => setDescription(currentTarget.value)}
          />
          <Choices
            title={words.inherits}
            names={others}
            chosen={draft.inherits}
            onChange={(inherits) => setDraft((old) => ({ ...old, inherits }))}
          />
          <Choices
            title={words.permissions}
            names={permissions}
            chosen={draft.permissions}
            onChange={(chosen) => setDraft((old) => ({ ...old, permissions: chosen }))}
          />
          <Preview draft={draft} saved={role?.name ?? null} lowest={lowest} />
          <Failure message={failure} />
          <DialogButtons onCancel={onClose} submit={text.actions.save} />
        </Stack>
      </form>
    </Dialog>
  );
}
