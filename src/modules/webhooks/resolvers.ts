import type { Resolvers } from '../../generated/resolvers.ts';
import {
  createWebhook,
  deleteWebhook,
  getWebhook,
  listDeliveries,
  listWebhooks,
  resendWebhookDeliveries,
  rotateWebhookSecret,
  testWebhook,
  updateWebhook,
} from './service.ts';

export const webhookResolvers: Resolvers = {
  Query: {
    webhooks: (_parent, _arguments, context) => listWebhooks(context),
    webhook: (_parent, { id }, context) => getWebhook(context, id),
  },
  Mutation: {
    createWebhook: (_parent, { input }, context) => createWebhook(context, input),
    updateWebhook: (_parent, { id, input }, context) => updateWebhook(context, id, input),
    rotateWebhookSecret: (_parent, { id }, context) => rotateWebhookSecret(context, id),
    testWebhook: (_parent, { id }, context) => testWebhook(context, id),
    resendWebhookDeliveries: (_parent, { id, deliveries }, context) =>
      resendWebhookDeliveries(context, id, deliveries ?? null),
    deleteWebhook: (_parent, { id }, context) => deleteWebhook(context, id),
  },
  Webhook: {
    nextAttemptAt: ({ failingSince, enabled, nextAttemptAt }) =>
      failingSince !== null && enabled ? nextAttemptAt : null,
    deliveries: ({ id }, input, context) => listDeliveries(context, id, input),
  },
  WebhookDelivery: {
    event: ({ eventId }) => eventId,
  },
};
