import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemScope } from '../../../src/database/scopes.ts';
import { recordEvent } from '../../../src/database/events/record.ts';
import type { Post, PostAnswer } from '../../../src/lib/post.ts';
import type { AuditAction } from '../../../src/database/events/actions.ts';
import {
  CreateWebhookDocument,
  DeleteWebhookDocument,
  ResendWebhookDeliveriesDocument,
  RotateWebhookSecretDocument,
  TestWebhookDocument,
  UpdateWebhookDocument,
  type UpdateWebhookInput,
  WebhookDocument,
  type WebhookFieldsFragment,
  WebhooksDocument,
} from '../../generated/graphql.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { expectOutcome, openTo } from '../../support/outcomes.ts';
import { isSignedWith, startSecondSender, startSink, type WebhookSink } from '../../support/webhook-sink.ts';

let app: TestApp;
let sink: WebhookSink;

beforeAll(async () => {
  sink = await startSink();
  app = await createTestApp({ environment: { WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8' } });
});
afterAll(async () => {
  await app.close();
  await sink.close();
});
beforeEach(async () => {
  const { webhooks } = await app.as('ADMIN').query(WebhooksDocument).data();
  for (const { id } of webhooks ?? []) {
    await app.as('ADMIN').query(DeleteWebhookDocument, { id }).data();
  }
  await app.audit.sealer.seal();
  sink.received.length = 0;
  sink.answer = () => ({ status: 204 });
});

async function create(actions: string[] = ['role.*'], url = sink.url) {
  const { createWebhook } = await app.as('ADMIN').query(CreateWebhookDocument, { input: { url, actions } }).data();
  return { id: createWebhook?.webhook.id ?? '', secret: createWebhook?.secret ?? '' };
}

/** Records events, and seals them. */
async function record(...actions: [action: AuditAction, target: string][]): Promise<void> {
  for (const [action, target] of actions) {
    const by = { actorId: null, address: '192.0.2.7', now: app.clock.now() };
    await app.database.run(systemScope, (em) => recordEvent(em, by, { action, target: { type: 'role', id: target } }));
  }
  await app.audit.sealer.seal();
}

/** Records and seals events, and posts what is due. */
async function happen(...actions: [action: AuditAction, target: string][]): Promise<void> {
  await record(...actions);
  await app.webhooks.send();
}

const targets = (): unknown[] => sink.received.map(({ data }) => data.data['target']);

async function read(id: string): Promise<WebhookFieldsFragment> {
  const { webhook } = await app.as('ADMIN').query(WebhookDocument, { id }).data();
  if (!webhook) {
    throw new Error('There is no webhook');
  }
  return webhook;
}

const update = (id: string, input: UpdateWebhookInput) =>
  app.as('ADMIN').query(UpdateWebhookDocument, { id, input }).data();

describe('the API', () => {
  it.each(openTo('ADMIN', 'SUPER_ADMIN'))('the API answers %s with %s', async (who, outcome) => {
    const actor = app.as(who);
    const { id } = await create();
    const cases = [
      [actor.query(WebhooksDocument), 'webhooks', 'Query'],
      [actor.query(WebhookDocument, { id }), 'webhook', 'Query'],
      [actor.query(CreateWebhookDocument, { input: { url: sink.url } }), 'createWebhook', 'Mutation'],
      [actor.query(UpdateWebhookDocument, { id, input: { enabled: true } }), 'updateWebhook', 'Mutation'],
      [actor.query(RotateWebhookSecretDocument, { id }), 'rotateWebhookSecret', 'Mutation'],
      [actor.query(TestWebhookDocument, { id }), 'testWebhook', 'Mutation'],
      [actor.query(ResendWebhookDeliveriesDocument, { id }), 'resendWebhookDeliveries', 'Mutation'],
      [actor.query(DeleteWebhookDocument, { id }), 'deleteWebhook', 'Mutation'],
    ] as const;
    for (const [answer, path, type] of cases) {
      await expectOutcome<object>(answer, outcome, { path, coordinate: `${type}.${path}` });
    }
  });

  it('the API refuses endpoints to which the server may not post, and repeats no value', async () => {
    const input = { url: 'https://10.0.0.1/eaten' };
    const errors = await app.as('ADMIN').query(CreateWebhookDocument, { input }).errors();
    expect(errors.map(({ extensions }) => extensions?.['code'])).toEqual(['BAD_USER_INPUT']);
    expect(JSON.stringify(errors)).not.toContain('eaten');
  });

  it('the API shows a secret once, and no secret is in the trail', async () => {
    const { id, secret } = await create();
    expect(secret).toMatch(/^whsec_[\w+/]{43}=$/);
    await app.as('ADMIN').query(TestWebhookDocument, { id }).data();
    const rows = await app.database.run(systemScope, (em) =>
      em.execute<{ text: string }[]>("select e::text as text from audit_events e where target_type = 'webhook'"),
    );
    expect(rows.length).toBeGreaterThan(1);
    expect(JSON.stringify(rows)).not.toMatch(/whsec|127\.0\.0\.1:\d|hook"/);
    expect(JSON.stringify(app.logged)).not.toContain(sink.url);
  });

  it('the API needs a recent sign-in, and refuses a stale version', async () => {
    const { id } = await create();
    expect(
      await app
        .as('ADMIN')
        .query(UpdateWebhookDocument, { id, input: { enabled: false, version: 9 } })
        .codes(),
    ).toEqual(['CONFLICT']);
    const old = await app.as('ADMIN').token();
    app.clock.advance(660);
    const { body } = await app.post(
      { query: 'mutation($id: ID!) { rotateWebhookSecret(id: $id) { secret } }', variables: { id } },
      { authorization: `Bearer ${old}` },
    );
    expect(body.errors?.[0]?.extensions?.['code']).toBe('STEP_UP_REQUIRED');
  });
});

describe('messages', () => {
  it('messages are posted in order, signed, and without the address of the viewer', async () => {
    const { id, secret } = await create();
    await happen(['role.created', 'A'], ['account.created', 'no'], ['role.updated', 'B'], ['role.deleted', 'C']);
    expect(targets()).toEqual(['A', 'B', 'C']);
    expect(sink.received.every((message) => isSignedWith(message, secret))).toBe(true);
    const [first] = sink.received;
    expect(first?.data).toEqual({
      type: 'role.created',
      timestamp: app.clock.now().toISOString(),
      data: { id: first?.headers['webhook-id'], actor: null, target: 'A', targetType: 'role', details: {}, count: 1 },
    });
    expect(first?.headers).toMatchObject({
      'content-type': 'application/json',
      'webhook-timestamp': String(Math.floor(app.clock.now().getTime() / 1_000)),
    });
    const { deliveries } = await read(id);
    expect(deliveries.map(({ action, state, status }) => [action, state, status])).toEqual([
      ['role.deleted', 'DELIVERED', 204],
      ['role.updated', 'DELIVERED', 204],
      ['role.created', 'DELIVERED', 204],
    ]);
    await app.webhooks.send();
    expect(sink.received).toHaveLength(3);
  });

  it('messages are signed with two secrets for a day after a rotation', async () => {
    const { id, secret } = await create();
    const { rotateWebhookSecret } = await app.as('ADMIN').query(RotateWebhookSecretDocument, { id }).data();
    const next = rotateWebhookSecret?.secret ?? '';
    await happen(['role.created', 'A']);
    app.clock.advance(24 * 3_600 + 1);
    await happen(['role.created', 'B']);
    const signed = sink.received.map((message) => [isSignedWith(message, secret), isSignedWith(message, next)]);
    expect(signed).toEqual([
      [true, true],
      [false, true],
    ]);
  });

  it('messages wait behind one that fails, then follow; at last it is a dead letter, which is sent again on demand', async () => {
    const { id } = await create();
    sink.answer = ({ data }) => ({ status: data.data['target'] === 'BAD' ? 500 : 200 });
    await happen(['role.created', 'BAD'], ['role.created', 'NEXT']);
    expect(targets()).toEqual(['BAD']);
    expect(await read(id)).toMatchObject({ failingSince: app.clock.now().toISOString(), enabled: true });
    for (let attempt = 2; attempt <= 9; attempt += 1) {
      await app.webhooks.send();
      expect(targets()).toHaveLength(attempt - 1);
      app.clock.advance(18_000 * 1.2);
      await app.webhooks.send();
    }
    app.clock.advance(10);
    await app.webhooks.send();
    expect(targets()).toEqual([...Array<string>(9).fill('BAD'), 'NEXT']);
    expect(new Set(sink.received.slice(0, 9).map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    const { deliveries, failingSince } = await read(id);
    expect(failingSince).toBeNull();
    expect(deliveries.map(({ state, attempts, failure }) => [state, attempts, failure])).toEqual([
      ['DELIVERED', 1, null],
      ['DEAD', 9, 'STATUS'],
    ]);
    sink.answer = () => ({ status: 200 });
    const dead = deliveries.filter(({ state }) => state === 'DEAD').map((delivery) => delivery.id);
    const resend = (ids: string[] | null) =>
      app.as('ADMIN').query(ResendWebhookDeliveriesDocument, { id, deliveries: ids }).data();
    expect((await resend(['not an id'])).resendWebhookDeliveries).toBe(0);
    expect((await resend(dead)).resendWebhookDeliveries).toBe(1);
    expect((await resend(null)).resendWebhookDeliveries).toBe(0);
    await app.webhooks.send();
    expect(targets().at(-1)).toBe('BAD');
    expect((await read(id)).deliveries.map(({ state }) => state)).toEqual(['DELIVERED', 'DELIVERED']);
  });

  it('several processes at once post each message once', async () => {
    await create();
    const other = startSecondSender(app);
    await happen();
    const many = Array.from({ length: 30 }, (_, index): [AuditAction, string] => ['role.updated', String(index)]);
    await Promise.all([happen(...many), other.send(), other.send()]);
    await other.send();
    await app.webhooks.send();
    expect(targets()).toEqual(many.map(([, target]) => target));
    await other.stop();
  });

  it('a webhook is disabled by 410, and after five days of failures; enabled again, it gets every event', async () => {
    const { id } = await create();
    sink.answer = () => ({ status: 410 });
    await happen(['role.created', 'A']);
    expect(await read(id)).toMatchObject({ enabled: false, disabledBecause: 'GONE' });
    await happen(['role.created', 'B']);
    expect(targets()).toEqual(['A']);
    await update(id, { enabled: true });
    sink.answer = () => ({ status: 503, headers: { 'retry-after': '3000' } });
    await app.webhooks.send();
    app.clock.advance(2_990);
    await app.webhooks.send();
    expect(targets()).toEqual(['A', 'A']);
    app.clock.advance(5 * 24 * 3_600);
    await app.webhooks.send();
    expect(await read(id)).toMatchObject({ enabled: false, disabledBecause: 'FAILING' });
    sink.answer = () => ({ status: 200 });
    sink.received.length = 0;
    await update(id, { enabled: true });
    await app.webhooks.send();
    expect(targets()).toEqual(['A', 'B']);
  });

  it('messages follow no redirect', async () => {
    const { id } = await create();
    sink.answer = () => ({ status: 307, headers: { location: `${sink.url}/elsewhere` } });
    await happen(['role.created', 'A']);
    expect(sink.received.map(({ path }) => path)).toEqual(['/hook']);
    expect((await read(id)).deliveries).toMatchObject([{ state: 'PENDING', status: 307, failure: 'REDIRECT' }]);
  });

  it('messages can be tested, also while the webhook is disabled', async () => {
    const { id } = await create();
    await update(id, { enabled: false });
    const { testWebhook } = await app.as('ADMIN').query(TestWebhookDocument, { id }).data();
    await app.webhooks.send();
    expect(sink.received).toMatchObject([
      { headers: { 'webhook-id': testWebhook?.event }, data: { type: 'webhook.test', data: { target: id } } },
    ]);
    expect((await read(id)).deliveries).toMatchObject([{ id: testWebhook?.id, state: 'DELIVERED' }]);
  });
});

describe('a process', () => {
  it('a process that hangs loses its lease: another posts the event, and the position moves once', async () => {
    const { id } = await create();
    const hanging = Promise.withResolvers<PostAnswer>();
    const slow = startSecondSender(app, { leaseMs: 300, post: () => hanging.promise });
    await record(['role.created', 'A'], ['role.created', 'B']);
    const sending = slow.send();
    await vi.waitFor(async () => {
      await app.webhooks.send();
      expect(targets()).toEqual(['A', 'B']);
    }, 5_000);
    hanging.resolve({ status: 500, failure: 'STATUS', retryAfter: null });
    await sending;
    await slow.stop();
    const { deliveries, failingSince } = await read(id);
    expect([failingSince, deliveries.map(({ state }) => state)]).toEqual([null, ['DELIVERED', 'DELIVERED']]);
  });

  it('a process that stops ends the attempt in flight, and leaves the rest to the next', async () => {
    await create();
    const first = Promise.withResolvers<PostAnswer>();
    const posted = vi.fn<Post>(() => first.promise);
    const stopping = startSecondSender(app, { post: posted });
    await record(['role.created', 'A'], ['role.created', 'B']);
    const sending = stopping.send();
    await vi.waitFor(() => expect(posted).toHaveBeenCalledTimes(1));
    const stopped = stopping.stop();
    first.resolve({ status: 200, failure: null, retryAfter: null });
    await Promise.all([sending, stopped]);
    expect(posted).toHaveBeenCalledTimes(1);
    await app.webhooks.send();
    expect(targets()).toEqual(['B']);
  });
});
