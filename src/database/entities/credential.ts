import { defineEntity, p, type InferEntity } from '@mikro-orm/core';
import { AUTH_ROLE, ofUserOfAccount, scopes, SYSTEM_ROLE } from '../scopes.ts';
import { UserEntity } from './user.ts';

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
