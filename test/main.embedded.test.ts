import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  ask,
  demoFolder,
  emptyFolder,
  readyUrl,
  runCommand,
  shellWords,
  signIn,
  startServer,
} from './support/process.ts';

/** Processes take their time where several tests run at once. */
vi.setConfig({ testTimeout: 90_000 });

/** Returns true for a line that is an entry of the log. */
const isEntry = (line: string): boolean => line.startsWith('{"level":') && JSON.parse(line) !== null;

describe('npm start, in an empty folder', () => {
  it('npm start says what it does, and ends with a line to paste that works', async () => {
    const server = startServer({ folder: emptyFolder() });
    const url = await readyUrl(server);
    expect(server.output).toMatch(/creating the database.*\n.*migrating the database.*\n.*loading demo data/);
    expect(server.output).toMatch(/This is demo data/);
    expect(server.output).toMatch(/superadmin, admin, developer/);

    const [, line = ''] = await server.says(/^ +(curl .*)$/m);
    const [curl, ...words] = await shellWords(line);
    const valueOf = (option: string): string => words[words.indexOf(option) + 1] ?? '';
    expect([curl, words]).toEqual(['curl', expect.arrayContaining(['-s', '-u', '-H', '-d', `${url}graphql`])]);
    const answer = await fetch(`${url}graphql`, {
      method: 'POST',
      headers: [['authorization', `Basic ${btoa(valueOf('-u'))}`], valueOf('-H').split(': ') as [string, string]],
      body: valueOf('-d'),
    });
    expect(await answer.json()).toMatchObject({
      data: { accounts: { nodes: [{ name: 'Alder Analytics', status: 'ACTIVE' }, {}, {}], totalCount: 1000 } },
    });
  });
});

describe('the data', () => {
  it('one process holds the data, which survives kill -9, and releases it on SIGTERM and SIGINT', async () => {
    const folder = emptyFolder();
    const first = startServer({ folder });
    const url = await readyUrl(first);
    const token = await signIn(url, 'admin');
    const rename = 'mutation { updateMe(input: { displayName: "Ada Min" }) { displayName } }';
    expect(await ask(url, rename, token)).toEqual({ data: { updateMe: { displayName: 'Ada Min' } } });

    for (const second of [startServer({ folder }), runCommand(['database', 'migrate'], { folder })]) {
      expect(await second.ends()).toBe(1);
      expect(second.output).toMatch(
        new RegExp(`is held by process ${first.pid} \\(npm start, since .*Stop that process`),
      );
      expect(second.output).not.toMatch(/ at .*\.ts:/);
    }
    expect(await ask(url, '{ me { displayName } }', token)).toEqual({ data: { me: { displayName: 'Ada Min' } } });

    await first.stop('SIGKILL');
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const next = startServer({ folder, environment: signal === 'SIGTERM' ? { LOG_LEVEL: 'info' } : {} });
      const nextUrl = await readyUrl(next);
      expect(next.output).not.toMatch(/creating|migrating|loading/);
      const query = '{ me { displayName } users { totalCount } accounts { totalCount } }';
      expect(await ask(nextUrl, query, token)).toEqual({
        data: { me: { displayName: 'Ada Min' }, users: { totalCount: 210 }, accounts: { totalCount: 1000 } },
      });
      expect(await next.stop(signal)).toBe(0);
      const lines = next.output.split('\n').filter((line) => line !== '');
      expect(lines.every(isEntry), 'with LOG_LEVEL each line is an entry of the log').toBe(signal === 'SIGTERM');
    }
  });

  it.each([200, 1_600])('the data is created again when its first creation was killed after %i ms', async (delay) => {
    const folder = emptyFolder();
    const cutShort = startServer({ folder });
    await cutShort.says(/creating the database/);
    await sleep(delay);
    await cutShort.stop('SIGKILL');
    const server = startServer({ folder });
    const url = await readyUrl(server);
    const query = '{ users { totalCount } accounts { totalCount } roles { totalCount } }';
    expect(await ask(url, query, await signIn(url, 'admin'))).toEqual({
      data: { users: { totalCount: 210 }, accounts: { totalCount: 1000 }, roles: { totalCount: 10 } },
    });
  });
});

describe('a process that cannot start', () => {
  it('a process that cannot start lists every problem of its configuration at once, and touches nothing', async () => {
    const folder = emptyFolder();
    const environment = { NODE_ENV: 'production', PORT: 'x', SESSION_DAYS: '0', JWT_SECRET: 'marker' };
    const server = startServer({ folder, environment });
    expect(await server.ends()).toBe(1);
    for (const name of ['PORT', 'SESSION_DAYS', 'JWT_SECRET', 'JWT_ISSUER', 'JWT_AUDIENCE', 'DATABASE_URL']) {
      expect(server.output).toMatch(new RegExp(`^  ${name} `, 'm'));
    }
    expect(server.output).not.toMatch(/ at .*\.ts:|marker/);
    expect(existsSync(join(folder, '.data'))).toBe(false);
  });

  it('a process says that another program listens on its port, and releases the data', async () => {
    const folder = demoFolder();
    const other = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void other.close());
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const server = startServer({ folder, environment: { PORT: String(port) } });
    expect(await server.ends()).toBe(1);
    expect(server.output).toMatch(new RegExp(`listens on port ${port} of 127.0.0.1. .*PORT\\.$`, 'm'));
    expect(await runCommand(['database', 'migrate'], { folder }).ends()).toBe(0);
  });
});
