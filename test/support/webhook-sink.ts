import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { createPost } from '../../src/lib/post.ts';
import { createAddressCheck } from '../../src/lib/network.ts';
import { startWebhooks, type WebhookParts, type Webhooks } from '../../src/modules/webhooks/sender.ts';
import type { TestApp } from './app.ts';

/** A message that has arrived. */
export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly data: { readonly type: string; readonly timestamp: string; readonly data: Record<string, unknown> };
}

/** A real HTTP server on loopback that keeps what is posted to it, and answers as it is told. */
export interface WebhookSink {
  readonly url: string;
  readonly received: Received[];
  /** Answers as the function says: a status, headers beside it; null: not at all. */
  answer: (message: Received) => { readonly status: number; readonly headers?: Record<string, string> } | null;
  readonly close: () => Promise<void>;
}

/** Starts a sink. */
export async function startSink(): Promise<WebhookSink> {
  const received: Received[] = [];
  const take = async (path: string, headers: IncomingHttpHeaders, body: string): Promise<Received> => {
    const message = { path, headers, body, data: JSON.parse(body) as Received['data'] };
    received.push(message);
    return message;
  };
  const server = createServer((request, response) => {
    const respond = async (): Promise<void> => {
      const answer = sink.answer(await take(request.url ?? '', request.headers, await text(request)));
      if (answer !== null) {
        response.writeHead(answer.status, answer.headers).end('x'.repeat(100));
      }
    };
    void respond();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const sink: WebhookSink = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received,
    answer: () => ({ status: 204 }),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return sink;
}

/** Verifies a message as the Standard Webhooks specification says, independently of the server's code. */
export function isSignedWith({ headers, body }: Received, secret: string): boolean {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
  const expected = `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
  return String(headers['webhook-signature']).split(' ').includes(expected);
}

/** Starts the sender of another process on the same database. */
export function startSecondSender({ database, clock }: TestApp, parts: Partial<WebhookParts> = {}): Webhooks {
  const log = { info: () => undefined, warn: () => undefined };
  const post = createPost(createAddressCheck(['127.0.0.0/8']));
  return startWebhooks({ database, now: clock.now, log, post, webhookInterval: 2 ** 31 - 1, ...parts });
}
