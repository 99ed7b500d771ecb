import { Anchor, Badge, Button, Group, NativeSelect, Stack, Title } from '@mantine/core';
import { useState } from 'react';
import { useClient, useQuery } from 'urql';
import { Link } from 'wouter';
import { runMutation } from '../api/client.ts';
import { strip } from '../api/strip.ts';
import { useViewer } from '../api/viewer.tsx';
import {
  ActivateUserDocument,
  AssignRoleDocument,
  AccountUsersDocument,
  CreateUserDocument,
  DeactivateUserDocument,
  EndSessionsOfUserDocument,
  RemoveUserDocument,
  RevokeRoleDocument,
  RolesDocument,
  UpdateUserDocument,
  UserDocument,
  type UserRowFragment,
  UsersDocument,
} from '../generated/graphql.ts';
import type { FormField, Resource } from '../resource.ts';
import { text } from '../text.ts';
import { Confirm } from '../ui/confirm.tsx';
import { Time } from '../ui/states.tsx';
import { InviteUser } from '../ui/invite-user.tsx';
import { UserAccount } from '../ui/user-account.tsx';
import { ViewAs } from '../ui/view-as.tsx';
import { Failure } from '../ui/outcome.tsx';

const words = text.users;

const fieldsOf = (input: string): FormField<UserRowFragment>[] => [
  {
    name: 'username',
    title: words.username,
    coordinate: `${input}.username`,
    kind: 'text',
    required: true,
    read: (row) => row.username,
  },
  {
    name: 'displayName',
    title: words.displayName,
    coordinate: `${input}.displayName`,
    kind: 'text',
    required: true,
    read: (row) => row.displayName,
  },
  {
    name: 'email',
    title: words.email,
    coordinate: `${input}.email`,
    kind: 'email',
    required: true,
    read: (row) => row.email,
  },
];

/** Roles and activation of a user, and where the trail of their access is. */
function UserAccess({ row }: { readonly row: UserRowFragment }) {
  const { can } = useViewer();
  const client = useClient();
  const flags = { permissions: false, exclusions: false };
  const [{ data }] = useQuery({ query: strip(RolesDocument, flags), variables: flags, pause: !can('Query.roles') });
  const [role, setRole] = useState('');
  const [failure, setFailure] = useState<string | null>(null);
  const assignable =
    data?.roles?.nodes?.flatMap((node) => (node === null || row.roles.includes(node.name) ? [] : [node.name])) ?? [];

  async function change(document: typeof AssignRoleDocument | typeof RevokeRoleDocument, name: string) {
    const message = await runMutation(client, document, { userId: row.id, role: name });
    setFailure(message);
    return message;
  }

  async function activate(document: typeof ActivateUserDocument | typeof DeactivateUserDocument) {
    const message = await runMutation(client, document, { id: row.id });
    setFailure(message);
    return message;
  }

  async function endSessions(): Promise<string | null> {
    return runMutation(client, EndSessionsOfUserDocument, { userId: row.id });
  }

  return (
    <Stack>
      <Title order={2} size="h4">
        {words.roles}
      </Title>
      <Failure message={failure} />
      <Group>
        {row.roles.map((name) => (
          <Group key={name} gap={4}>
            <Badge variant="outline">{name}</Badge>
            {can('Mutation.revokeRole') && (
              <Button size="compact-xs" variant="default" onClick={() => void change(RevokeRoleDocument, name)}>
                {words.revoke(name)}
              </Button>
            )}
          </Group>
        ))}
      </Group>
      {can('Mutation.assignRole') && assignable.length > 0 && (
        <Group align="end">
          <NativeSelect
            label={words.assign}
            value={role || assignable[0]}
            data={assignable}
            onChange={({ currentTarget }) => setRole(currentTarget.value)}
          />
          <Button onClick={() => void change(AssignRoleDocument, role || (assignable[0] ?? ''))}>
            {words.assignButton}
          </Button>
        </Group>
      )}
      <Group>
        {row.active && can('Mutation.deactivateUser') && (
          <Confirm
            label={words.deactivate}
            question={`${words.deactivate}: ${row.displayName}`}
            hint={words.deactivateHint}
            onConfirm={() => activate(DeactivateUserDocument)}
          />
        )}
        {!row.active && can('Mutation.activateUser') && (
          <Button onClick={() => void activate(ActivateUserDocument)}>{words.activate}</Button>
        )}
        {can('Mutation.endSessionsOfUser') && (
          <Confirm
            label={words.endSessions}
            question={`${words.endSessions}: ${row.displayName}`}
            hint={words.endSessionsHint}
            onConfirm={endSessions}
          />
        )}
        {can('Query.auditEvents') && (
          <Anchor component={Link} href={`/audit?target=${row.id}`}>
            {words.timeline}
          </Anchor>
        )}
        <ViewAs target={{ userId: row.id }} name={row.displayName} />
      </Group>
    </Stack>
  );
}

export const resource: Resource<UserRowFragment> = {
  path: 'users',
  title: words.title,
  one: words.one,
  group: 'data',
  coordinate: 'Query.users',
  list: UsersDocument,
  otherwise: { coordinate: 'Account.users', list: AccountUsersDocument },
  detail: { coordinate: 'Query.user', document: UserDocument },
  flags: { account: 'Account.name' },
  keyOf: ({ id }) => id,
  nameOf: ({ displayName }) => displayName,
  versionOf: ({ version }) => version,
  columns: [
    {
      id: 'username',
      title: words.username,
      coordinate: 'User.username',
      cell: (row) => row.username,
      sort: { field: 'USERNAME', coordinate: 'UserOrderField.USERNAME' },
    },
    {
      id: 'displayName',
      title: words.displayName,
      coordinate: 'User.displayName',
      cell: (row) => row.displayName,
      sort: { field: 'DISPLAY_NAME', coordinate: 'UserOrderField.DISPLAY_NAME' },
    },
    { id: 'email', title: words.email, coordinate: 'User.email', cell: (row) => row.email },
    {
      id: 'roles',
      title: words.roles,
      coordinate: 'User.roles',
      cell: (row) => row.roles.join(', ') || text.table.none,
    },
    {
      id: 'account',
      title: words.account,
      coordinate: 'User.account',
      cell: (row) => row.account?.name ?? text.table.none,
    },
    {
      id: 'active',
      title: words.active,
      coordinate: 'User.active',
      cell: (row) => (row.active ? text.table.yes : text.table.no),
    },
    {
      id: 'createdAt',
      title: words.created,
      coordinate: 'User.createdAt',
      cell: (row) => <Time at={row.createdAt} />,
      sort: { field: 'CREATED_AT', coordinate: 'UserOrderField.CREATED_AT' },
      optional: true,
    },
  ],
  search: 'UserFilter.search',
  filters: [
    {
      name: 'active',
      title: words.active,
      coordinate: 'UserFilter.active',
      options: [
        { value: 'true', label: text.table.yes },
        { value: 'false', label: text.table.no },
      ],
      parse: (value) => value === 'true',
    },
    { name: 'role', title: words.role, coordinate: 'UserFilter.role', options: [], kind: 'role' },
    { name: 'accountId', title: words.ofAccount, coordinate: 'UserFilter.accountId', options: [], kind: 'link' },
  ],
  create: {
    coordinate: 'Mutation.createUser',
    document: CreateUserDocument,
    fields: [
      ...fieldsOf('CreateUserInput'),
      {
        name: 'password',
        title: words.password,
        coordinate: 'CreateUserInput.password',
        kind: 'password',
        hint: words.passwordHint,
      },
    ],
  },
  update: { coordinate: 'Mutation.updateUser', document: UpdateUserDocument, fields: fieldsOf('UpdateUserInput') },
  remove: { coordinate: 'Mutation.removeUser', document: RemoveUserDocument, hint: words.removeHint },
  extra: (row) => (
    <Stack>
      <UserAccess row={row} />
      <UserAccount row={row} />
    </Stack>
  ),
  tools: () => <InviteUser />,
  asks: [
    'Mutation.assignRole',
    'Mutation.revokeRole',
    'Mutation.deactivateUser',
    'Mutation.activateUser',
    'Query.roles',
    'Query.accounts',
    'Mutation.inviteUser',
    'Mutation.inviteUser(roles:)',
    'Mutation.moveUser',
    'Mutation.removeUserFromAccount',
    'Mutation.endSessionsOfUser',
    'Query.auditEvents',
  ],
};
