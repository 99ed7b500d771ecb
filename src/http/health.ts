import type { FastifyInstance } from 'fastify';
import { within } from '../lib/deadline.ts';

/** A probe waits no longer for what readiness depends on. */
const PATIENCE_MS = 2_000;

async function isReady(ready: () => Promise<boolean>): Promise<boolean> {
  try {
    return await within(ready(), PATIENCE_MS, () => false);
  } catch {
    // Whatever keeps the check from succeeding, the answer is the same: not ready.
    return false;
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
