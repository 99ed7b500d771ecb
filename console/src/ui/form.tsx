import { Alert, Button, Group, NativeSelect, PasswordInput, Stack, Table, Textarea, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useClient } from 'urql';
import { codeOf, describe, fieldErrors } from '../api/errors.ts';
import { strip } from '../api/strip.ts';
import { useViewer } from '../api/viewer.tsx';
import type { Change, FormField, Resource } from '../resource.ts';
import { text } from '../text.ts';
import { Dialog, DialogButtons } from './dialog.tsx';
import { useFlags } from './table-state.ts';
import { Failure } from './outcome.tsx';

type Values = Readonly<Record<string, string>>;
type Errors = Readonly<Record<string, string>>;

/** Returns the input of a mutation, or the errors that can be seen without asking the server. */
function inputOf<Row>(fields: readonly FormField<Row>[], values: Values) {
  const errors: Record<string, string> = {};
  const input: Record<string, unknown> = {};
  for (const { name, kind, required, parse } of fields) {
    const value = values[name] ?? '';
    if (required && value === '') {
      errors[name] = text.actions.required;
    } else if (kind === 'json') {
      try {
        input[name] = JSON.parse(value) as unknown;
      } catch {
        errors[name] = text.actions.invalidJson;
      }
    } else {
      input[name] = parse === undefined ? (value === '' ? null : value) : parse(value);
    }
  }
  return { input, errors };
}

interface FieldProps<Row> {
  readonly field: FormField<Row>;
  readonly value: string;
  readonly error: string | undefined;
  readonly onChange: (value: string) => void;
}

/** One control of a form, with its label, its hint and its error. */
export function FieldInput<Row>({ field, value, error, onChange }: FieldProps<Row>) {
  const { kind, title, required = false, hint, options = [] } = field;
  const props = {
    label: title,
    value,
    withAsterisk: required,
    'aria-required': required,
    description: hint,
    error,
    onChange: ({ currentTarget }: { currentTarget: { value: string } }) => onChange(currentTarget.value),
  };
  switch (kind) {
    case 'multiline':
      return <Textarea {...props} rows={8} />;
    case 'json':
      return <Textarea {...props} rows={6} spellCheck={false} styles={{ input: { fontFamily: 'monospace' } }} />;
    case 'select':
      return <NativeSelect {...props} data={[...options]} />;
    case 'password':
      return <PasswordInput {...props} autoComplete="new-password" />;
    default:
      return <TextInput {...props} type={kind} />;
  }
}

interface ConflictProps<Row> {
  readonly fields: readonly FormField<Row>[];
  readonly mine: Values;
  readonly stored: Values;
  readonly onMine: () => void;
  readonly onStored: () => void;
}

/** The choice between two versions of one object. */
function Conflict<Row>({ fields, mine, stored, onMine, onStored }: ConflictProps<Row>) {
  const differing = fields.filter(({ name }) => mine[name] !== stored[name]);
  return (
    <Alert color="orange" variant="outline" title={text.conflict.title} role="alert">
      {text.conflict.hint}
      <Table my="sm">
        <Table.Thead>
          <Table.Tr>
            {[text.conflict.field, text.conflict.mine, text.conflict.stored].map((title) => (
              <Table.Th key={title} scope="col">
                {title}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {differing.map(({ name, title }) => (
            <Table.Tr key={name}>
              <Table.Th scope="row">{title}</Table.Th>
              <Table.Td className="wrap">{mine[name]}</Table.Td>
              <Table.Td className="wrap">{stored[name]}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Group>
        <Button onClick={onMine}>{text.conflict.keepMine}</Button>
        <Button variant="default" onClick={onStored}>
          {text.conflict.keepStored}
        </Button>
      </Group>
    </Alert>
  );
}

interface FormProps<Row> {
  readonly resource: Resource<Row>;
  readonly change: Change<Row>;
  /** The object to change; null to create one. */
  readonly row: Row | null;
  readonly title: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  /** Called with the server's answer once it is saved. */
  readonly onSaved: (item: unknown) => void;
}

function valuesOf<Row>(fields: readonly FormField<Row>[], row: Row | null): Values {
  return Object.fromEntries(
    fields.map(({ name, read, options }) => [
      name,
      row === null || read === undefined ? (options?.[0] ?? '') : read(row),
    ]),
  );
}

/** A form in a dialog: errors of the server stand at their fields, and a newer version is a choice. */
export function ResourceForm<Row>(props: FormProps<Row>) {
  const { title, isOpen, onClose } = props;
  return (
    <Dialog opened={isOpen} onClose={onClose} title={title} size="lg">
      <FormBody {...props} />
    </Dialog>
  );
}

function FormBody<Row>({ resource, change, row, onClose, onSaved }: FormProps<Row>) {
  const { can } = useViewer();
  const client = useClient();
  const flags = useFlags(resource);
  const fields = change.fields.filter(({ coordinate }) => can(coordinate));
  const [base, setBase] = useState(row);
  const [values, setValues] = useState(() => valuesOf(fields, row));
  const [errors, setErrors] = useState<Errors>({});
  const [failure, setFailure] = useState<string | null>(null);
  const [newer, setNewer] = useState<Row | null>(null);
  const [isBusy, setBusy] = useState(false);

  async function readStored(of: Row): Promise<Row | null> {
    if (resource.detail === undefined) {
      return null;
    }
    const document = strip(resource.detail.document, flags);
    const variables = { id: resource.keyOf(of) } as never;
    const { data } = await client.query(document, variables, { requestPolicy: 'network-only' }).toPromise();
    return data?.item ?? null;
  }

  async function save(of: Row | null): Promise<void> {
    const { input, errors } = inputOf(fields, values);
    setErrors(errors);
    setFailure(null);
    if (Object.keys(errors).length > 0) {
      return;
    }
    setBusy(true);
    const version = of === null ? undefined : resource.versionOf?.(of);
    const versioned = version == null ? input : { ...input, version };
    const variables = change.variables?.(of, versioned) ?? {
      ...(of === null ? {} : { id: resource.keyOf(of) }),
      input: versioned,
    };
    const { data, error } = await client.mutation(change.document, variables as never).toPromise();
    if (error === undefined) {
      onSaved(data?.item);
      return;
    }
    const stored = of !== null && codeOf(error) === 'CONFLICT' ? await readStored(of) : null;
    setBusy(false);
    if (stored !== null && resource.versionOf?.(stored) !== version) {
      setNewer(stored);
    } else {
      const known = Object.entries(fieldErrors(error)).filter(([name]) => fields.some((field) => field.name === name));
      setErrors(Object.fromEntries(known));
      setFailure(known.length > 0 ? null : describe(error));
    }
  }

  function submit(event: FormEvent): void {
    event.preventDefault();
    void save(base);
  }

  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        {newer !== null && (
          <Conflict
            fields={fields}
            mine={values}
            stored={valuesOf(fields, newer)}
            onMine={() => {
              setBase(newer);
              setNewer(null);
              void save(newer);
            }}
            onStored={() => {
              setBase(newer);
              setValues(valuesOf(fields, newer));
              setNewer(null);
            }}
          />
        )}
        {fields.map((field) => (
          <FieldInput
            key={field.name}
            field={field}
            value={values[field.name] ?? ''}
            error={errors[field.name]}
            onChange={(value) => setValues((old) => ({ ...old, [field.name]: value }))}
          />
        ))}
        <Failure message={failure} />
        <DialogButtons onCancel={onClose} submit={text.actions.save} isBusy={isBusy} isDisabled={newer !== null} />
      </Stack>
    </form>
  );
}
