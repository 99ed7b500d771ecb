import { Anchor, Badge, Button, Group, Table, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { useClient, useQuery } from 'urql';
import { Link } from 'wouter';
import { describe } from '../api/errors.ts';
import { strip } from '../api/strip.ts';
import { useViewer } from '../api/viewer.tsx';
import { DeleteRoleDocument, RolesDocument, type RolesQuery } from '../generated/graphql.ts';
import { formatNumber } from '../format.ts';
import { text } from '../text.ts';
import { Confirm } from '../ui/confirm.tsx';
import { headsOf, ScrollTable } from '../ui/scroll-table.tsx';
import { Loaded, PageTitle } from '../ui/states.tsx';
import { ViewAs } from '../ui/view-as.tsx';
import { Exclusions } from './exclusions.tsx';
import { type Role, RoleForm } from './role-form.tsx';
import { RoleGraph } from './role-graph.tsx';

const words = text.roles;

interface RoleRowProps {
  readonly role: Role;
  readonly onEdit: () => void;
  readonly onRemove: () => Promise<string | null>;
}

function RoleRow({ role, onEdit, onRemove }: RoleRowProps) {
  const { can } = useViewer();
  const { name, description, inherits, permissions, builtIn } = role;
  return (
    <Table.Tr>
      <Table.Th scope="row">
        {name}{' '}
        {builtIn && (
          <Badge variant="outline" color="gray" tt="none" title={words.builtInHint}>
            {words.builtIn}
          </Badge>
        )}
      </Table.Th>
      <Table.Td>{description}</Table.Td>
      <Table.Td className="wrap">{inherits.join(', ') || text.table.none}</Table.Td>
      <Table.Td className="wrap">{permissions.join(', ') || text.table.none}</Table.Td>
      <Table.Td>
        <Group gap="xs" wrap="nowrap">
          {!builtIn && can('Mutation.updateRole') && (
            <Button size="compact-sm" variant="default" aria-label={`${text.actions.edit}: ${name}`} onClick={onEdit}>
              {text.actions.edit}
            </Button>
          )}
          {!builtIn && can('Mutation.deleteRole') && (
            <Confirm
              size="compact-sm"
              label={text.actions.remove}
              name={name}
              question={text.actions.confirmRemove(name)}
              onConfirm={onRemove}
            />
          )}
          {can('Query.auditEvents') && (
            <Anchor
              component={Link}
              inherit
              className="nowrap"
              href={`/audit?target=${name}`}
              aria-label={`${words.audit}: ${name}`}
            >
              {words.audit}
            </Anchor>
          )}
          {can('Query.users') && can('UserFilter.role') && (
            <Anchor
              component={Link}
              inherit
              className="nowrap"
              href={`/users?role=${name}`}
              aria-label={`${text.users.title}: ${name}`}
            >
              {text.users.title}
            </Anchor>
          )}
          <ViewAs size="compact-sm" target={{ role: name }} name={name} />
        </Group>
      </Table.Td>
    </Table.Tr>
  );
}

function Permissions({ permissions }: { readonly permissions: NonNullable<RolesQuery['permissions']> }) {
  return (
    <>
      <Title order={2} size="h4" mt="lg" mb="xs">
        {words.permissions}
      </Title>
      {permissions.map(({ name, coordinates }) => (
        <details key={name}>
          <summary>
            <code>{name}</code> – {words.coordinates(formatNumber(coordinates.length))}
          </summary>
          <Text className="wrap" pl="md" size="sm">
            {coordinates.join(', ')}
          </Text>
        </details>
      ))}
    </>
  );
}

/** The roles: drawn, listed, created, changed and deleted. */
export function RolesPage() {
  const { can } = useViewer();
  const client = useClient();
  const flags = { permissions: can('Query.permissions'), exclusions: can('Query.roleExclusions') };
  const [result, load] = useQuery({
    query: strip(RolesDocument, flags),
    variables: flags,
    requestPolicy: 'cache-and-network',
  });
  const [edited, setEdited] = useState<Role | 'new' | null>(null);
  const { data } = result;
  const roles = data?.roles?.nodes?.filter((node) => node !== null);
  const reload = (): void => load({ requestPolicy: 'network-only' });

  async function remove(name: string): Promise<string | null> {
    const result = await client.mutation(DeleteRoleDocument, { name }).toPromise();
    reload();
    return result.error === undefined ? null : describe(result.error);
  }

  const heads = [words.name, words.description, words.inherits, words.permissions, text.actions.title];
  return (
    <>
      <PageTitle
        actions={
          can('Mutation.createRole') && (
            <Button onClick={() => setEdited('new')}>{text.actions.create(words.one)}</Button>
          )
        }
      >
        {words.title}
      </PageTitle>
      <Loaded value={roles} state={result} height={600} retry={reload}>
        {(all) => (
          <>
            <RoleGraph roles={all} selected={edited === null || edited === 'new' ? '' : edited.name} />
            <ScrollTable title={words.title} minWidth={1000} heads={headsOf(heads)}>
              {all.map((role) => (
                <RoleRow
                  key={role.name}
                  role={role}
                  onEdit={() => setEdited(role)}
                  onRemove={() => remove(role.name)}
                />
              ))}
            </ScrollTable>
            {data?.roleExclusions && (
              <Exclusions pairs={data.roleExclusions} names={all.map(({ name }) => name)} onChanged={reload} />
            )}
            {data?.permissions && <Permissions permissions={data.permissions} />}
          </>
        )}
      </Loaded>
      {edited !== null && (
        <RoleForm
          role={edited === 'new' ? null : edited}
          roles={roles ?? []}
          permissions={data?.permissions?.map(({ name }) => name) ?? []}
          onClose={() => setEdited(null)}
          onSaved={() => {
            setEdited(null);
            reload();
          }}
        />
      )}
    </>
  );
}
