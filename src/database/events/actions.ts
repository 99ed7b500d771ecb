/**
 * Everything that the audit trail can say happened: a closed vocabulary, `thing.pastParticiple`. A word stays here once
 * it has been released, since rows that hold it stay as well.
 */
export const AUDIT_ACTIONS = [
  'login.succeeded',
  'login.failed',
  'session.ended',
  'session.replayed',
  'session.reauthenticated',
  'password.changed',
  'password.reset',
  'password.resetRequested',
  'factor.enabled',
  'factor.disabled',
  'factor.reset',
  'factor.recoveryCodesRenewed',
  'factor.recoveryCodeUsed',
  'apiKey.created',
  'apiKey.revoked',
  'user.registered',
  'user.created',
  'user.updated',
  'user.deactivated',
  'user.activated',
  'user.removed',
  'user.addressTaken',
  'user.emailChangeRequested',
  'user.emailConfirmationRequested',
  'user.emailConfirmed',
  'user.invited',
  'users.imported',
  'users.exported',
  'role.created',
  'role.updated',
  'role.deleted',
  'role.assigned',
  'role.revoked',
  'roles.excluded',
  'roles.allowed',
  'account.created',
  'account.updated',
  'account.deleted',
  'account.userAdded',
  'account.userRemoved',
  'inventory.added',
  'inventory.updated',
  'inventory.deleted',
  'document.created',
  'document.updated',
  'document.deleted',
  'access.denied',
  'view.started',
  'audit.pruned',
] as const;

export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** The kinds of targets. A `field` is identified by its coordinate, a `role` by its name, the others by an id. */
export const AUDIT_TARGET_TYPES = [
  'user',
  'account',
  'role',
  'session',
  'apiKey',
  'inventoryItem',
  'document',
  'field',
  'audit',
] as const;

export type AuditTargetType = (typeof AUDIT_TARGET_TYPES)[number];
