import { defineEntity, type InferEntity, type Opt, p } from '@mikro-orm/core';
import { AUTH_ROLE, currentAccountId, currentViewerId, scopes, SYSTEM_ROLE } from '../scopes.ts';
import { AccountEntity } from './account.ts';

/** A person or a machine that can sign in. Credentials are kept apart, where no viewer's role can read them. */
export const UserEntity = defineEntity({
  name: 'User',
  tableName: 'users',
  properties: {
    id: p.uuid().primary(),
    username: p.text().collation('und-x-icu').unique(),
    email: p.text().collation('und-x-icu'),
    /** The e-mail address after normalisation and case folding: what uniqueness and login look at. */
    emailKey: p.text().unique(),
    displayName: p.text().collation('und-x-icu'),
    active: p.boolean().default(true),
    account: () => p.manyToOne(AccountEntity).mapToPk().nullable().deleteRule('restrict'),
    createdAt: p.datetime(3),
    updatedAt: p.datetime(3),
    version: p.integer().version().default(1),
    /**
     * The text that a search covers, in lower case, its parts on separate lines: no name contains a line break. Collation
     * "C", since comparing bytes takes a fraction of the time.
     */
    search: p
      .text()
      .$type<Opt<string>>()
      .collation('C')
      .generated(`(lower(((((username || '\n'::text) || display_name) || '\n'::text) || email)) collate "C") stored`)
      .lazy(),
  },
  indexes: [
    { name: 'users_username_id', properties: ['username', 'id'] },
    { name: 'users_display_name_id', properties: ['displayName', 'id'] },
    { name: 'users_created_at_id', properties: ['createdAt', 'id'] },
    { name: 'users_search', expression: 'create index users_search on users using gin (search gin_trgm_ops)' },
    { name: 'users_account_username_id', properties: ['account', 'username', 'id'] },
  ],
  /** The key that the names of documents' authors refer to. */
  uniques: [{ name: 'users_id_display_name_unique', properties: ['id', 'displayName'] }],
  rowLevelSecurity: 'force',
  policies: [
    { name: 'users_self', roles: scopes.usersSelf, using: `id = ${currentViewerId}` },
    { name: 'users_of_account', roles: scopes.usersOfAccount, using: `account_id = ${currentAccountId}` },
    { name: 'users_all', roles: [...scopes.usersAll, AUTH_ROLE, SYSTEM_ROLE], using: 'true' },
  ],
});

export type User = InferEntity<typeof UserEntity>;
