import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, inject, it, onTestFinished, vi } from 'vitest';
import type { Environment } from '../../src/config/config.ts';
import { onServer } from '../support/environment.ts';
import { ask, emptyFolder, type Program, readyUrl, startServer } from '../support/process.ts';

/** Processes take their time where several tests run at once. */
vi.setConfig({ testTimeout: 150_000 });

async function createDatabase(superuserUrl: string): Promise<string> {
  const name = `rolegate_workers_${randomUUID().slice(0, 8)}`;
  await onServer(superuserUrl, `create database ${name}`);
  onTestFinished(() => onServer(superuserUrl, `drop database ${name} with (force)`));
  return Object.assign(new URL(superuserUrl), { pathname: `/${name}` }).href;
}

async function startWorkers(superuserUrl: string, more: Environment = {}): Promise<Program> {
  const environment = {
    WORKERS: '2',
    DATABASE_URL: await createDatabase(superuserUrl),
    JWT_SECRET: 'VnR5p0mQ8hZ2kYw1sT4uXc7bA9dFgJ3l',
    JWT_ISSUER: 'https://api.example.com',
    JWT_AUDIENCE: 'https://api.example.com/graphql',
    LOG_LEVEL: 'info',
    ...more,
  };
  return startServer({ folder: emptyFolder(), environment });
}

/** Asks over connections of their own until so many processes have answered since. Their ids. */
async function answering(server: Program, url: string, count: number): Promise<Set<number>> {
  const before = server.output.length;
  for (;;) {
    await fetch(`${url}healthz`, { headers: { connection: 'close' } });
    const answers = server.output.slice(before).matchAll(/"pid":(\d+).*"answered"/g);
    const pids = new Set([...answers].map(([, pid]) => Number(pid)));
    if (pids.size === count) {
      return pids;
    }
    await sleep(20); // a worker may be starting, and needs the processor
  }
}

/** Has every request for documents wait so many seconds. */
function holdDocuments(databaseUrl: string, seconds: number): Promise<void> {
  return onServer(
    databaseUrl,
    `do $$ begin lock table documents in access exclusive mode; perform pg_sleep(${seconds}); end $$`,
  );
}

async function freePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return String(port);
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

// There is a server to try it on when the run is for PostgreSQL.
describe('WORKERS', () => {
  const serverUrl = inject('database').serverUrl ?? '';

  it('several processes answer on one port; one that dies is replaced, and all end together', async () => {
    const server = await startWorkers(serverUrl);
    const url = await readyUrl(server);
    expect(server.output.match(/migrating the database/g)).toHaveLength(1);
    expect(await ask(url, '{ __typename }')).toEqual({ data: { __typename: 'Query' } });

    const first = await answering(server, url, 2);
    const [victim = 0, survivor = 0] = first;
    process.kill(victim, 'SIGKILL');
    await vi.waitFor(() => expect(isRunning(victim)).toBe(false));
    const second = await answering(server, url, 2);
    expect(second).toContain(survivor);
    expect(second).not.toContain(victim);

    expect(await server.stop('SIGTERM')).toBe(0);
    expect([...second].filter(isRunning)).toEqual([]);
  });

  it('the server stops when a worker cannot start, and says why', async () => {
    const url = await readyUrl(await startWorkers(serverUrl));
    const other = await startWorkers(serverUrl, { PORT: new URL(url).port });
    expect(await other.ends()).toBe(1);
    expect(other.output.match(/Another program listens/g)).toHaveLength(1);
  });

  it('a request finishes when the server is stopped before all workers are up', async () => {
    const [port, databaseUrl] = [await freePort(), await createDatabase(serverUrl)];
    const more = { PORT: port, DATABASE_URL: databaseUrl, WORKERS: '8' };
    const server = await startWorkers(serverUrl, more);
    const url = `http://127.0.0.1:${port}/`;
    await vi.waitFor(() => ask(url, '{ __typename }'), { timeout: 60_000, interval: 20 });
    const held = holdDocuments(databaseUrl, 2);
    await sleep(200);
    const answer = ask(url, '{ documents { totalCount } }');
    await sleep(200);
    const code = server.stop('SIGTERM');
    expect(server.output).not.toMatch(/Rolegate is ready/);
    expect(await answer).toEqual({ data: { documents: { totalCount: 0 } } });
    expect(await code).toBe(0);
    await held;
    expect(server.output).not.toMatch(/Rolegate is ready/);
  });

  it('requests finish when the process that started the server has ended', async () => {
    const databaseUrl = await createDatabase(serverUrl);
    const server = await startWorkers(serverUrl, { DATABASE_URL: databaseUrl });
    const url = await readyUrl(server);
    const workers = await answering(server, url, 2);
    const held = holdDocuments(databaseUrl, 2);
    await sleep(200);
    const answers = [1, 2, 3, 4].map(() => ask(url, '{ documents { totalCount } }'));
    await sleep(200);
    await server.stop('SIGKILL');
    expect(await Promise.all(answers)).toEqual(answers.map(() => ({ data: { documents: { totalCount: 0 } } })));
    await held;
    await vi.waitFor(() => expect([...workers].filter(isRunning)).toEqual([]), 10_000);
  });

  it('the server goes on while a worker that died cannot be replaced', async () => {
    const databaseUrl = await createDatabase(serverUrl);
    const server = await startWorkers(serverUrl, { DATABASE_URL: databaseUrl });
    const url = await readyUrl(server);
    const [victim = 0, survivor = 0] = await answering(server, url, 2);
    await onServer(databaseUrl, 'alter table roles rename to elsewhere');
    process.kill(victim, 'SIGKILL');
    await vi.waitFor(() => expect(server.output).toMatch(/relation "roles" does not exist/), 60_000);
    await sleep(1_000);
    expect(isRunning(survivor)).toBe(true);
    await onServer(databaseUrl, 'alter table elsewhere rename to roles');
    expect(await answering(server, url, 2)).toContain(survivor);
    expect(await server.stop('SIGTERM')).toBe(0);
  });
});
