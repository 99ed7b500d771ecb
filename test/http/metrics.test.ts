import { once } from 'node:events';
import { connect } from 'node:net';
import { fastify } from 'fastify';
import { expect, it, onTestFinished } from 'vitest';
import { createRegistry, serveMetrics } from '../../src/http/metrics.ts';
import { createMetricProducer } from '../../src/wiring/metric-export.ts';

it('metrics of the process and of its answers are served, and hold no text of a client', async () => {
  const app = fastify();
  app.get('/things/:id', async () => 'a thing');
  const registry = createRegistry(app, [
    {
      kind: 'counter',
      name: 'errors_total',
      help: 'Errors',
      labels: ['code'],
      read: () => [{ labels: { code: 'FORBIDDEN' }, value: 3 }],
    },
    { kind: 'gauge', name: 'lag_seconds', help: 'Lag', labels: [], read: async () => [{ labels: {}, value: 1.5 }] },
    { kind: 'gauge', name: 'broken', help: 'Fails', labels: [], read: () => Promise.reject(new Error('down')) },
  ]);
  const metrics = await serveMetrics(registry, '127.0.0.1', 0);
  onTestFinished(async () => {
    await metrics.close();
    await app.close();
  });
  await app.inject('/things/secret?token=secret');
  await app.inject('/nowhere/secret');
  const ask = (path: string) => fetch(`http://127.0.0.1:${metrics.port}${path}`);
  const response = await ask('/metrics');
  expect(response.headers.get('content-type')).toContain('text/plain');
  const text = await response.text();
  expect(text).toContain('http_request_duration_seconds_count{method="GET",route="/things/:id",status="200"} 1');
  expect(text).toContain('http_request_duration_seconds_count{method="GET",route="unknown",status="404"} 1');
  expect(text).toContain('\nerrors_total{code="FORBIDDEN"} 3\n');
  expect(text).toContain('\nlag_seconds 1.5\n');
  expect(text).not.toMatch(/^broken/m);
  expect((await (await ask('/metrics')).text()).match(/^errors_total.* 3$/gm)).toHaveLength(1);
  expect(text).toContain('nodejs_eventloop_lag_seconds');
  expect(text).not.toContain('secret');
  expect((await ask('/')).status).toBe(404);

  const { resourceMetrics } = await createMetricProducer(registry, '1.2.3').collect();
  const sent = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
  const named = (name: string) => sent.find(({ descriptor }) => descriptor.name === name);
  const names = [...text.matchAll(/^([a-z\d_]+?)(?:_bucket|_sum|_count)?(?:\{.*\})? (?!Nan)/gim)].map(
    ([, name]) => name,
  );
  expect(names.length).toBeGreaterThan(50);
  // A histogram of delays that has none between two readings has no mean.
  const steady = names.filter((name = '') => !name.startsWith('nodejs_eventloop_lag'));
  expect(steady.filter((name = '') => named(name) === undefined)).toEqual([]);
  expect(named('broken')).toBeUndefined();
  expect(named('errors_total')).toMatchObject({
    isMonotonic: true,
    dataPoints: [{ attributes: { code: 'FORBIDDEN' }, value: 3 }],
  });
  expect(named('lag_seconds')).toMatchObject({ dataPoints: [{ attributes: {}, value: 1.5 }] });
  const points = named('http_request_duration_seconds')?.dataPoints ?? [];
  const [first] = points;
  expect(points.map(({ attributes }) => attributes)).toContainEqual({ method: 'GET', route: 'unknown', status: 404 });
  expect(first).toMatchObject({ value: { count: 1, buckets: { counts: expect.arrayContaining([1]) } } });
  expect(first).toHaveProperty('value.buckets.boundaries.length', 13);
  expect(first).toHaveProperty('value.buckets.counts.length', 14);
});

it.each([
  ['nothing', ''],
  ['half a request', 'GET /metrics HTTP/1.1\r\nhost:'],
  ['a request, and keeps the connection', 'GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n'],
])('the closing of metrics does not wait for a client that has sent %s', async (_, bytes) => {
  const app = fastify();
  onTestFinished(() => app.close());
  const metrics = await serveMetrics(createRegistry(app, []), '127.0.0.1', 0);
  const client = connect({ port: metrics.port, host: '127.0.0.1', allowHalfOpen: true });
  client.on('error', () => undefined).resume();
  onTestFinished(() => void client.destroy());
  await once(client, 'connect');
  client.write(bytes);
  const since = performance.now();
  await metrics.close();
  expect(performance.now() - since).toBeLessThan(1_000);
});
