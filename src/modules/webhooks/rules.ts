import { AUDIT_ACTIONS } from '../../database/events/actions.ts';
import type { Outcome, SentWebhook, WebhookState } from '../../database/webhooks.ts';
import { BadUserInput } from '../../lib/errors.ts';
import type { PostAnswer } from '../../lib/post.ts';
import { type AddressCheck, literalAddressOf } from '../../lib/network.ts';

/** The type of a test message. It is not an action of the audit trail. */
export const TEST_ACTION = 'webhook.test';

const LONGEST_URL = 2_000;
const MOST_ACTIONS = 50;

/** Reports if events of an action are posted. */
export function isWanted(actions: readonly string[], action: string): boolean {
  return actions.length === 0 || actions.some((pattern) => matches(pattern, action));
}

function matches(pattern: string, action: string): boolean {
  return pattern.endsWith('*') ? action.startsWith(pattern.slice(0, -1)) : pattern === action;
}

/** Returns actions without repetitions. @throws {BadUserInput} if one matches no action of the audit trail */
export function requireActions(actions: readonly string[]): string[] {
  const distinct = [...new Set(actions)];
  const field = 'input.actions';
  if (distinct.length > MOST_ACTIONS) {
    throw new BadUserInput(`A webhook has at most ${MOST_ACTIONS} actions`, { field });
  }
  if (!distinct.every((pattern) => pattern !== '*' && AUDIT_ACTIONS.some((action) => matches(pattern, action)))) {
    throw new BadUserInput(
      'Write an action of the audit trail, such as role.assigned, or the beginning of some, such as role.*',
      {
        field,
      },
    );
  }
  return distinct;
}

/**
 * Returns the URL of an endpoint as it is stored.
 *
 * @throws {BadUserInput} if nothing may be posted to it. Names are looked up at each attempt: they may change
 */
export function requireEndpoint(text: string, addresses: AddressCheck, allowsHttp: boolean): string {
  const field = 'input.url';
  const url = URL.parse(text);
  if (url === null || text.length > LONGEST_URL || !['https:', 'http:'].includes(url.protocol)) {
    throw new BadUserInput(`An endpoint is an https URL of at most ${LONGEST_URL} characters`, { field });
  }
  if (url.protocol === 'http:' && !allowsHttp) {
    throw new BadUserInput('An endpoint is an https URL', { field });
  }
  if (url.username !== '' || url.password !== '' || url.hash !== '') {
    throw new BadUserInput('The URL of an endpoint has no user name, password or fragment', { field });
  }
  const literal = literalAddressOf(url);
  const isAllowed = url.protocol === 'http:' ? addresses.isAllowedNetwork : addresses.isAllowed;
  if (literal !== null && !isAllowed(literal)) {
    throw new BadUserInput('This address is not public: the operator must add it to WEBHOOK_ALLOWED_NETWORKS first', {
      field,
    });
  }
  return url.href;
}

/** The wait after each failed attempt, in seconds. After the last of them the event is a dead letter: 8.7 hours in all. */
const WAITS = [5, 30, 120, 600, 1_800, 3_600, 7_200, 18_000];
/** The time after which a webhook that has failed without a success is disabled. */
const LONGEST_FAILURE_MS = 5 * 24 * 3_600_000;

/** The outcome of an attempt, and what follows for the webhook. */
export interface Progress {
  readonly outcome: Outcome;
  readonly state: WebhookState;
}

/** Returns what follows from an attempt to post the next event. */
export function progressAfter(
  webhook: Pick<SentWebhook, 'attempts' | 'failingSince'>,
  { status, failure, retryAfter }: PostAnswer,
  now: Date,
  random: () => number = Math.random,
): Progress {
  const attempts = webhook.attempts + 1;
  if (failure === null) {
    const outcome = { state: 'DELIVERED', attempts, status, failure } as const;
    return { outcome, state: { attempts: 0, nextAttemptAt: now, failingSince: null, disable: null } };
  }
  const failingSince = webhook.failingSince ?? now;
  const isLong = now.getTime() - failingSince.getTime() > LONGEST_FAILURE_MS;
  const isDead = attempts > WAITS.length;
  // Jitter: endpoints that failed at once are not all tried again at once.
  const wait = (isDead ? (WAITS[0] ?? 0) : (WAITS[attempts - 1] ?? 0)) * (0.8 + 0.4 * random());
  const nextAttemptAt = new Date(now.getTime() + Math.max(wait, retryAfter ?? 0) * 1_000);
  return {
    outcome: { state: isDead ? 'DEAD' : 'PENDING', attempts, status, failure },
    state: {
      attempts: isDead ? 0 : attempts,
      nextAttemptAt,
      failingSince,
      disable: status === 410 ? 'GONE' : isLong ? 'FAILING' : null,
    },
  };
}
