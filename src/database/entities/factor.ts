import { defineEntity, p } from '@mikro-orm/core';
import { AUTH_ROLE, scopes, SYSTEM_ROLE } from '../scopes.ts';
import { UserEntity } from './user.ts';

/** Only `auth/` reads these tables. Administrators who remove a user may delete that user's rows, and read none. */
const policiesOf = (table: string) => [
  { name: `${table}_auth`, roles: [AUTH_ROLE, SYSTEM_ROLE], using: 'true' },
  { name: `${table}_of_users`, roles: [...scopes.usersAllWrite], using: 'true' },
];

/** A user's secret for codes by time (RFC 6238). It counts once it has been confirmed by a code. */
export const TotpSecretEntity = defineEntity({
  name: 'TotpSecret',
  tableName: 'totp_secrets',
  properties: {
    user: () => p.manyToOne(UserEntity).mapToPk().primary().deleteRule('cascade'),
    /** Base32. */
    secret: p.text(),
    createdAt: p.datetime(3),
    confirmedAt: p.datetime(3).nullable(),
    /** The time step of the last code that was accepted: codes of it and of earlier ones are not accepted again. */
    lastStep: p.bigint('number').nullable(),
  },
  rowLevelSecurity: 'force',
  policies: policiesOf('totp_secrets'),
});

/** A code that stands in for the second factor once. Only its hash is kept. */
export const RecoveryCodeEntity = defineEntity({
  name: 'RecoveryCode',
  tableName: 'recovery_codes',
  properties: {
    user: () => p.manyToOne(UserEntity).mapToPk().primary().deleteRule('cascade'),
    codeHash: p.text().primary(),
  },
  rowLevelSecurity: 'force',
  policies: policiesOf('recovery_codes'),
});

/** A login whose password was right and whose second factor is still to be shown. */
export const LoginChallengeEntity = defineEntity({
  name: 'LoginChallenge',
  tableName: 'login_challenges',
  properties: {
    tokenHash: p.text().primary(),
    user: () => p.manyToOne(UserEntity).mapToPk().deleteRule('cascade').index(),
    /** The version of the password that was verified; null: the user signed in without one. */
    passwordVersion: p.integer().nullable(),
    /** The roles to activate; null: whatever is assigned at the time. */
    roles: p.array().nullable(),
    inCookie: p.boolean(),
    expiresAt: p.datetime(3),
  },
  rowLevelSecurity: 'force',
  policies: policiesOf('login_challenges'),
});

/** A passkey of a user: the public half of a key pair that an authenticator keeps (WebAuthn). */
export const PasskeyEntity = defineEntity({
  name: 'Passkey',
  tableName: 'passkeys',
  properties: {
    id: p.uuid().primary(),
    user: () => p.manyToOne(UserEntity).mapToPk().deleteRule('cascade').index(),
    name: p.text(),
    /** Base64url, as the authenticator names it. */
    credentialId: p.text().unique(),
    /** A COSE key (RFC 9052), in base64url. */
    publicKey: p.text(),
    /** The number of signatures at the last use, by the authenticator; 0 of one that does not count. */
    counter: p.bigint('number'),
    createdAt: p.datetime(3),
    lastUsedAt: p.datetime(3).nullable(),
  },
  rowLevelSecurity: 'force',
  policies: policiesOf('passkeys'),
});

/** A challenge that an authenticator is to sign, once. */
export const PasskeyChallengeEntity = defineEntity({
  name: 'PasskeyChallenge',
  tableName: 'passkey_challenges',
  properties: {
    challengeHash: p.text().primary(),
    /** The purpose of the response, with the session or the login that it belongs to. */
    purpose: p.text(),
    expiresAt: p.datetime(3),
  },
  rowLevelSecurity: 'force',
  policies: [{ name: 'passkey_challenges_auth', roles: [AUTH_ROLE, SYSTEM_ROLE], using: 'true' }],
});
