import type { WebhookDeliveryState, WebhookDisabledReason, WebhookFailure } from './entities/webhook.ts';
import type { EntityManager } from './orm.ts';

// The statements of the sender of webhooks. SQL text, since leases and positions compare rows and clocks of the database.

/** A webhook as its sender works with it. */
export interface SentWebhook {
  readonly id: string;
  readonly url: string;
  readonly actions: readonly string[];
  readonly secret: string;
  readonly previousSecret: string | null;
  readonly previousUntil: Date | null;
  readonly afterSeal: number;
  readonly afterId: string | null;
  readonly enabled: boolean;
  readonly attempts: number;
  readonly nextAttemptAt: Date;
  readonly failingSince: Date | null;
}

/** A holder of leases, and the time for which one lasts. */
export interface Holder {
  readonly id: string;
  readonly leaseMs: number;
}

const LEASE = `leased_by = ?, leased_until = clock_timestamp() + make_interval(secs => ?)`;

const leaseParams = ({ id, leaseMs }: Holder): unknown[] => [id, leaseMs / 1_000];

/**
 * Takes the lease of each webhook that has something to post now, and that no other process holds. Time is the
 * database's: the clocks of processes may differ.
 */
export async function leaseWebhooks(em: EntityManager, holder: Holder, now: Date): Promise<string[]> {
  const rows = await em.execute<{ id: string }[]>(
    `update webhooks set ${LEASE} where id in (
       select w.id from webhooks w
       where (w.leased_until is null or w.leased_until < clock_timestamp()) and (
         exists (select 1 from webhook_deliveries d where d.webhook_id = w.id and d.state = 'PENDING' and d.requested)
         or (w.enabled and w.next_attempt_at <= ? and (
           w.after_id is not null or exists (select 1 from audit_seals s where s.number > w.after_seal))))
       order by w.id for update skip locked)
     returning id`,
    [...leaseParams(holder), now],
  );
  return rows.map(({ id }) => id);
}

/** Renews a lease. Returns the webhook; null if the lease was lost, or there is no such webhook any more. */
export async function renewLease(em: EntityManager, holder: Holder, webhookId: string): Promise<SentWebhook | null> {
  const [webhook] = await em.execute<(Omit<SentWebhook, keyof Times> & Times)[]>(
    `update webhooks set ${LEASE} where id = ? and leased_by = ?
     returning id, url, actions, secret, previous_secret as "previousSecret", after_seal::float8 as "afterSeal",
       after_id as "afterId", enabled, attempts, (extract(epoch from next_attempt_at) * 1000)::float8 as "nextAttemptAt",
       (extract(epoch from previous_until) * 1000)::float8 as "previousUntil",
       (extract(epoch from failing_since) * 1000)::float8 as "failingSince"`,
    [...leaseParams(holder), webhookId, holder.id],
  );
  return webhook === undefined
    ? null
    : {
        ...webhook,
        nextAttemptAt: new Date(webhook.nextAttemptAt),
        previousUntil: dateOf(webhook.previousUntil),
        failingSince: dateOf(webhook.failingSince),
      };
}

/** Milliseconds since 1970. */
interface Times {
  readonly nextAttemptAt: number;
  readonly previousUntil: number | null;
  readonly failingSince: number | null;
}

function dateOf(milliseconds: number | null): Date | null {
  return milliseconds === null ? null : new Date(milliseconds);
}

/** Gives a lease back. */
export async function releaseLease(em: EntityManager, { id }: Holder, webhookId: string): Promise<void> {
  await em.execute(
    'update webhooks set leased_by = null, leased_until = null where id = ? and leased_by = ?',
    [webhookId, id],
    'run',
  );
}

/** An event as it is posted. */
export interface PostedEvent {
  readonly id: string;
  readonly seal: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly actor: string | null;
  readonly action: string;
  readonly target: string | null;
  readonly targetType: string | null;
  readonly details: Readonly<Record<string, unknown>>;
  readonly count: number;
}

const POSTED = `id, seal::float8 as seal, (extract(epoch from at) * 1000)::float8 as at, actor_id as actor, action,
  target_id as target, target_type as "targetType", details, count`;

/**
 * Returns the next sealed events after the position, in the order of the chain, and the last seal there is. The order of
 * seals has no gaps: an event that is committed late is sealed late.
 */
export async function eventsAfter(
  em: EntityManager,
  { afterSeal, afterId }: Pick<SentWebhook, 'afterSeal' | 'afterId'>,
  limit: number,
): Promise<{ readonly events: readonly PostedEvent[]; readonly lastSeal: number }> {
  // First the seal: events that are sealed between the two statements are left for the next time.
  const lastSeal = await lastSealNumber(em);
  const events = await em.execute<PostedEvent[]>(
    `select ${POSTED} from audit_events where seal between ? and ? and (seal > ? or id > ?::uuid)
     order by seal, id limit ?`,
    [afterId === null ? afterSeal + 1 : afterSeal, lastSeal, afterSeal, afterId, limit],
  );
  return { events, lastSeal };
}

/** Returns the number of the last seal; 0 before the first. */
export async function lastSealNumber(em: EntityManager): Promise<number> {
  const [row] = await em.execute<{ last: number }[]>(
    `select coalesce(max(number), 0)::float8 as last from (
       select number from audit_seals union all select number from audit_checkpoints) as links`,
  );
  return row?.last ?? 0;
}

/** Returns an event by its id; null if retention has removed it. */
export async function eventById(em: EntityManager, id: string): Promise<PostedEvent | null> {
  const [event] = await em.execute<PostedEvent[]>(`select ${POSTED} from audit_events where id = ?`, [id]);
  return event ?? null;
}

/** A delivery that an administrator has asked for. */
export interface RequestedDelivery {
  readonly id: string;
  readonly eventId: string;
  readonly action: string;
  readonly attempts: number;
}

/** Returns the oldest delivery that an administrator has asked for; null without any. */
export async function requestedDelivery(em: EntityManager, webhookId: string): Promise<RequestedDelivery | null> {
  const [delivery] = await em.execute<RequestedDelivery[]>(
    `select id, event_id as "eventId", action, attempts from webhook_deliveries
     where webhook_id = ? and state = 'PENDING' and requested order by created_at, id limit 1`,
    [webhookId],
  );
  return delivery ?? null;
}

/** The outcome of an attempt. */
export interface Outcome {
  readonly state: WebhookDeliveryState;
  readonly attempts: number;
  readonly status: number | null;
  readonly failure: WebhookFailure | null;
}

/** Writes down the outcome of a delivery of an event. */
export async function writeDelivery(
  em: EntityManager,
  webhookId: string,
  { id, event }: { readonly id: string; readonly event: { readonly id: string; readonly action: string } },
  { state, attempts, status, failure }: Outcome,
  now: Date,
): Promise<void> {
  await em.execute(
    `insert into webhook_deliveries
       (id, webhook_id, event_id, action, state, requested, attempts, status, failure, created_at, attempted_at)
     values (?, ?, ?, ?, ?, false, ?, ?, ?, ?, ?)
     on conflict (webhook_id, event_id) do update set state = excluded.state, requested = false,
       attempts = excluded.attempts, status = excluded.status, failure = excluded.failure,
       attempted_at = excluded.attempted_at`,
    [id, webhookId, event.id, event.action, state, attempts, status, failure, now, now],
    'run',
  );
}

/** Moves the position of a webhook behind what is done. */
export async function moveWebhook(
  em: EntityManager,
  webhookId: string,
  { seal, id }: { readonly seal: number; readonly id: string | null },
): Promise<void> {
  await em.execute(
    'update webhooks set after_seal = ?, after_id = ?, attempts = 0 where id = ?',
    [seal, id, webhookId],
    'run',
  );
}

/** The state of a webhook after an attempt. */
export interface WebhookState {
  readonly attempts: number;
  readonly nextAttemptAt: Date;
  readonly failingSince: Date | null;
  /** The reason to post nothing more; null: to go on. */
  readonly disable: WebhookDisabledReason | null;
}

/** Writes down the state of a webhook. */
export async function writeWebhookState(
  em: EntityManager,
  webhookId: string,
  { attempts, nextAttemptAt, failingSince, disable }: WebhookState,
): Promise<void> {
  await em.execute(
    `update webhooks set attempts = ?, next_attempt_at = ?, failing_since = ?,
       enabled = enabled and ?, disabled_because = coalesce(?, disabled_because) where id = ?`,
    [attempts, nextAttemptAt, failingSince, disable === null, disable, webhookId],
    'run',
  );
}

/** Removes what is older than the newest deliveries of a state. */
export async function pruneDeliveries(
  em: EntityManager,
  webhookId: string,
  state: WebhookDeliveryState,
  keep: number,
): Promise<void> {
  await em.execute(
    `delete from webhook_deliveries where id in (
       select id from webhook_deliveries where webhook_id = ? and state = ?
       order by created_at desc, id desc offset ? limit 100)`,
    [webhookId, state, keep],
    'run',
  );
}

/** Marks dead letters to be posted once more. Returns their number. */
export async function requestDead(
  em: EntityManager,
  webhookId: string,
  ids: readonly string[] | null,
): Promise<number> {
  const rows = await em.execute<unknown[]>(
    `update webhook_deliveries set state = 'PENDING', requested = true
     where webhook_id = ? and state = 'DEAD' and (?::text is null or id::text = any(string_to_array(?, ','))) returning 1`,
    [webhookId, ids === null ? null : '', ids === null ? null : ids.join(',')],
  );
  return rows.length;
}

/** The number of webhooks by state, and of dead letters. */
export interface WebhookFigures {
  readonly enabled: number;
  readonly failing: number;
  readonly disabled: number;
  readonly dead: number;
}

/** Counts webhooks by state, and dead letters. */
export async function countWebhooks(em: EntityManager): Promise<WebhookFigures> {
  const [figures] = await em.execute<WebhookFigures[]>(
    `select (select count(*)::int from webhooks where enabled and failing_since is null) as enabled,
       (select count(*)::int from webhooks where enabled and failing_since is not null) as failing,
       (select count(*)::int from webhooks where not enabled) as disabled,
       (select count(*)::int from webhook_deliveries where state = 'DEAD') as dead`,
  );
  return figures ?? { enabled: 0, failing: 0, disabled: 0, dead: 0 };
}
