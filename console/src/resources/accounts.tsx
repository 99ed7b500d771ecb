import { Anchor, Badge } from '@mantine/core';
import { Link } from 'wouter';
import { useViewer } from '../api/viewer.tsx';
import {
  AccountDocument,
  type AccountRowFragment,
  AccountsDocument,
  CreateAccountDocument,
  DeleteAccountDocument,
  OwnAccountDocument,
  UpdateAccountDocument,
  UpdateOwnAccountDocument,
} from '../generated/graphql.ts';
import type { FormField, Resource } from '../resource.ts';
import { text } from '../text.ts';
import { Time } from '../ui/states.tsx';

const words = text.accounts;
const STATUSES = ['ACTIVE', 'SUSPENDED', 'CLOSED'] as const;

const fieldsOf = (input: string): FormField<AccountRowFragment>[] => [
  {
    name: 'name',
    title: words.name,
    coordinate: `${input}.name`,
    kind: 'text',
    required: true,
    read: (row) => row.name,
  },
  {
    name: 'billingEmail',
    title: words.billingEmail,
    coordinate: `${input}.billingEmail`,
    kind: 'email',
    required: true,
    read: (row) => row.billingEmail ?? '',
  },
  { name: 'iban', title: words.iban, coordinate: `${input}.iban`, kind: 'text', read: (row) => row.iban ?? '' },
  {
    name: 'phone',
    title: words.phone,
    coordinate: `${input}.phone`,
    kind: 'text',
    hint: words.phoneHint,
    read: (row) => row.phone ?? '',
  },
  {
    name: 'description',
    title: words.description,
    coordinate: `${input}.description`,
    kind: 'multiline',
    read: (row) => row.description ?? '',
  },
  {
    name: 'status',
    title: words.status,
    coordinate: `${input}.status`,
    kind: 'select',
    options: STATUSES,
    read: (row) => row.status,
  },
];

/** The way to the users of an account, where the viewer may list users by account. */
function UsersOf({ account }: { readonly account: AccountRowFragment }) {
  const { can } = useViewer();
  if (!can('Query.users') || !can('UserFilter.accountId')) {
    return null;
  }
  return (
    <Anchor component={Link} href={`/users?accountId=${account.id}`}>
      {words.users}
    </Anchor>
  );
}

export const resource: Resource<AccountRowFragment> = {
  path: 'accounts',
  title: words.title,
  one: words.one,
  group: 'data',
  coordinate: 'Query.accounts',
  list: AccountsDocument,
  detail: { coordinate: 'Query.account', document: AccountDocument },
  flags: {
    billingEmail: 'Account.billingEmail',
    iban: 'Account.iban',
    description: 'Account.description',
    phone: 'Account.phone',
    createdAt: 'Account.createdAt',
    updatedAt: 'Account.updatedAt',
    version: 'Account.version',
  },
  keyOf: ({ id }) => id,
  nameOf: ({ name }) => name,
  versionOf: ({ version }) => version,
  columns: [
    {
      id: 'name',
      title: words.name,
      coordinate: 'Account.name',
      cell: (row) => row.name,
      sort: { field: 'NAME', coordinate: 'AccountOrderField.NAME' },
    },
    {
      id: 'status',
      title: words.status,
      coordinate: 'Account.status',
      cell: (row) => (
        <Badge variant="outline" color={row.status === 'ACTIVE' ? 'teal' : 'gray'}>
          {row.status}
        </Badge>
      ),
    },
    {
      id: 'billingEmail',
      title: words.billingEmail,
      coordinate: 'Account.billingEmail',
      cell: (row) => row.billingEmail,
    },
    { id: 'iban', title: words.iban, coordinate: 'Account.iban', cell: (row) => row.iban ?? text.table.none },
    {
      id: 'phone',
      title: words.phone,
      coordinate: 'Account.phone',
      cell: (row) => row.phone ?? text.table.none,
      optional: true,
    },
    {
      id: 'description',
      title: words.description,
      coordinate: 'Account.description',
      cell: (row) => row.description ?? text.table.none,
      optional: true,
    },
    {
      id: 'createdAt',
      title: words.created,
      coordinate: 'Account.createdAt',
      cell: (row) => <Time at={row.createdAt} />,
      sort: { field: 'CREATED_AT', coordinate: 'AccountOrderField.CREATED_AT' },
    },
    {
      id: 'updatedAt',
      title: words.updated,
      coordinate: 'Account.updatedAt',
      cell: (row) => <Time at={row.updatedAt} />,
      optional: true,
    },
  ],
  search: 'AccountFilter.search',
  filters: [
    {
      name: 'status',
      title: words.status,
      coordinate: 'AccountFilter.status',
      options: STATUSES.map((status) => ({ value: status, label: status })),
    },
  ],
  create: {
    coordinate: 'Mutation.createAccount',
    document: CreateAccountDocument,
    fields: fieldsOf('CreateAccountInput'),
  },
  update: {
    coordinate: 'Mutation.updateAccount',
    document: UpdateAccountDocument,
    fields: fieldsOf('UpdateAccountInput'),
  },
  remove: { coordinate: 'Mutation.deleteAccount', document: DeleteAccountDocument, hint: words.removeHint },
  extra: (row) => <UsersOf account={row} />,
  asks: ['UserFilter.accountId'],
};

/** The account of the viewer, which many may see and few may change. */
export const ownAccount: Resource<AccountRowFragment> = {
  ...resource,
  path: 'account',
  title: words.own,
  detail: { coordinate: 'Query.myAccount', document: OwnAccountDocument },
  create: undefined,
  update: {
    coordinate: 'Mutation.updateMyAccount',
    document: UpdateOwnAccountDocument,
    fields: fieldsOf('UpdateMyAccountInput').filter(({ name }) => name !== 'status'),
    variables: (_, input) => ({ input }),
  },
  remove: undefined,
  extra: undefined,
};
