import type { Pool, PoolClient } from 'pg';

/**
 * Gives the place of a connection that died in somebody's hands back to the pool. Kysely keeps it otherwise when the
 * begin, the commit or the rollback of a transaction fails, so that an outage would use the pool up for good.
 */
export function returnDeadConnections(pool: Pool): void {
  pool.on('acquire', (client) => {
    // The pool sets `release` right after this event; whoever waits for the client comes later.
    queueMicrotask(() => releaseAtEnd(client));
  });
}

function releaseAtEnd(client: PoolClient): void {
  const { release } = client;
  let isReleased = false;
  const releaseOnce = (error?: Error | boolean): void => {
    if (!isReleased) {
      isReleased = true;
      client.off('end', releaseDead);
      release(error);
    }
  };
  const releaseDead = (): void => releaseOnce(true);
  client.release = releaseOnce;
  client.once('end', releaseDead);
}
