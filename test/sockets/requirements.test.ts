import type { DocumentNode } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AuditEventAddedDocument, DocumentChangedDocument, InventoryChangedDocument } from '../generated/graphql.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { everyViewer, openTo } from '../support/outcomes.ts';
import { look } from '../support/rows.ts';
import { connectAs, type Subscription, untilOpen } from './client.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
});
afterAll(() => app.close());

const tables: readonly [string, DocumentNode, ReturnType<typeof openTo>][] = [
  ['inventoryChanged', InventoryChangedDocument, openTo('SALES', 'WAREHOUSE', 'MANAGER', 'ADMIN', 'SUPER_ADMIN')],
  ['auditEventAdded', AuditEventAddedDocument, openTo('ADMIN', 'SUPER_ADMIN')],
  ['documentChanged', DocumentChangedDocument, everyViewer.map((who) => [who, 'data'] as const)],
];

/** Returns the outcome of a subscription, once it is open or refused. */
async function outcomeOf<Data>(subscription: Subscription<Data>): Promise<object | 'data'> {
  const refused = async (): Promise<object> => {
    const { data, errors } = await subscription.answer();
    await subscription.complete();
    return { open: app.liveCounts().subscriptions, data, errors: errors?.map(({ extensions }) => extensions) };
  };
  return Promise.race([refused(), untilOpen(app, 1).then(() => 'data' as const)]);
}

describe.each(tables)('%s', (field, document, rows) => {
  it.each(rows)('the subscription answers %s with %s', async (who, outcome) => {
    const socket = await connectAs(app, who);
    const refusal = { open: 0, data: undefined, errors: [{ code: outcome, coordinate: `Subscription.${field}` }] };
    expect(await outcomeOf(socket.subscribe(document))).toEqual(outcome === 'data' ? 'data' : refusal);
    await socket.close();
    await untilOpen(app, 0);
  });
});

it('refused subscriptions are counted for the audit trail, as refused queries are', async () => {
  await app.audit.denials.flush('all');
  const denied = await look<{ target: string; count: number }>(
    app,
    `select target_id as target, sum(count)::int as count from audit_events
     where action = 'access.denied' group by 1 order by 1`,
  );
  expect(denied).toEqual([
    { target: 'Subscription.auditEventAdded', count: 9 },
    { target: 'Subscription.inventoryChanged', count: 6 },
  ]);
});
