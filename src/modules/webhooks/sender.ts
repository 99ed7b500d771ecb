import { v4 as randomUuid } from 'uuid';
import { orderedUuid } from '../../lib/ordered-uuid.ts';
import type { Database } from '../../database/database.ts';
import type { WebhookDisabledReason } from '../../database/entities/index.ts';
import { recordEvent } from '../../database/events/record.ts';
import type { EntityManager } from '../../database/orm.ts';
import { systemScope } from '../../database/scopes.ts';
import {
  eventById,
  eventsAfter,
  type Holder,
  leaseWebhooks,
  moveWebhook,
  type Outcome,
  type PostedEvent,
  pruneDeliveries,
  releaseLease,
  renewLease,
  requestedDelivery,
  type SentWebhook,
  writeDelivery,
  writeWebhookState,
} from '../../database/webhooks.ts';
import { inRootSpan, noteAttributes, SpanKind, traceHeaders } from '../../lib/tracing.ts';
import type { PostAnswer, Post } from '../../lib/post.ts';
import { bodyOf, signedHeaders, testEvent } from './message.ts';
import { isWanted, type Progress, progressAfter, TEST_ACTION } from './rules.ts';

/** The interval in which a process looks for events to post, in milliseconds. */
const INTERVAL = 1_000;
/** The time of a lease, longer than an attempt may take. After it other processes serve the webhooks of one that died. */
const LEASE_MS = 60_000;
/** The number of events that are read at a time. */
const BATCH = 100;
/** The number of deliveries of each webhook that are kept. */
const KEPT = { DELIVERED: 100, DEAD: 10_000 } as const;

export type AttemptOutcome = 'delivered' | 'failed' | 'dead';

/** The dependencies of {@link startWebhooks}. */
export interface WebhookParts {
  readonly database: Pick<Database, 'run'>;
  readonly now: () => Date;
  readonly log: { info(details: object, message: string): void; warn(details: object, message: string): void };
  readonly post: Post;
  readonly onAttempt?: ((outcome: AttemptOutcome) => void) | undefined;
  /** In milliseconds. */
  readonly webhookInterval?: number | undefined;
  readonly leaseMs?: number | undefined;
}

/** The posting of events to webhooks by one process. */
export interface Webhooks {
  /** Posts whatever is due and leased to no other process. Resolves when nothing more is due. */
  readonly send: () => Promise<void>;
  /** Lets attempts in flight finish, and releases the leases. */
  readonly stop: () => Promise<void>;
}

/**
 * Starts to post events. Any number of processes may start it: each webhook is served by the process that holds its
 * lease. An event is posted at least once: a process that dies between an attempt and its record repeats it, with the
 * same `webhook-id`.
 */
export function startWebhooks(parts: WebhookParts): Webhooks {
  const { log, webhookInterval = INTERVAL } = parts;
  const sender = new Sender(parts);
  let failing = false;
  const attempt = async (): Promise<void> => {
    try {
      await sender.sendDue();
      failing = false;
    } catch (error) {
      if (!failing) {
        log.warn({ err: error }, 'events cannot be posted to webhooks now; the next attempt follows');
      }
      failing = true;
    }
  };
  const tick = (): void => void attempt();
  const timer = setInterval(tick, webhookInterval).unref();
  return {
    send: async () => {
      await sender.sendDue();
      await sender.idle();
    },
    async stop() {
      clearInterval(timer);
      await sender.stop();
    },
  };
}

class Sender {
  readonly #parts: WebhookParts;
  readonly #holder: Holder;
  readonly #serving = new Map<string, Promise<void>>();
  #isStopping = false;

  constructor(parts: WebhookParts) {
    this.#parts = parts;
    this.#holder = { id: randomUuid(), leaseMs: parts.leaseMs ?? LEASE_MS };
  }

  /** Starts to post to the webhooks that are due. */
  async sendDue(): Promise<void> {
    if (this.#isStopping) {
      return;
    }
    const due = await this.#run((em) => leaseWebhooks(em, this.#holder, this.#parts.now()));
    for (const id of due.filter((leased) => !this.#serving.has(leased))) {
      const work = this.#serve(id).finally(() => this.#serving.delete(id));
      this.#serving.set(id, work);
    }
  }

  /** Waits until posting to all webhooks has finished. */
  async idle(): Promise<void> {
    await Promise.all(this.#serving.values());
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.idle();
  }

  #run<T>(work: (em: EntityManager) => Promise<T>): Promise<T> {
    return this.#parts.database.run(systemScope, work);
  }

  /** Posts to one webhook until nothing is due, an attempt fails, or the lease is lost. */
  async #serve(id: string): Promise<void> {
    try {
      for (let isMore = true; isMore && !this.#isStopping;) {
        const webhook = await this.#run((em) => renewLease(em, this.#holder, id));
        isMore = webhook !== null && ((await this.#sendRequested(webhook)) || (await this.#sendNext(webhook)));
      }
      await this.#run((em) => releaseLease(em, this.#holder, id));
    } catch (error) {
      // The lease ends by itself, and the position is where it was: nothing is lost.
      this.#parts.log.warn(
        { err: error, webhook: id },
        'events cannot be posted to a webhook now; the next attempt follows',
      );
    }
  }

  /** Posts the first delivery that an administrator has queued. Returns false if there is none. */
  async #sendRequested(webhook: SentWebhook): Promise<boolean> {
    const requested = await this.#run((em) => requestedDelivery(em, webhook.id));
    if (requested === null) {
      return false;
    }
    const { id, eventId, action } = requested;
    const event =
      action === TEST_ACTION
        ? testEvent(eventId, this.#parts.now(), webhook.id)
        : await this.#run((em) => eventById(em, eventId));
    const answer: Pick<Outcome, 'status' | 'failure'> =
      event === null ? { status: null, failure: 'REMOVED' } : await this.#attempt(webhook, event);
    const state = answer.failure === null ? 'DELIVERED' : 'DEAD';
    const outcome = {
      state,
      attempts: requested.attempts + 1,
      status: answer.status,
      failure: answer.failure,
    } as const;
    await this.#run(async (em) => {
      await writeDelivery(em, webhook.id, { id, event: { id: eventId, action } }, outcome, this.#parts.now());
      await pruneDeliveries(em, webhook.id, state, KEPT[state]);
    });
    this.#parts.onAttempt?.(answer.failure === null ? 'delivered' : 'dead');
    return true;
  }

  /** Posts the events after the position. Returns true if there may be more. */
  async #sendNext(webhook: SentWebhook): Promise<boolean> {
    if (!webhook.enabled || webhook.nextAttemptAt > this.#parts.now()) {
      return false;
    }
    const { events, lastSeal } = await this.#run((em) => eventsAfter(em, webhook, BATCH));
    for (const event of events.filter(({ action }) => isWanted(webhook.actions, action))) {
      const current = this.#isStopping ? null : await this.#run((em) => renewLease(em, this.#holder, webhook.id));
      if (current === null || !current.enabled || !(await this.#sendEvent(current, event))) {
        return false;
      }
    }
    const isAll = events.length < BATCH;
    const end = events.at(-1);
    const position = isAll || end === undefined ? { seal: Math.max(lastSeal, webhook.afterSeal), id: null } : end;
    await this.#run((em) => moveWebhook(em, webhook.id, position));
    return !isAll;
  }

  /** Posts an event, and records the outcome. Returns true if the event is done and the next may follow. */
  async #sendEvent(webhook: SentWebhook, event: PostedEvent): Promise<boolean> {
    const answer = await this.#attempt(webhook, event);
    const now = this.#parts.now();
    const progress = progressAfter(webhook, answer, now);
    const isRecorded = await this.#run(async (em) => {
      if ((await renewLease(em, this.#holder, webhook.id)) === null) {
        return false; // The process that holds the lease now posts the event again.
      }
      const { outcome, state } = progress;
      await writeDelivery(em, webhook.id, { id: orderedUuid(), event }, outcome, now);
      if (outcome.state !== 'PENDING') {
        await moveWebhook(em, webhook.id, event);
        await pruneDeliveries(em, webhook.id, outcome.state, KEPT[outcome.state]);
      }
      await writeWebhookState(em, webhook.id, state);
      if (state.disable !== null) {
        await recordDisabled(em, webhook.id, state.disable, now);
      }
      return true;
    });
    this.#report(webhook, answer, progress);
    return isRecorded && answer.failure === null;
  }

  async #attempt(webhook: SentWebhook, event: PostedEvent): Promise<PostAnswer> {
    const now = this.#parts.now();
    const body = bodyOf(event);
    const timestamp = Math.floor(now.getTime() / 1_000);
    const isOldValid = webhook.previousUntil !== null && webhook.previousUntil > now;
    const old = isOldValid && webhook.previousSecret !== null ? [webhook.previousSecret] : [];
    const signed = signedHeaders({ id: event.id, timestamp, body }, [webhook.secret, ...old]);
    return inRootSpan(
      () => ({ name: 'POST', kind: SpanKind.CLIENT, attributes: { 'http.request.method': 'POST' } }),
      async () => {
        const answer = await this.#parts.post(webhook.url, { ...traceHeaders(), ...signed }, body);
        noteAttributes({
          ...(answer.status === null ? {} : { 'http.response.status_code': answer.status }),
          ...(answer.failure === null ? {} : { 'error.type': answer.failure }),
        });
        return answer;
      },
    );
  }

  /** Reports an attempt to the metrics, and the beginning and the end of a series of failures to the log. */
  #report({ id, failingSince }: SentWebhook, { status, failure }: PostAnswer, { outcome, state }: Progress): void {
    const { log, onAttempt } = this.#parts;
    onAttempt?.(outcome.state === 'PENDING' ? 'failed' : outcome.state === 'DEAD' ? 'dead' : 'delivered');
    const details = { webhook: id, status, failure };
    if (state.disable !== null) {
      log.warn({ ...details, reason: state.disable }, 'a webhook is disabled');
    } else if (failure !== null && failingSince === null) {
      log.warn(details, 'a webhook fails');
    } else if (failure === null && failingSince !== null) {
      log.info(details, 'a webhook works again');
    }
  }
}

function recordDisabled(em: EntityManager, id: string, reason: WebhookDisabledReason, now: Date): Promise<void> {
  const by = { actorId: null, address: null, now };
  return recordEvent(em, by, { action: 'webhook.disabled', target: { type: 'webhook', id }, details: { reason } });
}
