import { createHmac, randomBytes } from 'node:crypto';
import type { PostedEvent } from '../../database/webhooks.ts';
import { TEST_ACTION } from './rules.ts';

const PREFIX = 'whsec_';
const SECRET_BYTES = 32;

/** Creates a secret as the Standard Webhooks specification writes it. */
export function createSecret(): string {
  return `${PREFIX}${randomBytes(SECRET_BYTES).toString('base64')}`;
}

/** A message of the Standard Webhooks specification. */
export interface Message {
  readonly id: string;
  /** Seconds since 1970. */
  readonly timestamp: number;
  readonly body: string;
}

/** Returns the headers of a message: a signature by each of the secrets. */
export function signedHeaders({ id, timestamp, body }: Message, secrets: readonly string[]): Record<string, string> {
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(PREFIX.length), 'base64');
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
  });
  return { 'webhook-id': id, 'webhook-timestamp': String(timestamp), 'webhook-signature': signatures.join(' ') };
}

/** Returns the body of a message, by the Standard Webhooks specification: type, time and data, without the network address of the client. */
export function bodyOf({ id, at, actor, action, target, targetType, details, count }: PostedEvent): string {
  const data = { id, actor, target, targetType, details, count };
  return JSON.stringify({ type: action, timestamp: new Date(at).toISOString(), data });
}

/** Returns the event of a test message. It is not in the audit trail. */
export function testEvent(id: string, now: Date, webhookId: string): PostedEvent {
  return {
    id,
    seal: 0,
    at: now.getTime(),
    actor: null,
    action: TEST_ACTION,
    target: webhookId,
    targetType: 'webhook',
    details: {},
    count: 1,
  };
}
