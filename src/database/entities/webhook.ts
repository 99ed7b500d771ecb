import { defineEntity, p, type InferEntity } from '@mikro-orm/core';
import type { PostFailure } from '../../lib/post.ts';
import { SYSTEM_ROLE } from '../scopes.ts';

/** The reason why nothing is posted to a webhook. */
export type WebhookDisabledReason = 'ADMINISTRATOR' | 'GONE' | 'FAILING';

export type WebhookDeliveryState = 'PENDING' | 'DELIVERED' | 'DEAD';

/** The reason why an attempt failed. */
export type WebhookFailure = PostFailure | 'REMOVED';

/** An endpoint that events of the audit trail are posted to, in their order. */
export const WebhookEntity = defineEntity({
  name: 'Webhook',
  tableName: 'webhooks',
  properties: {
    id: p.uuid().primary(),
    url: p.text(),
    /** The actions that are posted, or prefixes that end with `*`; all without any. */
    actions: p.array(),
    secret: p.text(),
    /** The secret before the last rotation, which signs as well for some time. */
    previousSecret: p.text().nullable(),
    previousUntil: p.datetime(3).nullable(),
    enabled: p.boolean(),
    disabledBecause: p.text().$type<WebhookDisabledReason>().nullable(),
    /** The position in the audit trail: the seals up to this number are done, */
    afterSeal: p.bigint('number'),
    /** or of that seal the events up to this id; null: all of them. */
    afterId: p.uuid().nullable(),
    /** The failed attempts to post the next event. */
    attempts: p.integer(),
    nextAttemptAt: p.datetime(3),
    /** The first failure since the last success; null: the last attempt succeeded. */
    failingSince: p.datetime(3).nullable(),
    /** The process that posts to it, until the lease ends. */
    leasedBy: p.uuid().nullable(),
    leasedUntil: p.datetime(3).nullable(),
    createdAt: p.datetime(3),
    version: p.integer(),
  },
  rowLevelSecurity: 'force',
  policies: [{ name: 'webhooks_server', roles: [SYSTEM_ROLE], using: 'true' }],
});

/** The delivery of an event to a webhook, with its state. */
export const WebhookDeliveryEntity = defineEntity({
  name: 'WebhookDelivery',
  tableName: 'webhook_deliveries',
  properties: {
    id: p.uuid().primary(),
    webhook: () => p.manyToOne(WebhookEntity).mapToPk().deleteRule('cascade').index(false),
    /** Refers to nothing by a foreign key: retention may remove the event. */
    eventId: p.uuid(),
    action: p.text().collation('C'),
    state: p.text().collation('C').$type<WebhookDeliveryState>(),
    /** An administrator has asked for it: a test, or a dead letter once more. It is posted once, out of order. */
    requested: p.boolean(),
    attempts: p.integer(),
    /** The HTTP status of the last attempt; null without an answer. */
    status: p.integer().nullable(),
    failure: p.text().$type<WebhookFailure>().nullable(),
    createdAt: p.datetime(3),
    attemptedAt: p.datetime(3).nullable(),
  },
  uniques: [{ name: 'webhook_deliveries_webhook_event', properties: ['webhook', 'eventId'] }],
  indexes: [{ name: 'webhook_deliveries_webhook_state', properties: ['webhook', 'state', 'createdAt', 'id'] }],
  rowLevelSecurity: 'force',
  policies: [{ name: 'webhook_deliveries_server', roles: [SYSTEM_ROLE], using: 'true' }],
});

export type Webhook = InferEntity<typeof WebhookEntity>;
export type WebhookDelivery = InferEntity<typeof WebhookDeliveryEntity>;
