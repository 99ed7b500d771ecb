import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { within } from '../lib/deadline.ts';

/** The longest wait of a probe for what readiness depends on. */
const READY_TIMEOUT_MS = 2_000;
/** The time for which a connection may say nothing while the server closes. */
const SILENCE_MS = 1_000;

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

async function isReady(ready: () => Promise<boolean>): Promise<boolean> {
  try {
    return await within(ready(), READY_TIMEOUT_MS, () => false);
  } catch {
    // Whatever keeps the check from succeeding, the answer is the same: not ready.
    return false;
  }
}

/**
 * Ends connections while the server closes: a response that is sent then is the last on its connection. Node would keep
 * it open for the client's next request, and closing would wait for that until the keep-alive time is over. It would
 * also wait for connections that were opened and never used, as browsers do in advance: those are ended soon.
 */
export function registerClosing(fastify: FastifyInstance): void {
  const sockets = new Set<Socket>();
  let isClosing = false;
  fastify.server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  fastify.addHook('preClose', async () => {
    isClosing = true;
    setTimeout(() => [...sockets].filter(isUnused).forEach((socket) => socket.destroy()), SILENCE_MS).unref();
  });
  fastify.addHook('onSend', (_request, reply, _payload, done) => {
    if (isClosing) {
      reply.header('connection', 'close');
    }
    done();
  });
}

/** Reports if a connection was never used. Bytes that Node's HTTP parser reads are not counted; those of answers are. */
function isUnused({ bytesRead, bytesWritten }: Socket): boolean {
  return bytesRead === 0 && bytesWritten === 0;
}
