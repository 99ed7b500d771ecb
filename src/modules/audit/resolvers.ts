import { selectedColumns } from '../../paging/selected-columns.ts';
import type { Resolvers } from '../../generated/resolvers.ts';
import { liveField } from '../live-field.ts';
import { usersByIds } from '../users/service.ts';
import { listAuditEvents, readAuditEvent, watchAuditEvents } from './service.ts';

export const auditResolvers: Resolvers = {
  Query: {
    auditEvents: (_parent, input, context, info) =>
      listAuditEvents(context, input, selectedColumns(info, context.policy)),
    auditVerification: (_parent, _input, { unit, verifyAudit }) => verifyAudit(unit),
  },
  Subscription: {
    auditEventAdded: liveField({ watch: watchAuditEvents, read: readAuditEvent }),
  },
  AuditEvent: {
    actor: (event) => event.actorId ?? null,
    actorUser: (event, _arguments, { loaders }) => (event.actorId ? loaders.of(usersByIds).load(event.actorId) : null),
    target: (event) => event.targetId ?? null,
    sealed: (event) => event.seal !== null,
  },
};
