import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { Budget } from '../../src/http/budget.ts';
import { connectAs } from '../sockets/client.ts';
import { createTestApp, type HttpAnswer, type TestApp } from '../support/app.ts';

const DOCUMENTS = '{ documents(first: 20) { nodes { id title } } }';
const CHEAP = '{ __typename }';

async function startApp(environment: Record<string, string>): Promise<TestApp> {
  const app = await createTestApp({ environment });
  onTestFinished(() => app.close());
  return app;
}

function leftOf({ headers }: HttpAnswer, name: string): number {
  return Number(new RegExp(`"${name}";r=(\\d+);t=\\d+`).exec(String(headers['ratelimit']))?.[1]);
}

function expectLimited({ status, headers, body }: HttpAnswer): void {
  expect(status).toBe(429);
  const wait = Number(headers['retry-after']);
  expect(wait).toBeGreaterThan(50);
  expect(wait).toBeLessThanOrEqual(60);
  expect(body).toEqual({
    errors: [expect.objectContaining({ extensions: { code: 'RATE_LIMITED', retryAfterSeconds: wait } })],
  });
}

describe('a budget', () => {
  it('a budget is charged with the cost of operations, and every response states it', async () => {
    const app = await startApp({ COST_PER_ADDRESS: '1000', COST_PER_VIEWER: '500' });
    const cheap = await app.post({ query: CHEAP });
    expect(cheap.headers['ratelimit-policy']).toBe('"address";q=1000;w=60');
    expect(cheap.headers['ratelimit']).toMatch(/^"address";r=\d+;t=(60|59)$/);
    const costly = await app.post({ query: DOCUMENTS });
    const spent = leftOf(cheap, 'address') - leftOf(costly, 'address');
    expect(spent).toBeGreaterThan(50);
    expect(1_000 - leftOf(cheap, 'address')).toBeLessThan(20);

    const signedIn = await app.as('ADMIN').request(CHEAP);
    expect(signedIn.headers['ratelimit-policy']).toBe('"viewer";q=500;w=60, "address";q=1000;w=60');
    expect(leftOf(signedIn, 'viewer')).toBeGreaterThan(480);
    expect(leftOf(signedIn, 'address')).toBeLessThan(leftOf(costly, 'address'));
  });

  it('a used-up budget of an address refuses all requests from there, and no others', async () => {
    const app = await startApp({ COST_PER_ADDRESS: '100', TRUST_PROXY: '127.0.0.1' });
    const from = (address: string) => app.post({ query: DOCUMENTS }, { 'x-forwarded-for': address });
    const answers = [await from('2001:db8::1'), await from('2001:db8::2'), await from('2001:db8::3')];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
    expectLimited(answers[2] as HttpAnswer);
    expect((await from('2001:db8:0:1::1')).status).toBe(200);
    expect((await from('203.0.113.7')).status).toBe(200);
    const { headers } = answers[2] as HttpAnswer;
    expect(headers['ratelimit']).toMatch(/^"address";r=0;t=\d+$/);
  });

  it('a used-up budget of a viewer does not affect others', async () => {
    const app = await startApp({ COST_PER_VIEWER: '60' });
    const [admin, other] = [app.as('ADMIN'), app.as('DEVELOPER')];
    expect((await admin.request(DOCUMENTS)).status).toBe(200);
    await admin.request(CHEAP);
    expectLimited(await admin.request(CHEAP));
    expect((await other.request(CHEAP)).status).toBe(200);
    const anonymous = await app.post({ query: CHEAP });
    expect(anonymous.status).toBe(200);
    expect(anonymous.headers).not.toHaveProperty('ratelimit');
  });

  it('a budget is charged for failed requests, too: documents that are not valid, bad credentials', async () => {
    const app = await startApp({ COST_PER_ADDRESS: '40' });
    const invalid = await app.post({ query: '{ nope }' });
    const denied = await app.post({ query: CHEAP }, { authorization: 'Bearer nonsense' });
    expect([invalid.status, denied.status]).toEqual([400, 401]);
    expect(leftOf(denied, 'address')).toBe(20);
    await app.post({ query: '{ nope' });
    await app.post({ query: '{ nope' });
    expectLimited(await app.post({ query: CHEAP }, { authorization: 'Bearer nonsense' }));
  });

  it('concurrent requests exceed a budget by at most one operation', async () => {
    const app = await startApp({ COST_PER_ADDRESS: '300' });
    const answers = await Promise.all(Array.from({ length: 30 }, () => app.post({ query: DOCUMENTS })));
    const served = answers.filter(({ status }) => status === 200).length;
    expect(served).toBeGreaterThan(0);
    expect(served).toBeLessThan(10);
    answers.filter(({ status }) => status !== 200).forEach(expectLimited);
  });

  it('a budget limits subscriptions as well', async () => {
    const app = await startApp({ COST_PER_VIEWER: '5' });
    const socket = await connectAs(app, 'STANDARD');
    const tries = [1, 2, 3, 4, 5, 6].map(() => socket.subscribe('subscription { documentChanged { id } }'));
    const { errors } = await (tries[5] as (typeof tries)[number]).outcome();
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'RATE_LIMITED' });
  });
});

describe('without a configured budget', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await createTestApp();
  });
  afterAll(() => app.close());

  it('nothing is limited, and no header is sent', async () => {
    const { status, headers } = await app.as('ADMIN').request(DOCUMENTS);
    expect(status).toBe(200);
    expect(headers).not.toHaveProperty('ratelimit');
    expect(headers).not.toHaveProperty('ratelimit-policy');
  });
});

function from(at: number) {
  return { viewerId: null, address: `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}` };
}

describe('the window', () => {
  it('the budget is full again after a minute', () => {
    let now = 0;
    const budget = new Budget({ perViewer: 10, perAddress: null }, () => now);
    const ada = { viewerId: 'ada', address: '192.0.2.1' };
    expect(budget.chargeOperation(ada, 25)).toBeNull();
    now = 10_500;
    expect(budget.chargeOperation(ada, 1)).toMatchObject({ code: 'RATE_LIMITED', retryAfterSeconds: 50 });
    expect(budget.chargeOperation({ ...ada, viewerId: 'bob' }, 1)).toBeNull();
    now = 60_000;
    expect(budget.chargeOperation(ada, 1)).toBeNull();
  });

  it('budgets are kept for a limited number of addresses', () => {
    let now = 0;
    const budget = new Budget({ perViewer: null, perAddress: 1 }, () => now);
    for (let at = 0; at < 100_000; at += 1) {
      now += 0.1;
      budget.chargeOperation(from(at), 1);
    }
    expect(budget.chargeOperation(from(99_999), 1)).not.toBeNull();
    expect(budget.chargeOperation(from(50_000), 1)).not.toBeNull();
  });
});
