import { LockMode } from '@mikro-orm/core';
import { v4 as randomUuid, validate as isUuid } from 'uuid';
import { orderedUuid } from '../../lib/ordered-uuid.ts';
import type { RequestContext } from '../../context.ts';
import {
  type Webhook,
  type WebhookDelivery,
  WebhookDeliveryEntity,
  type WebhookDeliveryState,
  WebhookEntity,
} from '../../database/entities/index.ts';
import type { AuditAction } from '../../database/events/actions.ts';
import { type AuditDetails, auditBy, recordEvent } from '../../database/events/record.ts';
import type { EntityManager } from '../../database/orm.ts';
import { systemScope } from '../../database/scopes.ts';
import { lastSealNumber, requestDead } from '../../database/webhooks.ts';
import { BadUserInput, Conflict, NotFound, requireVersion } from '../../lib/errors.ts';
import { createAddressCheck } from '../../lib/network.ts';
import { requireRecentlySignedIn } from '../sessions/service.ts';
import { requireActions, requireEndpoint, TEST_ACTION } from './rules.ts';
import { createSecret } from './message.ts';

const MOST_WEBHOOKS = 20;
const MOST_DELIVERIES = 200;
/** The largest number of deliveries in one request. */
const MOST_RESENT = 1_000;
/** The time for which the secret before the last rotation signs as well, in milliseconds. */
const OVERLAP_MS = 24 * 3_600_000;

export interface CreateWebhookInput {
  readonly url: string;
  readonly actions?: readonly string[] | null | undefined;
}

export interface UpdateWebhookInput {
  readonly url?: string | null | undefined;
  readonly actions?: readonly string[] | null | undefined;
  readonly enabled?: boolean | null | undefined;
  readonly version?: number | null | undefined;
}

/** A webhook with its secret, which is shown once. */
export interface WebhookSecret {
  readonly webhook: Webhook;
  readonly secret: string;
}

/** Returns all webhooks, the oldest first. */
export function listWebhooks({ unit }: RequestContext): Promise<Webhook[]> {
  return unit.readAs(systemScope, (reader) =>
    reader.find(WebhookEntity, {}, { orderBy: { createdAt: 'asc', id: 'asc' } }),
  );
}

/** Returns a webhook. @throws {NotFound} */
export async function getWebhook({ unit }: RequestContext, id: string): Promise<Webhook> {
  const found = isUuid(id) ? await unit.readAs(systemScope, (reader) => reader.findOne(WebhookEntity, { id })) : null;
  return found ?? notFound();
}

/** The selection of deliveries. */
export interface DeliveriesInput {
  readonly state?: WebhookDeliveryState | null | undefined;
  readonly first: number;
}

/** Returns the last deliveries of a webhook, the newest first. @throws {BadUserInput} if `first` is out of range */
export function listDeliveries(
  { unit }: RequestContext,
  webhook: string,
  { state, first }: DeliveriesInput,
): Promise<WebhookDelivery[]> {
  if (first < 1 || first > MOST_DELIVERIES) {
    throw new BadUserInput(`"first" must be from 1 to ${MOST_DELIVERIES}`, { field: 'first' });
  }
  const where = { webhook, ...(state ? { state } : {}) };
  return unit.readAs(systemScope, (reader) =>
    reader.find(WebhookDeliveryEntity, where, { orderBy: { createdAt: 'desc', id: 'desc' }, limit: first }),
  );
}

/** Adds a webhook. @throws {BadUserInput} {@link Conflict} */
export async function createWebhook(context: RequestContext, input: CreateWebhookInput): Promise<WebhookSecret> {
  requireRecentlySignedIn(context);
  const url = endpointOf(context, input.url);
  const actions = requireActions(input.actions ?? []);
  const secret = createSecret();
  return context.unit.as(systemScope, async (em) => {
    if ((await em.count(WebhookEntity, {})) >= MOST_WEBHOOKS) {
      throw new Conflict(`There are ${MOST_WEBHOOKS} webhooks: delete one first`);
    }
    const now = context.now();
    const webhook = em.create(WebhookEntity, {
      id: randomUuid(),
      url,
      actions,
      secret,
      previousSecret: null,
      previousUntil: null,
      enabled: true,
      disabledBecause: null,
      afterSeal: await lastSealNumber(em),
      afterId: null,
      attempts: 0,
      nextAttemptAt: now,
      failingSince: null,
      leasedBy: null,
      leasedUntil: null,
      createdAt: now,
      version: 1,
    });
    await em.flush();
    await record(context, em, 'webhook.created', webhook.id, { actions });
    return { webhook, secret };
  });
}

/** Changes a webhook. @throws {NotFound} {@link BadUserInput} {@link Conflict} */
export async function updateWebhook(context: RequestContext, id: string, input: UpdateWebhookInput): Promise<Webhook> {
  requireRecentlySignedIn(context);
  const url = isGiven(input.url) ? endpointOf(context, input.url) : null;
  const actions = isGiven(input.actions) ? requireActions(input.actions) : null;
  return change(context, id, async (em, webhook) => {
    requireVersion(webhook, input.version);
    webhook.url = url ?? webhook.url;
    webhook.actions = actions ?? webhook.actions;
    if (input.enabled === true) {
      Object.assign(webhook, { enabled: true, disabledBecause: null, attempts: 0, failingSince: null });
      webhook.nextAttemptAt = context.now();
    } else if (input.enabled === false && webhook.enabled) {
      Object.assign(webhook, { enabled: false, disabledBecause: 'ADMINISTRATOR' });
    }
    const fields = (['url', 'actions', 'enabled'] as const).filter((name) => isGiven(input[name]));
    await record(context, em, 'webhook.updated', id, { fields, enabled: webhook.enabled });
  });
}

/** Gives a webhook a new secret, beside which the old one signs for a day. @throws {NotFound} */
export async function rotateWebhookSecret(context: RequestContext, id: string): Promise<WebhookSecret> {
  requireRecentlySignedIn(context);
  const secret = createSecret();
  const webhook = await change(context, id, async (em, found) => {
    found.previousSecret = found.secret;
    found.previousUntil = new Date(context.now().getTime() + OVERLAP_MS);
    found.secret = secret;
    await record(context, em, 'webhook.secretRotated', id, {});
  });
  return { webhook, secret };
}

/** Queues a test message for a webhook. @throws {NotFound} */
export function testWebhook(context: RequestContext, id: string): Promise<WebhookDelivery> {
  return context.unit.as(systemScope, async (em) => {
    await requireWebhook(em, id);
    const delivery = em.create(WebhookDeliveryEntity, {
      id: orderedUuid(),
      webhook: id,
      eventId: randomUuid(),
      action: TEST_ACTION,
      state: 'PENDING',
      requested: true,
      attempts: 0,
      status: null,
      failure: null,
      createdAt: context.now(),
      attemptedAt: null,
    });
    await em.flush();
    await record(context, em, 'webhook.tested', id, {});
    return delivery;
  });
}

/** Queues dead letters again. Returns their number. @throws {NotFound} {@link BadUserInput} */
export function resendWebhookDeliveries(
  context: RequestContext,
  id: string,
  deliveries: readonly string[] | null,
): Promise<number> {
  if ((deliveries?.length ?? 0) > MOST_RESENT) {
    throw new BadUserInput(`Name at most ${MOST_RESENT} deliveries`, { field: 'deliveries' });
  }
  return context.unit.as(systemScope, async (em) => {
    await requireWebhook(em, id);
    const count = await requestDead(em, id, deliveries?.filter((delivery) => isUuid(delivery)) ?? null);
    await record(context, em, 'webhook.resent', id, { deliveries: count });
    return count;
  });
}

/** Deletes a webhook. @throws {NotFound} */
export async function deleteWebhook(context: RequestContext, id: string): Promise<Webhook> {
  return context.unit.as(systemScope, async (em) => {
    const webhook = await requireWebhook(em, id);
    await em.nativeDelete(WebhookEntity, { id });
    await record(context, em, 'webhook.deleted', id, {});
    return webhook;
  });
}

function endpointOf({ settings }: RequestContext, text: string): string {
  const { webhookAllowedNetworks: networks } = settings;
  return requireEndpoint(text, createAddressCheck(networks), networks.length > 0);
}

/** Changes a locked webhook, and increments its version. */
function change(
  { unit }: RequestContext,
  id: string,
  work: (em: EntityManager, webhook: Webhook) => Promise<void>,
): Promise<Webhook> {
  return unit.as(systemScope, async (em) => {
    const webhook = await requireWebhook(em, id);
    await work(em, webhook);
    webhook.version += 1;
    await em.flush();
    return webhook;
  });
}

async function requireWebhook(em: EntityManager, id: string): Promise<Webhook> {
  const options = { lockMode: LockMode.PESSIMISTIC_WRITE };
  const webhook = isUuid(id) ? await em.findOne(WebhookEntity, { id }, options) : null;
  return webhook ?? notFound();
}

function notFound(): never {
  throw new NotFound('There is no such webhook');
}

function record(
  context: RequestContext,
  em: EntityManager,
  action: AuditAction,
  id: string,
  details: AuditDetails,
): Promise<void> {
  return recordEvent(em, auditBy(context), { action, target: { type: 'webhook', id }, details });
}

function isGiven<T>(value: T | null | undefined): value is T {
  return value !== null && value !== undefined;
}
