import { randomUUID } from 'node:crypto';
import { describe, expect, inject, it, onTestFinished, vi } from 'vitest';
import type { Environment } from '../../src/config/config.ts';
import { onServer } from '../support/environment.ts';
import { ask, emptyFolder, type Program, readyUrl, startServer } from '../support/process.ts';

/** Processes take their time where several tests run at once. */
vi.setConfig({ testTimeout: 90_000 });

async function startWorkers(superuserUrl: string, more: Environment = {}): Promise<Program> {
  const name = `rolegate_workers_${randomUUID().slice(0, 8)}`;
  await onServer(superuserUrl, `create database ${name}`);
  onTestFinished(() => onServer(superuserUrl, `drop database ${name} with (force)`));
  const environment = {
    WORKERS: '2',
    DATABASE_URL: Object.assign(new URL(superuserUrl), { pathname: `/${name}` }).href,
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
  }
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

  it('answers in several processes on one port, replaces one that dies, and ends all of them', async () => {
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

  it('ends when one cannot start, which says why', async () => {
    const url = await readyUrl(await startWorkers(serverUrl));
    const other = await startWorkers(serverUrl, { PORT: new URL(url).port });
    expect(await other.ends()).toBe(1);
    expect(other.output.match(/Another program listens/g)).toHaveLength(1);
  });
});
