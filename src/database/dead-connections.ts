import type { Pool, PoolClient } from 'pg';

/**
 * Gives the place of a connection that died in somebody's hands back to the pool. Kysely keeps it otherwise when the
 * begin, the commit or the rollback of a transaction fails, so that an outage would use the pool up for good.
 */
export function returnDeadConnections(pool: Pool): void {
  const held = new WeakSet<PoolClient>();
  const onEnd = (client: PoolClient): void => {
    if (held.has(client)) {
      client.release(true);
      // Whoever held it may release it once more; the pool would throw.
      client.release = () => undefined;
    }
  };
  pool.on('connect', (client) => client.once('end', () => onEnd(client)));
  pool.on('acquire', (client) => held.add(client));
  pool.on('release', (_error, client) => held.delete(client));
}
