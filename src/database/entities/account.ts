import { defineEntity, type InferEntity, type Opt, p } from '@mikro-orm/core';
import { AUTH_ROLE, currentAccountId, scopes, SYSTEM_ROLE } from '../scopes.ts';

const ACCOUNT_STATUSES = ['ACTIVE', 'SUSPENDED', 'CLOSED'] as const;

/** A customer: the tenant that users belong to. */
export const AccountEntity = defineEntity({
  name: 'Account',
  tableName: 'accounts',
  properties: {
    id: p.uuid().primary(),
    name: p.text().collation('und-x-icu'),
    /** The folded name, which is unique. Null for one that another account already had before names were unique. */
    nameKey: p.text().collation('C').nullable().unique(),
    description: p.text().nullable(),
    phone: p.text().nullable(),
    status: p.enum(ACCOUNT_STATUSES),
    billingEmail: p.text(),
    iban: p.text().nullable(),
    createdAt: p.datetime(3),
    updatedAt: p.datetime(3),
    version: p.integer().version().default(1),
    /** The text that a search covers, folded by the database as `foldName` does. */
    search: p.text().$type<Opt<string>>().collation('C').generated('(rolegate_fold(name) collate "C") stored').lazy(),
  },
  indexes: [
    { name: 'accounts_name_id', properties: ['name', 'id'] },
    { name: 'accounts_created_at_id', properties: ['createdAt', 'id'] },
    { name: 'accounts_search', expression: 'create index accounts_search on accounts using gin (search gin_trgm_ops)' },
  ],
  rowLevelSecurity: 'force',
  policies: [
    { name: 'accounts_own', command: 'select', roles: [...scopes.accountsOwn], using: `id = ${currentAccountId}` },
    { name: 'accounts_all', command: 'select', roles: [...scopes.accountsAll], using: 'true' },
    { name: 'accounts_server', roles: [AUTH_ROLE, SYSTEM_ROLE], using: 'true' },
    { name: 'accounts_change_own', command: 'update', roles: [...scopes.signedIn], using: `id = ${currentAccountId}` },
    { name: 'accounts_change_all', command: 'update', roles: [...scopes.accountsAllWrite], using: 'true' },
    { name: 'accounts_add', command: 'insert', roles: [...scopes.accountsAllWrite], check: 'true' },
    { name: 'accounts_delete', command: 'delete', roles: [...scopes.accountsAllWrite], using: 'true' },
  ],
});

export type Account = InferEntity<typeof AccountEntity>;
export type AccountStatus = (typeof ACCOUNT_STATUSES)[number];
