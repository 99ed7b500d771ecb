import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, createClient } from 'graphql-ws';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Cluster } from './cluster/cluster.ts';
import { Load } from './cluster/load.ts';
import { report } from './report.ts';

// Three servers behind HAProxy or nginx are restarted one after the other, under clients that write, read what they wrote, refresh
// their sessions and watch for changes. Needs what failover.proof.ts needs.

const WATCHERS = 5;
const CALM = 5_000;

let cluster: Cluster;
beforeAll(async () => {
  cluster = await Cluster.start({ hasNetworks: true, say: () => undefined });
}, 300_000);
afterAll(() => cluster.close());

interface Page {
  readonly nodes: readonly { readonly id: string }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
}

/** Returns the next documents, newest first. */
async function pageAfter(origin: string, after: string | null): Promise<Page> {
  const query =
    'query ($after: String) { documents(first: 50, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }';
  const response = await fetch(`${origin}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables: { after } }),
  });
  const { data } = (await response.json()) as { readonly data: { readonly documents: Page } };
  return data.documents;
}

/** A client that subscribes, and reads the list after each connection, as docs/subscriptions.md asks. */
class Watcher {
  readonly seen = new Set<string>();
  connections = 0;
  readonly #client: Client;

  constructor(origin: string) {
    this.#client = createClient({
      url: `${origin.replace('http', 'ws')}/graphql`,
      lazy: false,
      retryAttempts: 100,
      shouldRetry: () => true,
      on: { connected: () => void this.#read(origin) },
    });
    this.#client.subscribe<{ documentChanged: { id: string } }>(
      { query: 'subscription { documentChanged { id } }' },
      {
        next: ({ data }) => void this.seen.add(data?.documentChanged.id ?? ''),
        error: () => undefined,
        complete: () => undefined,
      },
    );
  }

  async #read(origin: string): Promise<void> {
    this.connections += 1;
    const before = new Set(this.seen);
    await sleep(500); // the subscription is open by then, and has told of changes after those that may be missing
    let after: string | null = null;
    for (let isKnown = false; !isKnown;) {
      const { nodes, pageInfo } = await pageAfter(origin, after);
      isKnown = nodes.every(({ id }) => before.has(id)) || !pageInfo.hasNextPage;
      nodes.forEach(({ id }) => this.seen.add(id));
      after = pageInfo.endCursor;
    }
  }

  async close(): Promise<void> {
    await this.#client.dispose();
  }
}

it.each(['HAProxy', 'nginx'])(
  'a rolling restart behind %s fails no request, and watchers miss no change',
  async (name) => {
    const origin = name === 'nginx' ? cluster.nginxOrigin : cluster.origin;
    const watchers = Array.from({ length: WATCHERS }, () => new Watcher(origin));
    const load = new Load(origin);
    await sleep(2_000);
    await load.start();
    await sleep(CALM);
    for (const index of cluster.servers.keys()) {
      await cluster.restart(index);
      await sleep(CALM);
    }
    await load.stop();
    await sleep(2_000);
    await Promise.all(watchers.map((watcher) => watcher.close()));
    const { acknowledged, failed, readBack, olderThanOwnWrite, refreshes, loggedOut } = load;
    const missed = watchers.map(({ seen }) => acknowledged.filter((id) => !seen.has(id)).length);
    const figures = {
      acknowledgedWrites: acknowledged.length,
      readBack,
      olderThanOwnWrite,
      failedRequests: failed,
      refreshes,
      loggedOut,
      watchers: watchers.length,
      reconnects: watchers.reduce((sum, { connections }) => sum + connections - 1, 0),
      missedChanges: missed.reduce((sum, count) => sum + count, 0),
    };
    report(`rolling restart of three servers behind ${name}`, figures);
    expect(figures).toMatchObject({ failedRequests: 0, olderThanOwnWrite: 0, loggedOut: 0, missedChanges: 0 });
    expect(figures.acknowledgedWrites).toBeGreaterThan(100);
    expect(figures.refreshes).toBeGreaterThan(20);
    expect(figures.reconnects).toBeGreaterThanOrEqual(WATCHERS);
  },
);
