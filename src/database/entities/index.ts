import type { InferKyselyDB } from '@mikro-orm/sql';
import { AccountEntity } from './account.ts';
import { AuditCheckpointEntity, AuditEventEntity, AuditSealEntity } from './audit.ts';
import { CredentialEntity, UserEntity } from './user.ts';
import { DocumentEntity } from './document.ts';
import {
  LoginChallengeEntity,
  PasskeyChallengeEntity,
  PasskeyEntity,
  RecoveryCodeEntity,
  TotpSecretEntity,
} from './factor.ts';
import { InventoryItemEntity } from './inventory.ts';
import {
  RoleAssignmentEntity,
  RoleEntity,
  RoleExclusionEntity,
  RoleInheritanceEntity,
  RolePermissionEntity,
} from './role.ts';
import {
  AccessVersionEntity,
  ApiKeyEntity,
  ExternalIdentityEntity,
  IssuerSignInEntity,
  InvitationEntity,
  PasswordResetEntity,
  SessionEntity,
  ThrottleEntity,
} from './session.ts';
import { TrustedDocumentEntity } from './trusted-document.ts';
import { WebhookDeliveryEntity, WebhookEntity } from './webhook.ts';

export * from './account.ts';
export * from './audit.ts';
export * from './user.ts';
export * from './document.ts';
export * from './factor.ts';
export * from './inventory.ts';
export * from './role.ts';
export * from './session.ts';
export * from './trusted-document.ts';
export * from './webhook.ts';

/** Every entity, as MikroORM wants them. */
export const entities = [
  AccountEntity,
  UserEntity,
  CredentialEntity,
  RoleEntity,
  RoleInheritanceEntity,
  RolePermissionEntity,
  RoleExclusionEntity,
  RoleAssignmentEntity,
  SessionEntity,
  ApiKeyEntity,
  ExternalIdentityEntity,
  IssuerSignInEntity,
  InvitationEntity,
  PasswordResetEntity,
  ThrottleEntity,
  AccessVersionEntity,
  TotpSecretEntity,
  RecoveryCodeEntity,
  LoginChallengeEntity,
  PasskeyEntity,
  PasskeyChallengeEntity,
  AuditEventEntity,
  AuditSealEntity,
  AuditCheckpointEntity,
  InventoryItemEntity,
  DocumentEntity,
  TrustedDocumentEntity,
  WebhookEntity,
  WebhookDeliveryEntity,
];

/** The tables as the typed query builder knows them, which MikroORM derives from the entities. */
type Derived = InferKyselyDB<(typeof entities)[number]>;

/** The columns whose names do not follow from their properties. */
interface NamedColumns {
  readonly role_assignments: { role: string };
  readonly role_inheritance: { role: string; inherits: string };
  readonly role_permissions: { role: string };
  readonly role_exclusions: { a: string; b: string };
}

/** The tables of the database, for `em.getKysely<Tables>()`. */
export type Tables = {
  [Table in keyof Derived]: Table extends keyof NamedColumns
    ? Omit<Derived[Table], `${Extract<keyof NamedColumns[Table], string>}_name`> & NamedColumns[Table]
    : Derived[Table];
};
