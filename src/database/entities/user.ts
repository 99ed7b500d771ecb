import { defineEntity, type InferEntity, type Opt, p } from '@mikro-orm/core';
import { AUTH_ROLE, currentAccountId, currentViewerId, scopes, SYSTEM_ROLE, ofUserOfAccount } from '../scopes.ts';
import { AccountEntity } from './account.ts';

const ofAccount = `account_id = ${currentAccountId}`;

/** A person or a machine that can sign in. Credentials are kept apart, where no viewer's role can read them. */
export const UserEntity = defineEntity({
  name: 'User',
  tableName: 'users',
  properties: {
    id: p.uuid().primary(),
    username: p.text().collation('und-x-icu').unique(),
    email: p.text().collation('und-x-icu'),
    /** The e-mail address after normalisation and case folding, which uniqueness and login compare. */
    emailKey: p.text().unique(),
    /** False until the user has confirmed the address by a mailed token. */
    emailVerified: p.boolean().default(true),
    displayName: p.text().collation('und-x-icu'),
    active: p.boolean().default(true),
    account: () => p.manyToOne(AccountEntity).mapToPk().nullable().deleteRule('restrict'),
    createdAt: p.datetime(3),
    updatedAt: p.datetime(3),
    version: p.integer().version().default(1),
    /**
     * The text that a search covers, folded by the database as `foldName` does, its parts on separate lines: no name contains a line break. Collation
     * "C", since comparing bytes takes a fraction of the time.
     */
    search: p
      .text()
      .$type<Opt<string>>()
      .collation('C')
      .generated(
        `(rolegate_fold(((((username || '\n'::text) || display_name) || '\n'::text) || email)) collate "C") stored`,
      )
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
    { name: 'users_self', command: 'select', roles: [...scopes.usersSelf], using: `id = ${currentViewerId}` },
    { name: 'users_of_account', command: 'select', roles: [...scopes.usersOfAccount], using: ofAccount },
    { name: 'users_all', command: 'select', roles: [...scopes.usersAll], using: 'true' },
    { name: 'users_server', roles: [AUTH_ROLE, SYSTEM_ROLE], using: 'true' },
    { name: 'users_change_self', command: 'update', roles: [...scopes.signedIn], using: `id = ${currentViewerId}` },
    { name: 'users_change_of_account', command: 'update', roles: [...scopes.usersOfAccountWrite], using: ofAccount },
    { name: 'users_add_to_account', command: 'insert', roles: [...scopes.usersOfAccountWrite], check: ofAccount },
    { name: 'users_change_all', command: 'update', roles: [...scopes.usersAllWrite], using: 'true' },
    { name: 'users_add', command: 'insert', roles: [...scopes.usersAllWrite], check: 'true' },
  ],
});

export type User = InferEntity<typeof UserEntity>;

/** A user's password, as a PHC string. Readable by `auth/` only. */
export const CredentialEntity = defineEntity({
  name: 'Credential',
  tableName: 'credentials',
  properties: {
    user: () => p.manyToOne(UserEntity).mapToPk().primary().deleteRule('cascade'),
    passwordHash: p.text(),
    updatedAt: p.datetime(3),
    version: p.integer().version().default(1),
  },
  rowLevelSecurity: 'force',
  policies: [
    { name: 'credentials_auth', roles: [AUTH_ROLE, SYSTEM_ROLE], using: 'true' },
    { name: 'credentials_of_account', roles: [...scopes.usersOfAccountWrite], using: ofUserOfAccount },
    { name: 'credentials_of_users', roles: [...scopes.usersAllWrite], using: 'true' },
  ],
});

export type Credential = InferEntity<typeof CredentialEntity>;
