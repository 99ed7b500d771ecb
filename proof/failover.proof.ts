import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cluster } from './cluster/cluster.ts';
import { ask, bearer, Load, signIn, WRITERS } from './cluster/load.ts';
import type { DatabaseNode } from './cluster/node.ts';
import { report } from './report.ts';

// Three nodes by Patroni with a synchronous standby behind HAProxy, three servers, and clients that write, read what they
// wrote and refresh their sessions, while the primary is killed, frozen, and cut from the network. Needs root and Debian's
// packages postgresql, patroni, etcd-server and haproxy.

/** The load goes on for this long, in milliseconds, before a fault and after the service is back. */
const CALM = 5_000;
const LIMIT_MS = 30_000;

let cluster: Cluster;
beforeAll(async () => {
  cluster = await Cluster.start({ hasNetworks: true, say: () => undefined });
}, 300_000);
afterAll(() => cluster.close());

/** Returns how many of the documents the primary does not have. */
async function lost(ids: readonly string[]): Promise<number> {
  const client = new Client({ connectionString: cluster.databaseUrl.replace(/postgres$/, 'rolegate') });
  await client.connect();
  const { rows } = await client.query<{ count: number }>(
    'select count(*)::int as count from documents where id = any($1::uuid[])',
    [ids],
  );
  await client.end();
  return ids.length - (rows[0]?.count ?? 0);
}

async function verifyChain(): Promise<unknown> {
  const answer = await ask(
    cluster.origin,
    '{ auditVerification { intact complete damage } }',
    {},
    bearer(await signIn(cluster.origin, 'admin')),
  );
  return answer?.data?.['auditVerification'];
}

/** Breaks the primary under load until the service is back; then repairs it. */
async function survive(breakIt: (node: DatabaseNode) => void, repair: (node: DatabaseNode) => void) {
  const load = new Load(cluster.origin);
  await load.start();
  await sleep(CALM);
  const broken = await cluster.primary();
  breakIt(broken);
  const [since, before] = [performance.now(), load.acknowledged.length];
  while (load.acknowledged.length < before + WRITERS * 2 && performance.now() - since < 2 * LIMIT_MS) {
    await sleep(50);
  }
  await sleep(CALM);
  repair(broken);
  await cluster.untilHealthy(180_000);
  await sleep(CALM);
  await load.stop();
  const { acknowledged, longestGap, failed, readBack, olderThanOwnWrite, refreshes, loggedOut } = load;
  const figures = {
    acknowledgedWrites: acknowledged.length,
    lost: await lost(acknowledged),
    readBack,
    olderThanOwnWrite,
    failedRequests: failed,
    longestMsWithoutAWrite: longestGap,
    refreshes,
    loggedOut,
  };
  return { figures, movedTo: (await cluster.primary()).name, from: broken.name };
}

describe('a primary under load', () => {
  it.each([
    ['killed with -9, with its Patroni', (node: DatabaseNode) => node.kill(), (node: DatabaseNode) => node.start()],
    ['frozen', (node: DatabaseNode) => node.freeze(), (node: DatabaseNode) => node.thaw()],
    [
      'cut from the network',
      (node: DatabaseNode) => node.setConnected(false),
      (node: DatabaseNode) => node.setConnected(true),
    ],
  ])('a primary that is %s is replaced, and nothing is lost', async (what, breakIt, repair) => {
    const { figures, movedTo, from } = await survive(breakIt, repair);
    report(what, figures);
    expect(movedTo).not.toBe(from);
    expect(figures).toMatchObject({ lost: 0, olderThanOwnWrite: 0, loggedOut: 0 });
    expect(figures.acknowledgedWrites).toBeGreaterThan(100);
    expect(figures.readBack).toBeGreaterThan(100);
    expect(figures.refreshes).toBeGreaterThan(20);
    expect(figures.longestMsWithoutAWrite).toBeLessThan(LIMIT_MS);
    expect(await verifyChain()).toEqual({ intact: true, complete: true, damage: [] });
  });
});
