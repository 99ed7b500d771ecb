import { askedOfPage } from '../execution/asked-of-page.ts';
import type { Resolvers } from '../generated/resolvers.ts';
import { liveField } from '../live/live-field.ts';
import { listAuditEvents, readAuditEvent, watchAuditEvents } from './service.ts';

export const auditResolvers: Resolvers = {
  Query: {
    auditEvents: (_parent, input, context, info) => listAuditEvents(context, input, askedOfPage(info, context.policy)),
  },
  Subscription: {
    auditEventAdded: liveField({ watch: watchAuditEvents, read: readAuditEvent }),
  },
  AuditEvent: {
    actor: (event) => event.actorId ?? null,
    actorUser: (event, _arguments, { loaders }) => (event.actorId ? loaders.user.load(event.actorId) : null),
    target: (event) => event.targetId ?? null,
    sealed: (event) => event.seal !== null,
  },
};
