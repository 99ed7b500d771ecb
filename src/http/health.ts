import type { FastifyInstance } from 'fastify';

/** A probe waits no longer for what readiness depends on. */
const PATIENCE_MS = 2_000;

async function isReady(ready: () => Promise<boolean>): Promise<boolean> {
  const { promise: patience, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(resolve, PATIENCE_MS, false);
  try {
    return await Promise.race([ready(), patience]);
  } catch {
    // Whatever keeps the check from succeeding, the answer is the same: not ready.
    return false;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * `GET /healthz`: the process lives, whatever it depends on; restart it if not. `GET /readyz`: it can serve; send it no
 * requests if not.
 */
export function registerHealth(fastify: FastifyInstance, ready: () => Promise<boolean>): void {
  fastify.get('/healthz', async () => ({ status: 'ok' }));
  fastify.get('/readyz', async (_request, reply) => {
    const isUp = await isReady(ready);
    return reply.code(isUp ? 200 : 503).send({ status: isUp ? 'ready' : 'not ready' });
  });
}
