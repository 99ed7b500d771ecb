import { defineEntity, p, type InferEntity } from '@mikro-orm/core';
import { AUTH_ROLE, currentViewerId, scopes, SYSTEM_ROLE } from '../scopes.ts';

const viewers = [...scopes.public, ...scopes.signedIn];

/**
 * An event of the audit trail. Rows are inserted, sealed once, and removed by retention; they never change otherwise. They
 * have no foreign keys: the objects that they name may be deleted.
 */
export const AuditEventEntity = defineEntity({
  name: 'AuditEvent',
  tableName: 'audit_events',
  properties: {
    id: p.uuid().primary(),
    at: p.datetime(3),
    actorId: p.uuid().nullable(),
    action: p.text().collation('C'),
    targetType: p.text().collation('C').nullable(),
    targetId: p.text().collation('C').nullable(),
    address: p.text().nullable(),
    details: p.json<Record<string, unknown>>(),
    count: p.integer().default(1),
    /** The number of the seal that covers the row; null: none does yet. */
    seal: p.bigint('number').nullable(),
    /** The transaction that added the row. */
    tx: p.string().columnType('xid8').nullable().lazy().defaultRaw('pg_current_xact_id()'),
  },
  indexes: [
    { name: 'audit_events_at_id', properties: ['at', 'id'] },
    { name: 'audit_events_actor_id_at_id', properties: ['actorId', 'at', 'id'] },
    { name: 'audit_events_action_at_id', properties: ['action', 'at', 'id'] },
    { name: 'audit_events_target_id_at_id', properties: ['targetId', 'at', 'id'] },
    { name: 'audit_events_target_type_at_id', properties: ['targetType', 'at', 'id'] },
    { name: 'audit_events_seal_id', properties: ['seal', 'id'] },
  ],
  rowLevelSecurity: 'force',
  policies: [
    {
      name: 'audit_events_by_viewer',
      command: 'insert',
      roles: viewers,
      check: `not (actor_id is distinct from ${currentViewerId})`,
    },
    { name: 'audit_events_by_server', command: 'insert', roles: [AUTH_ROLE, SYSTEM_ROLE], check: 'true' },
    { name: 'audit_events_read', command: 'select', roles: [...scopes.auditRead, SYSTEM_ROLE], using: 'true' },
    {
      name: 'audit_events_seal_once',
      command: 'update',
      roles: [SYSTEM_ROLE],
      using: 'seal is null',
      check: 'seal is not null',
    },
    { name: 'audit_events_retention', command: 'delete', roles: [SYSTEM_ROLE], using: 'seal is not null' },
  ],
});

/** A seal, which makes a batch of events tamper-evident: see `modules/audit/seal.ts`. */
export const AuditSealEntity = defineEntity({
  name: 'AuditSeal',
  tableName: 'audit_seals',
  properties: {
    number: p.bigint('number').primary().autoincrement(false),
    prevHash: p.text(),
    hash: p.text(),
    /** Proves that the seal was made with a key of the server. */
    signature: p.text(),
    count: p.integer(),
    /** The ids and hashes of the events, in the order of the ids: tells which of them is not as it was. */
    digests: p.blob(),
    sealedAt: p.datetime(3),
  },
  rowLevelSecurity: 'force',
  policies: [{ name: 'audit_seals_system', roles: [SYSTEM_ROLE], using: 'true' }],
});

/** The checkpoint that replaces the seals that retention removed: the last of them, and the number of their events. */
export const AuditCheckpointEntity = defineEntity({
  name: 'AuditCheckpoint',
  tableName: 'audit_checkpoints',
  properties: {
    number: p.bigint('number').primary().autoincrement(false),
    hash: p.text(),
    /** The number of events that all prunings together have removed. */
    events: p.bigint('number'),
    madeAt: p.datetime(3),
    signature: p.text(),
  },
  rowLevelSecurity: 'force',
  policies: [{ name: 'audit_checkpoints_system', roles: [SYSTEM_ROLE], using: 'true' }],
});

export type AuditEvent = InferEntity<typeof AuditEventEntity>;
