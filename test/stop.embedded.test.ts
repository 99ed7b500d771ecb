import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ask, demoFolder, emptyFolder, readyUrl, startServer } from './support/process.ts';

/** Processes take their time where several tests run at once. */
vi.setConfig({ testTimeout: 90_000 });

const STARTED = { data: { __typename: 'Query' } };

async function statusOf(url: string): Promise<number> {
  return (await fetch(url)).status;
}

describe('SIGTERM', () => {
  it('SIGTERM is announced to load balancers first; requests are answered until the delay is over', async () => {
    const server = startServer({ folder: demoFolder(), environment: { SHUTDOWN_DELAY_SECONDS: '3' } });
    const url = await readyUrl(server);
    expect(await statusOf(`${url}readyz`)).toBe(200);
    const since = performance.now();
    const ended = server.stop('SIGTERM');
    await server.says(/SIGTERM: closing/);
    expect(await statusOf(`${url}readyz`)).toBe(503);
    expect(await statusOf(`${url}healthz`)).toBe(200);
    await sleep(1_500);
    expect(await ask(url, '{ __typename }')).toEqual(STARTED);
    expect(await ended).toBe(0);
    expect(performance.now() - since).toBeGreaterThan(2_900);
    await expect(fetch(url)).rejects.toThrow('fetch failed');
  });

  it('a request that was only half sent, or a silent connection, does not delay the stop', async () => {
    const server = startServer({ folder: demoFolder() });
    const url = await readyUrl(server);
    const clients = ['', 'POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{'].map((bytes) => {
      const client = connect({ port: Number(new URL(url).port), host: '127.0.0.1', allowHalfOpen: true });
      client.on('error', () => undefined).resume();
      client.write(bytes);
      onTestFinished(() => void client.destroy());
      return once(client, 'connect');
    });
    await Promise.all(clients);
    await sleep(100);
    const since = performance.now();
    expect(await server.stop('SIGTERM')).toBe(0);
    expect(performance.now() - since).toBeLessThan(6_000);
  });

  it('SIGTERM during the start stops the server without an error', async () => {
    const folder = emptyFolder();
    const server = startServer({ folder, environment: { SHUTDOWN_DELAY_SECONDS: '30' } });
    await server.says(/migrating the database/);
    expect(await server.stop('SIGTERM')).toBe(0);
    expect(server.output).not.toMatch(/Rolegate is ready/);
    const next = startServer({ folder });
    expect(await ask(await readyUrl(next), '{ __typename }')).toEqual(STARTED);
  });
});

it('SIGINT, from a terminal, stops without a delay', async () => {
  const server = startServer({ folder: demoFolder(), environment: { SHUTDOWN_DELAY_SECONDS: '30' } });
  await readyUrl(server);
  const since = performance.now();
  expect(await server.stop('SIGINT')).toBe(0);
  expect(performance.now() - since).toBeLessThan(6_000);
});
