import { defineEntity, p, type InferEntity } from '@mikro-orm/core';
import { AUTH_ROLE, ofUserOfAccount, ofVisibleUser, scopes, SYSTEM_ROLE } from '../scopes.ts';
import { AccountEntity } from './account.ts';
import { UserEntity } from './user.ts';

const authOnly = [AUTH_ROLE, SYSTEM_ROLE];

/** Returns policies by which administrators of users may delete the credentials of these. Grants decide which columns they read. */
const ofUsers = (table: string, ...others: readonly string[]) => ({
  name: `${table}_of_users`,
  roles: [...scopes.usersAllWrite, ...others],
  using: 'true',
});

/** A user's session: from a login until it is ended, expires, or is unused for too long. */
export const SessionEntity = defineEntity({
  name: 'Session',
  tableName: 'sessions',
  properties: {
    id: p.uuid().primary(),
    user: () => p.manyToOne(UserEntity).mapToPk().deleteRule('cascade'),
    /** The roles that were activated at login; null: all that are assigned at any time. */
    roles: p.array().nullable(),
    /** The hash of the refresh token that is valid now; null for a session in a cookie. */
    refreshHash: p.text().nullable(),
    /** The hash of the refresh token before that one, which a retry may still present for some seconds. */
    previousHash: p.text().nullable(),
    rotatedAt: p.datetime(3).nullable(),
    /** The hash of the cookie's value; null for a session without a cookie. */
    cookieHash: p.text().nullable().unique(),
    device: p.text(),
    address: p.text(),
    createdAt: p.datetime(3),
    lastUsedAt: p.datetime(3),
    expiresAt: p.datetime(3),
    endedAt: p.datetime(3).nullable(),
    endedBecause: p.text().nullable(),
    /** The time of the last sign-in in this session; null: when it was opened. */
    authenticatedAt: p.datetime(3).nullable(),
    /** The time at which a second factor was shown in this session; null: none was. */
    secondFactorAt: p.datetime(3).nullable(),
  },
  indexes: [{ name: 'sessions_user_last_used_at_id', properties: ['user', 'lastUsedAt', 'id'] }],
  rowLevelSecurity: 'force',
  policies: [
    { name: 'sessions_auth', roles: authOnly, using: 'true' },
    ofUsers('sessions', ...scopes.rolesWrite),
    {
      name: 'sessions_of_account',
      roles: [...scopes.usersOfAccountWrite],
      using: ofUserOfAccount,
    },
  ],
});

/** A machine's credential: stands for its owner with at most the roles and permissions named here. */
export const ApiKeyEntity = defineEntity({
  name: 'ApiKey',
  tableName: 'api_keys',
  properties: {
    id: p.uuid().primary(),
    user: () => p.manyToOne(UserEntity).mapToPk().deleteRule('cascade'),
    name: p.text(),
    keyHash: p.text().unique(),
    roles: p.array(),
    permissions: p.array(),
    createdAt: p.datetime(3),
    lastUsedAt: p.datetime(3).nullable(),
    expiresAt: p.datetime(3).nullable(),
    revokedAt: p.datetime(3).nullable(),
  },
  indexes: [{ name: 'api_keys_user_created_at_id', properties: ['user', 'createdAt', 'id'] }],
  rowLevelSecurity: 'force',
  policies: [{ name: 'api_keys_auth', roles: authOnly, using: 'true' }, ofUsers('api_keys', ...scopes.rolesWrite)],
});

/** The identity of a user at an external issuer. */
export const ExternalIdentityEntity = defineEntity({
  name: 'ExternalIdentity',
  tableName: 'external_identities',
  properties: {
    issuer: p.text().primary(),
    subject: p.text().primary(),
    user: () => p.manyToOne(UserEntity).mapToPk().deleteRule('cascade').index(),
    /** The time at which the user linked it; null: a token of the issuer made the user. */
    linkedAt: p.datetime(3).nullable(),
  },
  rowLevelSecurity: 'force',
  policies: [{ name: 'external_identities_auth', roles: authOnly, using: 'true' }, ofUsers('external_identities')],
});

/** A sign-in at an external issuer that a browser has begun. The browser holds its token in a cookie. */
export const IssuerSignInEntity = defineEntity({
  name: 'IssuerSignIn',
  tableName: 'issuer_sign_ins',
  properties: {
    tokenHash: p.text().primary(),
    issuer: p.text(),
    purpose: p.enum(['sign in', 'link', 'reauthenticate']),
    /** The user and the session that it is for, unless it opens one. */
    userId: p.uuid().nullable(),
    sessionId: p.uuid().nullable(),
    /** True if the user has shown a second factor here. */
    secondFactor: p.boolean(),
    /** The roles to activate; null: all that are assigned at any time. */
    roles: p.array().nullable(),
    returnTo: p.text(),
    startedAt: p.datetime(3),
    expiresAt: p.datetime(3),
  },
  rowLevelSecurity: 'force',
  policies: [{ name: 'issuer_sign_ins_auth', roles: authOnly, using: 'true' }],
});

/** A mailed token that lets its reader choose a new password, or confirms an address, once. */
export const PasswordResetEntity = defineEntity({
  name: 'PasswordReset',
  tableName: 'password_resets',
  properties: {
    tokenHash: p.text().primary(),
    user: () => p.manyToOne(UserEntity).mapToPk().deleteRule('cascade').index(),
    kind: p.enum(['reset', 'email']).default('reset'),
    /** The address that the token confirms. */
    email: p.text().nullable(),
    createdAt: p.datetime(3),
    expiresAt: p.datetime(3),
  },
  rowLevelSecurity: 'force',
  policies: [
    { name: 'password_resets_auth', roles: authOnly, using: 'true' },
    // A change of a user's name or address deletes the tokens that were mailed before.
    { name: 'password_resets_of_users', roles: [...scopes.signedIn], using: ofVisibleUser },
  ],
});

/** A mailed token that lets its reader become a user with these roles, once. */
export const InvitationEntity = defineEntity({
  name: 'Invitation',
  tableName: 'invitations',
  properties: {
    tokenHash: p.text().primary(),
    email: p.text(),
    emailKey: p.text().index(),
    roles: p.array(),
    account: () => p.manyToOne(AccountEntity).mapToPk().nullable().deleteRule('cascade').index(),
    invitedBy: () => p.manyToOne(UserEntity).mapToPk().deleteRule('cascade').index(),
    createdAt: p.datetime(3),
    expiresAt: p.datetime(3),
  },
  rowLevelSecurity: 'force',
  policies: [{ name: 'invitations_auth', roles: authOnly, using: 'true' }],
});

/** The number of attempts within a window of time. Keys are hashes: no name or address can be read from them. */
export const ThrottleEntity = defineEntity({
  name: 'Throttle',
  tableName: 'throttles',
  properties: {
    key: p.text().primary(),
    attempts: p.integer(),
    endsAt: p.datetime(3).index(),
  },
  rowLevelSecurity: 'force',
  policies: [{ name: 'throttles_auth', roles: authOnly, using: 'true' }],
});

/** The one row whose numbers rise with each change of access, so that processes know which cached values are outdated. */
export const AccessVersionEntity = defineEntity({
  name: 'AccessVersion',
  tableName: 'access_version',
  properties: {
    id: p.integer().primary().autoincrement(false),
    /** Rises with every change that can affect a viewer's rights: sessions, users, assignments, roles. */
    version: p.bigint('number'),
    /** Rises when roles themselves change. */
    rolesVersion: p.bigint('number'),
  },
  rowLevelSecurity: 'force',
  policies: [
    { name: 'access_version_auth', roles: authOnly, using: 'true' },
    { name: 'access_version_raised', roles: [...scopes.signedIn], using: 'true' },
  ],
});

export type Session = InferEntity<typeof SessionEntity>;
export type ApiKey = InferEntity<typeof ApiKeyEntity>;
